// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace ward {

// What is given to a scan: one file of the host, a stream, or the memory of a process. The bytes travel beside it.
struct Object {
    std::string path;           // as it will be reported
    std::uint64_t bytes = 0;    // size when it was opened; the true count may differ when the file changes under us
    std::uint32_t owner = 0;    // numeric user id
    std::uint32_t mode = 0;     // permission and type bits as in stat(2)
    std::uint32_t process = 0;  // its number, when it is one; then `bytes` and `mode` are 0
    std::string program = {};   // that the process runs, as the kernel names it: " (deleted)" may stand behind

    bool operator==(const Object&) const = default;
};

}  // namespace ward
