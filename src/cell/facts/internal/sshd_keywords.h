// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// A keyword of sshd_config, as data/knowledge/sshd_defaults.toml describes it.
struct SshdKeyword {
    enum class Kind {
        choice, integer, octal, time, path, word, rest, words, each, each_first, each_line, port, listen, subsystem, startups,
        rekey, netblock, forward, algorithms,
    };
    std::string name;
    Kind kind = Kind::word;
    std::vector<std::pair<std::string, std::string>> choices;  // what may be written, and what is printed then
    std::vector<std::string> aliases;
    std::vector<std::string> defaults;
    std::vector<std::string> all;  // what patterns in a list of algorithms choose from
    std::string since;             // "9.2"; "" for long ago
    bool match = false;            // allowed in a Match block
    bool last = false;             // the last line wins
    bool none_wins = false;        // "none" takes the place of what was set before

    // Do the values of several lines add up?
    bool adds_up() const;
};

struct SshdKeywords {
    std::vector<SshdKeyword> keywords;  // in the order in which `sshd -T` prints them
    std::vector<std::string> ignored;           // accepted without effect outside of Match blocks
    std::vector<std::string> ignored_anywhere;  // and these in them too
    std::string version;                // whose lists of algorithms the defaults are

    const SshdKeyword* find(std::string_view name) const;  // by name or alias
    bool ignores(std::string_view name, bool in_match) const;
};

const SshdKeywords& sshd_keywords();

// The values of a line, written as `sshd -T` writes them, but for rekeylimit: its second word, the time, is missing where the line
// leaves it to other lines. An error where the server would refuse the line. A list of algorithms
// that builds on defaults which are not known (`knows_lists` false) has the value "".
Result<std::vector<std::string>> read_sshd_value(const SshdKeyword& keyword, std::string_view value, bool knows_lists);

}  // namespace ward::facts
