// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/compile/internal/lexer.h"
#include "cell/compile/patterns.h"
#include "model/match.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ward::compile {

struct Node;
using NodePtr = std::unique_ptr<Node>;

// `$a`, `$a*` or `rule_*` in the set behind `of`.
struct SetItem {
    Span span;
    std::string name;  // without the `*`; for strings with the `$`
    bool wildcard = false;
    bool rule = false;
};

// A part of a condition. What `children` hold stands behind each kind.
struct Node {
    enum class Kind : std::uint8_t {
        boolean, integer, real, text,  // the value is in `integer`, `real` or `text`
        regex,                         // body in `text`, flags in `flag_i` and `flag_s`
        filesize, entrypoint,
        read,                          // `op` tells which of uint8 ... ; offset
        found, found_at, found_in,     // string in `text`; –; offset; low, high
        count, count_in,               // –; low, high
        offset, length,                // – or index
        identifier,                    // `text`
        member,                        // object; field in `text`
        index, call,                   // object, index; function, arguments
        negate, bit_not,               // operand
        arithmetic, compare, text_op,  // `op`; left, right
        matches,                       // left, regex
        negation, defined,             // operand
        conjunction, disjunction,      // two and more
        all, any, none,                // quantifiers
        percent,                       // quantifier; share
        of, of_in, of_at,              // quantifier; and low, high; and offset
        for_strings,                   // quantifier, body
        for_range, for_list, for_each, // quantifier, body; and low, high; and values; and object
    };

    Kind kind;
    Span span;
    Tok op = Tok::end;
    bool flag_i = false;
    bool flag_s = false;
    std::uint32_t depth = 1;  // of the tree below, at most kMaxDepth
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
    std::vector<NodePtr> children;
    std::vector<SetItem> set;             // of `of` and for_strings; empty means them
    std::vector<std::string> variables;   // of for_range, for_list, for_each
};

// How deep a condition may be nested: far more than people write, far less than the stack holds.
inline constexpr std::uint32_t kMaxDepth = 200;

struct StringDefinition {
    std::string name;  // "$a"; "$" for a string without a name
    Span span;         // of the name
    Span body_span;    // of the value, with its delimiters
    PatternSpec spec;
    bool is_private = false;
    // A text's escapes make the offsets of its content differ from those of the source.
    bool offsets_exact = true;
};

struct MetaDefinition {
    std::string name;
    MetaValue value;
};

struct RuleDefinition {
    std::string name;
    Span span;                    // of the name
    bool is_global = false;
    bool is_private = false;
    bool faulty = false;          // an error was reported
    std::vector<std::pair<std::string, Span>> tags;
    std::vector<MetaDefinition> metas;
    std::vector<StringDefinition> strings;
    NodePtr condition;            // nothing when faulty
};

struct IncludeDirective {
    std::string path;
    Span span;
};
struct ImportDirective {
    std::string module;
    Span span;
};
using Item = std::variant<std::monostate, RuleDefinition, IncludeDirective, ImportDirective>;  // monostate: the end

}  // namespace ward::compile
