// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "core/deadline.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::modules {

// What Microsoft's linker writes between the DOS program and the headers: which tools, in which versions, made how many objects.
struct PeRichSignature {
    std::uint64_t offset;
    std::uint32_t key;
    std::string_view raw;      // from "DanS" to before "Rich", as it stands in the file
    std::string clear;         // the same without the key
    // What the tools are, without the counts; nothing when there is no room for any.
    std::optional<std::string> versions;

    static std::optional<PeRichSignature> read(const PeImage& image);

    // How many objects: of all entries with this version, this tool, or both.
    std::int64_t objects(std::optional<std::int64_t> version, std::optional<std::int64_t> tool) const;
};

// Where the linker wrote the debugging symbols to: of the first debug entry that says.
std::optional<std::string_view> pdb_path(const PeImage& image, Deadline* deadline);

}  // namespace ward::modules
