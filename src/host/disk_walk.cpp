// SPDX-License-Identifier: Apache-2.0
#include "host/disk_walk.h"

#include "host/descriptor.h"
#include "host/file_system_kind.h"
#include "host/system_error.h"
#include "model/snapshots.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace ward::host {

namespace {

// A set-gid folder only hands its group on; what matters of folders is who may write to them.
bool is_of_interest(const struct stat& info) {
    if (S_ISREG(info.st_mode)) return (info.st_mode & (S_ISUID | S_ISGID | S_IWOTH)) != 0;
    return S_ISDIR(info.st_mode) && (info.st_mode & S_IWOTH) != 0;
}

// The last name of a folder's path.
std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string_view parent(std::string_view path) { return path.substr(0, path.rfind('/')); }

// A project's, unless it lies in a copy of what another one wants: the caches of Go and Cargo, and node_modules.
bool is_lock_file(std::string_view folder, std::string_view name) {
    constexpr std::string_view kNames[] = {"Cargo.lock",      "Gemfile.lock",   "Pipfile.lock", "buildscript-gradle.lockfile", "gems.locked", "go.mod",
                                           "gradle.lockfile", "pnpm-lock.yaml", "poetry.lock",  "uv.lock",                     "yarn.lock"};
    if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) return false;
    for (const std::string_view copy : {"/pkg/mod/", "/.cargo/registry/", "/node_modules/"}) {
        if (folder.find(copy) != std::string_view::npos) return false;
    }
    return true;
}

// Does the file say what is installed in its folder, or what a project there wants?
bool tells_software(std::string_view folder, std::string_view name) {
    if (name == "package-lock.json" || name == "npm-shrinkwrap.json" || name == "composer.lock" || is_lock_file(folder, name)) return true;
    // A runtime of Java's; libraries that are seldom marked as executable.
    if (name == "release" || name.starts_with("libssl.so") || name.starts_with("libcrypto.so") || name.starts_with("libcurl.so")) return true;
    if (name.ends_with(".jar") || name.ends_with(".war") || name.ends_with(".ear")) return true;
    if (name == "installed.json") return last_name(folder) == "composer";
    if (name.ends_with(".gemspec")) return last_name(folder) == "specifications" || folder.ends_with("/specifications/default");
    if (name == "METADATA") return folder.ends_with(".dist-info");
    if (name == "PKG-INFO") return folder.ends_with(".egg-info") || folder.ends_with("/EGG-INFO");
    if (name.ends_with(".egg-info")) return true;
    if (name != "package.json") return false;
    const std::string_view above = last_name(parent(folder));
    return above == "node_modules" || (above.starts_with('@') && last_name(parent(parent(folder))) == "node_modules");
}

// May it be a program that tells what was built into it? Smaller ones are scripts, or hold nothing but their own code.
constexpr std::uint64_t kLeastProgramBytes = 100 * kKiB;

bool is_program(const struct stat& info) {
    return (info.st_mode & 0111) != 0 && static_cast<std::uint64_t>(info.st_size) >= kLeastProgramBytes;
}

// Names of source code, data, texts, pictures: what is called so is no program, and need not be looked at when only software is wanted. A
// program under such a name is not listed with what was built into it; nothing rests on that but the list.
bool is_called_data(std::string_view name) {
    constexpr std::string_view kEndings[] = {
        "a", "c", "cc", "class", "conf", "cpp", "css", "csv", "d", "deb", "dwo", "gif", "gz", "h", "hpp",
        "html", "ico", "ini", "ipp", "java", "jpg", "js", "json", "la", "list", "log", "lua", "m4", "map",
        "md", "md5sums", "mjs", "mo", "o", "pc", "pdf", "php", "pl", "pm", "png", "po", "pod", "py", "pyc",
        "pyi", "rb", "rs", "rst", "sh", "svg", "toml", "ts", "ttf", "txt", "vim", "woff", "woff2", "xml",
        "xz", "yaml", "yml", "zst",
    };
    const auto dot = name.rfind('.');
    return dot != std::string_view::npos && std::binary_search(std::begin(kEndings), std::end(kEndings), name.substr(dot + 1));
}

// Folders are independent of each other, and most of the time goes into the kernel: a thread for each CPU up to a few.
constexpr unsigned kMaxThreads = 4;

// One call for most folders.
constexpr std::size_t kListingBytes = 64 * kKiB;

// What getdents64(2) gives. Read here rather than by readdir(3), whose opening costs three calls more for each folder.
class Listing {
public:
    // The next entry; null at the end, and errno is 0, or when the folder cannot be read.
    const dirent64* next(int folder) {
        if (at_ == size_) {
            const ssize_t size = ::getdents64(folder, bytes_.data(), bytes_.size());
            at_ = 0;
            size_ = size > 0 ? static_cast<std::size_t>(size) : 0;
            if (size == 0) errno = 0;
            if (size_ == 0) return nullptr;
        }
        const auto* entry = reinterpret_cast<const dirent64*>(bytes_.data() + at_);
        at_ += entry->d_reclen;
        return entry;
    }

    void restart() { at_ = size_ = 0; }

private:
    alignas(dirent64) std::array<char, kListingBytes> bytes_;
    std::size_t at_ = 0;
    std::size_t size_ = 0;
};

class DiskWalk {
public:
    DiskWalk(const Root& root, std::uint64_t max_bytes, const std::stop_token& stop, Source* privileges, Source& software)
        : root_{root}, max_bytes_{max_bytes}, stop_{stop}, all_{privileges != nullptr}, privileges_{all_ ? *privileges : unwanted_}, software_{software} {}

    void run() {
        open_.push_back("/");
        {
            std::vector<std::jthread> threads;
            const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
            for (unsigned i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
        }
        std::sort(gaps_.begin(), gaps_.end(), [](const auto& a, const auto& b) { return a.where.path < b.where.path; });
        privileges_.finish(gaps_, stop_.stop_requested(), max_bytes_);
        software_.finish(gaps_, stop_.stop_requested(), max_bytes_);
    }

private:
    // What one folder gives, gathered without the lock.
    struct Found {
        std::vector<std::string> folders;
        std::vector<FolderEntry> privileges;
        std::vector<FolderEntry> software;
        std::vector<Gap> gaps;
    };

    // One of the lists. Beyond its limit the first by path stay, so that two walks over one tree give one list, whichever thread is first.
    struct List {
        explicit List(Source& source) : out{source} {}
        Source& out;
        std::vector<FolderEntry> entries;
        std::uint64_t bytes = 0;
        bool cut = false;

        static std::uint64_t bytes_of(const FolderEntry& entry) { return entry.path.size() + sizeof(FolderEntry); }

        void take(std::vector<FolderEntry>& more, std::uint64_t max_bytes) {
            for (auto& entry : more) {
                bytes += bytes_of(entry);
                entries.push_back(std::move(entry));
            }
            if (bytes > 2 * max_bytes) cut_at(max_bytes);  // seldom, because it sorts
        }
        // An entry that does not stay now would not stay among more of them either.
        void cut_at(std::uint64_t max_bytes) {
            std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
            if (bytes <= max_bytes) return;
            cut = true;
            bytes = 0;
            std::size_t kept = 0;
            while (bytes + bytes_of(entries[kept]) <= max_bytes) bytes += bytes_of(entries[kept++]);
            entries.resize(kept);
        }
        void finish(const std::vector<Gap>& gaps, bool stopped, std::uint64_t max_bytes) {
            cut_at(max_bytes);
            out.gaps = gaps;
            out.bytes = to_bytes(entries);
            if (cut) {
                out.about.state = wire::SourceBytes::State::cut;
                out.about.why = fmt::format("more than {} files are of interest; the first by path are told", entries.size());
            }
            if (stopped) {
                out.about.state = wire::SourceBytes::State::failed;
                out.about.why = "was not walked to its end";
            }
        }
    };

    void work() {
        const auto listing = std::make_unique<Listing>();
        std::unique_lock lock{mutex_};
        for (;;) {
            changed_.wait(lock, [this] { return !open_.empty() || busy_ == 0; });
            if (open_.empty() || stop_.stop_requested()) break;
            const std::string folder = std::move(open_.back());
            open_.pop_back();
            ++busy_;
            lock.unlock();
            Found found;
            enter(folder, *listing, found);
            lock.lock();
            --busy_;
            take(std::move(found));
            changed_.notify_all();
        }
        changed_.notify_all();
    }

    void take(Found found) {
        std::move(found.folders.begin(), found.folders.end(), std::back_inserter(open_));
        std::move(found.gaps.begin(), found.gaps.end(), std::back_inserter(gaps_));
        privileges_.take(found.privileges, max_bytes_);
        software_.take(found.software, max_bytes_);
    }

    void enter(const std::string& folder, Listing& listing, Found& found) {
        const Descriptor opened{root_.try_open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)};
        const int number = opened.get();
        if (number < 0) {
            // What vanished, or became a link, is no folder any more.
            if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
                found.gaps.push_back(system_gap(folder, errno, "folder cannot be opened"));
            }
            return;
        }
        struct stat here {};
        if (::fstat(number, &here) != 0) {
            found.gaps.push_back(system_gap(folder, errno, "folder cannot be examined"));
            return;
        }
        if (!is_local_and_new(number, here, folder, found)) return;
        if (all_ && is_of_interest(here)) add(folder, here, {}, found.privileges);
        listing.restart();
        while (const dirent64* entry = listing.next(number)) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..") continue;
            if (entry->d_type == DT_DIR) {
                found.folders.push_back(join(folder, name));
            } else if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) {
                if (!all_ && entry->d_type == DT_REG && is_called_data(name) && !tells_software(folder, name)) continue;
                if (!look_at(number, folder, entry->d_name, found)) return;
            }
        }
        if (errno != 0) found.gaps.push_back(system_gap(folder, errno, "folder cannot be listed"));
    }

    // A folder may be mounted at two places.
    bool is_local_and_new(int number, const struct stat& here, const std::string& folder, Found& found) {
        const std::lock_guard lock{mutex_};
        if (devices_.insert(here.st_dev).second) {
            const FileSystemKind* kind = foreign_kind(number);
            if (kind != nullptr) foreign_.insert(here.st_dev);
            if (kind != nullptr && kind->network) {
                found.gaps.push_back({Where{folder, 0, {}}, Code::denied,
                                      fmt::format("lies on a {} file system, which is not walked", kind->name)});
            }
        }
        return !foreign_.contains(here.st_dev) && folders_.emplace(here.st_dev, here.st_ino).second;
    }

    // False when the folder lets nobody see its files.
    bool look_at(int folder, const std::string& folder_path, const char* name, Found& found) const {
        struct stat info {};
        if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
            if (errno == ENOENT) return true;  // gone
            const bool all = errno == EACCES;
            found.gaps.push_back(system_gap(all ? folder_path : join(folder_path, name), errno, "cannot be examined"));
            return !all;
        }
        if (S_ISDIR(info.st_mode)) {
            found.folders.push_back(join(folder_path, name));
            return true;
        }
        std::string capabilities;
        if (all_ && S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0) capabilities = capabilities_of(join(folder_path, name));
        if (S_ISREG(info.st_mode) && ((is_program(info) && !is_called_data(name)) || tells_software(folder_path, name))) add(join(folder_path, name), info, {}, found.software);
        if (all_ && (is_of_interest(info) || !capabilities.empty())) add(join(folder_path, name), info, std::move(capabilities), found.privileges);
        return true;
    }

    static void add(std::string path, const struct stat& info, std::string capabilities, std::vector<FolderEntry>& list) {
        list.push_back({std::move(path), info.st_mode, info.st_uid, info.st_gid, info.st_mtim.tv_sec,
                                 static_cast<std::uint64_t>(info.st_size), {}, std::move(capabilities)});
    }

    static std::string join(const std::string& folder, std::string_view name) {
        std::string path = folder;
        if (!path.ends_with('/')) path += '/';
        return path += name;
    }

    std::string capabilities_of(const std::string& path) const {
        // By name, because no call takes a folder and a name here before Linux 6.13. A folder that is renamed meanwhile can
        // only make the answer one about another file, and the attribute is all that is read of it.
        char value[64];  // struct vfs_ns_cap_data has 24 bytes
        const ssize_t size = ::lgetxattr((root_.path() + path).c_str(), "security.capability", value, sizeof value);
        return size > 0 ? std::string{value, static_cast<std::size_t>(size)} : std::string{};
    }

    const Root& root_;
    const std::uint64_t max_bytes_;
    const std::stop_token stop_;
    const bool all_;    // privileges too, for which every inode has to be looked at
    Source unwanted_;

    std::mutex mutex_;  // over all that follows
    List privileges_;
    List software_;
    std::vector<Gap> gaps_;
    std::condition_variable changed_;
    unsigned busy_ = 0;
    std::vector<std::string> open_;
    std::set<dev_t> devices_;
    std::set<dev_t> foreign_;
    std::set<std::pair<dev_t, ino_t>> folders_;
};

}  // namespace

void walk_disks(const Root& root, std::uint64_t max_bytes, const std::stop_token& stop, Source* privileges, Source& software) {
    DiskWalk{root, max_bytes, stop, privileges, software}.run();
}

}  // namespace ward::host
