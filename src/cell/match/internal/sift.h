// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ward::match {

// A sieve's filter: 2^bits words of 32 bits, little-endian, `bits` from 1 to kMaxFilterBits.
struct Sift {
    const std::uint8_t* words = nullptr;
    std::uint32_t bits = 0;
};

// Looks at windows that begin at multiples of the stride in [0, span) and lie in `data` as a whole. Writes the places of those that the filter
// lets through to `out`, ascending, and gives their number. `out` has room for one of each place and eight more. span is
// at most kSiftBytes.
inline constexpr std::uint32_t kSiftBytes = 16 * 1024;  // stays in the first cache
std::uint32_t sift_wide(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out);
std::uint32_t sift_narrow(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out);

}  // namespace ward::match
