// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"

#include <string>

#include <sys/types.h>

namespace ward::host {

// A folder that is taken for the whole file system: "/" for this machine, a mounted disk or an unpacked image for another.
//
//     const Root root = WARD_TRY(Root::open("/mnt"));
//     const Descriptor file = WARD_TRY(root.open_file("/etc/passwd", O_RDONLY));    // /mnt/etc/passwd
//
// Names are resolved by the kernel as if the process had changed its root (openat2 with RESOLVE_IN_ROOT): neither an absolute
// symbolic link nor ".." leads outside, also when somebody renames folders meanwhile.
class Root {
public:
    static Result<Root> open(const std::string& path);

    // Never blocks, never becomes a controlling terminal. The error's text starts with `what`.
    Result<Descriptor> open_file(const std::string& path, int flags, std::string_view what = "cannot be opened") const;
    // The same, with errno for those who decide by it: -1 and errno.
    int try_open(const std::string& path, int flags) const;

    // Is it the file system of the running system, so that /proc and /sys below it tell of this machine?
    bool is_running_system() const { return running_; }
    const std::string& path() const { return path_; }

private:
    Root() = default;
    Descriptor folder_;
    std::string path_;  // without a slash at the end, so empty for "/"
    bool running_ = false;
};

}  // namespace ward::host
