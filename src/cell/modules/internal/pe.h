// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ward::modules {

// The headers of a portable executable, as the modules `pe` and `dotnet` read them: what YARA takes for one is one here, so this
// is more lenient than Windows in places and stricter in others (Microsoft's PE Format; docs/yara-modules.md, "pe").
//
//     const auto image = PeImage::read(bytes);
//     if (!image) return;                                                 // not one
//     const auto place = image->directory(PeImage::kImport);              // an address and a size, or nothing
//     const auto offset = image->rva_to_offset(place->address);           // where in the file, if it is in there
//     const auto word = image->number(*offset, 4);                        // little-endian, or nothing behind the end
//
// Keeps a view of the bytes, which the caller keeps alive.
struct PeImage {
    struct Section {
        std::string_view name;  // eight bytes, less the zeros at the end
        std::uint32_t virtual_size;
        std::uint32_t virtual_address;
        std::uint32_t raw_data_size;
        std::uint32_t raw_data_offset;
        std::uint32_t pointer_to_relocations;
        std::uint32_t pointer_to_line_numbers;
        std::uint16_t number_of_relocations;
        std::uint16_t number_of_line_numbers;
        std::uint32_t characteristics;
    };
    struct Directory {
        std::uint32_t address;  // relative to the image; of kSecurity an offset in the file
        std::uint32_t size;
    };

    enum DirectoryNumber : std::uint8_t {
        kExport = 0,
        kImport = 1,
        kResource = 2,
        kSecurity = 4,
        kDebug = 6,
        kDelayImport = 13,
        kComDescriptor = 14,
    };
    static constexpr std::uint32_t kDirectories = 16;
    // What Windows loads at most; YARA reads no more, whatever the header says.
    static constexpr std::uint32_t kMaxSections = 96;

    Bytes bytes;
    std::uint64_t coff_offset;      // of the file header, behind "PE\0\0"
    std::uint64_t optional_offset;  // of the optional header
    bool is_64bit;                  // PE32+

    std::uint16_t machine;
    std::uint16_t number_of_sections;  // as stated
    std::uint32_t timestamp;
    std::uint32_t pointer_to_symbol_table;
    std::uint32_t number_of_symbols;
    std::uint16_t size_of_optional_header;
    std::uint16_t characteristics;

    std::uint32_t entry_point;  // its address
    std::uint64_t image_base;
    std::uint32_t file_alignment;
    std::uint32_t size_of_image;

    std::vector<Section> sections;  // those of the first kMaxSections that the file has
    bool sections_cut;              // the file ends before the last of these

    static std::optional<PeImage> read(Bytes bytes);
    // Is what lies in the memory of a process a program that yara reads there, and not a library?
    static bool is_loaded_program(Bytes region);

    // An entry of the data directory. The header says how many there are, and how long it is; it may lie, so nobody asks.
    std::optional<Directory> directory(std::uint32_t number) const;

    // Where an address is in the file. Addresses before the first section are offsets; nothing for those that only memory has.
    std::optional<std::uint64_t> rva_to_offset(std::uint64_t address) const;

    // A little-endian number of up to eight bytes.
    std::optional<std::uint64_t> number(std::uint64_t offset, std::size_t width) const;
    bool has(std::uint64_t offset, std::uint64_t count) const { return count <= bytes.size() && offset <= bytes.size() - count; }
    // The text at an offset up to a zero byte, the end of the file or `most` bytes.
    std::string_view text(std::uint64_t offset, std::size_t most) const;

private:
    // For what the checks in read() have shown to be there.
    template <class T>
    void take(T& out, std::uint64_t offset) const {
        out = static_cast<T>(number(offset, sizeof out).value_or(0));
    }
};

}  // namespace ward::modules
