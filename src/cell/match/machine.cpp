// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/machine.h"

#include "cell/sigdb/view.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

namespace ward::match {

namespace {

constexpr std::size_t kMaxCells = 1U << 20;          // of the table of states and bytes: 4 MiB
constexpr std::size_t kMaxThreads = 1U << 18;        // of all states together: 2 MiB
constexpr std::uint32_t kMaxSearched = 4096;         // instructions: larger automata are not searched for what they require
constexpr std::size_t kMaxRequired = 3;
constexpr std::size_t kMaxTried = 32;                // sets, the smallest
constexpr std::uint32_t kMaxRequiredBytes = 128;     // a larger set is nearly always there
constexpr std::uint32_t kLeastLeading = 8;           // fewer are walked as fast

std::size_t hash_of(std::span<const AutomatonThread> threads, bool matched) {
    std::uint64_t hash = matched ? 1 : 0;
    for (const auto& thread : threads) {
        hash = (hash ^ (std::uint64_t{thread.instruction} << 32 | thread.count)) * 0x9E37'79B9'7F4A'7C15U;
        hash ^= hash >> 29;
    }
    return static_cast<std::size_t>(hash);
}

NearestByte::Set set_of(const AutomatonView& automaton, std::uint32_t number) {
    NearestByte::Set set{};
    for (unsigned byte = 0; byte < set.size(); ++byte) set[byte] = takes(automaton, number, static_cast<std::uint8_t>(byte));
    return set;
}

}  // namespace

NearestByte::NearestByte(const Set& set) : set_{set} {
    if (std::count(set.begin(), set.end(), true) == 1) only_ = static_cast<int>(std::find(set.begin(), set.end(), true) - set.begin());
}

std::uint64_t NearestByte::next(Bytes text, std::uint64_t at, std::uint64_t limit) const {
    if (only_ >= 0 && at < limit) {
        const void* found = std::memchr(text.data() + at, only_, static_cast<std::size_t>(limit - at));
        return found == nullptr ? limit : static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - text.data());
    }
    while (at < limit && !set_[text[static_cast<std::size_t>(at)]]) ++at;
    return at;
}

std::uint64_t NearestByte::behind(Bytes text, std::uint64_t from, std::uint64_t limit) {
    if (from < from_) {
        // Up to what is known, and if it reaches there, on from behind it.
        const std::uint64_t known = std::min(from_, limit);
        const std::uint64_t at = next(text, from, known);
        if (at < known || at == limit) return at;
        from_ = from;
    } else if (from > to_) {
        from_ = to_ = from;
    }
    const std::uint64_t at = next(text, to_, limit);
    to_ = std::max(to_, at);
    return std::min(at, limit);
}

std::uint64_t NearestByte::before(Bytes text, std::uint64_t from, std::uint64_t limit) {
    std::uint64_t at = from;
    // Down to what is known, and if it reaches there, on from behind it.
    const std::uint64_t known = from >= to_ ? std::max(to_, limit) : limit;
    while (at > known && !set_[text[static_cast<std::size_t>(at - 1)]]) --at;
    if (at > known || from < to_ || known == limit) {
        from_ = at;
        to_ = from;
        return at;
    }
    at = from_;
    while (at > limit && !set_[text[static_cast<std::size_t>(at - 1)]]) --at;
    from_ = std::min(from_, at);
    to_ = from;
    return std::max(at, limit);
}

NearestByte* NearestBytes::of(const NearestByte::Set& set) { return &all_.try_emplace(set, set).first->second; }

Machine::Machine(const AutomatonView& automaton, NearestBytes& nearest) : table_(64, kUnknown), ring_(kPathBytes) {
    for (std::uint32_t i = 0; i < automaton.instructions; ++i) {
        const AutomatonStep step = step_at(automaton, i);
        if (static_cast<sigdb::Op>(step.op) != sigdb::Op::assertion) continue;
        switch (static_cast<sigdb::Assertion>(step.x)) {
            case sigdb::Assertion::start: asserted_[0] = true; break;
            case sigdb::Assertion::end: asserted_[1] = true; break;
            case sigdb::Assertion::boundary:
            case sigdb::Assertion::no_boundary: asserted_[2] = true; break;
        }
    }
    for (const bool asserted : asserted_) kinds_ *= asserted ? 2 : 1;
    asserts_ = kinds_ > 1;
    starts.fill(kUnknown);
    divide_bytes(automaton);
    number_of({}, false);  // kDead
    find_starters(automaton, nearest);
    find_required(automaton, nearest);
    const AutomatonStep first = step_at(automaton, 0);
    const std::uint32_t least = first.y >> 16;
    const auto op = static_cast<sigdb::Op>(first.op);
    if ((op == sigdb::Op::repeat || op == sigdb::Op::repeat_few) && least >= kLeastLeading) {
        // Until the least is reached there is one thread, which waits.
        NearestByte::Set others = set_of(automaton, first.x);
        for (bool& has : others) has = !has;
        leading = least - 1;
        not_leading = nearest.of(others);
        const AutomatonThread waits{0, leading};
        behind_leading = number_of({&waits, 1}, false);
    }
}

// Bytes that no class tells apart share a column of the table.
void Machine::divide_bytes(const AutomatonView& automaton) {
    for (std::uint32_t number = 0; number < automaton.class_count && classes_ < 256; ++number) {
        std::map<std::pair<std::uint8_t, bool>, std::uint8_t> parts;
        for (unsigned byte = 0; byte < class_of_.size(); ++byte) {
            const std::pair key{class_of_[byte], takes(automaton, number, static_cast<std::uint8_t>(byte))};
            class_of_[byte] = parts.try_emplace(key, static_cast<std::uint8_t>(parts.size())).first->second;
        }
        classes_ = static_cast<std::uint32_t>(parts.size());
    }
}

// The sets without whose bytes the match is not reached, smallest first.
void Machine::find_required(const AutomatonView& automaton, NearestBytes& nearest) {
    const std::uint32_t count = automaton.instructions;
    if (count > kMaxSearched) return;
    std::vector<std::optional<NearestByte::Set>> sets(automaton.class_count);
    const auto size_of = [](const NearestByte::Set& set) { return static_cast<std::size_t>(std::count(set.begin(), set.end(), true)); };
    const auto takes_bytes = [](sigdb::Op op) { return op == sigdb::Op::set || op == sigdb::Op::repeat || op == sigdb::Op::repeat_few; };
    for (std::uint32_t i = 0; i < count; ++i) {
        const AutomatonStep step = step_at(automaton, i);
        if (takes_bytes(static_cast<sigdb::Op>(step.op)) && step.x < sets.size() && !sets[step.x]) sets[step.x] = set_of(automaton, step.x);
    }
    std::vector<std::pair<std::size_t, NearestByte::Set>> tried;
    for (const auto& set : sets) {
        if (!set || size_of(*set) > kMaxRequiredBytes) continue;
        if (std::none_of(tried.begin(), tried.end(), [&](const auto& other) { return other.second == *set; })) tried.emplace_back(size_of(*set), *set);
    }
    std::stable_sort(tried.begin(), tried.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (tried.size() > kMaxTried) tried.resize(kMaxTried);
    std::vector<bool> within(sets.size());
    std::vector<std::uint32_t> waiting;
    for (const auto& [size, without] : tried) {
        if (required.size() == kMaxRequired) return;
        for (std::size_t i = 0; i < sets.size(); ++i) {
            within[i] = sets[i] && std::equal(sets[i]->begin(), sets[i]->end(), without.begin(), [](bool has, bool may) { return may || !has; });
        }
        std::vector<bool> seen(count);
        bool reached = false;
        waiting.assign(1, 0);
        while (!waiting.empty() && !reached) {
            const std::uint32_t at = waiting.back();
            waiting.pop_back();
            if (at >= count || seen[at]) continue;
            seen[at] = true;
            const AutomatonStep step = step_at(automaton, at);
            const bool passes = step.x >= within.size() || !within[step.x];
            switch (static_cast<sigdb::Op>(step.op)) {
                case sigdb::Op::match: reached = true; break;
                case sigdb::Op::split:
                    waiting.push_back(step.x);
                    waiting.push_back(step.y);
                    break;
                case sigdb::Op::jump: waiting.push_back(step.x); break;
                case sigdb::Op::set:
                    if (passes) waiting.push_back(at + 1);
                    break;
                case sigdb::Op::repeat:
                case sigdb::Op::repeat_few:
                    if (passes || step.y >> 16 == 0) waiting.push_back(at + 1);
                    break;
                case sigdb::Op::assertion: waiting.push_back(at + 1); break;
            }
        }
        if (!reached) required.push_back(nearest.of(without));
    }
}

// What may take the first byte, whichever assertions hold.
void Machine::find_starters(const AutomatonView& automaton, NearestBytes& nearest) {
    NearestByte::Set all{};
    std::vector<bool> seen(automaton.instructions);
    std::vector<std::uint32_t> waiting{0};
    while (!waiting.empty()) {
        const std::uint32_t at = waiting.back();
        waiting.pop_back();
        if (at >= seen.size() || seen[at]) continue;
        seen[at] = true;
        const AutomatonStep step = step_at(automaton, at);
        const auto op = static_cast<sigdb::Op>(step.op);
        switch (op) {
            case sigdb::Op::match: return;
            case sigdb::Op::split:
                waiting.push_back(step.x);
                waiting.push_back(step.y);
                break;
            case sigdb::Op::jump: waiting.push_back(step.x); break;
            case sigdb::Op::assertion: waiting.push_back(at + 1); break;
            case sigdb::Op::set:
            case sigdb::Op::repeat:
            case sigdb::Op::repeat_few: {
                const NearestByte::Set more = set_of(automaton, step.x);
                for (std::size_t byte = 0; byte < all.size(); ++byte) all[byte] = all[byte] || more[byte];
                if (op != sigdb::Op::set && step.y >> 16 == 0) waiting.push_back(at + 1);
                break;
            }
        }
    }
    if (std::find(all.begin(), all.end(), false) != all.end()) starters = nearest.of(all);
}

std::uint32_t Machine::number_of(std::span<const AutomatonThread> threads, bool matched) {
    const std::size_t mask = table_.size() - 1;
    std::size_t slot = hash_of(threads, matched) & mask;
    for (; table_[slot] != kUnknown; slot = (slot + 1) & mask) {
        const State& other = states_[table_[slot]];
        if (other.matched != matched || other.count != threads.size()) continue;
        if (std::equal(threads.begin(), threads.end(), threads_.begin() + other.first)) return table_[slot];
    }
    const auto number = static_cast<std::uint32_t>(states_.size());
    table_[slot] = number;
    states_.push_back({static_cast<std::uint32_t>(threads_.size()), static_cast<std::uint32_t>(threads.size()), matched});
    threads_.insert(threads_.end(), threads.begin(), threads.end());
    next_.resize(next_.size() + columns(), kUnknown);
    if (next_.size() > kMaxCells || threads_.size() > kMaxThreads) usable_ = false;
    if (states_.size() * 2 <= table_.size()) return number;
    std::vector<std::uint32_t> larger(table_.size() * 2, kUnknown);
    for (std::uint32_t i = 0; i < states_.size(); ++i) {
        std::size_t at = hash_of(this->threads(i), states_[i].matched) & (larger.size() - 1);
        while (larger[at] != kUnknown) at = (at + 1) & (larger.size() - 1);
        larger[at] = i;
    }
    table_ = std::move(larger);
    return number;
}

}  // namespace ward::match
