// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/entry_point.h"

#include "cell/formats/elf.h"
#include "core/cursor.h"

#include <algorithm>

namespace ward::match {

namespace {

using formats::Elf;

// PE and COFF specification.
constexpr std::uint16_t kMachineI386 = 0x14c;
constexpr std::uint16_t kMachineAmd64 = 0x8664;
constexpr std::uint64_t kFileHeaderBytes = 24;      // with the signature before it
constexpr std::uint64_t kOptionalHeader32Bytes = 224;
constexpr std::uint64_t kSectionBytes = 40;
constexpr std::uint16_t kPeLibrary = 0x2000;        // in the file header's characteristics
constexpr std::uint16_t kMaxSections = 60;          // YARA looks at no more

constexpr std::uint16_t kElfExecutable = 2;
constexpr std::uint32_t kSectionNull = 0;
constexpr std::uint32_t kSectionNoBits = 8;

// The offset of `address` in what lies at `offset` and is `bytes` long from `start` on. A sum that wraps round is what YARA
// gives too; whoever reads there finds nothing.
std::optional<std::uint64_t> within(std::uint64_t address, std::uint64_t start, std::uint64_t bytes, std::uint64_t offset) {
    if (address < start || address - start >= bytes) return std::nullopt;
    return offset + (address - start);
}

// Where the header of a PE program lies.
Result<std::uint32_t> pe_header(Bytes bytes) {
    const std::uint32_t header = WARD_TRY(u32le_at(bytes, 0x3c));
    // The optional header of a 32-bit program must fit, and a byte more.
    WARD_TRY(slice(bytes, header, kFileHeaderBytes + kOptionalHeader32Bytes + 1));
    if (header > INT32_MAX || WARD_TRY(u32le_at(bytes, header)) != 0x4550) return fail(Code::malformed, "no PE header");
    const std::uint16_t machine = WARD_TRY(u16le_at(bytes, header + 4));
    if (machine != kMachineI386 && machine != kMachineAmd64) return fail(Code::unsupported, "a PE program for machine {}", machine);
    return header;
}

// AddressOfEntryPoint, through the section that begins last before it; without any, as it is.
Result<std::uint64_t> of_pe(Bytes bytes) {
    const std::uint32_t header = WARD_TRY(pe_header(bytes));
    const std::uint16_t sections = std::min(WARD_TRY(u16le_at(bytes, header + 6)), kMaxSections);
    const std::uint64_t table = std::uint64_t{header} + kFileHeaderBytes + WARD_TRY(u16le_at(bytes, header + 20));
    const std::uint32_t entry = WARD_TRY(u32le_at(bytes, header + 40));
    std::uint64_t start = 0;
    std::uint64_t offset = 0;
    for (std::uint64_t at = table; at < table + sections * kSectionBytes; at += kSectionBytes) {
        if (!slice(bytes, at, kSectionBytes + 1)) return std::uint64_t{0};  // here too, a byte more
        const std::uint32_t address = WARD_TRY(u32le_at(bytes, at + 12));
        if (entry < address || address < start) continue;
        start = address;
        offset = WARD_TRY(u32le_at(bytes, at + 20));
    }
    return offset + (entry - start);
}

Result<std::uint64_t> of_loaded_pe(Bytes bytes, std::uint64_t address) {
    const std::uint32_t header = WARD_TRY(pe_header(bytes));
    if ((WARD_TRY(u16le_at(bytes, header + 22)) & kPeLibrary) != 0) return fail(Code::unsupported, "a library");
    return address + WARD_TRY(u32le_at(bytes, header + 40));
}

// A program that is loaded where it says: by segments of any type. Everything else: by sections.
std::uint64_t of_elf(const Elf& elf) {
    if (elf.type == kElfExecutable) {
        for (const auto& segment : elf.segments) {
            if (const auto at = within(elf.entry, segment.address, segment.memory_bytes, segment.offset)) return *at;
        }
        return 0;
    }
    for (const auto& section : elf.sections) {
        if (section.type == kSectionNull || section.type == kSectionNoBits) continue;
        if (const auto at = within(elf.entry, section.address, section.bytes, section.offset)) return *at;
    }
    return 0;
}

}  // namespace

std::optional<std::uint64_t> entry_point(Bytes bytes) {
    const auto text = as_text(bytes);
    if (text.starts_with("MZ")) {
        const auto entry = of_pe(bytes);
        return entry ? std::optional{*entry} : std::nullopt;
    }
    if (!text.starts_with("\x7f" "ELF")) return std::nullopt;
    const auto elf = Elf::read_headers(bytes);
    return elf ? std::optional{of_elf(*elf)} : std::nullopt;
}

std::optional<std::uint64_t> entry_point_in_memory(Bytes bytes, std::uint64_t address) {
    const auto text = as_text(bytes);
    if (text.starts_with("MZ")) {
        const auto entry = of_loaded_pe(bytes, address);
        return entry ? std::optional{*entry} : std::nullopt;
    }
    if (!text.starts_with("\x7f" "ELF")) return std::nullopt;
    const auto elf = Elf::read_headers(bytes);
    return elf && elf->type == kElfExecutable ? std::optional{elf->entry} : std::nullopt;
}

}  // namespace ward::match
