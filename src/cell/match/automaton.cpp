// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/automaton.h"

#include "cell/sigdb/view.h"

#include <algorithm>
#include <limits>

namespace ward::match {

namespace {

struct Step {
    std::uint32_t op;
    std::uint32_t x;
    std::uint32_t y;
    std::uint32_t base;
};

// The database may change under us, so each instruction is loaded once and its fields are used as loaded.
Step step_at(const AutomatonView& automaton, std::uint32_t number) {
    const std::uint8_t* at = automaton.code + std::size_t{number} * sigdb::kInstructionBytes;
    return {sigdb::load<std::uint32_t>(at), sigdb::load<std::uint32_t>(at + 4), sigdb::load<std::uint32_t>(at + 8), sigdb::load<std::uint32_t>(at + 12)};
}

bool takes(const AutomatonView& automaton, std::uint32_t set, std::uint8_t byte) {
    if (set >= automaton.class_count) return false;
    return (automaton.classes[std::size_t{set} * sigdb::kClassBytes + (byte >> 3)] >> (byte & 7) & 1) != 0;
}

// Marks a thread on the stack that has been followed and only waits for its turn in the list.
constexpr std::uint32_t kWait = 0x8000'0000;

bool is_word(std::uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

}  // namespace

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

bool Runner::holds(sigdb::Assertion assertion, const Task& task, std::uint64_t at) {
    const Bytes text = task.text;
    switch (assertion) {
        case sigdb::Assertion::start: return at == 0;
        case sigdb::Assertion::end: return at == text.size();
        case sigdb::Assertion::boundary:
        case sigdb::Assertion::no_boundary: {
            bool before = false;
            bool after = false;
            if (task.wide) {
                before = at >= 2 && text[at - 1] == 0 && is_word(text[at - 2]);
                after = at + 1 < text.size() && text[at + 1] == 0 && is_word(text[at]);
            } else {
                before = at >= 1 && is_word(text[at - 1]);
                after = at < text.size() && is_word(text[at]);
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
        const Step step = step_at(automaton, now.instruction);
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
                if (holds(static_cast<sigdb::Assertion>(step.x), task, at)) stack_.push_back({now.instruction + 1, 0});
                break;
            case sigdb::Op::match:
                if (first) return true;
                matched = true;
                break;
        }
    }
    return matched;
}

template <bool first, class OnMatch>
void Runner::walk(const AutomatonView& automaton, const Task& task, OnMatch on_match) {
    const Bytes text = task.text;
    if (seen_.size() < automaton.states) seen_.resize(automaton.states, 0);
    const auto next_generation = [&] {
        if (++generation_ != 0) return;
        std::fill(seen_.begin(), seen_.end(), 0U);
        generation_ = 1;
    };
    current_.clear();
    next_generation();
    std::uint64_t at = task.start;
    if (add<first>(automaton, task, at, {0, 0}, current_) && !on_match(at)) return;
    for (std::uint64_t taken = 0; taken < kMaxMatchBytes && !current_.empty(); ++taken) {
        if (task.backwards ? at == 0 : at >= text.size()) return;
        const std::uint8_t byte = task.backwards ? text[at - 1] : text[at];
        at = task.backwards ? at - 1 : at + 1;
        next_.clear();
        next_generation();
        bool matched = false;
        for (const Thread& thread : current_) {
            ++steps_;
            const Step step = step_at(automaton, thread.instruction);
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
        std::swap(current_, next_);
        if (matched && !on_match(at)) return;
    }
}

std::optional<std::uint64_t> Runner::run(const AutomatonView& automaton, const Task& task) {
    std::optional<std::uint64_t> end;
    walk<true>(automaton, task, [&](std::uint64_t at) {
        end = at;
        return true;
    });
    return end;
}

bool Runner::any(const AutomatonView& automaton, const Task& task) {
    bool found = false;
    walk<true>(automaton, task, [&](std::uint64_t) {
        found = true;
        return false;
    });
    return found;
}

const std::vector<std::uint64_t>& Runner::run_all(const AutomatonView& automaton, const Task& task) {
    ends_.clear();
    walk<false>(automaton, task, [&](std::uint64_t at) {
        ends_.push_back(at);
        return true;
    });
    return ends_;
}

}  // namespace ward::match
