// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/pe_exports.h"

#include <algorithm>
#include <limits>

namespace ward::modules {

namespace {

constexpr std::uint32_t kMaxFunctions = 16'384;  // YARA's
constexpr std::size_t kMaxNameBytes = 512;       // YARA's
constexpr std::uint64_t kDirectoryBytes = 40;
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

}  // namespace

PeExports PeExports::read(const PeImage& image, Deadline* deadline) {
    PeExports out;
    const auto directory = image.directory(PeImage::kExport);
    if (!directory || directory->address == 0) return out;
    const auto start = image.rva_to_offset(directory->address);
    if (!start || !image.has(*start, kDirectoryBytes)) return out;
    const auto word = [&](std::uint64_t offset) { return static_cast<std::uint32_t>(image.number(offset, 4).value_or(0)); };

    out.timestamp = word(*start + 4);
    const auto library = image.rva_to_offset(word(*start + 12));
    if (library && *library > 0) out.library_name = image.text(*library, std::string_view::npos);

    const std::uint32_t base = word(*start + 16);
    const std::uint32_t count = std::min(word(*start + 20), kMaxFunctions);
    const std::uint32_t stated_names = word(*start + 24);
    // A table of numbers that YARA would read past the end makes it read none. It measures the first one from the library's name.
    const std::uint64_t size = image.bytes.size();
    if (std::uint64_t{count} * 4 > (library ? size - *library : size + 1)) return out;
    std::optional<std::uint64_t> names;
    if (stated_names > 0) {
        names = image.rva_to_offset(word(*start + 32));
        if (!names || std::uint64_t{stated_names} * 4 > size - *names) return out;
    }
    const auto ordinals = image.rva_to_offset(word(*start + 36));
    const auto addresses = image.rva_to_offset(word(*start + 28));
    if (!ordinals || size - *ordinals < std::uint64_t{count} * 2) return out;
    if (!addresses || size - *addresses < std::uint64_t{count} * 4) return out;

    // Of names for one function, the first counts.
    std::vector<std::uint32_t> name_of(count, kNone);
    for (std::uint32_t i = 0; names && i < std::min(stated_names, count); ++i) {
        const auto function = image.number(*ordinals + std::uint64_t{2} * i, 2).value_or(0);
        if (function < count && name_of[static_cast<std::size_t>(function)] == kNone) name_of[static_cast<std::size_t>(function)] = i;
    }
    out.functions.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (deadline != nullptr && deadline->passed(64)) break;
        Function& function = out.functions.emplace_back();
        function.ordinal = base + i;
        function.address = word(*addresses + std::uint64_t{4} * i);
        const auto offset = image.rva_to_offset(function.address);
        if (offset && *offset > *start && *offset < *start + directory->size) {
            function.forward_name = image.text(*offset, kMaxNameBytes);
        } else {
            function.offset = offset;
        }
        if (name_of[i] == kNone) continue;
        const auto name = image.rva_to_offset(word(*names + std::uint64_t{4} * name_of[i]));
        if (name && *name > 0) function.name = image.text(*name, kMaxNameBytes);
    }
    return out;
}

}  // namespace ward::modules
