// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

// Bytes somebody else owns; read only.
using Bytes = std::span<const std::uint8_t>;
// Bytes we own.
using Buffer = std::vector<std::uint8_t>;

// The same memory seen as bytes or as text; nothing is copied or checked.
Bytes as_bytes(std::string_view text);
std::string_view as_text(Bytes bytes);
std::string to_string(Bytes bytes);

// Lower-case hex, and back; false on an odd count or a character that is not a hex digit (blanks are skipped).
std::string to_hex(Bytes bytes);
bool from_hex(std::string_view text, Buffer& out);

}  // namespace ward
