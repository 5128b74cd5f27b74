// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/match/internal/automaton.h"
#include "core/bytes.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace ward::match {

// Finds the nearest byte of a set, and remembers where none was: asked from places that ascend, it looks at each byte about once.
class NearestByte {
public:
    using Set = std::array<bool, 256>;
    explicit NearestByte(const Set& set);

    // Forgets what is not of this text.
    void begin_text(std::uint64_t number) {
        if (text_ == number) return;
        text_ = number;
        from_ = to_ = 0;
    }
    // The first in [from, limit), else limit.
    std::uint64_t behind(Bytes text, std::uint64_t from, std::uint64_t limit);
    // Behind the last in [limit, from), else limit.
    std::uint64_t before(Bytes text, std::uint64_t from, std::uint64_t limit);

private:
    std::uint64_t next(Bytes text, std::uint64_t at, std::uint64_t limit) const;

    Set set_;
    int only_ = -1;           // the byte, when there is but one
    std::uint64_t text_ = 0;
    std::uint64_t from_ = 0;  // no byte of the set in [from_, to_)
    std::uint64_t to_ = 0;
};

// Machines that seek the same set share what is known of it.
class NearestBytes {
public:
    // Stays where it is until clear().
    NearestByte* of(const NearestByte::Set& set);
    void clear() { all_.clear(); }

private:
    std::map<NearestByte::Set, NearestByte> all_;
};

// An automaton made deterministic as far as the text asks: a state is what a Runner's list of threads was after some byte. The
// list behind a byte depends on that byte and on which assertions hold behind it, which is the place's kind.
// Where a run meets the path of the run before, all that follows is known, so that runs from all places of a text cost about
// as much as one.
class Machine {
public:
    static constexpr std::uint32_t kDead = 0;
    static constexpr std::uint32_t kUnknown = 0xffff'ffff;

    struct State {
        std::uint32_t first;  // thread
        std::uint32_t count;  // 0: nothing follows
        bool matched;
    };

    Machine(const AutomatonView& automaton, NearestBytes& nearest);

    bool usable() const { return usable_; }
    const State& state(std::uint32_t number) const { return states_[number]; }
    std::span<const AutomatonThread> threads(std::uint32_t number) const { return std::span{threads_}.subspan(states_[number].first, states_[number].count); }
    // Behind a byte and at a place of that kind, or kUnknown.
    std::uint32_t next(std::uint32_t number, std::uint8_t byte, std::uint32_t kind) const { return next_[cell(number, byte, kind)]; }
    void learn(std::uint32_t number, std::uint8_t byte, std::uint32_t kind, std::uint32_t behind) { next_[cell(number, byte, kind)] = behind; }
    // As far as the bytes from `at` on lead from the state to itself; only where the automaton asserts nothing.
    std::uint64_t stay(std::uint32_t number, Bytes text, std::uint64_t at, std::uint64_t limit) const {
        if (asserts_) return at;
        const std::uint32_t* row = next_.data() + cell(number, 0, 0) - class_of_[0];
        while (at < limit && row[class_of_[text[static_cast<std::size_t>(at)]]] == number) ++at;
        return at;
    }
    // Which of the automaton's assertions hold there; 0 when it has none.
    std::uint32_t kind_of(const Runner::Task& task, std::uint64_t at) const { return asserts_ ? kind_among(task, at) : 0; }
    // The number of the state; the machine is not usable any more once it has too many.
    std::uint32_t number_of(std::span<const AutomatonThread> threads, bool matched);

    std::size_t states() const { return states_.size(); }
    std::uint32_t columns() const { return classes_ * kinds_; }
    std::size_t all_threads() const { return threads_.size(); }

    // The path of the last run.
    struct Path {
        std::uint64_t text = 0;   // the runner's number of it
        bool wide = false;        // task
        bool known = false;
        std::uint64_t start = 0;
        std::uint64_t end = 0;    // as far as it went
        bool ended = false;       // nothing follows at its end; else a limit stopped it
        std::optional<std::uint64_t> last;   // match
        std::vector<std::uint64_t> matches;  // all, when all are asked for
    };
    // Two paths that meet reach no further.
    static constexpr std::uint64_t kPathBytes = 4 * Runner::kMaxMatchBytes;
    Path path;
    std::uint32_t& state_at(std::uint64_t at) { return ring_[static_cast<std::size_t>(at % kPathBytes)]; }
    void begin_text(std::uint64_t number, bool wide) {
        path = {};
        path.text = number;
        path.wide = wide;
        for (auto* nearest : required) nearest->begin_text(number);
        if (starters != nullptr) starters->begin_text(number);
        if (not_leading != nullptr) not_leading->begin_text(number);
    }

    std::uint64_t steps = 0;
    static constexpr std::uint32_t kMaxKinds = 8;
    std::array<std::uint32_t, kMaxKinds> starts;  // by the kind of the place, each kUnknown at first
    std::uint64_t runs = 0;
    std::uint32_t long_runs = 0;        // without a match
    NearestByte* starters = nullptr;     // each match begins with a byte of that set; nothing: with any, or without one
    std::vector<NearestByte*> required;  // each match takes a byte of each of these sets
    // When each match begins with so many bytes of one set: one that is not of it, and the state behind them.
    std::uint32_t leading = 0;
    std::uint32_t behind_leading = kUnknown;
    NearestByte* not_leading = nullptr;

private:
    void divide_bytes(const AutomatonView& automaton);
    void find_starters(const AutomatonView& automaton, NearestBytes& nearest);
    void find_required(const AutomatonView& automaton, NearestBytes& nearest);
    // Inline, for it is asked at each place of a text.
    std::uint32_t kind_among(const Runner::Task& task, std::uint64_t at) const {
        const bool inside = at > 0 && at < task.text.size();
        std::uint32_t kind = 0;
        if (asserted_[0]) kind = at == 0 ? 1 : 0;
        if (asserted_[1]) kind = kind * 2 + (at == task.text.size() ? 1 : 0);
        if (!asserted_[2]) return kind;
        if (task.wide || !inside) return kind * 2 + (assertion_holds(sigdb::Assertion::boundary, task, at) ? 1 : 0);
        const auto place = static_cast<std::size_t>(at);
        return kind * 2 + (kIsWord[task.text[place - 1]] != kIsWord[task.text[place]] ? 1 : 0);
    }
    std::size_t cell(std::uint32_t number, std::uint8_t byte, std::uint32_t kind) const {
        return (std::size_t{number} * kinds_ + kind) * classes_ + class_of_[byte];
    }

    bool usable_ = true;
    std::array<std::uint8_t, 256> class_of_{};  // bytes that no instruction tells apart
    std::uint32_t classes_ = 1;
    bool asserts_ = false;
    std::array<bool, 3> asserted_{};  // start, end, boundary
    std::uint32_t kinds_ = 1;
    std::vector<State> states_;
    std::vector<AutomatonThread> threads_;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> table_;  // hash table of states
    std::vector<std::uint32_t> ring_;
};

}  // namespace ward::match
