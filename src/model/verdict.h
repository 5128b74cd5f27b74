// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/gap.h"
#include "model/match.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ward {

// What a scan says about one object and everything inside it. It always says something; not being able to look is a gap.
struct Verdict {
    enum class State { clean, flagged, unfinished };

    std::vector<Match> matches;
    std::vector<Gap> gaps;       // where.path may be empty: the object's own; the gate fills it in
    std::string type;            // what the content is: "zip", "elf", "text", "data"; decided by bytes, never by name
    std::uint64_t bytes = 0;     // matched, unpacked ones included
    std::uint32_t members = 0;   // objects opened inside it
    std::vector<std::string> warnings; // when ScanManner::warnings asks for them
    std::vector<std::string> console;  // lines that rules logged, when ScanManner::console asks for them
    std::string module_data;     // what modules say of the file, when it is asked for

    static constexpr std::uint32_t kMaxWarnings = 1024;
    // Of the last two, all together.
    static constexpr std::uint32_t kMaxConsoleLines = 65'536;
    static constexpr std::uint32_t kMaxTalkBytes = 16U << 20;

    // A flagged object stays flagged whatever else could not be read; its gaps are reported too.
    State state() const {
        if (!matches.empty()) return State::flagged;
        return gaps.empty() ? State::clean : State::unfinished;
    }
    bool operator==(const Verdict&) const = default;
};

}  // namespace ward
