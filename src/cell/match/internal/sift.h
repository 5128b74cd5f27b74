// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ward::match {

// A sieve's filter: 2^bits words of 32 bits, little-endian, `bits` from 1 to kMaxFilterBits.
struct Sift {
    const std::uint8_t* words = nullptr;
    std::uint32_t bits = 0;
};

// Looks at windows that begin at multiples of the stride in [0, span) and lie in `data` as a whole. Writes the places of
// those that the filter lets through to `out`, ascending, and gives their number. `out` has room for one of each place and
// one more; span is at most kSiftBytes. The wide one also looks at four bytes before `data`.
using SiftFunction = std::uint32_t (*)(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out);
inline constexpr std::uint32_t kSiftBytes = 16 * 1024;  // stays in the first cache

// For few patterns of few known bytes. Eight groups of them have a bit each; for each of four bytes a table by its low and one by its
// high half tell which groups may have it there. Sixteen groups are two sets of tables.
struct ShortSift {
    static constexpr std::uint32_t kBytes = 4;
    static constexpr std::uint32_t kGroupsOfSet = 8;
    static constexpr std::uint32_t kMaxSets = 2;
    struct Tables {
        alignas(16) std::uint8_t low[kBytes][16] = {};
        alignas(16) std::uint8_t high[kBytes][16] = {};
    };
    Tables sets[kMaxSets];
    std::uint32_t used = 1;  // of them

    // The groups that may be at a place, of which kBytes are there: a bit each.
    std::uint32_t groups_at(const std::uint8_t* data) const {
        std::uint32_t all = 0;
        for (std::uint32_t set = 0; set < used; ++set) {
            std::uint32_t groups = 0xff;
            for (std::uint32_t i = 0; i < kBytes; ++i) groups &= sets[set].low[i][data[i] & 15U] & sets[set].high[i][data[i] >> 4];
            all |= groups << set * kGroupsOfSet;
        }
        return all;
    }

    // All bytes that are as `value` where `mask` has bits. The halves are masked each for itself, so no byte is spelled out.
    void admit(std::uint32_t byte, std::uint8_t value, std::uint8_t mask, std::uint32_t group) {
        Tables& tables = sets[group / kGroupsOfSet];
        const unsigned bit = 1U << group % kGroupsOfSet;
        for (unsigned half = 0; half < 16; ++half) {
            if (((half ^ value) & mask & 15U) == 0) tables.low[byte][half] = static_cast<std::uint8_t>(tables.low[byte][half] | bit);
            if (((half << 4 ^ value) & mask & 0xf0U) == 0) tables.high[byte][half] = static_cast<std::uint8_t>(tables.high[byte][half] | bit);
        }
    }
};
// As SiftFunction, at every place; kBytes - 1 more bytes than span are there.
using ShortSiftFunction = std::uint32_t (*)(const ShortSift& sift, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out);

// Two ways to one answer. The faster one is for processors with AVX2.
struct SiftFunctions {
    SiftFunction wide;
    SiftFunction narrow;
    ShortSiftFunction few;
};
SiftFunctions plain_sift();
// As plain_sift() on other processors.
SiftFunctions fastest_sift();

}  // namespace ward::match
