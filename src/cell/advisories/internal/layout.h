// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Sizes of the records of an advisory database, in bytes; docs/advisories.md has the fields.
namespace ward::advisories {

inline constexpr std::uint32_t kLayout = 1;

inline constexpr std::size_t kSummaryBytes = 16;
inline constexpr std::size_t kPackageBytes = 16;
inline constexpr std::size_t kAffectedBytes = 40;
inline constexpr std::size_t kEventBytes = 8;
inline constexpr std::size_t kRecordBytes = 64;
inline constexpr std::size_t kCveBytes = 40;
inline constexpr std::size_t kLifeCycleBytes = 40;
inline constexpr std::size_t kSourceBytes = 56;
inline constexpr std::size_t kEcosystemBytes = 8;

// Of an event's first word: its kind in the low byte.
inline constexpr std::uint32_t kEventKind = 0xff;
inline constexpr std::uint32_t kEventBeginsRange = 0x100;
inline constexpr std::uint32_t kEventSemver = 0x200;

// Of an affected package's flags.
inline constexpr std::uint32_t kAffectedDenied = 1;

// Of a CVE's flags.
inline constexpr std::uint32_t kCveExploited = 1;
inline constexpr std::uint32_t kCveRansomware = 2;

inline constexpr std::uint32_t kNoScore = 0xffff'ffff;

}  // namespace ward::advisories
