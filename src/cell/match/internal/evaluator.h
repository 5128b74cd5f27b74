// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/match/internal/automaton.h"
#include "cell/match/patterns.h"
#include "cell/modules/module.h"
#include "cell/sigdb/conditions.h"
#include "cell/sigdb/view.h"
#include "core/bytes.h"
#include "core/deadline.h"
#include "core/memory.h"

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace ward::match {

// Texts are views into the database, the externals of the scan or what modules hold.
using ConditionValue = modules::Value;

// The programs that are loaded in the memory of a process: where the first one begins, and for each module the first that it takes.
class Programs {
public:
    struct Program {
        std::shared_ptr<const Buffer> bytes;  // nothing: there is none
        std::uint64_t address = 0;
    };

    void begin(std::size_t modules);
    // The bytes of a region that begins at the address; in their order.
    void look_at(const std::shared_ptr<const Buffer>& bytes, std::uint64_t address, std::span<const modules::Declaration* const> declarations);
    void end() { of_modules_.clear(); }
    const Program& of(std::size_t module) const { return of_modules_[module]; }
    std::optional<std::uint64_t> entry_point() const { return entry_point_; }

private:
    std::vector<Program> of_modules_;
    std::optional<std::uint64_t> entry_point_;
};

// The modules that a database asks, each begun for the file in hand when a condition first asks it.
class ModuleInstances {
public:
    // Before each file; the environment and the programs (of a process) outlive what is asked of it.
    void begin(std::span<const modules::Declaration* const> declarations, const modules::Environment& environment, const Programs& programs);
    void end() {
        instances_.clear();
        environments_.clear();
    }
    // Nothing when there is no such module.
    modules::Instance* at(std::size_t number);

private:
    std::span<const modules::Declaration* const> declarations_;
    const modules::Environment* environment_ = nullptr;
    const Programs* programs_ = nullptr;
    std::deque<modules::Environment> environments_;  // of a process: each module's own
    std::vector<std::unique_ptr<modules::Instance>> instances_;
};

// What was found out about rules that others refer to, before weak patterns are looked for. Keeps its memory from file to file.
class RuleGuesses {
public:
    enum Guess : std::uint8_t { unknown, may_hold, cannot_hold };

    explicit RuleGuesses(std::size_t rules) : guesses_(rules, unknown) {}
    void begin() {
        for (const std::size_t rule : known_) guesses_[rule] = unknown;
        known_.clear();
    }
    // `rule` is below the number of rules.
    Guess of(std::size_t rule) const { return guesses_[rule]; }
    void set(std::size_t rule, Guess guess) {
        if (guesses_[rule] == unknown) known_.push_back(rule);
        guesses_[rule] = guess;
    }
    std::size_t size() const { return guesses_.size(); }

private:
    std::vector<Guess> guesses_;
    std::vector<std::size_t> known_;
};

// Everything a condition may ask about the bytes in hand.
struct ConditionContext {
    Bytes bytes;
    Memory* memory = nullptr;                             // in place of the bytes, with the programs in it
    const Programs* programs = nullptr;
    const PatternHits* hits = nullptr;
    const PatternScanner* patterns = nullptr;             // tells which patterns are weak
    const std::vector<std::uint8_t>* sought = nullptr;    // by pattern: a weak one that has been looked for
    const std::vector<ConditionValue>* externals = nullptr;
    const std::vector<std::uint8_t>* verdicts = nullptr;  // by rule: 1 when it held
    RuleGuesses* guesses = nullptr;
    sigdb::Numbers<std::uint32_t> rules;                  // kRuleTable
    sigdb::Numbers<std::uint32_t> code;
    Bytes texts;                                          // kRuleTexts
    Bytes regexes;
    ModuleInstances* modules = nullptr;
};

class LoopBody;

// Evaluates conditions (sigdb/conditions.h). Trusts nothing in them: a node that reaches beyond its parent, an unknown kind or
// too deep a tree is undefined. Undefined is never true.
class Evaluator {
public:
    Evaluator(const ConditionContext& context, Runner& runner, Deadline& deadline) : context_{context}, runner_{runner}, deadline_{deadline} { runner_.begin(); }

    bool holds(std::uint32_t first_word, std::uint32_t words);
    // Before all weak patterns are looked for: may the condition hold, whatever the others match? False only when it surely cannot.
    bool rule_may_hold(std::uint32_t rule) { return rule_may_hold(rule, 0); }
    // The same, but each rule that it refers to is taken for one that may hold, so that the answer costs no more than its own condition.
    bool rule_may_hold_by_itself(std::uint32_t rule) {
        asks_rules_ = false;
        const bool may = rule_may_hold(rule, 0);
        asks_rules_ = true;
        return may;
    }
    bool timed_out() const { return timed_out_; }
    // The object of a module that a node leads to, or nothing.
    const modules::Object* object_at(std::uint32_t first_word, std::uint32_t words);
    // Does the regular expression match anywhere in the text? Nothing when time ran out or there is no such expression.
    std::optional<bool> matches_in(std::uint32_t regex, std::string_view text);
    // Where the last of the matches ends, each sought from behind the byte after the one before.
    std::optional<std::uint64_t> last_match_in(std::uint32_t regex, std::string_view text);

private:
    struct Place {
        std::uint64_t at;   // of the head
        std::uint64_t end;  // behind the node
        sigdb::Node kind;
        std::uint64_t operands;  // behind the head
    };
    // The children of a node, one after the other.
    class Children;

    bool place_at(std::uint64_t at, std::uint64_t limit, Place& out) const;
    ConditionValue value(std::uint64_t at, std::uint64_t limit, std::uint32_t depth);
    bool truth(std::uint64_t at, std::uint64_t limit, std::uint32_t depth);
    std::uint32_t word(std::uint64_t at) const { return context_.code[static_cast<std::size_t>(at)]; }

    bool may_hold_at(std::uint64_t at, std::uint64_t limit, std::uint32_t depth);
    bool rule_may_hold(std::uint32_t rule, std::uint32_t depth);
    bool open(std::uint32_t pattern) const { return context_.patterns->weak(pattern) && (*context_.sought)[pattern] == 0; }
    bool may_match(std::uint32_t pattern) const;
    bool needs_no_patterns(std::uint64_t at, std::uint64_t limit, std::uint32_t depth) const;

    ConditionValue read_at(std::uint64_t offset, std::uint32_t how);
    ConditionValue string_value(const Place& place, std::uint32_t depth);
    ConditionValue of_strings(const Place& place, std::uint32_t depth);
    ConditionValue of_rules(const Place& place, std::uint32_t depth);
    ConditionValue for_strings(const Place& place, std::uint32_t depth);
    ConditionValue for_range(const Place& place, std::uint32_t depth);
    bool is_same_for_all(std::uint64_t at, std::uint64_t limit, std::uint32_t slot) const;
    bool add_to(LoopBody& body, std::uint64_t at, std::uint64_t limit, std::uint32_t slot, std::uint32_t depth);
    ConditionValue for_list(const Place& place, std::uint32_t depth);
    ConditionValue matches(const Place& place, std::uint32_t depth);
    ConditionValue module_value(const Place& place, std::uint32_t depth);
    ConditionValue call(const Place& place, std::uint32_t depth);
    ConditionValue for_objects(const Place& place, std::uint32_t depth);

    const ConditionContext& context_;
    Runner& runner_;
    Deadline& deadline_;
    std::array<ConditionValue, sigdb::kMaxVariables> variables_;
    std::uint32_t current_string_ = sigdb::kCurrentString;
    bool timed_out_ = false;
    bool asks_rules_ = true;  // whether those that a rule refers to may hold
};

std::string_view text_of(Bytes texts, std::uint32_t number);

}  // namespace ward::match
