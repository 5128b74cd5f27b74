// SPDX-License-Identifier: Apache-2.0
#include "host/privilege_walk.h"

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

class PrivilegeWalk {
public:
    PrivilegeWalk(const Root& root, std::uint64_t max_bytes, const std::stop_token& stop, Source& out)
        : root_{root}, max_bytes_{max_bytes}, stop_{stop}, out_{out} {}

    void run() {
        open_.push_back("/");
        {
            std::vector<std::jthread> threads;
            const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
            for (unsigned i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
        }
        std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
        std::sort(out_.gaps.begin(), out_.gaps.end(), [](const auto& a, const auto& b) { return a.where.path < b.where.path; });
        out_.bytes = to_bytes(entries_);
        if (stop_.stop_requested()) {
            out_.about.state = wire::SourceBytes::State::failed;
            out_.about.why = "was not walked to its end";
        }
    }

private:
    // What one folder gives, gathered without the lock.
    struct Found {
        std::vector<std::string> folders;
        std::vector<FolderEntry> entries;
        std::vector<Gap> gaps;
    };

    void work() {
        const auto listing = std::make_unique<Listing>();
        std::unique_lock lock{mutex_};
        for (;;) {
            changed_.wait(lock, [this] { return !open_.empty() || busy_ == 0 || cut_; });
            if (open_.empty() || cut_ || stop_.stop_requested()) break;
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
        std::move(found.gaps.begin(), found.gaps.end(), std::back_inserter(out_.gaps));
        for (auto& entry : found.entries) {
            bytes_ += entry.path.size() + sizeof(FolderEntry);
            if (bytes_ > max_bytes_) {
                cut_ = true;
                out_.about.state = wire::SourceBytes::State::cut;
                out_.about.why = fmt::format("more than {} files are of interest", entries_.size());
                return;
            }
            entries_.push_back(std::move(entry));
        }
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
        if (is_of_interest(here)) add(folder, here, {}, found);
        listing.restart();
        while (const dirent64* entry = listing.next(number)) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..") continue;
            if (entry->d_type == DT_DIR) {
                found.folders.push_back(join(folder, name));
            } else if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) {
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
        if (S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0) capabilities = capabilities_of(join(folder_path, name));
        if (is_of_interest(info) || !capabilities.empty()) add(join(folder_path, name), info, std::move(capabilities), found);
        return true;
    }

    static void add(std::string path, const struct stat& info, std::string capabilities, Found& found) {
        found.entries.push_back({std::move(path), info.st_mode, info.st_uid, info.st_gid, info.st_mtim.tv_sec,
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
    Source& out_;

    std::mutex mutex_;  // over all that follows, and out_
    std::condition_variable changed_;
    unsigned busy_ = 0;
    bool cut_ = false;
    std::uint64_t bytes_ = 0;
    std::vector<std::string> open_;
    std::vector<FolderEntry> entries_;
    std::set<dev_t> devices_;
    std::set<dev_t> foreign_;
    std::set<std::pair<dev_t, ino_t>> folders_;
};

}  // namespace

void walk_privileges(const Root& root, std::uint64_t max_bytes, const std::stop_token& stop, Source& out) {
    PrivilegeWalk{root, max_bytes, stop, out}.run();
}

}  // namespace ward::host
