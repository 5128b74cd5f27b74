// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace ward {

// What is given to a scan: one file of the host, or a stream. The bytes travel beside it.
struct Object {
    std::string path;           // as it will be reported
    std::uint64_t bytes = 0;    // size when it was opened; the true count may differ when the file changes under us
    std::uint32_t owner = 0;    // numeric user id
    std::uint32_t mode = 0;     // permission and type bits as in stat(2)

    bool operator==(const Object&) const = default;
};

}  // namespace ward
