// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// How a compiled rule database begins (docs/warddb.md): these bytes, then its version as u32, little-endian. The host looks at
// this much, to tell databases from rules and old ones from its own; all else is read in a cell.
namespace ward {

inline constexpr std::string_view kDatabaseMagic = "WARDDB\r\n";  // the line end shows a transfer that changed it
inline constexpr std::uint32_t kDatabaseVersion = 8;
inline constexpr std::size_t kDatabaseHeaderBytes = 64;
inline constexpr std::size_t kDatabaseDigestOffset = 32;  // of the SHA-256, 32 bytes, of all behind the header: the set's name

}  // namespace ward
