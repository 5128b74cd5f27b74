// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "core/deadline.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ward::modules {

// What a portable executable gives to others. Keeps views of the file.
struct PeExports {
    struct Function {
        std::uint32_t ordinal;
        std::uint32_t address;
        std::optional<std::uint64_t> offset;           // in the file
        std::optional<std::string_view> forward_name;  // instead of the offset: "LIBRARY.function" of another library
        std::optional<std::string_view> name;          // some have a number only
    };

    std::optional<std::uint32_t> timestamp;
    std::optional<std::string_view> library_name;
    std::vector<Function> functions;  // at most 16,384, as in YARA

    static PeExports read(const PeImage& image, Deadline* deadline);
};

}  // namespace ward::modules
