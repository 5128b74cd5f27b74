// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/elf_outline.h"
#include "cell/facts/internal/software.h"

namespace ward::facts {

// Adds the standard library, the main module and those built in, as the linker wrote them down: both forms of build information, by
// addresses before Go 1.18 and in one piece since (Go's debug/buildinfo and runtime/debug.ParseBuildInfo). Of a module that was
// replaced the one in its place counts; one from a folder, and one that was built from a work tree, has no version. Nothing of a program
// that is not Go's.
Status read_go(FileParts& file, const ElfOutline& elf, Told& told);

// "go1.22rc1 X:loopvar" → "v1.22.0-rc1"; nothing for a version between releases.
std::optional<std::string> go_release(std::string_view version);

}  // namespace ward::facts
