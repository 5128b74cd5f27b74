// SPDX-License-Identifier: Apache-2.0
#include "host/privilege_walk.h"

#include "host/file_system_kind.h"
#include "host/system_error.h"
#include "model/snapshots.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

namespace ward::host {

namespace {

// A set-gid folder only hands its group on; what matters of folders is who may write to them.
bool is_of_interest(const struct stat& info) {
    if (S_ISREG(info.st_mode)) return (info.st_mode & (S_ISUID | S_ISGID | S_IWOTH)) != 0;
    return S_ISDIR(info.st_mode) && (info.st_mode & S_IWOTH) != 0;
}

class PrivilegeWalk {
public:
    PrivilegeWalk(const Root& root, std::uint64_t max_bytes, Source& out) : root_{root}, max_bytes_{max_bytes}, out_{out} {}

    void run() {
        open_.push_back("/");
        while (!open_.empty() && out_.about.state == wire::SourceBytes::State::whole) {
            const std::string folder = std::move(open_.back());
            open_.pop_back();
            enter(folder);
        }
        std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
        out_.bytes = to_bytes(entries_);
    }

private:
    void enter(const std::string& folder) {
        const int number = root_.try_open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (number < 0) {
            // What vanished, or became a link, is no folder any more.
            if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
                out_.gaps.push_back(system_gap(folder, errno, "folder cannot be opened"));
            }
            return;
        }
        const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(number), ::closedir};
        if (!stream) return;
        struct stat here {};
        if (::fstat(number, &here) != 0) return;
        if (devices_.insert(here.st_dev).second) {
            const FileSystemKind* kind = foreign_kind(number);
            if (kind != nullptr) foreign_.insert(here.st_dev);
            if (kind != nullptr && kind->network) {
                out_.gaps.push_back({Where{folder, 0, {}}, Code::denied, fmt::format("lies on a {} file system, which is not walked", kind->name)});
            }
        }
        if (foreign_.contains(here.st_dev)) return;
        // A folder may be mounted at two places.
        if (!folders_.emplace(here.st_dev, here.st_ino).second) return;
        for (;;) {
            errno = 0;
            const dirent* entry = ::readdir(stream.get());
            if (entry == nullptr) break;
            const std::string_view name = entry->d_name;
            const bool may_matter = entry->d_type == DT_REG || entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
            if (may_matter && name != "." && name != "..") look_at(number, folder, entry->d_name);
        }
        if (errno != 0) out_.gaps.push_back(system_gap(folder, errno, "folder cannot be listed"));
    }

    void look_at(int folder, const std::string& folder_path, const char* name) {
        struct stat info {};
        if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) return;  // gone
        const auto path = [&] { return folder_path + (folder_path.ends_with('/') ? "" : "/") + name; };
        std::string capabilities;
        if (S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0) capabilities = capabilities_of(path());
        if (is_of_interest(info) || !capabilities.empty()) {
            bytes_ += folder_path.size() + sizeof(FolderEntry);
            if (bytes_ > max_bytes_) {
                out_.about.state = wire::SourceBytes::State::cut;
                out_.about.why = fmt::format("more than {} files are of interest", entries_.size());
                return;
            }
            entries_.push_back({path(), info.st_mode, info.st_uid, info.st_gid, info.st_mtim.tv_sec,
                                static_cast<std::uint64_t>(info.st_size), {}, std::move(capabilities)});
        }
        if (S_ISDIR(info.st_mode)) open_.push_back(path());
    }

    std::string capabilities_of(const std::string& path) const {
        // By name, because no call takes a folder and a name here before Linux 6.13. A folder that is renamed meanwhile can
        // only make the answer one about another file, and the attribute is all that is read of it.
        char value[64];  // struct vfs_ns_cap_data has 24 bytes
        const ssize_t size = ::lgetxattr((root_.path() + path).c_str(), "security.capability", value, sizeof value);
        return size > 0 ? std::string{value, static_cast<std::size_t>(size)} : std::string{};
    }

    const Root& root_;
    std::uint64_t max_bytes_;
    Source& out_;
    std::uint64_t bytes_ = 0;
    std::vector<std::string> open_;
    std::vector<FolderEntry> entries_;
    std::set<dev_t> devices_;
    std::set<dev_t> foreign_;
    std::set<std::pair<dev_t, ino_t>> folders_;
};

}  // namespace

void walk_privileges(const Root& root, std::uint64_t max_bytes, Source& out) { PrivilegeWalk{root, max_bytes, out}.run(); }

}  // namespace ward::host
