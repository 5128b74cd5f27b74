// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace ward::compile {

// How surprising a byte is in real files, in eighths of a bit: by itself, and by the byte before it (first index). Bytes
// without bit 5, that is by the other seven bits.
extern const std::array<std::uint8_t, 128> kByteSurprise;
extern const std::array<std::array<std::uint8_t, 128>, 128> kPairSurprise;

}  // namespace ward::compile
