// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/conditions.h"
#include "core/bytes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ward::match {

// Wraps as two's complement, like yara's. Nothing for what is undefined.
std::optional<std::int64_t> integer_arithmetic(sigdb::Arithmetic op, std::int64_t left, std::int64_t right);
// The first bytes as an integer of the kind that `how` (Node::read) says.
std::optional<std::int64_t> read_integer(Bytes bytes, std::uint32_t how);

// What a loop over a range asks of each number, when it is made of integers alone: steps on a stack in place of nodes.
//
//     LoopBody body;
//     const bool whole = body.add_counter() && body.add_read(how) && body.add_integer(1) && body.add_compare(op);
//     if (whole && body.whole()) body.run(bytes, from, turns, most_held, most_failed);
//
// Adding is refused where the kinds of what stands on the stack do not fit, or it would become too deep or the body too long.
class LoopBody {
public:
    bool add_integer(std::int64_t value);
    bool add_truth(bool value);
    bool add_counter();
    bool add_read(std::uint32_t how);
    bool add_arithmetic(sigdb::Arithmetic op);
    bool add_compare(sigdb::Compare op);
    bool add_negate();
    bool add_bit_not();
    bool add_negation();
    // Of a conjunction (`all`) or disjunction: the first child, then each other one between open() and close().
    bool open(bool all, std::size_t& place);
    bool close(std::size_t place);
    // The truth of what is there, which is never undefined.
    bool add_is_true();

    bool whole() const { return kinds_.size() == 1; }
    std::uint32_t steps() const { return static_cast<std::uint32_t>(steps_.size()); }
    // For numbers from `from` on, until it held or failed so often; it may go on a few turns after that.
    struct Done {
        std::int64_t turns = 0;
        std::int64_t held = 0;
    };
    Done run(Bytes bytes, std::int64_t from, std::int64_t turns, std::int64_t most_held, std::int64_t most_failed) const;

private:
    enum class Op : std::uint8_t { constant, counter, read, read_counter, arithmetic, compare, compare_constant, negate, bit_not, negation, is_true, leave_if };
    enum class Kind : std::uint8_t { integer, truth };
    struct Step {
        Op op;
        std::uint32_t which;  // how, Arithmetic or Compare; for leave_if the truth with which it leaves
        std::int64_t value;   // of a constant, or with which it compares; for leave_if the step where it goes on
    };
    static constexpr std::size_t kMaxSteps = 256;
    static constexpr std::size_t kMaxDepth = 32;
    bool push(Op op, std::uint32_t which, std::int64_t value, Kind kind);
    bool replace(std::size_t taken, Op op, std::uint32_t which, std::optional<Kind> want, Kind kind);

    std::vector<Step> steps_;
    std::vector<Kind> kinds_;  // of what is on the stack behind the last step
};

}  // namespace ward::match
