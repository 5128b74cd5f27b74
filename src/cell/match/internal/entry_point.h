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
// Of PE, what YARA reads: programs for i386 and x86-64. Of ELF both byte orders, where YARA takes both for little-endian.
std::optional<std::uint64_t> entry_point(Bytes bytes);

}  // namespace ward::match
