// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "cell/facts/values.h"

#include <set>
#include <string>
#include <string_view>

namespace ward::facts {

// More is no configuration of a host any more, but an attempt to tire us out.
inline constexpr std::size_t kMaxLineBytes = 64 * 1024;
inline constexpr std::size_t kMaxRows = 1'000'000;
inline constexpr std::size_t kMaxGaps = 200;  // then one more says how many were left out

// Gathers the answer of one parser, within limits.
class Collector {
public:
    void add(Row row);
    void gap(std::string_view path, std::uint64_t line, Code code, std::string why);
    // Names or globs that have to be read too; each once, and wire::kMaxWants at most.
    void want(std::string name);
    wire::ParseAnswer finish() &&;

private:
    wire::ParseAnswer answer_;
    std::set<std::string> wanted_;
    std::uint64_t gaps_left_out_ = 0;
    std::uint64_t wants_left_out_ = 0;
    bool full_ = false;
};

// The lines of a configuration file. A line with a NUL byte or of more than kMaxLineBytes is a gap and skipped; a
// carriage return at the end of a line is not part of it.
//
//     for (Lines lines{source, out}; lines.next();) use(lines.number(), lines.text());
class Lines {
public:
    Lines(const Source& source, Collector& out) : source_{source}, out_{out}, rest_{as_text(source.bytes)} {}

    bool next();
    // The same, and joins lines while one ends in a backslash: both go, and `between` stands in their place. The number
    // is the first line's.
    bool next_joined(std::string_view between = "");
    std::string_view text() const { return text_; }
    std::uint64_t number() const { return number_; }

private:
    bool advance(std::string_view& line);

    const Source& source_;
    Collector& out_;
    std::string_view rest_;
    std::string_view text_;
    std::string joined_;
    std::uint64_t number_ = 0;
    std::uint64_t read_ = 0;
};

// A leading part up to the first blank or tab, which moves `rest` behind it and behind the blanks that follow.
std::string_view take_word(std::string_view& rest);
// "a/b/c" gives "c".
std::string_view base_name(std::string_view path);

}  // namespace ward::facts
