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

// An automaton made deterministic as far as the text asks: a state is what a Runner's list of threads was after some byte.
// Where a run meets the path of the run before, all that follows is known, so that runs from all places of a text cost about
// as much as one. Only for automata without assertions, whose lists depend on the bytes taken and on nothing else.
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
    // Behind a byte, or kUnknown.
    std::uint32_t next(std::uint32_t number, std::uint8_t byte) const { return next_[std::size_t{number} * classes_ + class_of_[byte]]; }
    void learn(std::uint32_t number, std::uint8_t byte, std::uint32_t behind) { next_[std::size_t{number} * classes_ + class_of_[byte]] = behind; }
    // The number of the state; the machine is not usable any more once it has too many.
    std::uint32_t number_of(std::span<const AutomatonThread> threads, bool matched);

    std::size_t states() const { return states_.size(); }
    std::uint32_t classes() const { return classes_; }

    // The path of the last run.
    struct Path {
        std::uint64_t text = 0;   // the runner's number of it
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
    void begin_text(std::uint64_t number) {
        path = {};
        path.text = number;
        for (auto* nearest : required) nearest->begin_text(number);
        if (starters != nullptr) starters->begin_text(number);
        if (not_leading != nullptr) not_leading->begin_text(number);
    }

    std::uint64_t steps = 0;
    std::uint32_t start = kUnknown;
    std::uint64_t runs = 0;
    std::uint32_t long_runs = 0;        // without a match
    // Sets `start`, and what a first byte must be of unless that matches by itself.
    void begin_at(const AutomatonView& automaton, std::span<const AutomatonThread> threads, bool matched, NearestBytes& nearest);
    NearestByte* starters = nullptr;     // or any
    std::vector<NearestByte*> required;  // each match takes a byte of each of these sets
    // When each match begins with so many bytes of one set: one that is not of it, and the state behind them.
    std::uint32_t leading = 0;
    std::uint32_t behind_leading = kUnknown;
    NearestByte* not_leading = nullptr;

private:
    void divide_bytes(const AutomatonView& automaton);
    void find_required(const AutomatonView& automaton, NearestBytes& nearest);

    bool usable_ = true;
    std::array<std::uint8_t, 256> class_of_{};  // bytes that no instruction tells apart
    std::uint32_t classes_ = 1;
    std::vector<State> states_;
    std::vector<AutomatonThread> threads_;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> table_;  // hash table of states
    std::vector<std::uint32_t> ring_;
};

}  // namespace ward::match
