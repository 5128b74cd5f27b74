// SPDX-License-Identifier: Apache-2.0
#include "host/source_reader.h"

#include "core/text.h"
#include "host/netlink.h"
#include "host/disk_walk.h"
#include "host/process_snapshot.h"
#include "host/read_all.h"
#include "host/system_error.h"
#include "model/snapshots.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace ward::host {

namespace {

constexpr std::string_view kPrivileges = "setuid:";
constexpr std::string_view kSoftware = "software:";

using State = wire::SourceBytes::State;

constexpr std::uint64_t kTreeFileBytes = 4 * kKiB;

State state_of_errno(int error) {
    switch (code_of_errno(error)) {
        case Code::not_found: return State::missing;
        case Code::denied: return State::denied;
        default: return State::failed;
    }
}

void set_failed(Source& out, int error, std::string_view what) {
    out.about.state = state_of_errno(error);
    if (out.about.state != State::missing) out.about.why = fmt::format("{}: {}", what, errno_text(error));
}

void set_facts(wire::SourceBytes& about, const struct stat& info) {
    about.mode = info.st_mode;
    about.uid = info.st_uid;
    about.gid = info.st_gid;
    about.modified = info.st_mtim.tv_sec;
    about.size = static_cast<std::uint64_t>(info.st_size);
}

struct Name {
    std::string text;
    unsigned char type;  // DT_*
};

// The names in a folder, sorted by their bytes; 0 or errno.
int names_in(const Root& root, const std::string& folder, std::vector<Name>& out) {
    const int number = root.try_open(folder, O_RDONLY | O_DIRECTORY);
    if (number < 0) return errno;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(number), ::closedir};
    if (!stream) return errno;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        unsigned char type = entry->d_type;
        if (type == DT_UNKNOWN) {
            struct stat info {};
            if (::fstatat(::dirfd(stream.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
                type = static_cast<unsigned char>(IFTODT(info.st_mode));
            }
        }
        out.push_back({std::string{name}, type});
    }
    const int error = errno;
    std::sort(out.begin(), out.end(), [](const Name& a, const Name& b) { return a.text < b.text; });
    return error;
}

std::string join(const std::string& folder, std::string_view name) {
    std::string path = folder;
    if (!path.ends_with('/')) path += '/';
    return path += name;
}

// All that is no folder, below a folder, sorted by path. Links to folders are not followed.
struct Walk {
    const Root& root;
    std::uint32_t max_depth;
    std::uint32_t max_names;
    std::vector<std::string> paths;
    std::vector<Gap> gaps;

    void run(const std::string& top) {
        std::vector<std::pair<std::string, std::uint32_t>> folders{{top, 0}};
        while (!folders.empty()) {
            const auto [folder, depth] = std::move(folders.back());
            folders.pop_back();
            std::vector<Name> names;
            if (const int error = names_in(root, folder, names); error != 0 && error != ENOENT && error != ENOTDIR) {
                gaps.push_back(system_gap(folder, error, "folder cannot be listed"));
            }
            for (const auto& name : names) {
                const std::string path = join(folder, name.text);
                if (name.type != DT_DIR) {
                    if (paths.size() == max_names) {
                        add_gap(top, fmt::format("holds more than {} files", max_names));
                        return sort();
                    }
                    paths.push_back(path);
                } else if (depth + 1 > max_depth) {
                    add_gap(path, fmt::format("lies more than {} folders deep", max_depth));
                } else {
                    folders.emplace_back(path, depth + 1);
                }
            }
        }
        sort();
    }
    void sort() { std::sort(paths.begin(), paths.end()); }
    void add_gap(const std::string& path, std::string why) {
        gaps.push_back({Where{path, 0, {}}, Code::over_limit, std::move(why)});
    }
};

bool starts_live_folder(std::string_view path) { return path.starts_with("/proc/") || path.starts_with("/sys/"); }

// "stat:/etc" → "stat:" and "/etc"; a plain path has no kind.
std::pair<std::string_view, std::string_view> split_kind(std::string_view name) {
    if (name.starts_with('/')) return {{}, name};
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return {name, {}};
    return {name.substr(0, colon + 1), name.substr(colon + 1)};
}

void read_uname(Source& out) {
    utsname names{};
    if (::uname(&names) != 0) return set_failed(out, errno, "the kernel does not tell its name");
    Encoder text{out.bytes};
    text.text(names.sysname);
    text.text(names.nodename);
    text.text(names.release);
    text.text(names.version);
    text.text(names.machine);
}

bool is_package_database(std::string_view path) {
    return path.ends_with("/rpm/rpmdb.sqlite") || path.ends_with("/rpm/Packages.db") || path.ends_with("/rpm/Packages");
}

}  // namespace

bool is_live_source(std::string_view name) {
    const auto [kind, path] = split_kind(name);
    if (const auto part = wire::FilePart::parse(name)) return starts_live_folder(part->path);
    if (kind.empty() || kind == "stat:" || kind == "list:" || kind == "tree:") return starts_live_folder(path);
    return !is_slow_source(kind) && kind != "state:";
}

bool is_slow_source(std::string_view name) { return name == kPrivileges || name == kSoftware; }

bool is_glob(std::string_view name) { return name.find_first_of("*?[") != std::string_view::npos && !wire::FilePart::parse(name); }

bool may_have_parts(std::string_view path, std::uint32_t mode) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return S_ISREG(mode) && ((mode & 0111) != 0 || name.find(".so") != std::string_view::npos || name.ends_with(".jar") ||
                             name.ends_with(".war") || name.ends_with(".ear"));
}

std::vector<std::string> SourceReader::expand(const std::string& pattern, std::vector<Gap>& gaps) const {
    const auto [kind, path] = split_kind(pattern);
    if (!is_glob(pattern) || !path.starts_with('/')) return {pattern};
    std::vector<std::string> names;
    if (starts_live_folder(path) && !root_.is_running_system()) return {pattern};
    expand_file(std::string{path}, names, gaps);
    if (!kind.empty()) {
        for (auto& name : names) name.insert(0, kind);
    }
    return names;
}

void SourceReader::expand_file(const std::string& pattern, std::vector<std::string>& names, std::vector<Gap>& gaps) const {
    const auto is_full = [&] {
        if (names.size() < limits_.max_names) return false;
        gaps.push_back({Where{pattern, 0, {}}, Code::over_limit,
                        fmt::format("stands for more than {} files", limits_.max_names)});
        return true;
    };
    // Work list of (what is found so far, what is left of the pattern), the left part starting with a slash.
    std::vector<std::pair<std::string, std::string>> open{{"", pattern}};
    while (!open.empty()) {
        const auto [found, left] = std::move(open.back());
        open.pop_back();
        const auto end = left.find('/', 1);
        const std::string part = left.substr(1, end == std::string::npos ? end : end - 1);
        const std::string rest = end == std::string::npos ? "" : left.substr(end);
        if (!is_glob(part)) {
            const std::string path = found + "/" + part;
            if (!rest.empty()) {
                open.emplace_back(path, rest);
            } else if (const Descriptor there{root_.try_open(path, O_PATH | O_NOFOLLOW)}; there) {
                if (is_full()) return;
                names.push_back(path);
            }
            continue;
        }
        const std::string folder = found.empty() ? "/" : found;
        if (part.find("**") != std::string::npos) {
            Walk walk{root_, limits_.max_depth, limits_.max_names, {}, {}};
            walk.run(folder);
            gaps.insert(gaps.end(), walk.gaps.begin(), walk.gaps.end());
            for (auto& path : walk.paths) {
                if (!glob_match(pattern, path)) continue;
                if (is_full()) return;
                names.push_back(std::move(path));
            }
            continue;
        }
        std::vector<Name> here;
        if (const int error = names_in(root_, folder, here); error != 0 && error != ENOENT && error != ENOTDIR) {
            gaps.push_back(system_gap(folder, error, "folder cannot be listed"));
        }
        for (const auto& name : here) {
            if (!glob_match(part, name.text)) continue;
            std::string path = found + "/" + name.text;
            if (!rest.empty()) {
                open.emplace_back(std::move(path), rest);
            } else {
                if (is_full()) return;
                names.push_back(std::move(path));
            }
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
}

Source SourceReader::read(const std::string& name, const std::stop_token& stop) const {
    Source out;
    out.about.name = name;
    if (is_live_source(name) && !root_.is_running_system()) {
        out.about.state = State::failed;
        out.about.why = "is a fact of a running system, and no recorded facts hold it";
        return out;
    }
    const auto [kind, rest] = split_kind(name);
    const std::string path{rest};
    if (kind.empty()) {
        read_file(path, out);
    } else if (const auto part = wire::FilePart::parse(name)) {
        read_part(*part, out);
    } else if (kind == "state:") {
        read_state(path, out);
    } else if (kind == "stat:") {
        read_stat(path, out);
    } else if (kind == "list:") {
        read_list(path, out);
    } else if (kind == "tree:") {
        read_tree(path, out);
    } else if (is_slow_source(name)) {
        return read_walk(name == kPrivileges, stop);
    } else if (kind == "proc:") {
        snapshot_processes(limits_.max_list_bytes, out);
    } else if (kind == "maps:") {
        snapshot_maps(limits_.max_list_bytes, out);
    } else if (kind == "sockets:") {
        snapshot_sockets(limits_.max_list_bytes, out);
    } else if (kind == "netlink:") {
        dump_netlink(rest, limits_.max_list_bytes, out);
    } else if (kind == "uname:") {
        read_uname(out);
    } else {
        out.about.state = State::failed;
        out.about.why = "is no kind of source";
    }
    out.about.bytes = out.bytes.size();
    return out;
}

void SourceReader::read_state(const std::string& name, Source& out) const {
    out.about.state = State::missing;
    if (state_.empty() || name.find('/') != std::string::npos) return;
    const auto text = host::read_file(state_ + "/" + name, limits_.max_file_bytes);
    if (!text && text.error().code == Code::not_found) return;
    out.about.state = text ? State::whole : State::failed;
    if (!text) out.about.why = text.error().text;
    else out.bytes.assign(text->begin(), text->end());
}

void SourceReader::expect(const std::string& name) const {
    if (name == kPrivileges) walked_->both = true;
}

// One walk gives both where both will be asked for; the other is kept until then.
Source SourceReader::read_walk(bool privileges, const std::stop_token& stop) const {
    const std::lock_guard lock{walked_->mutex};
    auto& wanted = privileges ? walked_->privileges : walked_->software;
    if (!wanted) {
        Source software;
        software.about.name = kSoftware;
        Source all;
        all.about.name = kPrivileges;
        const bool both = privileges || walked_->both;
        walk_disks(root_, limits_.max_list_bytes, stop, both ? &all : nullptr, software);
        const bool whole = software.about.state != State::failed;
        if (both && (privileges || whole)) walked_->privileges = std::move(all);
        if (!privileges || whole) walked_->software = std::move(software);
    }
    Source out = std::move(*wanted);
    wanted.reset();
    out.about.bytes = out.bytes.size();
    return out;
}

void SourceReader::read_file(const std::string& path, Source& out) const {
    Descriptor file{root_.try_open(path, O_PATH | O_NOFOLLOW)};
    if (!file) return set_failed(out, errno, "cannot be opened");
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return set_failed(out, errno, "cannot be examined");
    if (S_ISLNK(info.st_mode)) {
        set_facts(out.about, info);
        const int error = read_link(file.get(), "", out.about.link);
        if (error != 0) return set_failed(out, error, "link cannot be read");
        file = Descriptor{root_.try_open(path, O_PATH)};
        if (!file) return set_failed(out, errno, "cannot be opened");
        if (::fstat(file.get(), &info) != 0) return set_failed(out, errno, "cannot be examined");
    }
    set_facts(out.about, info);
    if (S_ISDIR(info.st_mode)) return;
    if (!S_ISREG(info.st_mode)) {
        // A unit is masked by a link to /dev/null.
        if (S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3)) return;
        out.about.state = State::failed;
        out.about.why = S_ISFIFO(info.st_mode)   ? "is a FIFO, which is not read"
                        : S_ISSOCK(info.st_mode) ? "is a socket, which is not read"
                                                 : "is a device, which is not read";
        return;
    }
    int number = root_.try_open(path, O_RDONLY | O_NOATIME);
    if (number < 0 && errno == EPERM) number = root_.try_open(path, O_RDONLY);  // O_NOATIME is for the owner only
    file = Descriptor{number};
    if (!file) return set_failed(out, errno, "cannot be opened");
    // It may be another file by now; what counts is the one that is read.
    if (::fstat(file.get(), &info) != 0) return set_failed(out, errno, "cannot be examined");
    set_facts(out.about, info);
    if (!S_ISREG(info.st_mode)) {
        out.about.state = State::failed;
        out.about.why = "was exchanged for what is no file while it was opened";
        return;
    }
    const std::uint64_t most = is_package_database(path) ? limits_.max_package_database_bytes : limits_.max_file_bytes;
    const ReadAll result = read_all(file.get(), most, out.about.size, out.bytes);
    if (result.error != 0) {
        out.bytes.clear();
        out.about.state = State::failed;
        out.about.why = fmt::format("cannot be read: {}", errno_text(result.error));
    } else if (result.cut) {
        out.about.state = State::cut;
        out.about.why = fmt::format("only the first {} are read", human_bytes(most));
    }
}

void SourceReader::read_part(const wire::FilePart& part, Source& out) const {
    // O_PATH first, because opening a device may do something.
    const Descriptor there{root_.try_open(part.path, O_PATH | O_NOFOLLOW)};
    if (!there) return set_failed(out, errno, "cannot be opened");
    struct stat info {};
    if (::fstat(there.get(), &info) != 0) return set_failed(out, errno, "cannot be examined");
    const auto refuse = [&] {
        out.about.state = State::denied;
        out.about.why = "is neither program nor library, whose parts alone are read";
    };
    if (!may_have_parts(part.path, info.st_mode)) return refuse();
    int number = root_.try_open(part.path, O_RDONLY | O_NOATIME | O_NOFOLLOW);
    if (number < 0 && errno == EPERM) number = root_.try_open(part.path, O_RDONLY | O_NOFOLLOW);
    const Descriptor file{number};
    if (!file) return set_failed(out, errno, "cannot be opened");
    if (::fstat(file.get(), &info) != 0) return set_failed(out, errno, "cannot be examined");
    if (!may_have_parts(part.path, info.st_mode)) return refuse();
    set_facts(out.about, info);
    if (part.offset >= out.about.size) return;
    std::uint64_t count = std::min(part.bytes, out.about.size - part.offset);
    if (count > limits_.max_file_bytes) {
        count = limits_.max_file_bytes;
        out.about.state = State::cut;
        out.about.why = fmt::format("only {} of it are read at a time", human_bytes(count));
    }
    out.bytes.resize(static_cast<std::size_t>(count));
    std::size_t filled = 0;
    while (filled < out.bytes.size()) {
        const ssize_t got = ::pread(file.get(), out.bytes.data() + filled, out.bytes.size() - filled, static_cast<off_t>(part.offset + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            out.bytes.clear();
            return set_failed(out, errno, "cannot be read");
        }
        if (got == 0) break;  // it was shortened meanwhile
        filled += static_cast<std::size_t>(got);
    }
    out.bytes.resize(filled);
}

void SourceReader::read_stat(const std::string& path, Source& out) const {
    const Descriptor file{root_.try_open(path, O_PATH | O_NOFOLLOW)};
    if (!file) return set_failed(out, errno, "cannot be examined");
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return set_failed(out, errno, "cannot be examined");
    set_facts(out.about, info);
    if (!S_ISLNK(info.st_mode)) return;
    if (const int error = read_link(file.get(), "", out.about.link); error != 0) set_failed(out, error, "link cannot be read");
}

void SourceReader::read_list(const std::string& path, Source& out) const {
    const Descriptor folder{root_.try_open(path, O_RDONLY | O_DIRECTORY)};
    if (!folder) return set_failed(out, errno, "folder cannot be opened");
    struct stat info {};
    if (::fstat(folder.get(), &info) == 0) set_facts(out.about, info);
    std::vector<Name> names;
    if (const int error = names_in(root_, path, names); error != 0) set_failed(out, error, "folder cannot be listed");
    std::vector<FolderEntry> entries;
    for (const auto& name : names) {
        if (::fstatat(folder.get(), name.text.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
            // What vanished meanwhile is not there.
            if (errno != ENOENT) out.gaps.push_back(system_gap(join(path, name.text), errno, "cannot be examined"));
            continue;
        }
        FolderEntry entry{join(path, name.text), info.st_mode, info.st_uid, info.st_gid, info.st_mtim.tv_sec,
                          static_cast<std::uint64_t>(info.st_size), {}, {}};
        if (S_ISLNK(info.st_mode)) {
            if (const int error = read_link(folder.get(), name.text.c_str(), entry.link); error != 0 && error != ENOENT) {
                out.gaps.push_back(system_gap(entry.path, error, "link cannot be read"));
            }
        }
        if (entries.size() == limits_.max_names) {
            out.about.state = State::cut;
            out.about.why = fmt::format("only the first {} names are listed", limits_.max_names);
            break;
        }
        entries.push_back(std::move(entry));
    }
    out.bytes = to_bytes(entries);
}

void SourceReader::read_tree(const std::string& path, Source& out) const {
    const Descriptor top{root_.try_open(path, O_PATH)};
    if (!top) return set_failed(out, errno, "folder cannot be opened");
    Walk walk{root_, limits_.max_depth, limits_.max_names, {}, {}};
    walk.run(path);
    out.gaps = std::move(walk.gaps);
    std::vector<TreeFile> files;
    for (auto& name : walk.paths) {
        TreeFile file{std::move(name), {}, false};
        // A file here may be there for writing only, or fail by its nature: that is a fact of it, not a gap.
        if (const Descriptor opened{root_.try_open(file.path, O_RDONLY | O_NOFOLLOW)}; opened) {
            Buffer bytes;
            file.readable = read_all(opened.get(), kTreeFileBytes, 0, bytes).error == 0;
            if (file.readable) file.text = to_string(bytes);
        }
        files.push_back(std::move(file));
    }
    out.bytes = to_bytes(files);
}

}  // namespace ward::host
