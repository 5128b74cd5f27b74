// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/elf_outline.h"
#include "cell/facts/internal/software.h"

namespace ward::facts {

// Adds the crates that were built in: a section `.dep-v0` of JSON in a zlib stream (cargo-auditable, PARSING.md). Those that ran in the
// build only are left out. Nothing of a program that `cargo auditable` did not build.
Status read_audit(FileParts& file, const ElfOutline& elf, Told& told);

}  // namespace ward::facts
