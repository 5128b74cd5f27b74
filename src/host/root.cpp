// SPDX-License-Identifier: Apache-2.0
#include "host/root.h"

#include "host/system_error.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace ward::host {

namespace {

constexpr int kMaxTries = 32;

}  // namespace

Result<Root> Root::open(const std::string& path) {
    Root root;
    root.folder_ = Descriptor{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!root.folder_) return system_fail(errno, fmt::format("{}: cannot be opened", path));
    struct stat info {};
    struct stat slash {};
    if (::fstat(root.folder_.get(), &info) != 0) return system_fail(errno, fmt::format("{}: cannot be examined", path));
    if (::stat("/", &slash) != 0) return system_fail(errno, "/: cannot be examined");
    root.running_ = info.st_dev == slash.st_dev && info.st_ino == slash.st_ino;
    root.path_ = root.running_ ? "" : path;
    while (root.path_.ends_with('/')) root.path_.pop_back();
    return root;
}

int Root::try_open(const std::string& path, int flags) const {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    // With O_PATH the kernel refuses flags that would only matter for reading.
    if ((flags & O_PATH) == 0) how.flags |= static_cast<unsigned>(O_NONBLOCK | O_NOCTTY);
    how.resolve = RESOLVE_IN_ROOT;
    for (int tries = 0;; ++tries) {
        const long number = ::syscall(SYS_openat2, folder_.get(), path.c_str(), &how, sizeof how);
        // EAGAIN: a rename happened while the kernel looked for "..", so it could not be sure; the next try mostly is. A file
        // under somebody's lease gives it too, and for longer.
        if (number >= 0 || (errno != EAGAIN && errno != EINTR) || tries == kMaxTries) return static_cast<int>(number);
    }
}

Result<Descriptor> Root::open_file(const std::string& path, int flags, std::string_view what) const {
    const int number = try_open(path, flags);
    if (number < 0) return system_fail(errno, what);
    return Descriptor{number};
}

}  // namespace ward::host
