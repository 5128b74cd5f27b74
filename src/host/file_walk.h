// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"
#include "model/gap.h"
#include "model/object.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sys/types.h>

namespace ward::host {

struct WalkRequest {
    std::vector<std::string> roots;       // files or folders; a root is followed if it is a symbolic link
    std::vector<std::string> exclude;     // globs over the absolute path (core/text.h); a folder that matches is not entered
    bool cross_file_systems = false;      // also network, pseudo and removable ones below a root
    // Two rounds: all files that changed at or after it (seconds since 1970), then all the others.
    std::optional<std::int64_t> recent_first;
    // Files that the caller has already, by device and inode: they are not handed out again.
    std::set<std::pair<dev_t, ino_t>> already;
    // Paths begin as their root was written and come in the order of the folder; each name is a file, also that of a link.
    bool as_written = false;
    // Symbolic links below a root too, wherever they lead; but not into a folder that is being walked already.
    bool follow_links = false;
    bool below = true;                    // false: only the files of a root itself, not of the folders in it
    bool names_only = false;              // files come without a descriptor: to count what a walk would give
    std::uint64_t max_bytes = 0;          // larger files become gaps; 0 for no limit
};

struct WalkCounts {
    std::uint64_t files = 0;       // handed out
    std::uint64_t folders = 0;
    std::uint64_t links = 0;       // symbolic links, never followed below a root
    std::uint64_t special = 0;     // FIFOs, sockets, devices: they hold no file content
    std::uint64_t excluded = 0;
    std::uint64_t repeated = 0;    // further names of a file that was handed out (hard links)
    std::uint64_t foreign = 0;     // folders of other file systems that were not entered
};

// Yields the regular files under the roots, opened for reading, each inode once.
//
//     FileWalk walk{request};
//     while (auto step = walk.next()) {
//         if (auto* file = std::get_if<FileWalk::File>(&*step)) use(*file);
//         else report(std::get<Gap>(*step));
//     }
//
// Names are bytes; nothing is resolved by name twice: folders are held open and children opened beneath them, so a rename
// under the walk cannot lead it elsewhere. Opening never blocks (O_NONBLOCK, type checked first) and never follows a link.
// A file that vanished between listing and opening is no gap: it is not there. Depth is bounded by descriptors, not by the
// stack: above kMaxOpenFolders folders are reopened by name with O_NOFOLLOW at each step.
// One thread.
class FileWalk {
public:
    struct File {
        Object object;
        Descriptor descriptor;     // O_RDONLY; none with names_only
        std::int64_t changed = 0;  // seconds since 1970, the later of mtime and ctime
    };
    using Step = std::variant<File, Gap>;

    explicit FileWalk(WalkRequest request);
    ~FileWalk();
    FileWalk(const FileWalk&) = delete;
    FileWalk& operator=(const FileWalk&) = delete;

    // Nothing at the end. A root that cannot be read is a gap whose path is the root's; roots_failed() counts those.
    std::optional<Step> next();
    const WalkCounts& counts() const;
    std::uint32_t roots_failed() const;
    // The roots that were not walked to their end, the one in work included; all of them in the first of two rounds.
    std::vector<std::string> remaining() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::host
