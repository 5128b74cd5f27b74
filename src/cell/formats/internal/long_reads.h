// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/budget.h"
#include "core/bytes.h"

#include <cstdint>
#include <string_view>

namespace ward::formats {

// Reads through bytes of any length, in steps between which the clock is asked: a sparse file of a terabyte costs its maker
// nothing. When the time is up the budget has ended, and the answer means nothing.

// Where the first byte that is not zero stands, at or behind `from`; the size of the bytes when there is none.
std::uint64_t find_filled(Bytes bytes, std::uint64_t from, Budget& budget);
// Where `text` comes next; the size of the bytes when it does not.
std::uint64_t find_text(Bytes bytes, std::uint64_t from, std::string_view text, Budget& budget);
std::uint32_t crc32_of(Bytes bytes, Budget& budget);

}  // namespace ward::formats
