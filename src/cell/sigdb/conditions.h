// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/sections.h"

#include <cstdint>

namespace ward::sigdb {

// The sections of rules (docs/warddb.md). All numbers are u32 unless said otherwise; texts are numbers of rule_texts.
inline constexpr SectionId kRuleTable = static_cast<SectionId>(32);     // kRuleWords each, see RuleField
inline constexpr SectionId kRuleTexts = static_cast<SectionId>(33);     // count, count + 1 offsets, bytes
inline constexpr SectionId kRuleStrings = static_cast<SectionId>(34);   // pattern, name, StringFlag
inline constexpr SectionId kRuleTags = static_cast<SectionId>(35);      // text
inline constexpr SectionId kRuleMetas = static_cast<SectionId>(36);     // name, MetaKind, value in two words
inline constexpr SectionId kRuleCode = static_cast<SectionId>(37);      // conditions
inline constexpr SectionId kRuleAlways = static_cast<SectionId>(38);    // rules that may hold without any match, by head
inline constexpr SectionId kRuleUsers = static_cast<SectionId>(39);     // by pattern: patterns + 1 offsets, then rules
inline constexpr SectionId kRuleExternals = static_cast<SectionId>(40); // name, ExternalKind, value in two words
inline constexpr SectionId kRuleRegexes = static_cast<SectionId>(41);   // automata (automaton.h) of `matches`
inline constexpr SectionId kRuleGlobals = static_cast<SectionId>(42);   // global rules, ascending
inline constexpr SectionId kRuleWeak = static_cast<SectionId>(43);      // rules that may hold by weak patterns alone, by head
inline constexpr SectionId kRuleModules = static_cast<SectionId>(44);   // text: the names of modules that conditions ask
inline constexpr SectionId kRuleKeys = static_cast<SectionId>(45);      // rules by a text that must stand at a place of a module

enum RuleField : std::uint32_t {
    kRuleName, kRuleSet, kRuleFlags, kFirstTag, kTagCount, kFirstMeta, kMetaCount, kFirstString, kStringCount, kFirstWord, kWordCount,
    kRuleWords,
};
enum RuleFlag : std::uint32_t { kGlobalRule = 1, kPrivateRule = 2, kWeakRule = 4 };  // kWeakRule: has a weak pattern
// kRuleKeys: the number of kinds of keys, then these, then entries (text, rule), of each kind ascending by the text's bytes.
enum RuleKeyField : std::uint32_t {
    kKeyWord, kKeyWords,          // the node of a structure, array or dictionary among the conditions
    kKeyField,                    // its field, or that of its items; kNoField: the items are texts
    kKeyHeads,                    // bit h: a file with head h may fulfil one of the rules
    kKeyFirst, kKeyCount,         // entries
    kRuleKeyWords,
};
inline constexpr std::uint32_t kKeyEntryWords = 2;
inline constexpr std::uint32_t kNoField = 0xffff'ffff;
enum class MetaKind : std::uint32_t { text = 0, integer = 1, boolean = 2 };
enum class ExternalKind : std::uint32_t { integer = 0, real = 1, boolean = 2, text = 3 };
inline constexpr std::uint32_t kStringWords = 3;
inline constexpr std::uint32_t kMetaWords = 4;
inline constexpr std::uint32_t kExternalWords = 4;
// kPlacesAsked: the condition asks for more than whether the string is found. kOnlyAtOffset: for nothing but whether it is at
// the offset that stands in the bits from kOnlyOffsetShift on; then only that place counts as a hit, as in yara.
// kFewSuffice: the condition cannot tell whether there are more than the first kFewHits hits.
enum StringFlag : std::uint32_t { kPrivateString = 1, kHexString = 2, kPlacesAsked = 4, kOnlyAtOffset = 8, kFewSuffice = 16 };
inline constexpr std::uint32_t kFewHits = 64;
inline constexpr std::uint32_t kOnlyOffsetShift = 8;
inline constexpr std::int64_t kMaxOnlyOffset = std::int64_t{1} << (32 - kOnlyOffsetShift);

// A condition is a tree in prefix order. A node is a head word (kind in the low 8 bits, the words of the whole node above),
// its operand words, and its children one after the other.
enum class Node : std::uint32_t {
    boolean = 1,     // value
    integer,         // low, high
    real,            // low, high
    text,            // text
    filesize,
    entrypoint,
    external,        // external
    rule,            // rule: did it hold?
    variable,        // slot
    read,            // width in bytes | signed << 8 | big-endian << 9; offset
    found,           // string
    found_at,        // string; offset
    found_in,        // string; low, high
    count,           // string
    count_in,        // string; low, high
    offset,          // string; index
    length,          // string; index
    negate,          // operand
    bit_not,         // operand
    arithmetic,      // Arithmetic; left, right
    compare,         // Compare; left, right
    text_op,         // TextOp; left, right
    matches,         // offset in kRuleRegexes; left
    negation,        // operand
    defined,         // operand
    conjunction,     // children up to its end
    disjunction,     // children up to its end
    // quantifier: Quantifier, then a child for number and percent
    of_strings,      // quantifier word, count, strings; [number]
    of_strings_in,   // quantifier word, count, strings; [number], low, high
    of_strings_at,   // quantifier word, count, strings; [number], offset
    of_rules,        // quantifier word, count, rules; [number]
    for_strings,     // quantifier word, count, strings; [number], body
    for_range,       // quantifier word, slot; [number], low, high, body
    for_list,        // quantifier word, slot, count; [number], values, body
    // Values of modules (cell/modules). An object is a structure, an array or a dictionary.
    module,          // number in kRuleModules: its root
    member,          // field; object
    item,            // array or dictionary, index or key
    call,            // field, signature; object, arguments
    regex,           // offset in kRuleRegexes: an argument
    for_items,       // quantifier word, slot; [number], array, body
    for_entries,     // quantifier word, slot of the key, slot of the value; [number], dictionary, body
};
// The string of the innermost loop over strings: `$` by itself.
inline constexpr std::uint32_t kCurrentString = 0xffff'ffff;

enum class Quantifier : std::uint32_t { all = 0, any = 1, none = 2, number = 3, percent = 4 };
enum class Arithmetic : std::uint32_t { add, subtract, multiply, divide, modulo, bit_and, bit_or, bit_xor, shift_left, shift_right };
enum class Compare : std::uint32_t { equal, not_equal, less, less_equal, greater, greater_equal };
template <class Value>
[[gnu::always_inline]] inline bool compared(Compare op, const Value& left, const Value& right) {
    switch (op) {
        case Compare::equal: return left == right;
        case Compare::not_equal: return left != right;
        case Compare::less: return left < right;
        case Compare::less_equal: return left <= right;
        case Compare::greater: return left > right;
        case Compare::greater_equal: return left >= right;
    }
    return false;
}
enum class TextOp : std::uint32_t { contains, icontains, startswith, istartswith, endswith, iendswith, iequals };

inline constexpr std::uint32_t kMaxNodeDepth = 256;   // above what the parser lets through
inline constexpr std::uint32_t kMaxVariables = 16;
inline constexpr std::uint32_t kMaxNodeWords = (1U << 24) - 1;

}  // namespace ward::sigdb
