// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "core/deadline.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::modules {

// What a portable executable takes from libraries. Keeps views of the file.
struct PeImports {
    struct Function {
        std::string_view name;  // or "ord" and the number, or the name that some libraries give to the number
        std::optional<std::uint16_t> ordinal;
        std::uint64_t address;  // of the cell that the loader fills, relative to the image
    };
    struct Library {
        std::string_view name;
        std::vector<Function> functions;
    };

    std::vector<Library> libraries;  // with a name that Windows takes
    std::size_t functions = 0;       // of all libraries
    std::deque<std::string> names;   // those that the file does not spell

    // Of the import directory. As in YARA: at most 16,384 libraries and 16,384 functions; libraries without functions, and
    // functions whose names have other characters than linkers write, are left out.
    static PeImports read(const PeImage& image, Deadline* deadline);
    // Of the delay import directory, with the same limits.
    static PeImports read_delayed(const PeImage& image, Deadline* deadline);
};

// The name of an export that is only numbered; empty where none is known.
std::string_view name_of_ordinal(std::string_view library, std::uint16_t number);

}  // namespace ward::modules
