// SPDX-License-Identifier: Apache-2.0
#include "host/file_walk.h"

#include "core/text.h"
#include "host/file_system_kind.h"
#include "host/system_error.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <set>

namespace ward::host {

namespace {

// Each level of the walk holds a folder open.
constexpr std::uint32_t kMaxDepth = 4096;
constexpr std::uint32_t kDescriptorsForOthers = 128;

enum class Type { file, folder, link, special, unknown };

Type type_of(mode_t mode) {
    if (S_ISREG(mode)) return Type::file;
    if (S_ISDIR(mode)) return Type::folder;
    if (S_ISLNK(mode)) return Type::link;
    return Type::special;
}

Type type_of_entry(unsigned char type) {
    switch (type) {
        case DT_REG: return Type::file;
        case DT_DIR: return Type::folder;
        case DT_LNK: return Type::link;
        case DT_UNKNOWN: return Type::unknown;
        default: return Type::special;
    }
}

struct Entry {
    std::string name;
    Type type = Type::unknown;
};

struct Folder {
    Descriptor descriptor;
    std::string path;  // absolute, with a slash at the end
    dev_t device = 0;
    ino_t inode = 0;
    std::vector<Entry> entries;  // the next one at the back
};

// O_NOATIME is refused to those who do not own the file.
int open_quietly(int folder, const char* name, int flags) {
    const int all = flags | O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    const int descriptor = ::openat(folder, name, all | O_NOATIME);
    if (descriptor >= 0 || errno != EPERM) return descriptor;
    return ::openat(folder, name, all);
}

std::int64_t changed_at(const struct stat& info) {
    return std::max<std::int64_t>(info.st_mtim.tv_sec, info.st_ctim.tv_sec);
}

// As many folders may be open as the system allows us at most.
std::uint32_t depth_allowed() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
    const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, kMaxDepth + kDescriptorsForOthers);
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        ::getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur <= 2 * kDescriptorsForOthers) return 64;
    return static_cast<std::uint32_t>(std::min<rlim_t>(kMaxDepth, limit.rlim_cur - kDescriptorsForOthers));
}

}  // namespace

struct FileWalk::Impl {
    WalkRequest request;
    WalkCounts counts;
    std::uint32_t roots_failed = 0;
    std::size_t next_root = 0;
    std::vector<Folder> stack;
    std::set<std::pair<dev_t, ino_t>> seen_links;    // files with more than one name
    std::set<std::pair<dev_t, ino_t>> seen_folders;  // roots may lie in each other, and bind mounts may loop
    bool recent_round = false;                       // the first of two: gaps and all but recent files wait for the second
    std::uint32_t max_depth = depth_allowed();

    bool excluded(const std::string& path) {
        for (const auto& glob : request.exclude) {
            if (!glob_match(glob, path)) continue;
            ++counts.excluded;
            return true;
        }
        return false;
    }

    static Gap gap(std::string path, Code code, std::string why) {
        return Gap{Where{std::move(path), 0, {}}, code, std::move(why)};
    }

    // The next thing to report from a root, or nothing when it only opened a folder.
    std::optional<Step> start_root(const std::string& root) {
        if (request.as_written) return start_root_as_written(root);
        std::array<char, PATH_MAX> resolved{};
        if (::realpath(root.c_str(), resolved.data()) == nullptr) {
            ++roots_failed;
            return system_gap(absolute(root), errno, "cannot be opened");
        }
        std::string path = resolved.data();
        if (excluded(path)) return std::nullopt;
        Descriptor descriptor{open_quietly(AT_FDCWD, path.c_str(), O_NOFOLLOW | O_PATH)};
        struct stat info {};
        if (!descriptor || ::fstat(descriptor.get(), &info) != 0) {
            ++roots_failed;
            return system_gap(path, errno, "cannot be opened");
        }
        if (S_ISDIR(info.st_mode)) return enter(AT_FDCWD, path.c_str(), path, nullptr, true);
        if (S_ISREG(info.st_mode)) return open_file(AT_FDCWD, path.c_str(), path, true);
        ++roots_failed;
        return gap(absolute(root), Code::unsupported, "is a device, FIFO or socket: it holds no file to scan");
    }

    std::optional<Step> start_root_as_written(const std::string& root) {
        if (excluded(root)) return std::nullopt;
        struct stat info {};
        if (::stat(root.c_str(), &info) != 0) {
            ++roots_failed;
            return system_gap(root, errno, "cannot be opened");
        }
        if (S_ISDIR(info.st_mode)) return enter(AT_FDCWD, root.c_str(), root, nullptr, true);
        if (S_ISREG(info.st_mode)) return open_file(AT_FDCWD, root.c_str(), root, true);
        ++roots_failed;
        return gap(root, Code::unsupported, "is a device, FIFO or socket: it holds no file to scan");
    }

    // Roots are followed in any case, resolved before or here.
    int no_follow(bool is_root) const { return request.follow_links || (is_root && request.as_written) ? 0 : O_NOFOLLOW; }

    static std::string absolute(const std::string& path) {
        if (!path.empty() && path.front() == '/') return path;
        std::array<char, PATH_MAX> here{};
        if (::getcwd(here.data(), here.size()) == nullptr) return path;
        return std::string{here.data()} + "/" + path;
    }

    std::optional<Step> open_file(int folder, const char* name, const std::string& path, bool is_root) {
        const int access = request.names_only ? O_PATH : 0;
        Descriptor descriptor{open_quietly(folder, name, no_follow(is_root) | access)};
        if (!descriptor) {
            const int error = errno;
            if (is_root) ++roots_failed;
            if (error == ENOENT && !is_root) return std::nullopt;
            if (error == ELOOP) {
                ++counts.links;
                return std::nullopt;
            }
            return system_gap(path, error, "cannot be opened");
        }
        struct stat info {};
        if (::fstat(descriptor.get(), &info) != 0) return system_gap(path, errno, "cannot be examined");
        if (!S_ISREG(info.st_mode)) {
            ++counts.special;
            return std::nullopt;
        }
        const std::int64_t changed = changed_at(info);
        if (recent_round) {
            if (changed < *request.recent_first || !request.already.emplace(info.st_dev, info.st_ino).second) return std::nullopt;
        } else if (request.already.contains({info.st_dev, info.st_ino})) {
            return std::nullopt;
        }
        if (!request.as_written && info.st_nlink > 1 && !seen_links.emplace(info.st_dev, info.st_ino).second) {
            ++counts.repeated;
            return std::nullopt;
        }
        const auto size = static_cast<std::uint64_t>(info.st_size);
        if (request.max_bytes != 0 && size > request.max_bytes) {
            return gap(path, Code::over_limit,
                       fmt::format("{} bytes; files above {} are left out (--max-filesize)", size, request.max_bytes));
        }
        ++counts.files;
        if (request.names_only) descriptor.reset();
        return File{Object{path, size, info.st_uid, info.st_mode}, std::move(descriptor), changed};
    }

    std::optional<Step> enter(int folder, const char* name, const std::string& path, const Folder* parent, bool is_root) {
        if (stack.size() >= max_depth) {
            return gap(path, Code::over_limit, fmt::format("folders are nested more than {} deep", max_depth));
        }
        Folder child;
        child.descriptor = Descriptor{open_quietly(folder, name, no_follow(is_root) | O_DIRECTORY)};
        if (!child.descriptor) {
            const int error = errno;
            if (is_root) ++roots_failed;
            if (error == ENOENT && !is_root) return std::nullopt;
            if ((error == ELOOP || error == ENOTDIR) && !is_root) {
                ++counts.links;
                return std::nullopt;
            }
            return system_gap(path, error, "folder cannot be opened");
        }
        struct stat info {};
        if (::fstat(child.descriptor.get(), &info) != 0) return system_gap(path, errno, "folder cannot be examined");
        if (parent != nullptr && info.st_dev != parent->device && !request.cross_file_systems) {
            if (const auto* kind = foreign_kind(child.descriptor.get())) {
                ++counts.foreign;
                if (!kind->network) return std::nullopt;
                return gap(path, Code::denied,
                           fmt::format("lies on a {} file system, entered only when named or with --cross-mounts", kind->name));
            }
        }
        const bool around = std::any_of(stack.begin(), stack.end(), [&](const Folder& outer) { return outer.device == info.st_dev && outer.inode == info.st_ino; });
        if (around || (!request.as_written && !seen_folders.emplace(info.st_dev, info.st_ino).second)) {
            ++counts.repeated;
            return std::nullopt;
        }
        child.device = info.st_dev;
        child.inode = info.st_ino;
        child.path = path;
        if (request.as_written || child.path.back() != '/') child.path += '/';
        ++counts.folders;
        const int error = list(child);
        stack.push_back(std::move(child));
        if (error != 0) return system_gap(path, error, "folder cannot be read to its end");
        return std::nullopt;
    }

    // 0, or the errno at which the listing stopped; what was read before it stays.
    int list(Folder& folder) {
        // fdopendir takes the descriptor over, and we still want it for the children.
        const int copy = ::fcntl(folder.descriptor.get(), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) return errno;
        DIR* stream = ::fdopendir(copy);
        if (stream == nullptr) {
            const int error = errno;
            ::close(copy);
            return error;
        }
        int error = 0;
        for (;;) {
            errno = 0;
            const dirent* item = ::readdir(stream);
            if (item == nullptr) {
                error = errno;
                break;
            }
            if (std::strcmp(item->d_name, ".") == 0 || std::strcmp(item->d_name, "..") == 0) continue;
            folder.entries.push_back({item->d_name, type_of_entry(item->d_type)});
        }
        ::closedir(stream);
        for (auto& entry : folder.entries) {
            const bool follow = entry.type == Type::link && request.follow_links;
            if (entry.type != Type::unknown && !follow) continue;
            struct stat info {};
            if (::fstatat(folder.descriptor.get(), entry.name.c_str(), &info, request.follow_links ? 0 : AT_SYMLINK_NOFOLLOW) != 0) continue;
            entry.type = type_of(info.st_mode);
        }
        if (request.as_written) {
            std::reverse(folder.entries.begin(), folder.entries.end());
            return error;
        }
        std::sort(folder.entries.begin(), folder.entries.end(), [](const Entry& a, const Entry& b) { return a.name > b.name; });
        return error;
    }

    std::optional<Step> next() {
        for (;;) {
            std::optional<Step> step;
            if (stack.empty()) {
                if (next_root == request.roots.size()) {
                    if (!recent_round) return std::nullopt;
                    begin_second_round();
                    continue;
                }
                step = start_root(request.roots[next_root++]);
            } else if (stack.back().entries.empty()) {
                stack.pop_back();
            } else {
                Folder& folder = stack.back();
                const Entry entry = std::move(folder.entries.back());
                folder.entries.pop_back();
                const std::string path = folder.path + entry.name;
                if (excluded(path)) continue;
                switch (entry.type) {
                    case Type::link: ++counts.links; break;
                    case Type::special: ++counts.special; break;
                    case Type::folder:
                        if (!request.below) break;
                        step = enter(folder.descriptor.get(), entry.name.c_str(), path, &folder, false);
                        break;
                    case Type::file:
                    // Not even its type could be had; opening says why.
                    case Type::unknown:
                        step = open_file(folder.descriptor.get(), entry.name.c_str(), path, false);
                        break;
                }
            }
            if (step && (!recent_round || std::holds_alternative<File>(*step))) return step;
        }
    }

    void begin_second_round() {
        recent_round = false;
        next_root = 0;
        roots_failed = 0;
        seen_folders.clear();
        counts = WalkCounts{.files = counts.files};
    }
};

FileWalk::FileWalk(WalkRequest request) : impl_{std::make_unique<Impl>()} {
    impl_->request = std::move(request);
    impl_->recent_round = impl_->request.recent_first.has_value();
}
FileWalk::~FileWalk() = default;
std::optional<FileWalk::Step> FileWalk::next() { return impl_->next(); }
const WalkCounts& FileWalk::counts() const { return impl_->counts; }
std::uint32_t FileWalk::roots_failed() const { return impl_->roots_failed; }
std::vector<std::string> FileWalk::remaining() const {
    const auto& roots = impl_->request.roots;
    if (impl_->recent_round) return roots;
    const std::size_t first = impl_->next_root - (impl_->stack.empty() ? 0 : 1);
    return {roots.begin() + static_cast<std::ptrdiff_t>(first), roots.end()};
}

}  // namespace ward::host
