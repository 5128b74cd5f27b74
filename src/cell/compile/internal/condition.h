// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/compile/internal/ast.h"
#include "cell/compile/internal/reporter.h"
#include "cell/modules/module.h"
#include "cell/sigdb/conditions.h"
#include "core/bytes.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ward::compile {

enum class Type : std::uint8_t { integer, real, boolean, text };
std::string_view type_name(Type type);

// What conditions may name beside the strings of their own rule.
struct Scope {
    static constexpr std::uint32_t kFaulty = 0xffff'ffff;  // a rule that was left out
    struct External {
        std::uint32_t number;
        Type type;
    };
    std::map<std::string, External, std::less<>> externals;
    std::map<std::string, std::map<std::string, std::uint32_t, std::less<>>, std::less<>> rules;  // by ruleset and name
    std::set<std::string> imports;  // modules that this source imports
};

struct ConditionString {
    std::string name;
    std::uint32_t pattern;
    std::string start = {};  // the bytes that each match begins with, as far as they are known
    bool used = false;
    bool anywhere = false;  // something else is asked than whether it is at `only_at`
    bool places = false;    // something else is asked than whether it is found at all
    bool many = false;      // more is asked than its first sigdb::kFewHits hits tell
    std::optional<std::int64_t> only_at = {};

    void asked_at(std::int64_t offset) {
        places = many = true;
        anywhere = anywhere || only_at.value_or(offset) != offset;
        only_at = offset;
    }
};

// Checks a condition and writes it as sigdb/conditions.h has it. One object a rule.
class ConditionCompiler {
public:
    ConditionCompiler(const Scope& scope, const std::string& ruleset, std::vector<ConditionString>& strings, Reporter& reporter,
                      std::function<std::uint32_t(std::string_view)> text_number, Buffer& regexes,
                      std::vector<const modules::Declaration*>& modules)
        : scope_{scope}, ruleset_{ruleset}, strings_{strings}, reporter_{reporter}, text_number_{std::move(text_number)}, regexes_{regexes},
          modules_{modules} {}

    // Nothing after a reported fault.
    std::optional<std::vector<std::uint32_t>> compile(const Node& condition);
    // Does it ask `console`, whose lines a reader sees? Then it is to be evaluated even where it cannot hold.
    bool speaks() const { return speaks_; }

private:
    using Words = std::vector<std::uint32_t>;
    // What stands at a place of a module: a field, or one item of an array or dictionary.
    struct Reference {
        std::string name;  // as written, for messages
        modules::Type type = modules::Type::structure;
        modules::Type item = modules::Type::integer;
        std::span<const modules::Field> fields;
        const modules::Field* function = nullptr;
        bool constant = false;  // was written as a number
    };
    struct Variable {
        std::string name;
        std::uint32_t slot;
        Type type;
        std::optional<Reference> object;  // of a loop over structures
    };

    std::optional<Type> value(const Node& node);
    bool truth(const Node& node);                            // anything that is true or false, numbers and texts too
    bool number(const Node& node, std::string_view what);    // an integer
    std::optional<Type> operands(const Node& node);
    bool wrong(const Node& node, std::string why);

    std::optional<Type> arithmetic(const Node& node);
    std::optional<Type> compare(const Node& node);
    std::optional<Type> identifier(const Node& node);
    std::optional<Type> string_node(const Node& node);
    std::optional<Type> of(const Node& node);
    std::optional<Type> for_strings(const Node& node);
    std::optional<Type> for_values(const Node& node);
    std::optional<Type> matches(const Node& node);
    // Of modules. A reference writes the nodes that lead to it.
    std::optional<Reference> reference(const Node& node);
    std::optional<Reference> root(const Node& node);
    std::optional<Reference> member(const Node& node);
    std::optional<Reference> item(const Node& node);
    std::optional<Reference> call(const Node& node);
    std::optional<Type> module_value(const Node& node);
    bool argument(const Node& node, std::string& letters);
    bool regex_code(const Node& node);
    std::optional<Type> for_each(const Node& node);
    bool new_variables(const Node& node);
    const Variable* variable(std::string_view name) const;

    std::optional<std::uint32_t> string_number(const Node& node);
    bool string_set(const Node& node, bool many, Words& patterns);
    bool rule_set(const Node& node, Words& rules);
    bool quantifier(const Node& node, sigdb::Quantifier& which);  // and its child, for number and percent
    bool quantifier_child(const Node& node, sigdb::Quantifier which);
    std::optional<std::size_t> begin_guard(const Node& node, std::optional<std::int64_t> offset);
    bool bounds(const Node& low, const Node& high);
    std::optional<std::int64_t> constant(const Node& node, bool& faulty) const;

    std::size_t begin(sigdb::Node kind);
    void end(std::size_t start);

    const Scope& scope_;
    const std::string& ruleset_;
    std::vector<ConditionString>& strings_;
    Reporter& reporter_;
    std::function<std::uint32_t(std::string_view)> text_number_;
    Buffer& regexes_;
    std::vector<const modules::Declaration*>& modules_;
    Words out_;
    std::vector<Variable> variables_;
    std::uint32_t string_loops_ = 0;
    const Node* few_counted_ = nullptr;  // a count that is only compared with a small number
    bool speaks_ = false;
};

// May the condition hold when no pattern matched but, perhaps, those that the function names? False only when it surely cannot.
using MayMatch = std::function<bool(std::uint32_t pattern)>;
bool may_hold_by(const std::vector<std::uint32_t>& words, const MayMatch& may_match);
bool may_hold_without_matches(const std::vector<std::uint32_t>& words);

// In larger files the condition surely does not hold.
std::uint64_t most_bytes(const std::vector<std::uint32_t>& words);

// In files that begin otherwise the condition surely does not hold. `rules`: the same of the rules that it may name, by number.
Heads heads_of(const std::vector<std::uint32_t>& words, const std::vector<Heads>& rules);

// Of a condition that surely does not hold without any match, unless one of some texts stands at a place of a module: in a field of a
// structure, or in that field of some item of an array or dictionary, or as such an item.
struct TextKey {
    std::vector<std::uint32_t> place;  // the words of the node of the structure, array or dictionary
    std::uint32_t field = 0;           // kNoField: the items themselves are texts
    std::vector<std::uint32_t> texts;
};
std::optional<TextKey> text_key(const std::vector<std::uint32_t>& words);

}  // namespace ward::compile
