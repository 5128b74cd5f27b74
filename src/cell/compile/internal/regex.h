// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/compile/patterns.h"
#include "cell/sigdb/automaton.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ward::compile {

// A set of byte values.
class ByteSet {
public:
    void add(unsigned byte) { bits_[byte >> 6] |= std::uint64_t{1} << (byte & 63); }
    void add_range(unsigned first, unsigned last) {
        for (unsigned byte = first; byte <= last; ++byte) add(byte);
    }
    bool has(unsigned byte) const { return (bits_[byte >> 6] >> (byte & 63) & 1) != 0; }
    void invert() {
        for (auto& word : bits_) word = ~word;
    }
    void add_all(const ByteSet& other) {
        for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
    }
    unsigned count() const;
    const std::array<std::uint64_t, 4>& words() const { return bits_; }
    bool operator==(const ByteSet&) const = default;

private:
    std::array<std::uint64_t, 4> bits_{};
};

// A set as value and mask: its members are the bytes b with (b & mask) == value. Nothing when it is no such set.
struct MaskedByte {
    std::uint8_t value = 0;
    std::uint8_t mask = 0;
};
std::optional<MaskedByte> as_masked(const ByteSet& set);

// A regular expression, or a hex string, which is one too.
struct Regex {
    enum class Kind : std::uint8_t { set, concat, alternate, repeat, assertion };
    static constexpr std::uint32_t kNoEnd = sigdb::kNoEnd;

    Kind kind = Kind::concat;
    ByteSet set;                     // of set
    std::vector<Regex> items;        // of concat (none: the empty text), alternate, and one of repeat
    std::uint32_t least = 0;         // of repeat
    std::uint32_t most = kNoEnd;
    bool few = false;                // of repeat: rather few than many
    bool jump = false;               // of repeat: any bytes may lie here if it is long (see patterns.cpp, kLongJump)
    sigdb::Assertion assertion = sigdb::Assertion::start;

    static Regex of(const ByteSet& set);
    static Regex byte(unsigned value);
    static Regex sequence(std::vector<Regex> items);
    static Regex repeated(Regex item, std::uint32_t least, std::uint32_t most, bool few);
};

struct ParsedRegex {
    Regex root;
    bool greedy = false;  // a quantifier takes rather many than few; yara lets no regex have both kinds
};

struct RegexFlags {
    bool nocase = false;
    bool dot_all = false;  // '.' matches a line feed too
};

// YARA's regular expressions (its manual, "Regular expressions").
std::optional<ParsedRegex> parse_regex(std::string_view body, RegexFlags flags, PatternError& why);

// A hex string, without its braces. Jumps are repeats of any byte, rather few than many.
std::optional<Regex> parse_hex(std::string_view body, PatternError& why);

ByteSet with_both_cases(const ByteSet& set);
Regex widened(const Regex& regex);            // a zero byte behind each
Regex reversed(const Regex& regex);

// The items of a concatenation, nested ones opened; repeats that must occur come first as often as they must (at most four
// times), so that literals are seen.
std::vector<Regex> flattened(const Regex& regex);

// The bytes that a match may begin with. Nothing when it may be empty.
std::optional<ByteSet> first_bytes(const std::vector<Regex>& items);

// The automaton of a regex in the form of sigdb/automaton.h. Nothing when it would be too large.
std::optional<Buffer> automaton_of(const std::vector<Regex>& items);

}  // namespace ward::compile
