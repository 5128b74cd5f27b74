// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/entry_point.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::match {

namespace {

constexpr std::uint32_t kMaxSections = 96;    // of a PE, as its loader
constexpr std::uint32_t kMaxSegments = 4096;

std::optional<std::uint64_t> number_at(Bytes bytes, std::uint64_t offset, unsigned width, bool big) {
    const auto part = slice(bytes, offset, width);
    if (!part) return std::nullopt;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i) value = value << 8 | (*part)[big ? i : width - 1 - i];
    return value;
}

// PE and COFF specification: the optional header's AddressOfEntryPoint, through the section that holds it.
std::optional<std::uint64_t> of_pe(Bytes bytes) {
    const auto header = number_at(bytes, 0x3c, 4, false);
    if (!header || number_at(bytes, *header, 4, false) != 0x4550) return std::nullopt;
    const auto sections = number_at(bytes, *header + 6, 2, false);
    const auto optional_size = number_at(bytes, *header + 20, 2, false);
    const auto entry = number_at(bytes, *header + 40, 4, false);
    if (!sections || !optional_size || !entry) return std::nullopt;
    const std::uint64_t table = *header + 24 + *optional_size;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(*sections, kMaxSections); ++i) {
        const std::uint64_t at = table + 40 * i;
        const auto virtual_size = number_at(bytes, at + 8, 4, false);
        const auto address = number_at(bytes, at + 12, 4, false);
        const auto raw_size = number_at(bytes, at + 16, 4, false);
        const auto raw = number_at(bytes, at + 20, 4, false);
        if (!virtual_size || !address || !raw_size || !raw) return std::nullopt;
        if (*entry >= *address && *entry - *address < std::max(*virtual_size, *raw_size)) return *entry - *address + *raw;
    }
    // Before every section: in the headers, which are mapped as they lie.
    return *entry;
}

// System V ABI, "Program Header": e_entry, through the segment that holds it.
std::optional<std::uint64_t> of_elf(Bytes bytes) {
    if (bytes.size() < 64) return std::nullopt;
    const bool wide = bytes[4] == 2;
    const bool big = bytes[5] == 2;
    const unsigned word = wide ? 8 : 4;
    const auto entry = number_at(bytes, 24, word, big);
    const auto table = number_at(bytes, 24 + word, word, big);
    const auto size = number_at(bytes, wide ? 54 : 42, 2, big);
    const auto count = number_at(bytes, wide ? 56 : 44, 2, big);
    if (!entry || !table || !size || !count || *entry == 0) return std::nullopt;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(*count, kMaxSegments); ++i) {
        if (*table > bytes.size()) return std::nullopt;
        const std::uint64_t at = *table + *size * i;
        const auto offset = number_at(bytes, at + (wide ? 8 : 4), word, big);
        const auto address = number_at(bytes, at + (wide ? 16 : 8), word, big);
        const auto in_memory = number_at(bytes, at + (wide ? 40 : 20), word, big);
        if (!offset || !address || !in_memory) return std::nullopt;
        if (*entry >= *address && *entry - *address < *in_memory) return *entry - *address + *offset;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> entry_point(Bytes bytes) {
    if (bytes.size() >= 4 && bytes[0] == 0x7f && bytes[1] == 'E' && bytes[2] == 'L' && bytes[3] == 'F') return of_elf(bytes);
    if (bytes.size() >= 2 && bytes[0] == 'M' && bytes[1] == 'Z') return of_pe(bytes);
    return std::nullopt;
}

}  // namespace ward::match
