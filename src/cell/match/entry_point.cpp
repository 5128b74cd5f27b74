// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/entry_point.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::match {

namespace {

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

// An ELF program as YARA reads it: little-endian, entries of the tables of the size they have by the specification, a table that
// the bytes do not hold as a whole is none. Sums of 32 bits wrap round in 32 bits.
class YaraElf {
public:
    static std::optional<YaraElf> read(Bytes bytes) {
        if (bytes.size() < 16 || !as_text(bytes).starts_with("\x7f" "ELF") || bytes[4] < 1 || bytes[4] > 2) return std::nullopt;
        const YaraElf elf{bytes, bytes[4] == 2};
        if (bytes.size() < (elf.is_64_ ? 64U : 52U)) return std::nullopt;
        return elf;
    }

    std::uint16_t type() const { return half(16); }
    std::uint64_t entry() const { return word(24); }

    // A program that is loaded where it says: by segments of any type. Everything else: by sections.
    std::uint64_t entry_offset() const {
        if (type() == kElfExecutable) {
            return look_up(is_64_ ? 32 : 28, is_64_ ? 56 : 44, is_64_ ? 56 : 32, [&](std::uint64_t at) -> std::optional<std::uint64_t> {
                return is_64_ ? within(word(at + 16), word(at + 40), word(at + 8)) : within(word(at + 8), word(at + 20), word(at + 4));
            });
        }
        return look_up(is_64_ ? 40 : 32, is_64_ ? 60 : 48, is_64_ ? 64 : 40, [&](std::uint64_t at) -> std::optional<std::uint64_t> {
            const std::uint32_t kind = u32le_at(bytes_, at + 4).value_or(kSectionNull);
            if (kind == kSectionNull || kind == kSectionNoBits) return std::nullopt;
            return is_64_ ? within(word(at + 16), word(at + 32), word(at + 24)) : within(word(at + 12), word(at + 20), word(at + 16));
        });
    }

private:
    YaraElf(Bytes bytes, bool is_64) : bytes_{bytes}, is_64_{is_64} {}

    std::uint16_t half(std::uint64_t at) const { return u16le_at(bytes_, at).value_or(0); }
    std::uint64_t word(std::uint64_t at) const { return is_64_ ? u64le_at(bytes_, at).value_or(0) : u32le_at(bytes_, at).value_or(0); }

    // A sum that wraps round is what YARA gives too; whoever reads there finds nothing.
    std::optional<std::uint64_t> within(std::uint64_t start, std::uint64_t size, std::uint64_t offset) const {
        const std::uint64_t end = is_64_ ? start + size : static_cast<std::uint32_t>(start + size);
        if (entry() < start || entry() >= end) return std::nullopt;
        return offset + (entry() - start);
    }

    // The first that one of a table's entries gives, else 0.
    template <class Find>
    std::uint64_t look_up(std::uint64_t place_at, std::uint64_t count_at, std::uint64_t entry_bytes, Find find) const {
        const std::uint64_t place = word(place_at);
        const std::uint64_t size = half(count_at) * entry_bytes;
        if (place == 0 || !slice(bytes_, place, size)) return 0;
        for (std::uint64_t at = place; at < place + size; at += entry_bytes) {
            if (const auto found = find(at)) return *found;
        }
        return 0;
    }

    Bytes bytes_;
    bool is_64_;
};

}  // namespace

std::optional<std::uint64_t> entry_point(Bytes bytes) {
    const auto text = as_text(bytes);
    if (text.starts_with("MZ")) {
        const auto entry = of_pe(bytes);
        return entry ? std::optional{*entry} : std::nullopt;
    }
    const auto elf = YaraElf::read(bytes);
    return elf ? std::optional{elf->entry_offset()} : std::nullopt;
}

std::optional<std::uint64_t> entry_point_in_memory(Bytes bytes, std::uint64_t address) {
    const auto text = as_text(bytes);
    if (text.starts_with("MZ")) {
        const auto entry = of_loaded_pe(bytes, address);
        return entry ? std::optional{*entry} : std::nullopt;
    }
    const auto elf = YaraElf::read(bytes);
    return elf && elf->type() == kElfExecutable ? std::optional{elf->entry()} : std::nullopt;
}

}  // namespace ward::match
