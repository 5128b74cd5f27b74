// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ward {

// One place where a pattern of a rule was seen: offset and length in bytes inside the innermost object.
struct PatternHit {
    std::string pattern;  // "$a"
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint8_t xor_key = 0;
    bool hex = false;     // the pattern is a hex string
    std::string data{};   // what matched, as far as ScanManner::data_bytes asks for it

    bool operator==(const PatternHit&) const = default;
};

using MetaValue = std::variant<std::string, std::int64_t, bool>;

// A rule that holds for an object.
struct Match {
    // Enough evidence to act on; the rest of a pattern that occurs a million times would only fill the report.
    static constexpr std::size_t kMaxHits = 64;
    // Where all hits are asked for: those of one rule. YARA has a million for each of its strings.
    static constexpr std::size_t kMaxAllHits = 1U << 21;

    std::string rule;
    std::string ruleset;                                   // the namespace the rule was compiled into
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, MetaValue>> meta;   // in the order of the source; names may repeat
    std::vector<std::string> members;                      // the chain inwards from the file; empty for the file itself
    std::vector<PatternHit> hits;                          // by offset, at most kMaxHits, unless ScanManner::all_hits
    bool satisfied = true;                                 // false only when ScanManner::unsatisfied asks for such rules

    bool operator==(const Match&) const = default;
};

}  // namespace ward
