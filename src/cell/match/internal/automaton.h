// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/automaton.h"
#include "core/bytes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ward::match {

// An automaton of the database, checked when it is opened, so that running it needs no more than its own bounds.
struct AutomatonView {
    const std::uint8_t* classes = nullptr;
    const std::uint8_t* code = nullptr;
    std::uint32_t instructions = 0;
    std::uint32_t class_count = 0;
    std::uint32_t states = 0;

    static std::optional<AutomatonView> open(Bytes bytes, std::uint32_t offset);
};

// Runs automata over text, all states at once: time is linear in the bytes, whatever the expression. Working memory is kept.
class Runner {
public:
    // A match is at most this long, as yara's; it bounds what one candidate may cost.
    static constexpr std::uint64_t kMaxMatchBytes = 4096;

    struct Task {
        Bytes text;
        std::uint64_t start = 0;
        bool backwards = false;
        bool wide = false;      // for word boundaries
    };

    // The end of the match from `start` that a backtracking engine would find first, or nothing.
    std::optional<std::uint64_t> run(const AutomatonView& automaton, const Task& task);
    // Is there any match from `start`?
    bool any(const AutomatonView& automaton, const Task& task);
    // All ends, nearest first; used backwards to find all starts.
    const std::vector<std::uint64_t>& run_all(const AutomatonView& automaton, const Task& task);

    std::uint64_t steps() const { return steps_; }  // work done so far, for deadlines

private:
    struct Thread {
        std::uint32_t instruction;
        std::uint32_t count;
    };

    // Threads stand in the order in which a backtracking engine would try them. `first`: a match ends all that come after it.
    template <bool first, class OnMatch>
    void walk(const AutomatonView& automaton, const Task& task, OnMatch on_match);
    template <bool first>
    bool add(const AutomatonView& automaton, const Task& task, std::uint64_t at, Thread thread, std::vector<Thread>& list);
    static bool holds(sigdb::Assertion assertion, const Task& task, std::uint64_t at);

    std::vector<std::uint32_t> seen_;  // by state: the generation it was added in
    std::uint32_t generation_ = 0;
    std::vector<Thread> current_;
    std::vector<Thread> next_;
    std::vector<Thread> stack_;
    std::vector<std::uint64_t> ends_;
    std::uint64_t steps_ = 0;
};

}  // namespace ward::match
