// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "core/deadline.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ward::modules {

// The resources of a portable executable, and what its version resources say. Keeps views of the file.
struct PeResources {
    // A number or, in UTF-16 as it stands in the file, a name; nothing when the tree has no such level.
    using Label = std::variant<std::monostate, std::int32_t, std::string_view>;
    struct Resource {
        std::uint32_t address;
        std::optional<std::uint64_t> offset;
        std::uint32_t size;
        Label type;
        Label id;
        Label language;
    };
    struct Root {
        std::uint32_t timestamp;
        std::uint16_t major;
        std::uint16_t minor;
    };
    struct VersionText {
        std::string key;
        std::string value;
    };

    std::optional<Root> root;
    std::vector<Resource> resources;    // at most 65,536, as in YARA
    std::vector<VersionText> versions;  // of all version resources, in their order

    static PeResources read(const PeImage& image, Deadline* deadline);
};

}  // namespace ward::modules
