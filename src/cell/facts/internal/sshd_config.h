// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

class Collector;

inline constexpr std::string_view kSshdConfig = "/etc/ssh/sshd_config";

// sshd_config(5) as the server reads it: keyword, value, and the Match blocks around, with included files in place. A block
// ends with its file.

struct SshdMatch {
    struct Criterion {
        std::string name;     // in lower case: user, group, host, address, localaddress, localport, rdomain
        std::string pattern;  // as written
    };
    std::string text;                 // the line without its keyword
    std::vector<Criterion> criteria;  // all must hold; none for `Match all`
    bool understood = true;           // else no connection meets it here, and there is a gap
};

struct SshdLine {
    std::string keyword;  // in lower case
    std::string value;    // the rest of the line as written
    std::string_view file;
    std::uint64_t line = 0;
    std::vector<std::size_t> blocks;  // which of SshdConfig::matches are around it, the outermost first
};

struct SshdConfig {
    std::vector<SshdLine> lines;  // without Match and Include
    std::vector<SshdMatch> matches;

    // Of the blocks around a line, joined by "; "; "" outside of one.
    std::string criteria(const SshdLine& line) const;
};

// Asks for the files that Include names. What the server would refuse is a gap.
SshdConfig read_sshd_config(const Request& request, Collector& out);

// The words of a value: quotes of both kinds, a backslash before a quote, a backslash or a blank; a '#' ends it.
Result<std::vector<std::string>> sshd_words(std::string_view value);

// '*' and '?' over any characters, as OpenSSH has them (PATTERNS in ssh_config(5)).
bool sshd_pattern(std::string_view pattern, std::string_view text);
// The same for "a*,!ab": does one match and none that is denied?
bool sshd_pattern_list(std::string_view list, std::string_view text);

}  // namespace ward::facts
