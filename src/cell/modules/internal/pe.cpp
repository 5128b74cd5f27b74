// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/pe.h"

#include <algorithm>

namespace ward::modules {

namespace {

constexpr std::uint64_t kDosHeaderBytes = 64;
constexpr std::uint64_t kCoffHeaderBytes = 20;
constexpr std::uint64_t kSectionHeaderBytes = 40;
constexpr std::uint16_t kMagic64 = 0x20b;
// With all 16 directories, which need not be used.
constexpr std::uint64_t kOptionalBytes32 = 224;
constexpr std::uint64_t kOptionalBytes64 = 240;


}  // namespace

std::optional<std::uint64_t> PeImage::number(std::uint64_t offset, std::size_t width) const {
    if (!has(offset, width)) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | bytes[static_cast<std::size_t>(offset) + i];
    return value;
}

std::string_view PeImage::text(std::uint64_t offset, std::size_t most) const {
    if (offset >= bytes.size()) return {};
    const std::string_view rest = as_text(bytes).substr(static_cast<std::size_t>(offset), most);
    return rest.substr(0, rest.find('\0'));
}

bool PeImage::is_loaded_program(Bytes region) {
    constexpr std::uint16_t kLibrary = 0x2000;
    if (!as_text(region).starts_with("MZ")) return false;
    const auto image = read(region);
    return image && (image->characteristics & kLibrary) == 0;
}

std::optional<PeImage> PeImage::read(Bytes bytes) {
    PeImage image{};
    image.bytes = bytes;
    if (bytes.size() < kDosHeaderBytes || image.number(0, 2) != 0x5a4d) return std::nullopt;
    const std::uint64_t start = image.number(60, 4).value_or(0);
    if (start > 0x7fffffff || image.number(start, 4) != 0x4550) return std::nullopt;
    image.coff_offset = start + 4;
    image.optional_offset = image.coff_offset + kCoffHeaderBytes;
    if (!image.has(image.optional_offset, kOptionalBytes32)) return std::nullopt;
    image.is_64bit = image.number(image.optional_offset, 2) == kMagic64;
    if (image.is_64bit && !image.has(image.optional_offset, kOptionalBytes64)) return std::nullopt;

    image.take(image.machine, image.coff_offset);
    image.take(image.number_of_sections, image.coff_offset + 2);
    image.take(image.timestamp, image.coff_offset + 4);
    image.take(image.pointer_to_symbol_table, image.coff_offset + 8);
    image.take(image.number_of_symbols, image.coff_offset + 12);
    image.take(image.size_of_optional_header, image.coff_offset + 16);
    image.take(image.characteristics, image.coff_offset + 18);

    image.take(image.entry_point, image.optional_offset + 16);
    image.image_base = image.number(image.optional_offset + (image.is_64bit ? 24 : 28), image.is_64bit ? 8 : 4).value_or(0);
    image.take(image.file_alignment, image.optional_offset + 36);
    image.take(image.size_of_image, image.optional_offset + 56);

    const std::uint64_t table = image.optional_offset + image.size_of_optional_header;
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(image.number_of_sections, kMaxSections); ++i) {
        const std::uint64_t at = table + i * kSectionHeaderBytes;
        if (!image.has(at, kSectionHeaderBytes)) {
            image.sections_cut = true;
            break;
        }
        Section& section = image.sections.emplace_back();
        const std::string_view name = as_text(bytes).substr(static_cast<std::size_t>(at), 8);
        section.name = name.substr(0, name.find_last_not_of('\0') + 1);
        image.take(section.virtual_size, at + 8);
        image.take(section.virtual_address, at + 12);
        image.take(section.raw_data_size, at + 16);
        image.take(section.raw_data_offset, at + 20);
        image.take(section.pointer_to_relocations, at + 24);
        image.take(section.pointer_to_line_numbers, at + 28);
        image.take(section.number_of_relocations, at + 32);
        image.take(section.number_of_line_numbers, at + 34);
        image.take(section.characteristics, at + 36);
    }
    return image;
}

std::optional<PeImage::Directory> PeImage::directory(std::uint32_t number_of_entry) const {
    const std::uint64_t first = is_64bit ? 112 : 96;
    const std::uint64_t at = first + std::uint64_t{8} * number_of_entry;
    if (number_of_entry >= kDirectories) return std::nullopt;
    Directory out{};
    take(out.address, optional_offset + at);
    take(out.size, optional_offset + at + 4);
    return out;
}

std::optional<std::uint64_t> PeImage::rva_to_offset(std::uint64_t address) const {
    if (sections_cut) return std::nullopt;
    std::uint32_t lowest = 0xffffffff;
    std::uint32_t base = 0;
    std::uint32_t offset = 0;
    std::uint64_t size = 0;
    // Of sections that overlap, the one that begins last.
    for (const Section& section : sections) {
        lowest = std::min(lowest, section.virtual_address);
        const std::uint32_t extent = std::max(section.virtual_size, section.raw_data_size);
        if (address < section.virtual_address || address - section.virtual_address >= extent) continue;
        if (section.virtual_address < base) continue;
        base = section.virtual_address;
        offset = section.raw_data_offset;
        size = section.raw_data_size;
        // Windows rounds down to sectors, and to smaller steps for small alignments.
        const std::uint32_t alignment = std::min<std::uint32_t>(file_alignment, 0x200);
        if (alignment != 0) offset -= offset % alignment;
    }
    if (address < lowest) {
        base = 0;
        offset = 0;
        size = bytes.size();
    }
    if (address - base >= size) return std::nullopt;
    const std::uint64_t found = offset + (address - base);
    if (found >= bytes.size()) return std::nullopt;
    return found;
}

}  // namespace ward::modules
