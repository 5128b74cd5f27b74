// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/evaluator.h"

#include "cell/match/internal/entry_point.h"
#include "cell/match/internal/loop_body.h"
#include "core/text.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

namespace ward::match {

namespace {

using sigdb::Node;
using sigdb::Quantifier;

constexpr ConditionValue kUndefined{};
constexpr std::int64_t kManyTurns = 64;       // of a loop: worth another form of its body
constexpr std::int64_t kTurnsBetweenLooks = 1024;  // at the clock
constexpr std::uint32_t kReadWork = 4096;  // of the deadline, for a read from a process

bool is_true(const ConditionValue& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer != 0;
    if (const auto* real = std::get_if<double>(&value)) return *real != 0;
    if (const auto* truth = std::get_if<bool>(&value)) return *truth;
    if (const auto* text = std::get_if<std::string_view>(&value)) return !text->empty();
    return false;
}

std::optional<std::int64_t> integer_of(const ConditionValue& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
    return std::nullopt;
}

std::optional<double> real_of(const ConditionValue& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

ConditionValue value_of(const std::optional<std::int64_t>& integer) { return integer ? ConditionValue{*integer} : kUndefined; }

ConditionValue arithmetic(sigdb::Arithmetic op, const ConditionValue& left, const ConditionValue& right) {
    const auto a = integer_of(left);
    const auto b = integer_of(right);
    if (a && b) return value_of(integer_arithmetic(op, *a, *b));
    const auto x = real_of(left);
    const auto y = real_of(right);
    if (!x || !y) return kUndefined;
    switch (op) {
        case sigdb::Arithmetic::add: return *x + *y;
        case sigdb::Arithmetic::subtract: return *x - *y;
        case sigdb::Arithmetic::multiply: return *x * *y;
        case sigdb::Arithmetic::divide: return *y == 0 ? kUndefined : ConditionValue{*x / *y};
        default: return kUndefined;
    }
}

ConditionValue compare(sigdb::Compare op, const ConditionValue& left, const ConditionValue& right) {
    const auto a = integer_of(left);
    const auto b = integer_of(right);
    if (a && b) return sigdb::compared(op, *a, *b);
    const auto* s = std::get_if<std::string_view>(&left);
    const auto* t = std::get_if<std::string_view>(&right);
    if (s != nullptr && t != nullptr) return sigdb::compared(op, *s, *t);
    const auto x = real_of(left);
    const auto y = real_of(right);
    if (!x || !y) return kUndefined;
    return sigdb::compared(op, *x, *y);
}

// Takes time in the text's length alone, which find() does not where the beginning of what is sought is nearly everywhere.
bool contains(std::string_view text, std::string_view sought) {
    return sought.empty() || memmem(text.data(), text.size(), sought.data(), sought.size()) != nullptr;
}

bool text_holds(sigdb::TextOp op, std::string_view left, std::string_view right) {
    switch (op) {
        case sigdb::TextOp::contains: return contains(left, right);
        case sigdb::TextOp::startswith: return left.starts_with(right);
        case sigdb::TextOp::endswith: return left.ends_with(right);
        case sigdb::TextOp::iequals: return equal_ignoring_case(left, right);
        case sigdb::TextOp::icontains: return contains(to_lower_ascii(left), to_lower_ascii(right));
        case sigdb::TextOp::istartswith: return left.size() >= right.size() && equal_ignoring_case(left.substr(0, right.size()), right);
        case sigdb::TextOp::iendswith:
            return left.size() >= right.size() && equal_ignoring_case(left.substr(left.size() - right.size()), right);
    }
    return false;
}

// How many of `total` must hold; nothing when a percentage is undefined.
struct Demand {
    std::int64_t least = 0;
    bool none = false;
    bool met(std::int64_t held) const { return none ? held == 0 : held >= least; }
    // Can the rest change nothing any more?
    bool decided(std::int64_t held, std::int64_t left) const {
        if (none) return held > 0;
        return held >= least || held + left < least;
    }
};

std::optional<Demand> demand_of(Quantifier which, const ConditionValue& number, std::int64_t total) {
    switch (which) {
        case Quantifier::all: return Demand{total, false};
        case Quantifier::any: return Demand{1, false};
        case Quantifier::none: return Demand{0, true};
        case Quantifier::number: {
            const auto count = integer_of(number);
            // As yara, where an undefined number means all.
            return count ? Demand{*count, *count == 0} : Demand{total, false};
        }
        case Quantifier::percent: {
            const auto share = integer_of(number);
            if (!share || *share < 0 || *share > 100) return std::nullopt;
            return Demand{(total * *share + 99) / 100, false};  // rounded up
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view text_of(Bytes texts, std::uint32_t number) {
    const sigdb::Numbers<std::uint32_t> words{texts};
    const std::uint32_t count = words[0];
    if (number >= count || texts.size() / 4 < std::uint64_t{count} + 2) return {};
    const std::uint64_t base = (std::uint64_t{count} + 2) * 4;
    const std::uint64_t first = base + words[std::size_t{number} + 1];
    const std::uint64_t end = base + words[std::size_t{number} + 2];
    if (first > end || end > texts.size()) return {};
    return as_text(texts.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(end - first)));
}

class Evaluator::Children {
public:
    Children(const Evaluator& owner, std::uint64_t first, std::uint64_t end) : owner_{owner}, at_{first}, end_{end} {}
    bool next(std::uint64_t& at) {
        Place place{};
        if (!owner_.place_at(at_, end_, place)) return false;
        at = at_;
        at_ = place.end;
        return true;
    }

private:
    const Evaluator& owner_;
    std::uint64_t at_;
    std::uint64_t end_;
};

bool Evaluator::place_at(std::uint64_t at, std::uint64_t limit, Place& out) const {
    if (at >= limit || limit > context_.code.size()) return false;
    const std::uint32_t head = word(at);
    const std::uint64_t words = head >> 8;
    if (words == 0 || words > limit - at) return false;
    out = {at, at + words, static_cast<Node>(head & 0xff), at + 1};
    return true;
}

bool Evaluator::holds(std::uint32_t first_word, std::uint32_t words) {
    return truth(first_word, std::uint64_t{first_word} + words, 0);
}

bool Evaluator::may_match(std::uint32_t pattern) const {
    return pattern == sigdb::kCurrentString || open(pattern) || context_.hits->any(pattern);
}

// Each rule is looked at once a file, however often others name it.
bool Evaluator::rule_may_hold(std::uint32_t rule, std::uint32_t depth) {
    const std::size_t first = std::size_t{rule} * sigdb::kRuleWords;
    if (rule >= context_.guesses->size() || first + sigdb::kRuleWords > context_.rules.size()) return false;
    if (const auto known = context_.guesses->of(rule); known != RuleGuesses::unknown) return known == RuleGuesses::may_hold;
    context_.guesses->set(rule, RuleGuesses::may_hold);  // for a hostile rule that names itself
    const std::uint64_t words = context_.rules[first + sigdb::kFirstWord];
    const bool may = may_hold_at(words, words + context_.rules[first + sigdb::kWordCount], depth);
    if (!may) context_.guesses->set(rule, RuleGuesses::cannot_hold);
    return may;
}

bool Evaluator::may_hold_at(std::uint64_t at, std::uint64_t limit, std::uint32_t depth) {
    Place place{};
    if (depth > sigdb::kMaxNodeDepth || !place_at(at, limit, place) || deadline_.passed()) return true;
    const auto operand = [&](std::uint64_t index) { return place.operands + index < place.end ? word(place.operands + index) : 0U; };
    switch (place.kind) {
        case Node::conjunction:
        case Node::disjunction: {
            const bool all = place.kind == Node::conjunction;
            Children children{*this, place.operands, place.end};
            std::uint64_t next = 0;
            while (children.next(next)) {
                if (may_hold_at(next, place.end, depth + 1) != all) return !all;
            }
            return all;
        }
        case Node::rule: return !asks_rules_ || rule_may_hold(operand(0), depth + 1);
        case Node::found_at:
            // Without the pattern's own weakness, what was found is all there is.
            if (operand(0) != sigdb::kCurrentString && !open(operand(0)) && needs_no_patterns(place.operands + 1, place.end, depth + 1)) {
                return truth(at, limit, depth);
            }
            return may_match(operand(0));
        case Node::found:
        case Node::found_in: return may_match(operand(0));
        case Node::of_strings:
        case Node::of_strings_in:
        case Node::of_strings_at: {
            const auto which = static_cast<Quantifier>(operand(0));
            const std::uint64_t count = operand(1);
            const std::uint64_t members = place.operands + 2;
            if (which == Quantifier::none || members + count > place.end) return true;
            ConditionValue number;
            if (which == Quantifier::number || which == Quantifier::percent) {
                if (!needs_no_patterns(members + count, place.end, depth + 1)) return true;
                number = value(members + count, place.end, depth + 1);
            }
            const auto demand = demand_of(which, number, static_cast<std::int64_t>(count));
            if (!demand) return false;
            if (demand->none) return true;
            std::int64_t possible = 0;
            for (std::uint64_t i = 0; i < count && possible < demand->least; ++i) possible += may_match(word(members + i)) ? 1 : 0;
            return possible >= demand->least;
        }
        default: return !needs_no_patterns(at, limit, depth) || truth(at, limit, depth);
    }
}

// Is the node made of what is known without any pattern?
bool Evaluator::needs_no_patterns(std::uint64_t at, std::uint64_t limit, std::uint32_t depth) const {
    Place place{};
    if (depth > sigdb::kMaxNodeDepth || !place_at(at, limit, place)) return false;
    std::uint64_t operands = 0;
    switch (place.kind) {
        case Node::boolean:
        case Node::integer:
        case Node::real:
        case Node::text:
        case Node::filesize:
        case Node::external: return true;
        case Node::module: return true;
        case Node::read:
        case Node::arithmetic:
        case Node::compare:
        case Node::text_op:
        case Node::member: operands = 1; break;
        case Node::item:
        case Node::negate:
        case Node::bit_not:
        case Node::negation:
        case Node::defined: break;
        default: return false;
    }
    Children children{*this, place.operands + operands, place.end};
    std::uint64_t next = 0;
    while (children.next(next)) {
        if (!needs_no_patterns(next, place.end, depth + 1)) return false;
    }
    return true;
}

bool Evaluator::truth(std::uint64_t at, std::uint64_t limit, std::uint32_t depth) { return is_true(value(at, limit, depth)); }

ConditionValue Evaluator::value(std::uint64_t at, std::uint64_t limit, std::uint32_t depth) {
    Place place{};
    if (depth > sigdb::kMaxNodeDepth || timed_out_ || !place_at(at, limit, place)) return kUndefined;
    if (deadline_.passed(4)) {
        timed_out_ = true;
        return kUndefined;
    }
    const std::uint64_t first = place.operands;
    // Operands and children may not reach beyond the node; a missing word reads 0.
    const auto operand = [&](std::uint64_t index) { return first + index < place.end ? word(first + index) : 0U; };
    const auto child = [&](std::uint64_t index) { return value(index, place.end, depth + 1); };
    const auto two = [&](std::uint64_t from, ConditionValue& left, ConditionValue& right) {
        Children children{*this, from, place.end};
        std::uint64_t a = 0;
        std::uint64_t b = 0;
        if (!children.next(a) || !children.next(b)) return false;
        left = child(a);
        right = child(b);
        return true;
    };
    switch (place.kind) {
        case Node::boolean: return operand(0) != 0;
        case Node::integer: return static_cast<std::int64_t>(operand(0) | std::uint64_t{operand(1)} << 32);
        case Node::real: return std::bit_cast<double>(operand(0) | std::uint64_t{operand(1)} << 32);
        case Node::text: return text_of(context_.texts, operand(0));
        case Node::filesize: return context_.memory != nullptr ? kUndefined : ConditionValue{static_cast<std::int64_t>(context_.bytes.size())};
        case Node::entrypoint: {
            const auto entry = context_.memory != nullptr ? context_.programs->entry_point() : entry_point(context_.bytes);
            return entry ? ConditionValue{static_cast<std::int64_t>(*entry)} : kUndefined;
        }
        case Node::external: {
            const std::uint32_t number = operand(0);
            return number < context_.externals->size() ? (*context_.externals)[number] : kUndefined;
        }
        case Node::rule: {
            const std::uint32_t number = operand(0);
            return number < context_.verdicts->size() && (*context_.verdicts)[number] != 0;
        }
        case Node::variable: return operand(0) < variables_.size() ? variables_[operand(0)] : kUndefined;
        case Node::read: {
            const auto offset = integer_of(child(first + 1));
            return offset && *offset >= 0 ? read_at(static_cast<std::uint64_t>(*offset), operand(0)) : kUndefined;
        }
        case Node::found:
        case Node::found_at:
        case Node::found_in:
        case Node::count:
        case Node::count_in:
        case Node::offset:
        case Node::length: return string_value(place, depth);
        case Node::negate: {
            const ConditionValue inner = child(first);
            if (const auto integer = integer_of(inner)) return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(*integer));
            if (const auto real = real_of(inner)) return -*real;
            return kUndefined;
        }
        case Node::bit_not: {
            const auto integer = integer_of(child(first));
            return integer ? ConditionValue{~*integer} : kUndefined;
        }
        case Node::arithmetic:
        case Node::compare:
        case Node::text_op: {
            ConditionValue left;
            ConditionValue right;
            if (!two(first + 1, left, right)) return kUndefined;
            if (place.kind == Node::arithmetic) return arithmetic(static_cast<sigdb::Arithmetic>(operand(0)), left, right);
            if (place.kind == Node::compare) return compare(static_cast<sigdb::Compare>(operand(0)), left, right);
            const auto* a = std::get_if<std::string_view>(&left);
            const auto* b = std::get_if<std::string_view>(&right);
            if (a == nullptr || b == nullptr) return kUndefined;
            if (deadline_.passed(static_cast<std::uint32_t>(std::min<std::uint64_t>((a->size() + b->size()) / 16, 1 << 20)))) {
                timed_out_ = true;
                return kUndefined;
            }
            return text_holds(static_cast<sigdb::TextOp>(operand(0)), *a, *b);
        }
        case Node::matches: return matches(place, depth);
        case Node::negation: {
            const ConditionValue inner = child(first);
            if (std::holds_alternative<std::monostate>(inner)) return kUndefined;
            return !is_true(inner);
        }
        case Node::defined: return !std::holds_alternative<std::monostate>(child(first));
        case Node::conjunction:
        case Node::disjunction: {
            const bool all = place.kind == Node::conjunction;
            Children children{*this, first, place.end};
            std::uint64_t next = 0;
            while (children.next(next)) {
                if (is_true(child(next)) != all) return !all;
            }
            return all;
        }
        case Node::of_strings:
        case Node::of_strings_in:
        case Node::of_strings_at: return of_strings(place, depth);
        case Node::of_rules: return of_rules(place, depth);
        case Node::for_strings: return for_strings(place, depth);
        case Node::for_range: return for_range(place, depth);
        case Node::for_list: return for_list(place, depth);
        case Node::module:
        case Node::member:
        case Node::item: return module_value(place, depth);
        case Node::call: return call(place, depth);
        case Node::regex: return modules::Regex{operand(0)};
        case Node::for_items:
        case Node::for_entries: return for_objects(place, depth);
    }
    return kUndefined;
}

namespace {

bool hit_at(std::span<const Hit> hits, std::int64_t offset) {
    if (offset < 0) return false;
    const auto at = std::lower_bound(hits.begin(), hits.end(), static_cast<std::uint64_t>(offset),
                                     [](const Hit& hit, std::uint64_t where) { return hit.offset < where; });
    return at != hits.end() && at->offset == static_cast<std::uint64_t>(offset);
}

// Hits that begin in [low, high].
std::int64_t hits_in(std::span<const Hit> hits, std::int64_t low, std::int64_t high) {
    if (high < 0 || low > high) return 0;
    const auto first = static_cast<std::uint64_t>(std::max<std::int64_t>(low, 0));
    const auto from = std::lower_bound(hits.begin(), hits.end(), first, [](const Hit& hit, std::uint64_t where) { return hit.offset < where; });
    const auto to = std::upper_bound(from, hits.end(), static_cast<std::uint64_t>(high), [](std::uint64_t where, const Hit& hit) { return where < hit.offset; });
    return to - from;
}

}  // namespace

ConditionValue Evaluator::string_value(const Place& place, std::uint32_t depth) {
    std::uint32_t pattern = word(place.operands);
    if (pattern == sigdb::kCurrentString) pattern = current_string_;
    const auto hits = context_.hits->of(pattern);
    const std::uint64_t first = place.operands + 1;
    if (place.kind == Node::found) return !hits.empty();
    if (place.kind == Node::count) return static_cast<std::int64_t>(hits.size());
    Children children{*this, first, place.end};
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    if (!children.next(a)) return kUndefined;
    const auto low = integer_of(value(a, place.end, depth + 1));
    if (place.kind == Node::found_at) return low ? ConditionValue{hit_at(hits, *low)} : kUndefined;
    if (place.kind == Node::offset || place.kind == Node::length) {
        if (!low || *low < 1 || static_cast<std::uint64_t>(*low) > hits.size()) return kUndefined;
        const Hit& hit = hits[static_cast<std::size_t>(*low - 1)];
        return static_cast<std::int64_t>(place.kind == Node::offset ? hit.offset : hit.length);
    }
    if (!children.next(b)) return kUndefined;
    const auto high = integer_of(value(b, place.end, depth + 1));
    if (!low || !high) return kUndefined;
    if (place.kind == Node::found_in) return hits_in(hits, *low, *high) > 0;
    return hits_in(hits, *low, *high);
}

ConditionValue Evaluator::of_strings(const Place& place, std::uint32_t depth) {
    const auto which = static_cast<Quantifier>(word(place.operands));
    const std::uint64_t count = word(place.operands + 1);
    const std::uint64_t members = place.operands + 2;
    if (members + count > place.end) return kUndefined;
    Children children{*this, members + count, place.end};
    std::uint64_t at = 0;
    ConditionValue number;
    if (which == Quantifier::number || which == Quantifier::percent) {
        if (!children.next(at)) return kUndefined;
        number = value(at, place.end, depth + 1);
    }
    const auto demand = demand_of(which, number, static_cast<std::int64_t>(count));
    if (!demand) return kUndefined;
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (place.kind != Node::of_strings) {
        const auto bound = [&]() { return children.next(at) ? integer_of(value(at, place.end, depth + 1)) : std::nullopt; };
        const auto first = bound();
        const auto last = place.kind == Node::of_strings_in ? bound() : first;
        if (!first || !last) return kUndefined;
        low = first.value_or(0);
        high = last.value_or(0);
    }
    std::int64_t held = 0;
    for (std::uint64_t i = 0; i < count && !demand->decided(held, static_cast<std::int64_t>(count - i)); ++i) {
        const auto hits = context_.hits->of(word(members + i));
        if (place.kind == Node::of_strings ? !hits.empty() : hits_in(hits, low, high) > 0) ++held;
    }
    return demand->met(held);
}

ConditionValue Evaluator::of_rules(const Place& place, std::uint32_t depth) {
    const auto which = static_cast<Quantifier>(word(place.operands));
    const std::uint64_t count = word(place.operands + 1);
    const std::uint64_t members = place.operands + 2;
    if (members + count > place.end) return kUndefined;
    ConditionValue number;
    if (which == Quantifier::number || which == Quantifier::percent) number = value(members + count, place.end, depth + 1);
    const auto demand = demand_of(which, number, static_cast<std::int64_t>(count));
    if (!demand) return kUndefined;
    std::int64_t held = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t rule = word(members + i);
        if (rule < context_.verdicts->size() && (*context_.verdicts)[rule] != 0) ++held;
    }
    return demand->met(held);
}

ConditionValue Evaluator::for_strings(const Place& place, std::uint32_t depth) {
    const auto which = static_cast<Quantifier>(word(place.operands));
    const std::uint64_t count = word(place.operands + 1);
    const std::uint64_t members = place.operands + 2;
    if (members + count > place.end) return kUndefined;
    Children children{*this, members + count, place.end};
    std::uint64_t at = 0;
    ConditionValue number;
    if (which == Quantifier::number || which == Quantifier::percent) {
        if (!children.next(at)) return kUndefined;
        number = value(at, place.end, depth + 1);
    }
    if (!children.next(at)) return kUndefined;
    const auto demand = demand_of(which, number, static_cast<std::int64_t>(count));
    if (!demand) return kUndefined;
    const std::uint32_t outer = current_string_;
    std::int64_t held = 0;
    for (std::uint64_t i = 0; i < count && !timed_out_ && !demand->decided(held, static_cast<std::int64_t>(count - i)); ++i) {
        current_string_ = word(members + i);
        if (truth(at, place.end, depth + 1)) ++held;
    }
    current_string_ = outer;
    return demand->met(held);
}

ConditionValue Evaluator::for_range(const Place& place, std::uint32_t depth) {
    const auto which = static_cast<Quantifier>(word(place.operands));
    const std::uint32_t slot = word(place.operands + 1);
    if (slot >= variables_.size()) return kUndefined;
    Children children{*this, place.operands + 2, place.end};
    std::uint64_t at = 0;
    ConditionValue number;
    if (which == Quantifier::number || which == Quantifier::percent) {
        if (!children.next(at)) return kUndefined;
        number = value(at, place.end, depth + 1);
    }
    std::uint64_t bounds[2] = {};
    std::uint64_t body = 0;
    if (!children.next(bounds[0]) || !children.next(bounds[1]) || !children.next(body)) return kUndefined;
    const auto low = integer_of(value(bounds[0], place.end, depth + 1));
    const auto high = integer_of(value(bounds[1], place.end, depth + 1));
    // As yara: an empty range holds for no quantifier.
    if (!low || !high || *low > *high) return false;
    const std::uint64_t span = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
    const auto total = static_cast<std::int64_t>(std::min<std::uint64_t>(span, std::numeric_limits<std::int64_t>::max() - 1)) + 1;
    const auto demand = demand_of(which, number, which == Quantifier::percent ? std::min<std::int64_t>(total, 1LL << 40) : total);
    if (!demand) return kUndefined;
    std::int64_t held = 0;
    std::int64_t i = 0;
    if (LoopBody steps; total >= kManyTurns && context_.memory == nullptr && add_to(steps, body, place.end, slot, depth + 1) && steps.whole()) {
        while (i < total && !timed_out_ && !demand->decided(held, total - i)) {
            const std::int64_t held_left = demand->none ? 1 : demand->least - held;
            const std::int64_t failed_left = demand->none ? total : total - demand->least - (i - held) + 1;
            const auto done = steps.run(context_.bytes, *low + i, std::min(total - i, kTurnsBetweenLooks), held_left, failed_left);
            i += done.turns;
            held += done.held;
            timed_out_ = deadline_.passed(static_cast<std::uint32_t>(done.turns) * steps.steps());
        }
        return demand->met(held);
    }
    if (total > 1 && is_same_for_all(body, place.end, slot)) {
        variables_[slot] = *low;
        return demand->met(truth(body, place.end, depth + 1) ? total : 0);
    }
    for (; i < total && !timed_out_ && !demand->decided(held, total - i); ++i) {
        variables_[slot] = *low + i;
        if (truth(body, place.end, depth + 1)) ++held;
    }
    return demand->met(held);
}

// Asks the node neither for that variable nor for what a function may give or do? Looks at every word as though a node began there,
// so it may say no too often.
bool Evaluator::is_same_for_all(std::uint64_t at, std::uint64_t limit, std::uint32_t slot) const {
    for (; at < limit; ++at) {
        const auto kind = static_cast<Node>(word(at) & 0xff);
        if (kind == Node::call || (kind == Node::variable && at + 1 < limit && word(at + 1) == slot)) return false;
    }
    return true;
}

// The node as steps for the numbers of a loop over `slot`. False when it is made of more than integers.
bool Evaluator::add_to(LoopBody& body, std::uint64_t at, std::uint64_t limit, std::uint32_t slot, std::uint32_t depth) {
    Place place{};
    if (depth > sigdb::kMaxNodeDepth || !place_at(at, limit, place)) return false;
    const auto operand = [&](std::uint64_t index) { return place.operands + index < place.end ? word(place.operands + index) : 0U; };
    const auto children = [&](std::uint64_t from, std::uint32_t count) {
        Children all{*this, from, place.end};
        for (std::uint64_t child = 0; count > 0; --count) {
            if (!all.next(child) || !add_to(body, child, place.end, slot, depth + 1)) return false;
        }
        return true;
    };
    const std::uint64_t first = place.operands;
    switch (place.kind) {
        case Node::boolean: return body.add_truth(operand(0) != 0);
        case Node::integer: return body.add_integer(static_cast<std::int64_t>(operand(0) | std::uint64_t{operand(1)} << 32));
        case Node::filesize: return body.add_integer(static_cast<std::int64_t>(context_.bytes.size()));
        case Node::variable: {
            if (operand(0) == slot) return body.add_counter();
            const auto integer = operand(0) < variables_.size() ? integer_of(variables_[operand(0)]) : std::nullopt;
            return integer && body.add_integer(*integer);
        }
        case Node::found:
        case Node::count: {
            const auto hits = context_.hits->of(operand(0) == sigdb::kCurrentString ? current_string_ : operand(0));
            return place.kind == Node::found ? body.add_truth(!hits.empty()) : body.add_integer(static_cast<std::int64_t>(hits.size()));
        }
        case Node::read: return children(first + 1, 1) && body.add_read(operand(0));
        case Node::arithmetic: return children(first + 1, 2) && body.add_arithmetic(static_cast<sigdb::Arithmetic>(operand(0)));
        case Node::compare: return children(first + 1, 2) && body.add_compare(static_cast<sigdb::Compare>(operand(0)));
        case Node::negate: return children(first, 1) && body.add_negate();
        case Node::bit_not: return children(first, 1) && body.add_bit_not();
        case Node::negation: return children(first, 1) && body.add_negation();
        case Node::conjunction:
        case Node::disjunction: {
            Children all{*this, first, place.end};
            std::uint64_t child = 0;
            if (!all.next(child) || !add_to(body, child, place.end, slot, depth + 1) || !body.add_is_true()) return false;
            while (all.next(child)) {
                std::size_t before = 0;
                if (!body.open(place.kind == Node::conjunction, before) || !add_to(body, child, place.end, slot, depth + 1) || !body.close(before)) return false;
            }
            return true;
        }
        default: return false;
    }
}

ConditionValue Evaluator::for_list(const Place& place, std::uint32_t depth) {
    const auto which = static_cast<Quantifier>(word(place.operands));
    const std::uint32_t slot = word(place.operands + 1);
    const std::uint64_t count = word(place.operands + 2);
    if (slot >= variables_.size() || count == 0 || count > place.end - place.at) return kUndefined;
    Children children{*this, place.operands + 3, place.end};
    std::uint64_t at = 0;
    ConditionValue number;
    if (which == Quantifier::number || which == Quantifier::percent) {
        if (!children.next(at)) return kUndefined;
        number = value(at, place.end, depth + 1);
    }
    std::vector<std::uint64_t> values(static_cast<std::size_t>(count));
    for (auto& each : values) {
        if (!children.next(each)) return kUndefined;
    }
    if (!children.next(at)) return kUndefined;
    const auto demand = demand_of(which, number, static_cast<std::int64_t>(count));
    if (!demand) return kUndefined;
    std::int64_t held = 0;
    for (std::size_t i = 0; i < values.size() && !timed_out_ && !demand->decided(held, static_cast<std::int64_t>(values.size() - i)); ++i) {
        variables_[slot] = value(values[i], place.end, depth + 1);
        if (truth(at, place.end, depth + 1)) ++held;
    }
    return demand->met(held);
}

std::optional<bool> Evaluator::matches_in(std::uint32_t regex, std::string_view text) {
    const auto automaton = AutomatonView::open(context_.regexes, regex);
    if (!automaton) return std::nullopt;
    Runner::Task task{as_bytes(text), 0, false, false};
    runner_.forget_text();
    for (; task.start <= text.size(); ++task.start) {
        const std::uint64_t before = runner_.steps();
        if (runner_.any(*automaton, task)) return true;
        if (const std::uint64_t barren = runner_.barren_until(); barren > task.start) task.start = std::min<std::uint64_t>(barren - 1, text.size());
        if (deadline_.passed(static_cast<std::uint32_t>(1 + std::min<std::uint64_t>(runner_.steps() - before, 1 << 20)))) {
            timed_out_ = true;
            return std::nullopt;
        }
    }
    return false;
}

std::optional<std::uint64_t> Evaluator::last_match_in(std::uint32_t regex, std::string_view text) {
    const auto automaton = AutomatonView::open(context_.regexes, regex);
    if (!automaton) return std::nullopt;
    Runner::Task task{as_bytes(text), 0, false, false};
    runner_.forget_text();
    std::optional<std::uint64_t> last;
    do {
        const std::uint64_t before = runner_.steps();
        if (const auto end = runner_.run(*automaton, task)) {
            last = end;
            task.start = *end;
        }
        ++task.start;
        if (deadline_.passed(static_cast<std::uint32_t>(1 + std::min<std::uint64_t>(runner_.steps() - before, 1 << 20)))) {
            timed_out_ = true;
            return std::nullopt;
        }
    } while (task.start < text.size());
    return last;
}

ConditionValue Evaluator::matches(const Place& place, std::uint32_t depth) {
    const ConditionValue left = value(place.operands + 1, place.end, depth + 1);
    const auto* text = std::get_if<std::string_view>(&left);
    if (text == nullptr) return kUndefined;
    const auto found = matches_in(word(place.operands), *text);
    return found ? ConditionValue{*found} : kUndefined;
}

ConditionValue Evaluator::read_at(std::uint64_t offset, std::uint32_t how) {
    if (context_.memory != nullptr) {
        // Each may have to be read from the process.
        if (deadline_.passed(kReadWork)) {
            timed_out_ = true;
            return kUndefined;
        }
        return value_of(read_integer(context_.memory->read(offset, how & 0xff), how));
    }
    return offset > context_.bytes.size() ? kUndefined : value_of(read_integer(context_.bytes.subspan(static_cast<std::size_t>(offset)), how));
}

void Programs::begin(std::size_t modules) {
    of_modules_.assign(modules, {});
    entry_point_.reset();
}

void Programs::look_at(const std::shared_ptr<const Buffer>& bytes, std::uint64_t address,
                       std::span<const modules::Declaration* const> declarations) {
    if (!entry_point_) entry_point_ = entry_point_in_memory(*bytes, address);
    for (std::size_t i = 0; i < declarations.size(); ++i) {
        const auto* declaration = declarations[i];
        if (declaration == nullptr || declaration->takes == nullptr || of_modules_[i].bytes || !declaration->takes(*bytes)) continue;
        of_modules_[i] = {bytes, address};
    }
}

void ModuleInstances::begin(std::span<const modules::Declaration* const> declarations, const modules::Environment& environment,
                            const Programs& programs) {
    declarations_ = declarations;
    environment_ = &environment;
    programs_ = &programs;
    environments_.clear();
    instances_.clear();
    instances_.resize(declarations.size());
}

modules::Instance* ModuleInstances::at(std::size_t number) {
    if (number >= instances_.size() || declarations_[number] == nullptr) return nullptr;
    auto& instance = instances_[number];
    if (instance) return instance.get();
    const modules::Environment* environment = environment_;
    if (environment->memory != nullptr) {
        const auto& program = programs_->of(number);
        environment = &environments_.emplace_back(*environment_);
        environments_.back().bytes = program.bytes ? Bytes{*program.bytes} : Bytes{};
        environments_.back().address = program.address;
    }
    instance = std::make_unique<modules::Instance>(*declarations_[number], *environment);
    return instance.get();
}

namespace {

const modules::Object* object_of(const ConditionValue& value) {
    const auto* object = std::get_if<const modules::Object*>(&value);
    return object == nullptr ? nullptr : *object;
}

bool fits(char letter, const ConditionValue& value) {
    switch (letter) {
        case 'i': return std::holds_alternative<std::int64_t>(value);
        case 'f': return std::holds_alternative<double>(value);
        case 's': return std::holds_alternative<std::string_view>(value);
        case 'b': return std::holds_alternative<bool>(value);
        case 'r': return std::holds_alternative<modules::Regex>(value);
        default: return false;
    }
}

}  // namespace

const modules::Object* Evaluator::object_at(std::uint32_t first_word, std::uint32_t words) {
    return object_of(value(first_word, std::uint64_t{first_word} + words, 0));
}

ConditionValue Evaluator::module_value(const Place& place, std::uint32_t depth) {
    const std::uint64_t first = place.operands;
    if (first >= place.end) return kUndefined;
    if (place.kind == Node::module) {
        auto* instance = context_.modules->at(word(first));
        return instance == nullptr ? kUndefined : ConditionValue{&instance->root()};
    }
    if (place.kind == Node::member) {
        const auto* object = object_of(value(first + 1, place.end, depth + 1));
        return object == nullptr || object->type() != modules::Type::structure ? kUndefined : object->member(word(first));
    }
    Children children{*this, first, place.end};
    std::uint64_t at = 0;
    if (!children.next(at)) return kUndefined;
    const auto* object = object_of(value(at, place.end, depth + 1));
    if (object == nullptr || !children.next(at)) return kUndefined;
    const ConditionValue index = value(at, place.end, depth + 1);
    if (object->type() == modules::Type::array) {
        const auto number = integer_of(index);
        return number && *number >= 0 ? object->at(static_cast<std::size_t>(*number)) : kUndefined;
    }
    const auto* key = std::get_if<std::string_view>(&index);
    return key != nullptr && object->type() == modules::Type::dictionary ? object->at(*key) : kUndefined;
}

ConditionValue Evaluator::call(const Place& place, std::uint32_t depth) {
    constexpr std::size_t kMaxArguments = 8;
    const std::uint64_t first = place.operands;
    if (first + 2 > place.end) return kUndefined;
    Children children{*this, first + 2, place.end};
    std::uint64_t at = 0;
    if (!children.next(at)) return kUndefined;
    const auto* owner = object_of(value(at, place.end, depth + 1));
    if (owner == nullptr || owner->type() != modules::Type::structure || word(first) >= owner->fields().size()) return kUndefined;
    const auto signatures = owner->fields()[word(first)].signatures;
    if (word(first + 1) >= signatures.size()) return kUndefined;
    const auto& signature = signatures[word(first + 1)];
    std::array<ConditionValue, kMaxArguments> arguments;
    if (signature.arguments.size() > arguments.size()) return kUndefined;
    for (std::size_t i = 0; i < signature.arguments.size(); ++i) {
        if (!children.next(at)) return kUndefined;
        arguments[i] = value(at, place.end, depth + 1);
        if (!fits(signature.arguments[i], arguments[i])) return kUndefined;
    }
    return signature.run(owner->instance(), *owner, std::span{arguments}.first(signature.arguments.size()));
}

ConditionValue Evaluator::for_objects(const Place& place, std::uint32_t depth) {
    const bool entries = place.kind == Node::for_entries;
    const std::uint64_t operands = entries ? 3 : 2;
    if (place.operands + operands > place.end) return kUndefined;
    const auto which = static_cast<Quantifier>(word(place.operands));
    const std::uint32_t slot = word(place.operands + 1);
    const std::uint32_t last = word(place.operands + operands - 1);  // of the value
    if (slot >= variables_.size() || last >= variables_.size()) return kUndefined;
    Children children{*this, place.operands + operands, place.end};
    std::uint64_t at = 0;
    ConditionValue number;
    if (which == Quantifier::number || which == Quantifier::percent) {
        if (!children.next(at)) return kUndefined;
        number = value(at, place.end, depth + 1);
    }
    if (!children.next(at)) return kUndefined;
    const auto* object = object_of(value(at, place.end, depth + 1));
    if (!children.next(at)) return kUndefined;
    // As yara: nothing to go over holds for no quantifier.
    if (object == nullptr || object->type() != (entries ? modules::Type::dictionary : modules::Type::array) || object->size() == 0) return false;
    const auto total = static_cast<std::int64_t>(object->size());
    const auto demand = demand_of(which, number, total);
    if (!demand) return kUndefined;
    std::int64_t held = 0;
    for (std::int64_t i = 0; i < total && !timed_out_ && !demand->decided(held, total - i); ++i) {
        const auto index = static_cast<std::size_t>(i);
        if (entries) variables_[slot] = object->key(index);
        variables_[last] = object->at(index);
        if (truth(at, place.end, depth + 1)) ++held;
    }
    return demand->met(held);
}

}  // namespace ward::match
