// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/file_walk.h"
#include "model/gap.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace ward::walks {

// Where malware would sit on a machine, the most telling places first: what starts by itself, temporary folders, web folders,
// homes, and what was installed by hand. Only places that exist. `homes` are the home folders of the users who may log in;
// `root` is put before each when it is not "/".
std::vector<std::string> telling_places(const std::string& root, const std::vector<std::string>& homes);

struct RunningPrograms {
    std::vector<host::FileWalk::File> files;  // each program once, deleted ones too
    std::set<std::pair<dev_t, ino_t>> inodes; // of the files
    std::vector<Gap> gaps;                    // one for all the processes that this user may not look at
};
// The programs of the running processes, opened through /proc.
RunningPrograms running_programs();

}  // namespace ward::walks
