// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/loop_body.h"

#include "cell/sigdb/view.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

namespace ward::match {

std::optional<std::int64_t> integer_arithmetic(sigdb::Arithmetic op, std::int64_t left, std::int64_t right) {
    const auto a = static_cast<std::uint64_t>(left);
    const auto b = static_cast<std::uint64_t>(right);
    const auto whole = [](std::uint64_t value) { return std::optional{static_cast<std::int64_t>(value)}; };
    const bool undividable = right == 0 || (left == std::numeric_limits<std::int64_t>::min() && right == -1);
    switch (op) {
        case sigdb::Arithmetic::add: return whole(a + b);
        case sigdb::Arithmetic::subtract: return whole(a - b);
        case sigdb::Arithmetic::multiply: return whole(a * b);
        case sigdb::Arithmetic::divide: return undividable ? std::nullopt : std::optional{left / right};
        case sigdb::Arithmetic::modulo: return undividable ? std::nullopt : std::optional{left % right};
        case sigdb::Arithmetic::bit_and: return whole(a & b);
        case sigdb::Arithmetic::bit_or: return whole(a | b);
        case sigdb::Arithmetic::bit_xor: return whole(a ^ b);
        case sigdb::Arithmetic::shift_left: return right < 0 ? std::nullopt : whole(right >= 64 ? 0 : a << b);
        case sigdb::Arithmetic::shift_right: return right < 0 ? std::nullopt : std::optional{right >= 64 ? std::int64_t{0} : left >> right};
    }
    return std::nullopt;
}

namespace {

// False where the bytes do not reach so far. Inline, for it is asked at each place of a file.
[[gnu::always_inline]] inline bool read_to(std::int64_t& out, Bytes bytes, std::uint32_t how) {
    const std::uint32_t width = how & 0xff;
    const bool with_sign = (how & 1U << 8) != 0;
    const bool big = (how & 1U << 9) != 0;
    if (bytes.size() < width) return false;
    switch (width) {
        case 1: out = with_sign ? std::int64_t{static_cast<std::int8_t>(bytes[0])} : std::int64_t{bytes[0]}; return true;
        case 2: {
            auto value = sigdb::load<std::uint16_t>(bytes.data());
            if (big) value = __builtin_bswap16(value);
            out = with_sign ? std::int64_t{static_cast<std::int16_t>(value)} : std::int64_t{value};
            return true;
        }
        case 4: {
            auto value = sigdb::load<std::uint32_t>(bytes.data());
            if (big) value = __builtin_bswap32(value);
            out = with_sign ? std::int64_t{static_cast<std::int32_t>(value)} : std::int64_t{value};
            return true;
        }
        default: return false;
    }
}

// What a comparison with a constant lets through: the numbers from `low` to `high`, or all others.
struct Accepted {
    Accepted(sigdb::Compare op, std::int64_t value) {
        constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
        constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
        switch (op) {
            case sigdb::Compare::equal: low = high = value; break;
            case sigdb::Compare::not_equal: low = high = value, others = true; break;
            case sigdb::Compare::less: low = value, high = kMost, others = true; break;
            case sigdb::Compare::less_equal: low = kLeast, high = value; break;
            case sigdb::Compare::greater: low = kLeast, high = value, others = true; break;
            case sigdb::Compare::greater_equal: low = value, high = kMost; break;
        }
    }
    bool has(std::int64_t value) const {
        return (static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(low) <= static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low)) != others;
    }

    std::int64_t low = 0;
    std::int64_t high = 0;
    bool others = false;
};

template <class Number, bool big>
void count_numbers(const std::uint8_t* data, const Accepted& accepted, std::int64_t turns, std::int64_t most_held, std::int64_t most_failed, LoopBody::Done& done) {
    constexpr std::int64_t kTogether = 64;  // between two looks at whether it is decided
    while (done.turns < turns && done.held < most_held && done.turns - done.held < most_failed) {
        const std::int64_t end = done.turns + std::min(turns - done.turns, kTogether);
        std::int64_t held = 0;
        for (std::int64_t at = done.turns; at < end; ++at) {
            auto value = sigdb::load<std::make_unsigned_t<Number>>(data + at);
            if constexpr (big && sizeof(Number) == 2) value = __builtin_bswap16(value);
            if constexpr (big && sizeof(Number) == 4) value = __builtin_bswap32(value);
            held += accepted.has(static_cast<Number>(value)) ? 1 : 0;
        }
        done.turns = end;
        done.held += held;
    }
}

// Of the numbers that begin at each of the first `turns` places, from `data` on. False when `how` is none that exists.
bool count_at_each(const std::uint8_t* data, std::uint32_t how, const Accepted& accepted, std::int64_t turns, std::int64_t most_held, std::int64_t most_failed,
                   LoopBody::Done& done) {
    const auto count = [&](auto number, auto big) {
        count_numbers<decltype(number), decltype(big)::value>(data, accepted, turns, most_held, most_failed, done);
        return true;
    };
    constexpr std::true_type kBig;
    constexpr std::false_type kLittle;
    const bool big = (how & 1U << 9) != 0;
    switch (how & 0x1ff) {
        case 1: return count(std::uint8_t{}, kLittle);
        case 1 | 1U << 8: return count(std::int8_t{}, kLittle);
        case 2: return big ? count(std::uint16_t{}, kBig) : count(std::uint16_t{}, kLittle);
        case 2 | 1U << 8: return big ? count(std::int16_t{}, kBig) : count(std::int16_t{}, kLittle);
        case 4: return big ? count(std::uint32_t{}, kBig) : count(std::uint32_t{}, kLittle);
        case 4 | 1U << 8: return big ? count(std::int32_t{}, kBig) : count(std::int32_t{}, kLittle);
        default: return false;
    }
}

}  // namespace

std::optional<std::int64_t> read_integer(Bytes bytes, std::uint32_t how) {
    std::int64_t value = 0;
    return read_to(value, bytes, how) ? std::optional{value} : std::nullopt;
}

bool LoopBody::push(Op op, std::uint32_t which, std::int64_t value, Kind kind) {
    if (steps_.size() >= kMaxSteps || kinds_.size() >= kMaxDepth) return false;
    steps_.push_back({op, which, value});
    kinds_.push_back(kind);
    return true;
}

// A step that takes so many from the stack, all of the kind that is wanted, and leaves one.
bool LoopBody::replace(std::size_t taken, Op op, std::uint32_t which, std::optional<Kind> want, Kind kind) {
    if (steps_.size() >= kMaxSteps || kinds_.size() < taken) return false;
    for (std::size_t i = 0; i < taken; ++i) {
        if (want && kinds_.back() != *want) return false;
        kinds_.pop_back();
    }
    steps_.push_back({op, which, 0});
    kinds_.push_back(kind);
    return true;
}

bool LoopBody::add_integer(std::int64_t value) { return push(Op::constant, 0, value, Kind::integer); }
bool LoopBody::add_truth(bool value) { return push(Op::constant, 0, value ? 1 : 0, Kind::truth); }
bool LoopBody::add_counter() { return push(Op::counter, 0, 0, Kind::integer); }
// What is asked most, a read at the counter and a comparison with a constant, is one step each.
bool LoopBody::add_read(std::uint32_t how) {
    if (!steps_.empty() && steps_.back().op == Op::counter) {
        steps_.back() = {Op::read_counter, how, 0};
        return true;
    }
    return replace(1, Op::read, how, Kind::integer, Kind::integer);
}
bool LoopBody::add_arithmetic(sigdb::Arithmetic op) { return replace(2, Op::arithmetic, static_cast<std::uint32_t>(op), Kind::integer, Kind::integer); }
bool LoopBody::add_compare(sigdb::Compare op) {
    if (kinds_.size() >= 2 && kinds_.back() == Kind::integer && steps_.back().op == Op::constant) {
        const std::int64_t value = steps_.back().value;
        kinds_.pop_back();
        steps_.pop_back();
        if (!replace(1, Op::compare_constant, static_cast<std::uint32_t>(op), Kind::integer, Kind::truth)) return false;
        steps_.back().value = value;
        return true;
    }
    return replace(2, Op::compare, static_cast<std::uint32_t>(op), Kind::integer, Kind::truth);
}
bool LoopBody::add_negate() { return replace(1, Op::negate, 0, Kind::integer, Kind::integer); }
bool LoopBody::add_bit_not() { return replace(1, Op::bit_not, 0, Kind::integer, Kind::integer); }
bool LoopBody::add_negation() { return replace(1, Op::negation, 0, std::nullopt, Kind::truth); }
bool LoopBody::add_is_true() { return replace(1, Op::is_true, 0, std::nullopt, Kind::truth); }

bool LoopBody::open(bool all, std::size_t& place) {
    if (!add_is_true()) return false;
    place = steps_.size();
    return replace(1, Op::leave_if, all ? 0 : 1, Kind::truth, Kind::truth) && (kinds_.pop_back(), true);
}

bool LoopBody::close(std::size_t place) {
    if (!add_is_true()) return false;
    steps_[place].value = static_cast<std::int64_t>(steps_.size());
    return true;
}

LoopBody::Done LoopBody::run(Bytes bytes, std::int64_t from, std::int64_t turns, std::int64_t most_held, std::int64_t most_failed) const {
    struct Slot {
        std::int64_t value;
        bool known;
    };
    std::array<Slot, kMaxDepth + 1> stack;  // as deep as kinds_ became
    const auto read_at = [&](std::int64_t offset, std::uint32_t how) __attribute__((always_inline)) {
        Slot read{0, false};
        if (offset >= 0 && static_cast<std::uint64_t>(offset) <= bytes.size()) {
            read.known = read_to(read.value, bytes.subspan(static_cast<std::size_t>(offset)), how);
        }
        return read;
    };
    const Step* const first = steps_.data();
    const Step* const end = first + steps_.size();
    Done done;
    const auto goes_on = [&] { return done.turns < turns && done.held < most_held && done.turns - done.held < most_failed; };
    if (steps_.size() == 2 && first[0].op == Op::read_counter && first[1].op == Op::compare_constant && from >= 0) {
        // The search for a number at each place needs no stack. At the last places there is none.
        const std::size_t width = first[0].which & 0xff;
        const std::uint64_t places = bytes.size() < width ? 0 : bytes.size() - width + 1;
        const std::uint64_t behind = places - std::min<std::uint64_t>(places, static_cast<std::uint64_t>(from));
        const auto whole = static_cast<std::int64_t>(std::min<std::uint64_t>(behind, static_cast<std::uint64_t>(turns)));
        const Accepted accepted{static_cast<sigdb::Compare>(first[1].which), first[1].value};
        if (whole == 0 || count_at_each(bytes.data() + from, first[0].which, accepted, whole, most_held, most_failed, done)) {
            if (goes_on()) done.turns = turns;
            return done;
        }
    }
    while (goes_on()) {
        const std::int64_t counter = from + done.turns;
        std::size_t top = 0;  // the last one in use; the first is never
        for (const Step* step = first; step != end; ++step) {
            switch (step->op) {
                case Op::constant: stack[++top] = {step->value, true}; break;
                case Op::counter: stack[++top] = {counter, true}; break;
                case Op::read: stack[top] = stack[top].known ? read_at(stack[top].value, step->which) : Slot{0, false}; break;
                case Op::read_counter: stack[++top] = read_at(counter, step->which); break;
                case Op::arithmetic: {
                    const Slot right = stack[top--];
                    const auto op = static_cast<sigdb::Arithmetic>(step->which);
                    if (op == sigdb::Arithmetic::add) {
                        stack[top] = {static_cast<std::int64_t>(static_cast<std::uint64_t>(stack[top].value) + static_cast<std::uint64_t>(right.value)), stack[top].known && right.known};
                        break;
                    }
                    std::optional<std::int64_t> result;
                    if (stack[top].known && right.known) result = integer_arithmetic(op, stack[top].value, right.value);
                    stack[top] = {result.value_or(0), result.has_value()};
                    break;
                }
                case Op::compare: {
                    const Slot right = stack[top--];
                    stack[top] = {sigdb::compared(static_cast<sigdb::Compare>(step->which), stack[top].value, right.value) ? 1 : 0, stack[top].known && right.known};
                    break;
                }
                case Op::compare_constant:
                    stack[top].value = sigdb::compared(static_cast<sigdb::Compare>(step->which), stack[top].value, step->value) ? 1 : 0;
                    break;
                case Op::negate: stack[top].value = static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(stack[top].value)); break;
                case Op::bit_not: stack[top].value = ~stack[top].value; break;
                case Op::negation: stack[top].value = stack[top].value == 0 ? 1 : 0; break;
                case Op::is_true: stack[top] = {stack[top].known && stack[top].value != 0 ? 1 : 0, true}; break;
                case Op::leave_if:
                    // What decides stays as the whole's truth.
                    if (static_cast<std::uint32_t>(stack[top].value) == step->which) step = first + step->value - 1;
                    else --top;
                    break;
            }
        }
        ++done.turns;
        if (stack[top].known && stack[top].value != 0) ++done.held;
    }
    return done;
}

}  // namespace ward::match
