// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/automaton.h"

#include "cell/match/internal/machine.h"
#include "cell/sigdb/view.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace ward::match {

namespace {

// Marks a thread on the stack that has been followed and only waits for its turn in the list.
constexpr std::uint32_t kWait = 0x8000'0000;

constexpr std::uint64_t kMaxMachineWords = 32U << 20;  // of all machines; then they begin anew
constexpr std::uint64_t kWorthwhileSteps = 16;         // a machine that grew too large begins anew when each state served so often
constexpr std::uint32_t kLongSteps = 32;
constexpr std::uint32_t kManyLongRuns = 16;
constexpr std::uint64_t kRunsToAsk = 64;
constexpr std::size_t kMaxSeekingStates = 1024;
constexpr std::size_t kMaxSeekingThreads = 1U << 16;
constexpr std::uint64_t kAheadBytes = 16 * Runner::kMaxMatchBytes;  // looked through for what every match needs

}  // namespace

AutomatonStep step_at(const AutomatonView& automaton, std::uint32_t number) {
    const std::uint8_t* at = automaton.code + std::size_t{number} * sigdb::kInstructionBytes;
    return {sigdb::load<std::uint32_t>(at), sigdb::load<std::uint32_t>(at + 4), sigdb::load<std::uint32_t>(at + 8), sigdb::load<std::uint32_t>(at + 12)};
}

bool takes(const AutomatonView& automaton, std::uint32_t set, std::uint8_t byte) {
    if (set >= automaton.class_count) return false;
    return (automaton.classes[std::size_t{set} * sigdb::kClassBytes + (byte >> 3)] >> (byte & 7) & 1) != 0;
}

Runner::Runner(std::uint32_t patience) : nearest_{std::make_unique<NearestBytes>(), std::make_unique<NearestBytes>()}, patience_{patience} {}
Runner::Runner(Runner&&) noexcept = default;
Runner& Runner::operator=(Runner&&) noexcept = default;
Runner::~Runner() = default;

void Runner::begin() {
    for (auto& known : known_) known.clear();
    for (auto& nearest : nearest_) nearest->clear();
    latest_ = {};
    machine_words_ = 0;
    forget_text();
}

std::optional<AutomatonView> AutomatonView::open(Bytes bytes, std::uint32_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sigdb::kAutomatonHeadBytes) return std::nullopt;
    const std::uint8_t* head = bytes.data() + offset;
    AutomatonView view;
    view.instructions = sigdb::load<std::uint32_t>(head);
    view.class_count = sigdb::load<std::uint32_t>(head + 4);
    view.states = sigdb::load<std::uint32_t>(head + 8);
    if (view.instructions == 0 || view.instructions > sigdb::kMaxInstructions || view.class_count > sigdb::kMaxInstructions ||
        view.states > sigdb::kMaxStates) {
        return std::nullopt;
    }
    const std::uint64_t need = std::uint64_t{view.class_count} * sigdb::kClassBytes + std::uint64_t{view.instructions} * sigdb::kInstructionBytes;
    if (need > bytes.size() - offset - sigdb::kAutomatonHeadBytes) return std::nullopt;
    view.classes = head + sigdb::kAutomatonHeadBytes;
    view.code = view.classes + std::size_t{view.class_count} * sigdb::kClassBytes;
    return view;
}

bool assertion_holds(sigdb::Assertion assertion, const Runner::Task& task, std::uint64_t at) {
    const Bytes text = task.text;
    switch (assertion) {
        case sigdb::Assertion::start: return at == 0;
        case sigdb::Assertion::end: return at == text.size();
        case sigdb::Assertion::boundary:
        case sigdb::Assertion::no_boundary: {
            bool before = false;
            bool after = false;
            if (task.wide) {
                before = at >= 2 && text[at - 1] == 0 && kIsWord[text[at - 2]];
                after = at + 1 < text.size() && text[at + 1] == 0 && kIsWord[text[at]];
            } else {
                before = at >= 1 && kIsWord[text[at - 1]];
                after = at < text.size() && kIsWord[text[at]];
            }
            return (before != after) == (assertion == sigdb::Assertion::boundary);
        }
    }
    return false;
}

// Follows what takes no byte. True when the match instruction is among it.
template <bool first>
bool Runner::add(const AutomatonView& automaton, const Task& task, std::uint64_t at, Thread thread, std::vector<Thread>& list) {
    bool matched = false;
    stack_.clear();
    stack_.push_back(thread);
    while (!stack_.empty()) {
        const Thread now = stack_.back();
        stack_.pop_back();
        if ((now.instruction & kWait) != 0) {
            list.push_back({now.instruction & ~kWait, now.count});
            continue;
        }
        if (now.instruction >= automaton.instructions) continue;
        const AutomatonStep step = step_at(automaton, now.instruction);
        const std::uint64_t state = std::uint64_t{step.base} + now.count;
        if (state >= seen_.size() || seen_[state] == generation_) continue;
        seen_[state] = generation_;
        ++steps_;
        switch (static_cast<sigdb::Op>(step.op)) {
            case sigdb::Op::set: list.push_back(now); break;
            case sigdb::Op::repeat: {
                const std::uint32_t least = step.y >> 16;
                const std::uint32_t most = step.y & 0xffff;
                if (most == sigdb::kNoEnd || now.count < most) list.push_back(now);
                if (now.count >= least) stack_.push_back({now.instruction + 1, 0});
                break;
            }
            case sigdb::Op::repeat_few: {
                const std::uint32_t least = step.y >> 16;
                const std::uint32_t most = step.y & 0xffff;
                // Taking more comes behind everything that leaving leads to, so it stands below on the stack.
                if (now.count < least) {
                    list.push_back(now);
                } else {
                    if (most == sigdb::kNoEnd || now.count < most) stack_.push_back({now.instruction | kWait, now.count});
                    stack_.push_back({now.instruction + 1, 0});
                }
                break;
            }
            case sigdb::Op::split:
                stack_.push_back({step.y, 0});
                stack_.push_back({step.x, 0});
                break;
            case sigdb::Op::jump: stack_.push_back({step.x, 0}); break;
            case sigdb::Op::assertion:
                if (assertion_holds(static_cast<sigdb::Assertion>(step.x), task, at)) stack_.push_back({now.instruction + 1, 0});
                break;
            case sigdb::Op::match:
                if (first) return true;
                matched = true;
                break;
        }
    }
    return matched;
}

void Runner::next_generation(const AutomatonView& automaton) {
    if (seen_.size() < automaton.states) seen_.resize(automaton.states, 0);
    if (++generation_ != 0) return;
    std::fill(seen_.begin(), seen_.end(), 0U);
    generation_ = 1;
}

template <bool first>
bool Runner::advance(const AutomatonView& automaton, const Task& task, std::uint64_t at, std::uint8_t byte) {
    next_.clear();
    next_generation(automaton);
    bool matched = false;
    for (const Thread& thread : current_) {
        ++steps_;
        const AutomatonStep step = step_at(automaton, thread.instruction);
        if (!takes(automaton, step.x, byte)) continue;
        if (static_cast<sigdb::Op>(step.op) == sigdb::Op::set) {
            matched = add<first>(automaton, task, at, {thread.instruction + 1, 0}, next_) || matched;
        } else {
            const std::uint32_t least = step.y >> 16;
            const bool endless = (step.y & 0xffff) == sigdb::kNoEnd;
            // Without an end only reaching the least matters.
            const std::uint32_t count = endless ? std::min(thread.count + 1, least) : thread.count + 1;
            matched = add<first>(automaton, task, at, {thread.instruction, count}, next_) || matched;
        }
        if (first && matched) break;
    }
    return matched;
}

template <bool first, class OnMatch>
bool Runner::walk(const AutomatonView& automaton, const Task& task, std::uint64_t most_steps, OnMatch on_match) {
    const Bytes text = task.text;
    const std::uint64_t before = steps_;
    current_.clear();
    next_generation(automaton);
    std::uint64_t at = task.start;
    if (add<first>(automaton, task, at, {0, 0}, current_) && !on_match(at)) return true;
    for (std::uint64_t taken = 0; taken < kMaxMatchBytes && !current_.empty(); ++taken) {
        if (task.backwards ? at == 0 : at >= text.size()) return true;
        if (steps_ - before > most_steps) return false;
        const std::uint8_t byte = task.backwards ? text[at - 1] : text[at];
        at = task.backwards ? at - 1 : at + 1;
        const bool matched = advance<first>(automaton, task, at, byte);
        std::swap(current_, next_);
        if (matched && !on_match(at)) return true;
    }
    return true;
}

template <bool first>
Runner::Known& Runner::known_of(const AutomatonView& automaton) {
    auto& [code, latest] = latest_[first ? 0 : 1];
    if (code != automaton.code || latest == nullptr) {
        code = automaton.code;
        latest = &known_[first ? 0 : 1][code];
    }
    return *latest;
}

void Runner::make_machine(const AutomatonView& automaton, Known& known, bool forwards) {
    known.machine = std::make_unique<Machine>(automaton, *nearest_[forwards ? 0 : 1]);
    machine_words_ += Machine::kPathBytes;
}

template <bool first>
Machine* Runner::machine_of(const AutomatonView& automaton, Known& known) {
    if (known.refused || known.steps < patience_) return nullptr;
    if (machine_words_ > kMaxMachineWords) {
        for (auto& all : known_) {
            for (auto& each : all) each.second.machine.reset();
        }
        machine_words_ = 0;
    }
    if (known.machine == nullptr) make_machine(automaton, known, first);
    if (!known.machine->usable()) {
        const bool worthwhile = known.machine->steps > kWorthwhileSteps * known.machine->states();
        known.refused = !worthwhile;
        known.machine.reset();
        return nullptr;
    }
    return known.machine.get();
}

template <bool first>
std::uint32_t Runner::start_state(Machine& machine, const AutomatonView& automaton, const Task& task, std::uint32_t kind) {
    std::uint32_t& start = machine.starts[kind];
    if (start != Machine::kUnknown) return start;
    current_.clear();
    next_generation(automaton);
    const bool matched = add<first>(automaton, task, task.start, {0, 0}, current_);
    start = machine.number_of(current_, matched);
    return start;
}

// `at` is behind the byte.
template <bool first>
std::uint32_t Runner::next_state(Machine& machine, const AutomatonView& automaton, const Task& task, std::uint32_t state, std::uint64_t at, std::uint8_t byte) {
    const auto threads = machine.threads(state);
    current_.assign(threads.begin(), threads.end());
    const bool matched = advance<first>(automaton, task, at, byte);
    return learn(machine, state, byte, machine.kind_of(task, at), matched);
}

// What is in `next_` follows behind the byte.
std::uint32_t Runner::learn(Machine& machine, std::uint32_t state, std::uint8_t byte, std::uint32_t kind, bool matched) {
    const std::size_t before = machine.states();
    const std::uint32_t next = machine.number_of(next_, matched);
    if (machine.states() != before) machine_words_ += machine.columns() + 2 * next_.size();
    machine.learn(state, byte, kind, next);
    return next;
}

template <bool first>
bool Runner::follow(Machine& machine, const AutomatonView& automaton, const Task& task, bool any) {
    const Bytes text = task.text;
    auto& path = machine.path;
    last_.reset();
    ends_.clear();
    const std::uint64_t limit = first ? std::min<std::uint64_t>(text.size(), task.start + kMaxMatchBytes) : task.start - std::min(task.start, kMaxMatchBytes);
    if (path.text != text_number_ || path.wide != task.wide) machine.begin_text(text_number_, task.wide);
    if (first && machine.starters != nullptr) {
        const std::uint64_t nearest = machine.starters->behind(text, task.start, std::min<std::uint64_t>(text.size(), task.start + kAheadBytes));
        if (nearest == text.size()) barren_until_ = std::numeric_limits<std::uint64_t>::max();
        else if (nearest > task.start) barren_until_ = nearest;
        if (nearest != task.start || nearest == text.size()) return true;
    }
    // Short runs seldom: what they would save is about what asking costs.
    if (machine.long_runs >= kManyLongRuns || ++machine.runs % kRunsToAsk == 0) {
        for (auto* required : machine.required) {
            if (!first && required->before(text, task.start, limit) == limit) return true;
            if (!first) continue;
            const std::uint64_t nearest = required->behind(text, task.start, std::min<std::uint64_t>(text.size(), task.start + kAheadBytes));
            if (nearest < limit) continue;
            barren_until_ = nearest == text.size() ? std::numeric_limits<std::uint64_t>::max() : nearest - kMaxMatchBytes + 1;
            return true;
        }
    }
    std::uint64_t at = task.start;
    std::uint32_t state = start_state<first>(machine, automaton, task, machine.kind_of(task, at));
    if (!machine.usable()) return false;
    if (machine.leading > 0) {
        auto& other = *machine.not_leading;
        if (first ? limit - at < machine.leading : at - limit < machine.leading) return true;
        const std::uint64_t end = first ? at + machine.leading : at - machine.leading;
        if ((first ? other.behind(text, at, end) : other.before(text, at, end)) != end) return true;
        at = end;
        state = machine.behind_leading;
    }
    // Where the last path is met, it tells the rest.
    bool meets = path.known && at >= path.start && (first ? at <= path.end : path.start >= limit);
    const std::uint64_t start = at;
    bool ended = false;
    std::uint32_t taken = 0;
    const auto matched = [&] {
        last_ = at;
        if (!first) ends_.push_back(at);
    };
    if (machine.state(state).matched) matched();
    for (;;) {
        if (meets && (first ? at <= path.end : at <= path.start && at >= path.end) && machine.state_at(at) == state) {
            if (first && path.last && *path.last > at) last_ = path.last;
            if (!first) std::copy_if(path.matches.begin(), path.matches.end(), std::back_inserter(ends_), [&](std::uint64_t end) { return end < at && end >= limit; });
            at = first ? path.end : std::max(path.end, limit);
            ended = path.ended && at == path.end;
            if (ended || at == limit) break;
            state = machine.state_at(at);
            meets = false;
            continue;
        }
        machine.state_at(at) = state;
        if (any && last_) break;
        if (machine.state(state).count == 0) {
            ended = true;
            break;
        }
        if (at == limit) {
            ended = first ? at == text.size() : at == 0;
            break;
        }
        const std::uint8_t byte = text[static_cast<std::size_t>(first ? at : at - 1)];
        at = first ? at + 1 : at - 1;
        std::uint32_t next = machine.next(state, byte, machine.kind_of(task, at));
        if (next == Machine::kUnknown) {
            next = next_state<first>(machine, automaton, task, state, at, byte);
            if (!machine.usable()) return false;
        }
        state = next;
        ++taken;
        if (machine.state(state).matched) matched();
    }
    steps_ += taken;
    machine.steps += taken + 1;
    if (!last_ && (first ? at - task.start : task.start - at) >= kLongSteps) ++machine.long_runs;
    path.known = true;
    path.start = start;
    path.end = at;
    path.ended = ended;
    path.last = last_;
    if (!first) path.matches = ends_;
    return true;
}

std::uint64_t Runner::next_end(const AutomatonView& automaton, const Task& task, std::uint64_t limit) {
    if (patience_ == kNoMachines || known_of<true>(automaton).steps < patience_) return task.start;
    Known& known = known_[2][automaton.code];
    if (known.refused) return task.start;
    if (known.machine == nullptr) make_machine(automaton, known, true);
    Machine& machine = *known.machine;
    const auto small = [&] { return machine.usable() && machine.states() <= kMaxSeekingStates && machine.all_threads() <= kMaxSeekingThreads; };
    std::uint64_t at = task.start;
    std::uint32_t state = start_state<false>(machine, automaton, task, machine.kind_of(task, at));
    while (machine.usable() && !machine.state(state).matched && at < limit) {
        const std::uint8_t byte = task.text[static_cast<std::size_t>(at++)];
        const std::uint32_t kind = machine.kind_of(task, at);
        std::uint32_t next = machine.next(state, byte, kind);
        if (next == Machine::kUnknown) {
            const auto threads = machine.threads(state);
            current_.assign(threads.begin(), threads.end());
            bool matched = advance<false>(automaton, task, at, byte);
            // And those that begin here.
            matched = add<false>(automaton, task, at, {0, 0}, next_) || matched;
            std::sort(next_.begin(), next_.end(), [](const Thread& a, const Thread& b) {
                return std::pair{a.instruction, a.count} < std::pair{b.instruction, b.count};
            });
            next = learn(machine, state, byte, kind, matched);
            if (!small()) break;
        }
        if (next == state) at = machine.stay(state, task.text, at, limit);
        state = next;
    }
    steps_ += (at - task.start) / 4;
    if (!small()) {
        // Runs from each place cost less.
        known.refused = true;
        known.machine.reset();
        return task.start;
    }
    return machine.state(state).matched ? at : limit + 1;
}

template <bool first>
void Runner::find(const AutomatonView& automaton, const Task& task, bool any) {
    barren_until_ = 0;
    Known* known = nullptr;
    // What seeks the first match runs forwards, what seeks all backwards; the other ways are seldom gone.
    if (patience_ != kNoMachines && task.backwards != first) {
        known = &known_of<first>(automaton);
        Machine* machine = machine_of<first>(automaton, *known);
        if (machine != nullptr && follow<first>(*machine, automaton, task, any)) return;
    }
    const auto walk_within = [&](std::uint64_t most_steps) {
        const std::uint64_t before = steps_;
        last_.reset();
        ends_.clear();
        const bool done = walk<first>(automaton, task, most_steps, [&](std::uint64_t at) {
            last_ = at;
            if (!first) ends_.push_back(at);
            return !any;
        });
        if (known != nullptr) known->steps += steps_ - before;
        return done;
    };
    constexpr std::uint64_t kAnySteps = std::numeric_limits<std::uint64_t>::max();
    // One that takes so long is worth a machine already in its first run.
    const bool may_stop = known != nullptr && !known->refused && known->steps < patience_;
    if (walk_within(may_stop ? patience_ : kAnySteps)) return;
    Machine* machine = machine_of<first>(automaton, *known);
    if (machine != nullptr && follow<first>(*machine, automaton, task, any)) return;
    barren_until_ = 0;
    walk_within(kAnySteps);
}

std::optional<std::uint64_t> Runner::run(const AutomatonView& automaton, const Task& task) {
    find<true>(automaton, task, false);
    return last_;
}

bool Runner::any(const AutomatonView& automaton, const Task& task) {
    find<true>(automaton, task, true);
    return last_.has_value();
}

const std::vector<std::uint64_t>& Runner::run_all(const AutomatonView& automaton, const Task& task) {
    find<false>(automaton, task, false);
    return ends_;
}

}  // namespace ward::match
