// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/match.h"
#include "model/messages.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ward::doors {

// The lines of the yara command, as yara 4.5 writes them. What it prints as it is (names of files, rules and strings, lines
// of `console`, what modules know) is escaped when `terminal`: a program that reads them wants the bytes. Names of rules are
// hostile too: whoever made a compiled database chose them, and a cell that fell may tell any.
struct YaraLines {
    bool tags = false;
    bool meta = false;
    bool ruleset = false;
    bool strings = false;
    bool lengths = false;
    bool xor_keys = false;
    bool terminal = false;

    // "ns:rule [tag,tag] [name="value",number =5] path", and a line for each hit.
    std::string rule(const Match& match, std::string_view path) const;
    std::string as_it_is(std::string_view text) const;
    // Lines, with tabs: both stay.
    std::string module_data(std::string_view text) const;
};

// yara keeps no more than so much of what matched, and gives this as the length of a longer match.
inline constexpr std::uint32_t kYaraDataBytes = 512;

// "error: rule "r" in a.yar(3): why"
std::string yara_message(const wire::Diagnostic& diagnostic);

}  // namespace ward::doors
