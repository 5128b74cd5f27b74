// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/elf.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::formats {

namespace {

// gABI, chapters 4 and 5, and LSB 5.0; the numbers of the tables there.
constexpr std::uint16_t kTypeRelocatable = 1;
constexpr std::uint32_t kSegmentLoad = 1, kSegmentDynamic = 2, kSegmentInterpreter = 3, kSegmentNote = 4;
constexpr std::uint32_t kSectionSymbols = 2, kSectionDynamic = 6, kSectionNote = 7, kSectionNoBits = 8, kSectionDynamicSymbols = 11;
constexpr std::uint64_t kDynamicNull = 0, kNeeded = 1, kHash = 4, kStrings = 5, kSymbols = 6, kStringsBytes = 10, kSoname = 14,
                        kRpath = 15, kRunpath = 29, kGnuHash = 0x6ffffef5;
constexpr std::uint16_t kManyIndex = 0xffff;   // the true number is in the first section header
constexpr std::uint32_t kNoteBuildId = 3;
constexpr std::size_t kMaxFaults = 32;

// Numbers in the byte order and word size of the file.
class Reader {
public:
    Reader(Bytes bytes, bool is_64, bool big_endian) : cursor_{bytes}, is_64_{is_64}, big_endian_{big_endian} {}
    Cursor& cursor() { return cursor_; }
    Result<std::uint16_t> u16() { return big_endian_ ? cursor_.u16be() : cursor_.u16le(); }
    Result<std::uint32_t> u32() { return big_endian_ ? cursor_.u32be() : cursor_.u32le(); }
    Result<std::uint64_t> u64() { return big_endian_ ? cursor_.u64be() : cursor_.u64le(); }
    // An address, offset or size.
    Result<std::uint64_t> word() { return is_64_ ? u64() : widen(u32()); }

private:
    static Result<std::uint64_t> widen(const Result<std::uint32_t>& value) {
        if (!value) return value.error();
        return std::uint64_t{*value};
    }
    Cursor cursor_;
    bool is_64_;
    bool big_endian_;
};

// `value` as far as it goes without wrapping round.
std::uint64_t end_of(std::uint64_t offset, std::uint64_t bytes) {
    return bytes > UINT64_MAX - offset ? UINT64_MAX : offset + bytes;
}

class Parser {
public:
    explicit Parser(Bytes bytes) : bytes_{bytes} {}

    Result<Elf> run() {
        WARD_TRY(read_header());
        read_segments();
        read_sections();
        read_content();
        elf_.end = std::min<std::uint64_t>(elf_.end, bytes_.size());
        return std::move(elf_);
    }

private:
    void read_content() {
        read_dynamic();
        read_dynamic_symbols();
        read_static_symbols();
        read_notes();
    }

    void fault(Error error) {
        if (elf_.faults.size() < kMaxFaults) elf_.faults.push_back(std::move(error));
    }
    Reader at(Bytes bytes) const { return Reader{bytes, elf_.is_64, elf_.big_endian}; }
    void reaches(std::uint64_t offset, std::uint64_t bytes) { elf_.end = std::max(elf_.end, end_of(offset, bytes)); }

    Status read_header() {
        Cursor cursor{bytes_};
        const Bytes identity = WARD_TRY(cursor.take(16));
        if (!as_text(identity).starts_with("\x7f" "ELF")) return fail(Code::malformed, "not an ELF file");
        if (identity[4] != 1 && identity[4] != 2) return fail(Code::malformed, "the ELF class is {}", identity[4]);
        if (identity[5] != 1 && identity[5] != 2) return fail(Code::malformed, "the ELF byte order is {}", identity[5]);
        elf_.is_64 = identity[4] == 2;
        elf_.big_endian = identity[5] == 2;
        elf_.abi = identity[7];
        Reader in = at(bytes_);
        WARD_TRY(in.cursor().skip(16));
        elf_.type = WARD_TRY(in.u16());
        elf_.machine = WARD_TRY(in.u16());
        WARD_TRY(in.u32());  // version
        elf_.entry = WARD_TRY(in.word());
        elf_.segments_at = WARD_TRY(in.word());
        elf_.sections_at = WARD_TRY(in.word());
        elf_.flags = WARD_TRY(in.u32());
        const std::uint16_t header_bytes = WARD_TRY(in.u16());
        segment_bytes_ = WARD_TRY(in.u16());
        segment_count_ = WARD_TRY(in.u16());
        section_bytes_ = WARD_TRY(in.u16());
        section_count_ = WARD_TRY(in.u16());
        names_section_ = WARD_TRY(in.u16());
        reaches(0, std::max<std::uint64_t>(header_bytes, in.cursor().offset()));
        if (elf_.sections_at == 0) section_count_ = 0;
        else read_large_counts();
        return done();
    }

    // gABI, "ELF Header": numbers that do not fit stand in the first section header.
    void read_large_counts() {
        const auto first = read_section(elf_.sections_at);
        if (!first) return;
        if (section_count_ == 0) section_count_ = first->bytes;
        if (segment_count_ == kManyIndex) segment_count_ = first->info;
        if (names_section_ == kManyIndex) names_section_ = first->link;
    }

    std::size_t least_bytes(bool section) const {
        if (section) return elf_.is_64 ? 64 : 40;
        return elf_.is_64 ? 56 : 32;
    }

    Result<Elf::Segment> read_segment(std::uint64_t offset) const {
        Reader in = at(bytes_);
        WARD_TRY(in.cursor().seek(offset));
        Elf::Segment segment;
        segment.type = WARD_TRY(in.u32());
        if (elf_.is_64) segment.flags = WARD_TRY(in.u32());
        segment.offset = WARD_TRY(in.word());
        segment.address = WARD_TRY(in.word());
        segment.physical_address = WARD_TRY(in.word());
        segment.file_bytes = WARD_TRY(in.word());
        segment.memory_bytes = WARD_TRY(in.word());
        if (!elf_.is_64) segment.flags = WARD_TRY(in.u32());
        segment.alignment = WARD_TRY(in.word());
        return segment;
    }

    Result<Elf::Section> read_section(std::uint64_t offset) const {
        Reader in = at(bytes_);
        WARD_TRY(in.cursor().seek(offset));
        Elf::Section section;
        const std::uint32_t name = WARD_TRY(in.u32());
        section.type = WARD_TRY(in.u32());
        section.flags = WARD_TRY(in.word());
        section.address = WARD_TRY(in.word());
        section.offset = WARD_TRY(in.word());
        section.bytes = WARD_TRY(in.word());
        section.link = WARD_TRY(in.u32());
        section.info = WARD_TRY(in.u32());
        WARD_TRY(in.word());  // alignment
        section.entry_bytes = WARD_TRY(in.word());
        section.name = text_at(section_names_, name);
        return section;
    }

    // Up to its zero byte or the end of the strings.
    static std::string_view text_at(Bytes strings, std::uint64_t offset) {
        if (offset >= strings.size()) return {};
        const auto text = as_text(strings.subspan(static_cast<std::size_t>(offset)));
        return text.substr(0, std::min({text.find('\0'), text.size(), Elf::kMaxNameBytes}));
    }

    // Where each of `count` headers begins, or a fault.
    template <class Read>
    void read_table(const char* what, std::uint64_t table, std::uint64_t count, std::uint64_t entry_bytes, std::size_t least,
                    std::size_t most, Read read) {
        if (count == 0) return;
        if (entry_bytes < least) {
            fault(fail(Code::malformed, "a {} header has {} bytes", what, entry_bytes));
            entry_bytes = least;  // as the kernel and the tools take it
        }
        if (count > most) fault(fail(Code::over_limit, "{} {}s, {} are read", count, what, most));
        std::uint64_t offset = table;
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, most); ++i) {
            if (!read(offset)) {
                fault(fail(Code::truncated, "{} of {} {}s are there", i, count, what));
                return;
            }
            offset = end_of(offset, entry_bytes);
        }
        reaches(table, offset - table);
    }

    void read_segments() {
        read_table("segment", elf_.segments_at, segment_count_, segment_bytes_, least_bytes(false), Elf::kMaxSegments,
                   [&](std::uint64_t offset) {
                       const auto segment = read_segment(offset);
                       if (segment) {
                           elf_.segments.push_back(*segment);
                           reaches(segment->offset, segment->file_bytes);
                       }
                       return segment.ok();
                   });
        for (const auto& segment : elf_.segments) {
            if (segment.type == kSegmentInterpreter) elf_.interpreter = text_at(part(segment.offset, segment.file_bytes), 0);
            if (segment.type == kSegmentLoad && end_of(segment.offset, segment.file_bytes) > bytes_.size()) {
                fault(fail(Code::truncated, "a segment reaches to {}, the file has {} bytes",
                           end_of(segment.offset, segment.file_bytes), bytes_.size()));
            }
        }
    }

    void read_sections() {
        const std::uint64_t step = std::max<std::uint64_t>(section_bytes_, least_bytes(true));
        if (names_section_ < section_count_ && names_section_ < Elf::kMaxSections) {
            if (const auto names = read_section(end_of(elf_.sections_at, names_section_ * step))) {
                section_names_ = part(names->offset, names->bytes);
            }
        }
        read_table("section", elf_.sections_at, section_count_, section_bytes_, least_bytes(true), Elf::kMaxSections,
                   [&](std::uint64_t offset) {
                       const auto section = read_section(offset);
                       if (section) {
                           elf_.sections.push_back(*section);
                           if (section->type != kSectionNoBits) reaches(section->offset, section->bytes);
                       }
                       return section.ok();
                   });
    }

    // As much of it as the file has.
    Bytes part(std::uint64_t offset, std::uint64_t count) const {
        if (offset >= bytes_.size()) return {};
        const std::uint64_t left = bytes_.size() - offset;
        return bytes_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(std::min(count, left)));
    }

    Bytes from_address(std::uint64_t address, std::uint64_t count) const {
        const auto offset = elf_.offset_of(address);
        return offset ? part(*offset, count) : Bytes{};
    }

    void read_dynamic() {
        Bytes table;
        for (const auto& segment : elf_.segments) {
            if (segment.type == kSegmentDynamic && table.empty()) table = part(segment.offset, segment.file_bytes);
        }
        for (const auto& section : elf_.sections) {
            if (section.type == kSectionDynamic && table.empty()) table = part(section.offset, section.bytes);
        }
        Reader in = at(table);
        while (true) {
            const auto tag = in.word();
            const auto value = tag ? in.word() : tag;
            if (!value || *tag == kDynamicNull) break;
            if (elf_.dynamic.size() == Elf::kMaxDynamic) {
                fault(fail(Code::over_limit, "more than {} dynamic entries", Elf::kMaxDynamic));
                break;
            }
            elf_.dynamic.push_back({*tag, *value});
        }
        const auto strings_at = dynamic_value(kStrings);
        strings_ = strings_at ? from_address(*strings_at, dynamic_value(kStringsBytes).value_or(UINT64_MAX)) : Bytes{};
        for (const auto& [tag, value] : elf_.dynamic) {
            if (tag == kNeeded) elf_.needed.push_back(text_at(strings_, value));
            if (tag == kSoname) elf_.soname = text_at(strings_, value);
            if (tag == kRpath) elf_.rpath = text_at(strings_, value);
            if (tag == kRunpath) elf_.runpath = text_at(strings_, value);
        }
    }

    std::optional<std::uint64_t> dynamic_value(std::uint64_t tag) const {
        for (const auto& entry : elf_.dynamic) {
            if (entry.tag == tag) return entry.value;
        }
        return std::nullopt;
    }

    // The dynamic table does not tell how many symbols there are; the hash tables do (gABI "Hash Table"; for GNU's, the
    // chains end with a word whose lowest bit is set).
    std::optional<std::uint64_t> count_dynamic_symbols() const {
        if (const auto hash = dynamic_value(kHash)) {
            Reader in = at(from_address(*hash, 8));
            if (in.u32()) {
                if (const auto count = in.u32()) return *count;
            }
        }
        if (const auto hash = dynamic_value(kGnuHash)) return count_by_gnu_hash(from_address(*hash, UINT64_MAX));
        for (const auto& section : elf_.sections) {
            if (section.type == kSectionDynamicSymbols) return section.bytes / symbol_bytes();
        }
        const auto symbols = dynamic_value(kSymbols);
        const auto strings = dynamic_value(kStrings);
        // Linkers put the one right before the other.
        if (symbols && strings && *strings > *symbols) return (*strings - *symbols) / symbol_bytes();
        return std::nullopt;
    }

    std::optional<std::uint64_t> count_by_gnu_hash(Bytes table) const {
        Reader in = at(table);
        const auto buckets = in.u32();
        const auto first = in.u32();
        const auto filter_words = in.u32();
        if (!buckets || !first || !filter_words || !in.u32()) return std::nullopt;
        if (!in.cursor().skip(std::uint64_t{*filter_words} * (elf_.is_64 ? 8 : 4))) return std::nullopt;
        std::uint64_t last = 0;
        for (std::uint32_t i = 0; i < *buckets; ++i) {
            const auto start = in.u32();
            if (!start) return std::nullopt;
            last = std::max<std::uint64_t>(last, *start);
        }
        if (last < *first) return *first;
        if (!in.cursor().skip((last - *first) * 4)) return std::nullopt;
        while (true) {
            const auto link = in.u32();
            if (!link) return std::nullopt;
            ++last;
            if ((*link & 1) != 0) return last;
        }
    }

    std::size_t symbol_bytes() const { return elf_.is_64 ? 24 : 16; }

    void read_symbols(Bytes table, Bytes strings, std::vector<Elf::Symbol>& out) {
        const std::size_t count = table.size() / symbol_bytes();
        if (count > Elf::kMaxSymbols) fault(fail(Code::over_limit, "{} symbols, {} are read", count, Elf::kMaxSymbols));
        Reader in = at(table);
        out.reserve(std::min(count, Elf::kMaxSymbols));
        for (std::size_t i = 0; i < std::min(count, Elf::kMaxSymbols); ++i) {
            const auto read = [&]() -> Result<Elf::Symbol> {
                Elf::Symbol symbol;
                const std::uint32_t name = WARD_TRY(in.u32());
                if (!elf_.is_64) {
                    symbol.value = WARD_TRY(in.word());
                    symbol.bytes = WARD_TRY(in.word());
                }
                const std::uint8_t info = WARD_TRY(in.cursor().u8());
                const std::uint8_t other = WARD_TRY(in.cursor().u8());
                symbol.section = WARD_TRY(in.u16());
                if (elf_.is_64) {
                    symbol.value = WARD_TRY(in.word());
                    symbol.bytes = WARD_TRY(in.word());
                }
                symbol.kind = info & 15;
                symbol.binding = static_cast<std::uint8_t>(info >> 4);
                symbol.visibility = other & 3;
                symbol.name = text_at(strings, name);
                return symbol;
            };
            const auto symbol = read();
            if (!symbol) return;
            out.push_back(*symbol);
        }
    }

    void read_dynamic_symbols() {
        const auto address = dynamic_value(kSymbols);
        const auto count = count_dynamic_symbols();
        if (address && count) {
            const std::uint64_t wanted = *count > UINT64_MAX / symbol_bytes() ? UINT64_MAX : *count * symbol_bytes();
            const Bytes table = from_address(*address, wanted);
            if (table.size() < wanted) fault(fail(Code::truncated, "{} of {} bytes of dynamic symbols are there", table.size(), wanted));
            read_symbols(table, strings_, elf_.dynamic_symbols);
            return;
        }
        read_section_symbols(kSectionDynamicSymbols, elf_.dynamic_symbols);
    }

    void read_static_symbols() { read_section_symbols(kSectionSymbols, elf_.symbols); }

    void read_section_symbols(std::uint32_t type, std::vector<Elf::Symbol>& out) {
        for (const auto& section : elf_.sections) {
            if (section.type != type) continue;
            Bytes strings;
            if (section.link < elf_.sections.size()) {
                const auto& names = elf_.sections[section.link];
                strings = part(names.offset, names.bytes);
            }
            read_symbols(part(section.offset, section.bytes), strings, out);
            return;
        }
    }

    void read_notes() {
        for (const auto& segment : elf_.segments) {
            if (segment.type == kSegmentNote) read_note(part(segment.offset, segment.file_bytes));
        }
        for (const auto& section : elf_.sections) {
            if (section.type == kSectionNote && elf_.build_id.empty()) read_note(part(section.offset, section.bytes));
        }
    }

    void read_note(Bytes notes) {
        Reader in = at(notes);
        // Name and description are filled up to four bytes each.
        const auto padded = [](std::uint64_t count) { return (count + 3) / 4 * 4; };
        while (elf_.build_id.empty()) {
            const auto name_bytes = in.u32();
            const auto body_bytes = in.u32();
            const auto type = in.u32();
            if (!name_bytes || !body_bytes || !type) return;
            const auto name = in.cursor().take(padded(*name_bytes));
            if (!name) return;
            const auto body = in.cursor().peek(*body_bytes);
            if (!body) return;
            if (*type == kNoteBuildId && as_text(*name).substr(0, *name_bytes) == std::string_view{"GNU\0", 4}) elf_.build_id = *body;
            if (!in.cursor().skip(padded(*body_bytes))) return;
        }
    }

    Bytes bytes_;
    Elf elf_;
    std::uint64_t segment_bytes_ = 0;
    std::uint64_t segment_count_ = 0;
    std::uint64_t section_bytes_ = 0;
    std::uint64_t section_count_ = 0;
    std::uint64_t names_section_ = 0;
    Bytes section_names_;
    Bytes strings_;
};

}  // namespace

Result<Elf> Elf::read(Bytes bytes) { return Parser{bytes}.run(); }

std::optional<std::uint64_t> Elf::offset_of(std::uint64_t address) const {
    for (const auto& segment : segments) {
        if (segment.type != kSegmentLoad || address < segment.address) continue;
        const std::uint64_t inside = address - segment.address;
        if (inside < segment.file_bytes && inside <= UINT64_MAX - segment.offset) return segment.offset + inside;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> Elf::entry_offset() const {
    if (type != kTypeRelocatable) return offset_of(entry);
    for (const auto& section : sections) {
        if (section.type == 0 || section.type == kSectionNoBits || entry < section.address) continue;
        const std::uint64_t inside = entry - section.address;
        if (inside < section.bytes && inside <= UINT64_MAX - section.offset) return section.offset + inside;
    }
    return std::nullopt;
}

const Elf::Section* Elf::find_section(std::string_view name) const {
    const auto at = std::find_if(sections.begin(), sections.end(), [&](const Section& section) { return section.name == name; });
    return at == sections.end() ? nullptr : &*at;
}

}  // namespace ward::formats
