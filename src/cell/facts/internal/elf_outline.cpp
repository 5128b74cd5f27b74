// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/elf_outline.h"

#include "core/cursor.h"

namespace ward::facts {

namespace {

constexpr std::string_view kMagic{"\x7f" "ELF"};
constexpr std::uint64_t kIdentBytes = 16;
constexpr std::uint16_t kExecutable = 2;
constexpr std::uint16_t kShared = 3;
constexpr std::uint32_t kLoad = 1;     // of a segment
constexpr std::uint32_t kNoBits = 8;   // of a section

// Numbers in the file's own order and width.
class Words {
public:
    Words(Bytes bytes, const ElfOutline& elf) : cursor_{bytes}, elf_{elf} {}
    Result<std::uint16_t> half() {
        if (!elf_.big_endian) return cursor_.u16le();
        return cursor_.u16be();
    }
    Result<std::uint32_t> word() {
        if (!elf_.big_endian) return cursor_.u32le();
        return cursor_.u32be();
    }
    Result<std::uint64_t> wide() {
        if (!elf_.is_64) return WARD_TRY(word());
        if (!elf_.big_endian) return cursor_.u64le();
        return cursor_.u64be();
    }
    Status skip(std::uint64_t count) { return cursor_.skip(count); }

private:
    Cursor cursor_;
    const ElfOutline& elf_;
};

struct Table {
    std::uint64_t offset = 0;
    std::uint16_t entry_bytes = 0;
    std::uint32_t count = 0;
};

Status read_segments(FileParts& file, const Table& table, ElfOutline& elf) {
    if (table.count > ElfOutline::kMaxSegments) return fail(Code::over_limit, "{} segments", table.count);
    const std::uint64_t least = elf.is_64 ? 56 : 32;
    if (table.count != 0 && table.entry_bytes < least) return fail(Code::malformed, "segments of {} bytes each", table.entry_bytes);
    const Bytes all = WARD_TRY(file.at(table.offset, std::uint64_t{table.count} * table.entry_bytes));
    for (std::uint32_t i = 0; i < table.count; ++i) {
        Words words{all.subspan(std::size_t{i} * table.entry_bytes, table.entry_bytes), elf};
        ElfOutline::Segment segment;
        const std::uint32_t type = WARD_TRY(words.word());
        if (elf.is_64) segment.flags = WARD_TRY(words.word());
        segment.offset = WARD_TRY(words.wide());
        segment.address = WARD_TRY(words.wide());
        WARD_TRY(words.wide());
        segment.bytes = WARD_TRY(words.wide());
        WARD_TRY(words.wide());
        if (!elf.is_64) segment.flags = WARD_TRY(words.word());
        if (type == kLoad) elf.segments.push_back(segment);
    }
    return done();
}

Status read_sections(FileParts& file, const Table& table, std::uint32_t names_at, ElfOutline& elf) {
    if (table.count > ElfOutline::kMaxSections) return fail(Code::over_limit, "{} sections", table.count);
    if (table.count == 0 || table.offset == 0) return done();
    const std::uint64_t least = elf.is_64 ? 64 : 40;
    if (table.entry_bytes < least) return fail(Code::malformed, "sections of {} bytes each", table.entry_bytes);
    const Bytes all = WARD_TRY(file.at(table.offset, std::uint64_t{table.count} * table.entry_bytes));
    std::vector<std::uint32_t> names;
    ElfOutline::Section of_names;
    for (std::uint32_t i = 0; i < table.count; ++i) {
        Words words{all.subspan(std::size_t{i} * table.entry_bytes, table.entry_bytes), elf};
        ElfOutline::Section section;
        const std::uint32_t name = WARD_TRY(words.word());
        const std::uint32_t type = WARD_TRY(words.word());
        WARD_TRY(words.wide());
        section.address = WARD_TRY(words.wide());
        section.offset = WARD_TRY(words.wide());
        section.bytes = WARD_TRY(words.wide());
        if (i == names_at) of_names = section;
        if (type == kNoBits || i == 0) continue;
        names.push_back(name);
        elf.sections.push_back(std::move(section));
    }
    constexpr std::uint64_t kMaxNamesBytes = 256 * kKiB;
    if (of_names.bytes > kMaxNamesBytes) return fail(Code::over_limit, "{} of names of sections", of_names.bytes);
    const std::string_view text = as_text(WARD_TRY(file.at(of_names.offset, of_names.bytes)));
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] < text.size()) elf.sections[i].name = text.substr(names[i], text.find('\0', names[i]) - names[i]);
    }
    return done();
}

}  // namespace

Result<std::optional<ElfOutline>> ElfOutline::read(FileParts& file) {
    constexpr std::uint64_t kHeader32Bytes = 52;
    constexpr std::uint64_t kHeader64Bytes = 64;
    if (file.size() < kHeader64Bytes) return std::optional<ElfOutline>{};
    const Bytes head = WARD_TRY(file.at(0, kHeader64Bytes));
    if (!as_text(head).starts_with(kMagic)) return std::optional<ElfOutline>{};
    ElfOutline elf;
    elf.is_64 = head[4] == 2;
    elf.big_endian = head[5] == 2;
    if (head[4] < 1 || head[4] > 2 || head[5] < 1 || head[5] > 2) return fail(Code::malformed, "an ELF file of class {} and order {}", head[4], head[5]);
    Words words{head.first(elf.is_64 ? kHeader64Bytes : kHeader32Bytes), elf};
    WARD_TRY(words.skip(kIdentBytes));
    const std::uint16_t type = WARD_TRY(words.half());
    if (type != kExecutable && type != kShared) return std::optional<ElfOutline>{};
    WARD_TRY(words.skip(6));  // machine, version
    WARD_TRY(words.wide());   // entry
    Table segments;
    Table sections;
    segments.offset = WARD_TRY(words.wide());
    sections.offset = WARD_TRY(words.wide());
    WARD_TRY(words.skip(6));  // flags, bytes of this header
    segments.entry_bytes = WARD_TRY(words.half());
    segments.count = WARD_TRY(words.half());
    sections.entry_bytes = WARD_TRY(words.half());
    sections.count = WARD_TRY(words.half());
    const std::uint16_t names_at = WARD_TRY(words.half());
    // Both ends are asked for together.
    const Status segments_read = read_segments(file, segments, elf);
    WARD_TRY(read_sections(file, sections, names_at, elf));
    WARD_TRY(segments_read);
    return std::optional{std::move(elf)};
}

const ElfOutline::Section* ElfOutline::find(std::string_view name) const {
    for (const auto& section : sections) {
        if (section.name == name) return &section;
    }
    return nullptr;
}

std::optional<ElfOutline::Place> ElfOutline::place_of(std::uint64_t address) const {
    for (const auto& segment : segments) {
        if (address < segment.address || address - segment.address >= segment.bytes) continue;
        const std::uint64_t inside = address - segment.address;
        if (segment.offset > UINT64_MAX - inside) return std::nullopt;
        return Place{segment.offset + inside, segment.bytes - inside};
    }
    return std::nullopt;
}

}  // namespace ward::facts
