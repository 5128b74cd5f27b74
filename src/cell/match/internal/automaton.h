// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/automaton.h"
#include "core/bytes.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
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

struct AutomatonStep {
    std::uint32_t op;
    std::uint32_t x;
    std::uint32_t y;
    std::uint32_t base;
};
// The database may change under us, so each instruction is loaded once and its fields are used as loaded.
AutomatonStep step_at(const AutomatonView& automaton, std::uint32_t number);
// Is the byte of that class?
bool takes(const AutomatonView& automaton, std::uint32_t set, std::uint8_t byte);

// Letters, digits and the underscore: what a word boundary tells apart from the rest.
inline constexpr std::array<bool, 256> kIsWord = [] {
    std::array<bool, 256> words{};
    for (std::size_t byte = 0; byte < words.size(); ++byte) {
        words[byte] = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    }
    return words;
}();

// Where a run stands: an instruction, and how often a repeat has matched so far.
struct AutomatonThread {
    std::uint32_t instruction;
    std::uint32_t count;
    bool operator==(const AutomatonThread&) const = default;
};

class Machine;
class NearestBytes;

// Runs automata over text, all states at once: time is linear in the bytes, whatever the expression. What is run often is made
// deterministic (machine.h). Working memory is kept.
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

    // `patience`: steps that an automaton takes before it is worth a machine; kNoMachines for never.
    static constexpr std::uint32_t kPatience = 4096;
    static constexpr std::uint32_t kNoMachines = 0xffff'ffff;
    explicit Runner(std::uint32_t patience = kPatience);
    Runner(Runner&&) noexcept;
    Runner& operator=(Runner&&) noexcept;
    ~Runner();

    // Before each file, and before each database.
    void begin();
    // Before another text that may lie where the last one lay.
    void forget_text() { ++text_number_; }

    // The end of the match from `start` that a backtracking engine would find first, or nothing.
    std::optional<std::uint64_t> run(const AutomatonView& automaton, const Task& task);
    // Is there any match from `start`?
    bool any(const AutomatonView& automaton, const Task& task);
    // All ends, nearest first; used backwards to find all starts.
    const std::vector<std::uint64_t>& run_all(const AutomatonView& automaton, const Task& task);

    // Goes over the text once, as far as `limit`, for matches that begin anywhere from the task's start on: where the first of them ends
    // at the earliest, or limit + 1. The start itself when nothing is known of them.
    std::uint64_t next_end(const AutomatonView& automaton, const Task& task, std::uint64_t limit);

    // After a run() or any() that found nothing: from no place before this one there is a match, because the text lacks what all need.
    std::uint64_t barren_until() const { return barren_until_; }

    std::uint64_t steps() const { return steps_; }  // work done so far, for deadlines

private:
    using Thread = AutomatonThread;
    struct Known {
        std::uint64_t steps = 0;
        bool refused = false;
        std::unique_ptr<Machine> machine;
    };

    // What run(), any() and run_all() tell, in last_ and, of all matches, in ends_.
    template <bool first>
    void find(const AutomatonView& automaton, const Task& task, bool any);
    // Threads stand in the order in which a backtracking engine would try them. `first`: a match ends all that come after it.
    // False when it would take more steps.
    template <bool first, class OnMatch>
    bool walk(const AutomatonView& automaton, const Task& task, std::uint64_t most_steps, OnMatch on_match);
    // The threads of `current_` behind a byte, which ends before `at` (backwards: behind it), into `next_`.
    template <bool first>
    bool advance(const AutomatonView& automaton, const Task& task, std::uint64_t at, std::uint8_t byte);
    void next_generation(const AutomatonView& automaton);
    template <bool first>
    Known& known_of(const AutomatonView& automaton);
    void make_machine(const AutomatonView& automaton, Known& known, bool forwards);
    // The machine of an automaton that has run often enough, or nothing.
    template <bool first>
    Machine* machine_of(const AutomatonView& automaton, Known& known);
    template <bool first>
    std::uint32_t start_state(Machine& machine, const AutomatonView& automaton, const Task& task, std::uint32_t kind);
    template <bool first>
    std::uint32_t next_state(Machine& machine, const AutomatonView& automaton, const Task& task, std::uint32_t state, std::uint64_t at, std::uint8_t byte);
    std::uint32_t learn(Machine& machine, std::uint32_t state, std::uint8_t byte, std::uint32_t kind, bool matched);
    // As find. False when the machine grew too large.
    template <bool first>
    bool follow(Machine& machine, const AutomatonView& automaton, const Task& task, bool any);
    template <bool first>
    bool add(const AutomatonView& automaton, const Task& task, std::uint64_t at, Thread thread, std::vector<Thread>& list);

    std::vector<std::uint32_t> seen_;  // by state: the generation it was added in
    std::uint32_t generation_ = 0;
    std::vector<Thread> current_;
    std::vector<Thread> next_;
    std::vector<Thread> stack_;
    std::vector<std::uint64_t> ends_;
    std::optional<std::uint64_t> last_;
    std::uint64_t steps_ = 0;
    std::uint64_t barren_until_ = 0;
    std::array<std::unique_ptr<NearestBytes>, 2> nearest_;  // of machines that run forwards, and backwards
    std::uint32_t patience_;
    std::uint64_t text_number_ = 0;
    std::array<std::unordered_map<const std::uint8_t*, Known>, 3> known_;  // by code; those that seek the first match, and all, and any end
    std::array<std::pair<const std::uint8_t*, Known*>, 2> latest_{};
    std::uint64_t machine_words_ = 0;  // about what all machines hold
};

bool assertion_holds(sigdb::Assertion assertion, const Runner::Task& task, std::uint64_t at);

}  // namespace ward::match
