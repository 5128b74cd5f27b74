// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ward::formats {

// What an ELF file says about itself (System V gABI, "Object Files"; Linux Standard Base, GNU notes and hash).
//
//     const Elf elf = WARD_TRY(Elf::read(bytes));
//     for (const auto name : elf.needed) ...
//
// Only the file header must make sense; whatever else is broken or lies is left out and named in `faults`. The dynamic
// part is read by segments, as the loader does, and by sections only where segments do not tell: sections are for tools,
// and a file that wants to fool tools lies in them.
// All names are views into `bytes`, which the caller keeps alive.
struct Elf {
    struct Section {
        std::string_view name;
        std::uint32_t type = 0;
        std::uint64_t flags = 0;
        std::uint64_t address = 0;
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint32_t link = 0;
        std::uint32_t info = 0;
        std::uint64_t entry_bytes = 0;
    };
    struct Segment {
        std::uint32_t type = 0;
        std::uint32_t flags = 0;
        std::uint64_t offset = 0;
        std::uint64_t address = 0;
        std::uint64_t physical_address = 0;
        std::uint64_t file_bytes = 0;
        std::uint64_t memory_bytes = 0;
        std::uint64_t alignment = 0;
    };
    struct Dynamic {
        std::uint64_t tag = 0;
        std::uint64_t value = 0;
    };
    struct Symbol {
        std::string_view name;
        std::uint64_t value = 0;
        std::uint64_t bytes = 0;
        std::uint8_t kind = 0;       // STT_*
        std::uint8_t binding = 0;    // STB_*
        std::uint8_t visibility = 0; // STV_*
        std::uint16_t section = 0;
        bool imported() const { return section == 0 && !name.empty(); }
    };

    bool is_64 = false;
    bool big_endian = false;
    std::uint8_t abi = 0;
    std::uint16_t type = 0;      // ET_*
    std::uint16_t machine = 0;   // EM_*
    std::uint32_t flags = 0;
    std::uint64_t entry = 0;     // a virtual address
    std::uint64_t segments_at = 0;
    std::uint64_t sections_at = 0;

    std::vector<Section> sections;
    std::vector<Segment> segments;
    std::vector<Dynamic> dynamic;          // up to DT_NULL
    std::vector<Symbol> dynamic_symbols;   // what it imports and exports
    std::vector<Symbol> symbols;           // what a stripped file lacks
    std::vector<std::string_view> needed;  // libraries, in the order they are loaded
    std::string_view soname;
    std::string_view rpath;
    std::string_view runpath;
    std::string_view interpreter;
    Bytes build_id;

    std::uint64_t end = 0;                 // behind all that headers, segments and sections name; what follows is an overlay
    std::vector<Error> faults;

    // Beyond these the rest is left out, with a fault. The Linux kernel as a whole has 200,000 symbols, and 50 sections.
    static constexpr std::size_t kMaxSections = 65'536;
    static constexpr std::size_t kMaxSegments = 65'536;
    static constexpr std::size_t kMaxDynamic = 4096;
    static constexpr std::size_t kMaxSymbols = 500'000;
    static constexpr std::size_t kMaxNameBytes = 4096;

    // Code::malformed when it is no ELF file, truncated when its header is cut off.
    static Result<Elf> read(Bytes bytes);

    // Where in the file the byte at a virtual address is; nothing when no segment holds it.
    std::optional<std::uint64_t> offset_of(std::uint64_t address) const;
    // Where execution begins in the file: by segments, or by sections in an object file.
    std::optional<std::uint64_t> entry_offset() const;
    const Section* find_section(std::string_view name) const;
};

}  // namespace ward::formats
