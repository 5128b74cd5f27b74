// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// How a program says which version it is: data/knowledge/programs.toml.
struct ProgramText {
    std::string product;
    std::vector<std::string> files;  // globs of its name
    std::string before;
    std::string after;
    std::string with;
    bool whole_file = false;         // a text; else the section .rodata of an ELF file

    bool fits(std::string_view name) const;
    std::optional<std::string> version_in(Bytes content) const;
};

const std::vector<ProgramText>& program_texts();

}  // namespace ward::facts
