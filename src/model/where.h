// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ward {

// A place: a file, a line in it, or a member inside it.
struct Where {
    std::string path;                  // absolute, bytes as the system gave them: perhaps not UTF-8, so escape on printing
    std::uint64_t line = 0;            // from 1; 0 when the place has no line
    std::vector<std::string> members;  // the chain of containers inwards, names as stored

    bool operator==(const Where&) const = default;
};

}  // namespace ward
