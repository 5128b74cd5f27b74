// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/file_parts.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

// Where the parts of an ELF program or library lie (System V gABI), of a file that is not read whole. formats::Elf tells more of one
// that is.
struct ElfOutline {
    struct Section {
        std::string name;
        std::uint64_t address = 0;
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
    };
    struct Segment {  // that is loaded
        std::uint32_t flags = 0;
        std::uint64_t offset = 0;
        std::uint64_t address = 0;
        std::uint64_t bytes = 0;  // in the file
    };
    bool is_64 = false;
    bool big_endian = false;
    std::vector<Section> sections;  // that have bytes in the file
    std::vector<Segment> segments;

    // Programs have some 40 sections and a dozen segments.
    static constexpr std::uint32_t kMaxSections = 2048;
    static constexpr std::uint32_t kMaxSegments = 256;

    // Nothing when it is no ELF program or library. An error while the file waits for parts means nothing.
    static Result<std::optional<ElfOutline>> read(FileParts& file);

    const Section* find(std::string_view name) const;
    // Where in the file the byte at a virtual address is, and how many of its segment follow it.
    struct Place {
        std::uint64_t offset;
        std::uint64_t bytes;
    };
    std::optional<Place> place_of(std::uint64_t address) const;
};

}  // namespace ward::facts
