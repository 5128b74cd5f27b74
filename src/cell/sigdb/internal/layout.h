// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/rule_database.h"

#include <cstddef>
#include <cstdint>

// The container's numbers; docs/warddb.md says what they mean.
namespace ward::sigdb {

inline constexpr std::size_t kHeaderBytes = kDatabaseHeaderBytes;
inline constexpr std::size_t kDigestOffset = kDatabaseDigestOffset;
inline constexpr std::size_t kEntryBytes = 24;
inline constexpr std::size_t kAlignment = 64;     // a cache line; a power of two that divides kHeaderBytes
inline constexpr std::uint32_t kMaxSections = 64;  // twice what the numbers in sections.h can name at most today

}  // namespace ward::sigdb
