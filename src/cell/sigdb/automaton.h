// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ward::sigdb {

// An automaton in pattern_bytes (docs/warddb.md): a head of three u32 (instructions, classes, states), then the classes, 32
// bytes each (bit b of the set: the byte b belongs to it), then the instructions, four u32 each.
//
// A state is an instruction, and for `repeat` how often it has matched so far; state numbers count from `base`.
enum class Op : std::uint32_t {
    set = 1,      // x: class. Takes a byte of it and goes on to the next instruction
    repeat = 2,   // x: class | y: least << 16 and most, 0xffff for no end. Takes bytes of the class, rather many than few
    split = 3,    // x, y: goes on at both, rather at x
    jump = 4,     // x
    assertion = 5,  // x: Assertion; goes on when it holds here
    match = 6,
    repeat_few = 7,  // as repeat, but rather few
};
enum class Assertion : std::uint32_t { start = 1, end = 2, boundary = 3, no_boundary = 4 };

inline constexpr std::uint32_t kAutomatonHeadBytes = 12;
inline constexpr std::uint32_t kClassBytes = 32;
inline constexpr std::uint32_t kInstructionBytes = 16;  // op, x, y, base
inline constexpr std::uint32_t kNoEnd = 0xffff;
// Larger automata are refused when rules are compiled, and never run.
inline constexpr std::uint32_t kMaxInstructions = 32'768;
inline constexpr std::uint32_t kMaxStates = 1U << 18;

// A variant in pattern_variants: eight u32 (slot, flags, body, length, back, forward, most, edges): a literal of `length` bytes
// at `body`, an automaton that runs backwards from its start, and one that runs on from its end. `most`: in larger texts no
// rule can need it; kAnySize is no bound. `edges`: two classes of bytes, those that may stand before the literal and those that may stand behind.
inline constexpr std::uint32_t kVariantBytes = 32;
inline constexpr std::uint32_t kNoAutomaton = 0xffff'ffff;
inline constexpr std::uint32_t kAnySize = 0xffff'ffff;
inline constexpr std::uint32_t kEdgeBytes = 2 * kClassBytes;
enum VariantFlag : std::uint32_t {
    kMasked = 1U << 0,    // behind the `length` value bytes lie as many mask bytes
    kFullword = 1U << 1,
    kWide = 1U << 2,      // characters are two bytes, for word boundaries
    kGreedy = 1U << 3,    // of several matches of this variant at an offset the longest counts, else the shortest
    kBefore = 1U << 4,    // there is a byte before the literal, of the first class of `edges`
    kBehind = 1U << 5,    // there is a byte behind it, of the second
    kNarrow = 1U << 6,    // weak, and found by a narrow sieve too
    kXorShift = 8,        // the key in eight bits
    kRankShift = 16,      // in eight bits: of matches of several variants at an offset, that of the least rank counts
};

// A sieve (docs/warddb.md) looks at every fourth place of a text for eight bytes (`wide`), or at every second one for four
// (`narrow`). One of each kind for each head: the first two bytes of a text as a number, or kOtherHead for all that have none
// of their own.
enum class SieveKind : std::uint32_t { wide = 0, narrow = 1 };
inline constexpr std::uint32_t kOtherHead = 0xffff'ffff;
inline constexpr std::uint32_t kMaxHeads = 5;      // kOtherHead among them
inline constexpr std::uint32_t kWideStride = 4;
inline constexpr std::uint32_t kNarrowStride = 2;
inline constexpr std::uint32_t kWideBytes = 8;
inline constexpr std::uint32_t kNarrowBytes = 4;

// Entries of the other tables, in u32.
inline constexpr std::uint32_t kSieveBytes = 28;   // kind, head, filter's first word, log2 of its words, first window, log2 of windows, first tag
inline constexpr std::uint32_t kWindowBytes = 16;  // key in two words, first atom, atoms
inline constexpr std::uint32_t kAtomBytes = 24;    // variant (kNearBefore), distance from the literal's start, value and mask (u64) of eight bytes
inline constexpr std::uint32_t kSummaryBytes = 20; // patterns, slots, variants, chains, sieves
// Eight bytes are compared where an atom was seen: half of them the window's first four and those before, else its last four and those
// behind.
inline constexpr std::uint32_t kNearBefore = 0x8000'0000;
// A filter has between 2^1 and 2^22 words; none at all is written as 0.
inline constexpr std::uint32_t kMaxFilterBits = 22;

// All keys are of bytes with bit 5 set, so that both cases of a letter share one: what else comes together is told apart
// when the whole literal is compared. Of a narrow window's first byte four bits count, so that one that is not known means
// sixteen keys.
inline constexpr std::uint32_t kFold = 0x2020'2020;
inline constexpr std::uint32_t narrow_key(std::uint32_t four) { return (four & 0xffff'ff0f) | 0x2020'2000; }
inline constexpr std::uint32_t window_hash(std::uint32_t low, std::uint32_t high) { return low * 0x9E37'79B1U + high * 0x85EB'CA77U; }

// In a filter each key has its bits in one word of 32: a narrow key two of them.
inline constexpr std::uint32_t filter_word(std::uint32_t hash, std::uint32_t bits) { return hash >> (32 - bits); }
inline constexpr std::uint32_t filter_mask(std::uint32_t hash, std::uint32_t bits) {
    const std::uint32_t rest = hash >> (22 - bits);
    return 1U << (rest & 31) | 1U << (rest >> 5 & 31);
}
// A wide key has three: one of eight by its first four bytes, which choose the word too, one of sixteen by the next two and one of eight by
// the two before. Where these are not known all of the sixteen or the eight are set.
struct WideBits {
    std::uint32_t first;
    std::uint32_t behind;
    std::uint32_t before;
};
inline constexpr std::uint32_t kWideFactor = 0x9E35;
inline constexpr WideBits wide_bits(std::uint32_t hash, std::uint32_t behind, std::uint32_t before, std::uint32_t bits) {
    return {hash >> (22 - bits) & 7, 8 + (behind * kWideFactor >> 12 & 15), 24 + (before * kWideFactor >> 13 & 7)};
}
inline constexpr std::uint32_t kAllBehind = 0x00ff'ff00;
inline constexpr std::uint32_t kAllBefore = 0xff00'0000;
// A table of windows is probed at most so often; the writer makes it large enough.
inline constexpr std::uint32_t kMaxProbes = 64;
// For each place of a table of windows a byte, 0 where it is empty: most keys that are not there are known by it, without the table. Eight of
// them are read at once, so behind the last one come the first eight again.
inline constexpr std::uint32_t kTagsAtOnce = 8;
inline constexpr std::uint8_t window_tag(std::uint32_t hash) { return static_cast<std::uint8_t>((hash >> 4 & 0x7fU) | 0x80U); }

}  // namespace ward::sigdb
