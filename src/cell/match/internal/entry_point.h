// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <optional>

namespace ward::match {

// Where a PE or ELF program begins, as an offset in the file: YARA's `entrypoint`. Nothing for anything else.
//
// By YARA's rules (libyara, exefiles.c), which are not the loader's: a shared object is looked up by its sections, and when
// nothing holds the address the answer is 0, not undefined. formats::Elf::entry_offset() tells where execution begins.
// Of PE, what YARA reads: programs for i386 and x86-64. Of ELF all, every one as little-endian.
std::optional<std::uint64_t> entry_point(Bytes bytes);

// Of one that is loaded in a process at `address`, by the same rules: the address where it begins. Nothing for a library.
std::optional<std::uint64_t> entry_point_in_memory(Bytes bytes, std::uint64_t address);

}  // namespace ward::match
