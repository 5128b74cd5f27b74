// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/record.h"
#include "cell/modules/internal/tlsh.h"

#include "core/cursor.h"
#include "core/hash.h"
#include "core/text.h"

#include <algorithm>

namespace ward::modules {

namespace {

// System V gABI, "Object Files" and "Program Loading and Dynamic Linking". Unlike formats::Elf, which repairs and leaves out,
// this gives what stands in the file, and nothing where YARA gives nothing.
constexpr std::uint16_t kTypeExecutable = 2;
constexpr std::uint16_t kSectionsReserved = 0xff00, kSegmentsElsewhere = 0xffff;
constexpr std::uint32_t kSectionNull = 0, kSectionSymbols = 2, kSectionStrings = 3, kSectionNoBits = 8, kSectionDynamicSymbols = 11;
constexpr std::uint32_t kSegmentDynamic = 2;
constexpr std::uint8_t kSymbolFunction = 2, kSymbolGlobal = 1, kSymbolVisible = 0;

// A symbol takes ten times as much memory as in the file. The Linux kernel has 200,000.
constexpr std::size_t kMaxItems = 1'000'000;
// What telfhash() and import_md5() join. The names of the largest programs take a third of it.
constexpr std::size_t kMaxJoinedBytes = 64 * kMiB;
constexpr std::size_t kHashedAtOnceBytes = 64 * kKiB;  // then the time is asked

constexpr Field kSection[] = {integer("type"), integer("flags"), integer("address"), text("name"), integer("size"), integer("offset")};
constexpr Field kSegment[] = {integer("type"),           integer("flags"),     integer("offset"),      integer("virtual_address"),
                              integer("physical_address"), integer("file_size"), integer("memory_size"), integer("alignment")};
constexpr Field kDynamic[] = {integer("type"), integer("val")};
constexpr Field kSymbol[] = {text("name"), integer("value"), integer("size"), integer("type"), integer("bind"), integer("shndx")};

bool late(Instance& in, std::uint64_t work = 1) {
    auto* deadline = in.environment().deadline;
    return deadline != nullptr && deadline->passed(static_cast<std::uint32_t>(std::min<std::uint64_t>(work, UINT32_MAX)));
}

Value as_value(std::uint64_t number) { return static_cast<std::int64_t>(number); }

class ElfFile {
public:
    static std::optional<ElfFile> open(Bytes bytes) {
        if (bytes.size() < 16 || !as_text(bytes).starts_with("\x7f" "ELF")) return std::nullopt;
        if (bytes[4] < 1 || bytes[4] > 2 || bytes[5] < 1 || bytes[5] > 2) return std::nullopt;
        const ElfFile file{bytes, bytes[4] == 2, bytes[5] == 2};
        if (bytes.size() <= file.header_bytes()) return std::nullopt;  // a byte more than the header, as YARA wants it
        return file;
    }

    Bytes bytes() const { return bytes_; }
    bool is_64() const { return is_64_; }
    bool big_endian() const { return big_endian_; }
    // The bytes of an address.
    std::size_t word() const { return is_64_ ? 8 : 4; }
    std::size_t header_bytes() const { return is_64_ ? 64 : 52; }
    std::size_t section_bytes() const { return is_64_ ? 64 : 40; }
    std::size_t segment_bytes() const { return is_64_ ? 56 : 32; }
    std::size_t symbol_bytes() const { return is_64_ ? 24 : 16; }
    std::size_t dynamic_bytes() const { return 2 * word(); }

    Record header() const { return record(bytes_.first(header_bytes())); }
    std::uint16_t type() const { return header().u16(16); }
    std::uint16_t machine() const { return header().u16(18); }
    std::uint64_t entry() const { return header().word(24); }
    std::uint64_t segments_at() const { return header().word(24 + word()); }
    std::uint64_t sections_at() const { return header().word(24 + 2 * word()); }
    std::uint16_t segment_entry_bytes() const { return header().u16(30 + 3 * word()); }
    std::uint16_t segment_count() const { return header().u16(32 + 3 * word()); }
    std::uint16_t section_entry_bytes() const { return header().u16(34 + 3 * word()); }
    std::uint16_t section_count() const { return header().u16(36 + 3 * word()); }
    std::uint16_t section_names() const { return header().u16(38 + 3 * word()); }

    Record record(Bytes bytes) const { return {bytes, big_endian_, is_64_}; }
    // The whole table, where it lies in the file.
    std::optional<Bytes> sections() const { return table(sections_at(), section_count() * section_bytes()); }
    std::optional<Bytes> segments() const { return table(segments_at(), segment_count() * segment_bytes()); }
    std::optional<Bytes> table(std::uint64_t offset, std::uint64_t size) const {
        const auto found = slice(bytes_, offset, size);
        return found ? std::optional{*found} : std::nullopt;
    }
    // One of a table.
    Record section(Bytes sections, std::size_t number) const { return item(sections, number, section_bytes()); }
    Record segment(Bytes segments, std::size_t number) const { return item(segments, number, segment_bytes()); }
    Record symbol(Bytes symbols, std::size_t number) const { return item(symbols, number, symbol_bytes()); }

private:
    ElfFile(Bytes bytes, bool is_64, bool big_endian) : bytes_{bytes}, is_64_{is_64}, big_endian_{big_endian} {}
    Record item(Bytes items, std::size_t number, std::size_t size) const { return record(items.subspan(number * size, size)); }

    Bytes bytes_;
    bool is_64_;
    bool big_endian_;
};

struct SectionRecord {
    SectionRecord(const ElfFile& file, const Record& record)
        : name{record.u32(0)},
          type{record.u32(4)},
          flags{record.word(8)},
          address{record.word(8 + file.word())},
          offset{record.word(8 + 2 * file.word())},
          size{record.word(8 + 3 * file.word())},
          link{record.u32(8 + 4 * file.word())} {}
    std::uint32_t name, type;
    std::uint64_t flags, address, offset, size;
    std::uint32_t link;
};

struct SegmentRecord {
    SegmentRecord(const ElfFile& file, const Record& record)
        : type{record.u32(0)},
          flags{record.u32(file.is_64() ? 4 : 24)},
          offset{record.word(file.word())},
          address{record.word(2 * file.word())},
          physical_address{record.word(3 * file.word())},
          file_bytes{record.word(4 * file.word())},
          memory_bytes{record.word(5 * file.word())},
          alignment{record.word(file.is_64() ? 48 : 28)} {}
    std::uint32_t type, flags;
    std::uint64_t offset, address, physical_address, file_bytes, memory_bytes, alignment;
};

struct SymbolRecord {
    SymbolRecord(const ElfFile& file, const Record& record)
        : name{record.u32(0)},
          value{record.word(file.is_64() ? 8 : 4)},
          size{record.word(file.is_64() ? 16 : 8)},
          section{record.u16(file.is_64() ? 6 : 14)},
          type{static_cast<std::uint8_t>(record.bytes()[file.is_64() ? 4 : 12] & 15)},
          bind{static_cast<std::uint8_t>(record.bytes()[file.is_64() ? 4 : 12] >> 4)},
          visibility{static_cast<std::uint8_t>(record.bytes()[file.is_64() ? 5 : 13] & 3)} {}
    std::uint32_t name;
    std::uint64_t value, size;
    std::uint16_t section;
    std::uint8_t type, bind, visibility;
};

// A name of a table of strings, which must begin with a zero byte and end the name with another.
std::optional<std::string_view> string_at(Bytes strings, std::uint32_t index) {
    if (strings.empty() || strings.front() != 0 || index > INT32_MAX || index >= strings.size()) return std::nullopt;
    const auto rest = as_text(strings).substr(index);
    const auto end = rest.find('\0');
    if (end == rest.npos) return std::nullopt;
    return rest.substr(0, end);
}

struct Symbols {
    Bytes table;
    Bytes names;
    std::size_t count;
};

// The last section of `type` that has a table of strings tells; when it lies outside of the file, there are no symbols.
std::optional<Symbols> find_symbols(const ElfFile& file, std::uint32_t type) {
    const std::size_t count = file.section_count();
    const auto sections = file.sections();
    if (!sections || count >= kSectionsReserved || file.section_names() >= count || file.sections_at() >= file.bytes().size()) {
        return std::nullopt;
    }
    // YARA compares with the count as it lies in the file, so in a big-endian file with its two bytes swapped. A table of
    // strings may then lie behind the sections, or be refused within them.
    const std::size_t links = file.big_endian() ? (count << 8 | count >> 8) & 0xffff : count;
    std::optional<SectionRecord> symbols;
    std::optional<SectionRecord> names;
    for (std::size_t i = 0; i < count; ++i) {
        const SectionRecord section{file, file.section(*sections, i)};
        if (section.type != type || section.link >= links) continue;
        const auto linked = file.table(file.sections_at() + section.link * file.section_bytes(), file.section_bytes());
        if (!linked) continue;
        const SectionRecord strings{file, file.record(*linked)};
        if (strings.type != kSectionStrings) continue;
        symbols = section;
        names = strings;
    }
    if (!symbols) return std::nullopt;
    const auto table = file.table(symbols->offset, symbols->size);
    const auto strings = file.table(names->offset, names->size);
    if (!table || !strings) return std::nullopt;
    return Symbols{*table, *strings, table->size() / file.symbol_bytes()};
}

// Where in the file the first instruction is. A program that is loaded where it says: by segments of any type;
// everything else: by sections. Sums wrap round at the width of an address.
std::optional<std::uint64_t> entry_offset(const ElfFile& file) {
    const std::uint64_t entry = file.entry();
    const auto holds = [&](std::uint64_t address, std::uint64_t bytes) {
        const std::uint64_t end = file.is_64() ? address + bytes : std::uint64_t{static_cast<std::uint32_t>(address + bytes)};
        return entry >= address && entry < end;
    };
    if (file.type() == kTypeExecutable) {
        const auto segments = file.segments();
        if (!segments || file.segments_at() == 0) return std::nullopt;
        for (std::size_t i = 0; i < file.segment_count(); ++i) {
            const SegmentRecord segment{file, file.segment(*segments, i)};
            if (holds(segment.address, segment.memory_bytes)) return segment.offset + (entry - segment.address);
        }
        return std::nullopt;
    }
    const auto sections = file.sections();
    if (!sections || file.sections_at() == 0) return std::nullopt;
    for (std::size_t i = 0; i < file.section_count(); ++i) {
        const SectionRecord section{file, file.section(*sections, i)};
        if (section.type == kSectionNull || section.type == kSectionNoBits) continue;
        if (holds(section.address, section.size)) return section.offset + (entry - section.address);
    }
    return std::nullopt;
}

// What the two hashes have in common: names in lower case, sorted, with commas between them. Nothing without any name.
template <class Chosen>
std::optional<std::string> joined_names(Instance& in, const ElfFile& file, Chosen chosen) {
    auto symbols = find_symbols(file, kSectionDynamicSymbols);
    if (!symbols) symbols = find_symbols(file, kSectionSymbols);
    if (!symbols) return std::nullopt;
    std::string text;
    std::vector<std::size_t> ends;  // of each name in `text`
    for (std::size_t i = 0; i < symbols->count; ++i) {
        const SymbolRecord symbol{file, file.symbol(symbols->table, i)};
        const auto name = string_at(symbols->names, symbol.name);
        if (late(in, name ? 1 + name->size() / 16 : 1)) return std::nullopt;
        if (!name || !chosen(symbol, *name)) continue;
        if (text.size() + ends.size() + name->size() > kMaxJoinedBytes) return std::nullopt;
        text += to_lower_ascii(*name);
        ends.push_back(text.size());
    }
    if (ends.empty()) return std::nullopt;
    std::vector<std::string_view> names;
    names.reserve(ends.size());
    std::size_t start = 0;
    for (const std::size_t end : ends) {
        names.push_back(std::string_view{text}.substr(start, end - start));
        start = end;
    }
    std::sort(names.begin(), names.end());
    std::string joined;
    joined.reserve(text.size() + names.size());
    for (const auto name : names) {
        joined += name;
        joined += ',';
    }
    joined.pop_back();
    return joined;
}

// What telfhash leaves out: names that compilers choose, and those that differ between processors.
bool in_telfhash(const SymbolRecord& symbol, std::string_view name) {
    constexpr std::string_view kLeftOut[] = {"__libc_start_main", "main", "abort", "cachectl", "cacheflush", "puts", "atol", "malloc_trim"};
    if (symbol.bind != kSymbolGlobal || symbol.type != kSymbolFunction || symbol.visibility != kSymbolVisible) return false;
    if (name.starts_with('.') || name.starts_with('_') || name.ends_with("64") || name.starts_with("str") || name.starts_with("mem")) return false;
    return std::find(std::begin(kLeftOut), std::end(kLeftOut), name) == std::end(kLeftOut);
}

// What a function gave, for the next rule that asks.
struct Answers {
    std::optional<Value> telfhash;
    std::optional<Value> import_md5;
};

Value compute_telfhash(Instance& in) {
    const auto file = ElfFile::open(in.bytes());
    if (!file) return {};
    const auto names = joined_names(in, *file, in_telfhash);
    if (!names) return {};
    Tlsh hash;
    for (std::size_t at = 0; at < names->size(); at += kHashedAtOnceBytes) {
        if (late(in, kHashedAtOnceBytes)) return {};
        hash.add(std::string_view{*names}.substr(at, kHashedAtOnceBytes));
    }
    return in.keep(hash.finish());
}

Value compute_import_md5(Instance& in) {
    const auto file = ElfFile::open(in.bytes());
    if (!file) return {};
    const auto names = joined_names(in, *file, [](const SymbolRecord& symbol, std::string_view name) { return symbol.section == 0 && !name.empty(); });
    if (!names) return {};
    return in.keep(to_hex(md5(as_bytes(*names))));
}

Value telfhash(Instance& in, const Object&, std::span<const Value>) {
    auto& answer = in.state<Answers>().telfhash;
    if (!answer) answer = compute_telfhash(in);
    return *answer;
}

Value import_md5(Instance& in, const Object&, std::span<const Value>) {
    auto& answer = in.state<Answers>().import_md5;
    if (!answer) answer = compute_import_md5(in);
    return *answer;
}

constexpr Signature kTelfhash[] = {{"", Type::text, telfhash}};
constexpr Signature kImportMd5[] = {{"", Type::text, import_md5}};

enum : std::uint8_t { kHeaderPart, kSectionsPart, kSegmentsPart, kSymtabPart, kDynsymPart };

constexpr Field kFields[] = {
    constant("ET_NONE", 0),
    constant("ET_REL", 1),
    constant("ET_EXEC", 2),
    constant("ET_DYN", 3),
    constant("ET_CORE", 4),
    constant("EM_NONE", 0),
    constant("EM_M32", 1),
    constant("EM_SPARC", 2),
    constant("EM_386", 3),
    constant("EM_68K", 4),
    constant("EM_88K", 5),
    constant("EM_860", 7),
    constant("EM_MIPS", 8),
    constant("EM_MIPS_RS3_LE", 10),
    constant("EM_PPC", 20),
    constant("EM_PPC64", 21),
    constant("EM_ARM", 40),
    constant("EM_X86_64", 62),
    constant("EM_AARCH64", 183),
    constant("SHT_NULL", 0),
    constant("SHT_PROGBITS", 1),
    constant("SHT_SYMTAB", 2),
    constant("SHT_STRTAB", 3),
    constant("SHT_RELA", 4),
    constant("SHT_HASH", 5),
    constant("SHT_DYNAMIC", 6),
    constant("SHT_NOTE", 7),
    constant("SHT_NOBITS", 8),
    constant("SHT_REL", 9),
    constant("SHT_SHLIB", 10),
    constant("SHT_DYNSYM", 11),
    constant("SHF_WRITE", 1),
    constant("SHF_ALLOC", 2),
    constant("SHF_EXECINSTR", 4),
    integer("type"),
    integer("machine"),
    integer("entry_point"),
    integer("number_of_sections"),
    integer("sh_offset"),
    integer("sh_entry_size"),
    integer("number_of_segments"),
    integer("ph_offset"),
    integer("ph_entry_size"),
    array("sections", kSection, kSectionsPart),
    constant("PT_NULL", 0),
    constant("PT_LOAD", 1),
    constant("PT_DYNAMIC", 2),
    constant("PT_INTERP", 3),
    constant("PT_NOTE", 4),
    constant("PT_SHLIB", 5),
    constant("PT_PHDR", 6),
    constant("PT_TLS", 7),
    constant("PT_GNU_EH_FRAME", 0x6474e550),
    constant("PT_GNU_STACK", 0x6474e551),
    constant("DT_NULL", 0),
    constant("DT_NEEDED", 1),
    constant("DT_PLTRELSZ", 2),
    constant("DT_PLTGOT", 3),
    constant("DT_HASH", 4),
    constant("DT_STRTAB", 5),
    constant("DT_SYMTAB", 6),
    constant("DT_RELA", 7),
    constant("DT_RELASZ", 8),
    constant("DT_RELAENT", 9),
    constant("DT_STRSZ", 10),
    constant("DT_SYMENT", 11),
    constant("DT_INIT", 12),
    constant("DT_FINI", 13),
    constant("DT_SONAME", 14),
    constant("DT_RPATH", 15),
    constant("DT_SYMBOLIC", 16),
    constant("DT_REL", 17),
    constant("DT_RELSZ", 18),
    constant("DT_RELENT", 19),
    constant("DT_PLTREL", 20),
    constant("DT_DEBUG", 21),
    constant("DT_TEXTREL", 22),
    constant("DT_JMPREL", 23),
    constant("DT_BIND_NOW", 24),
    constant("DT_INIT_ARRAY", 25),
    constant("DT_FINI_ARRAY", 26),
    constant("DT_INIT_ARRAYSZ", 27),
    constant("DT_FINI_ARRAYSZ", 28),
    constant("DT_RUNPATH", 29),
    constant("DT_FLAGS", 30),
    constant("DT_ENCODING", 32),
    constant("STT_NOTYPE", 0),
    constant("STT_OBJECT", 1),
    constant("STT_FUNC", 2),
    constant("STT_SECTION", 3),
    constant("STT_FILE", 4),
    constant("STT_COMMON", 5),
    constant("STT_TLS", 6),
    constant("STB_LOCAL", 0),
    constant("STB_GLOBAL", 1),
    constant("STB_WEAK", 2),
    constant("PF_X", 1),
    constant("PF_W", 2),
    constant("PF_R", 4),
    array("segments", kSegment, kSegmentsPart),
    integer("dynamic_section_entries", kSegmentsPart),
    array("dynamic", kDynamic, kSegmentsPart),
    integer("symtab_entries", kSymtabPart),
    array("symtab", kSymbol, kSymtabPart),
    integer("dynsym_entries", kDynsymPart),
    array("dynsym", kSymbol, kDynsymPart),
    function("telfhash", kTelfhash),
    function("import_md5", kImportMd5),
};

void fill_header(Instance& in, Object& root) {
    const auto file = ElfFile::open(in.bytes());
    if (!file) return;
    root.set(field(kFields, "type"), as_value(file->type()));
    root.set(field(kFields, "machine"), as_value(file->machine()));
    root.set(field(kFields, "sh_offset"), as_value(file->sections_at()));
    root.set(field(kFields, "sh_entry_size"), as_value(file->section_entry_bytes()));
    root.set(field(kFields, "number_of_sections"), as_value(file->section_count()));
    root.set(field(kFields, "ph_offset"), as_value(file->segments_at()));
    root.set(field(kFields, "ph_entry_size"), as_value(file->segment_entry_bytes()));
    root.set(field(kFields, "number_of_segments"), as_value(file->segment_count()));
    if (file->entry() == 0) return;
    // Of what is loaded as yara has it, which adds an address to one.
    if (in.environment().memory != nullptr) {
        root.set(field(kFields, "entry_point"), as_value(in.environment().address + file->entry()));
    } else if (const auto offset = entry_offset(*file)) {
        root.set(field(kFields, "entry_point"), as_value(*offset));
    }
}

void fill_sections(Instance& in, Object& root) {
    const auto file = ElfFile::open(in.bytes());
    if (!file) return;
    const std::size_t count = file->section_count();
    const auto table = file->sections();
    if (!table || count >= kSectionsReserved || file->section_names() >= count || file->sections_at() >= in.bytes().size()) return;
    // Names may lie anywhere behind the start of their section, whatever its size.
    const SectionRecord names{*file, file->section(*table, file->section_names())};
    const Bytes strings = names.offset > 0 && names.offset < in.bytes().size() ? in.bytes().subspan(static_cast<std::size_t>(names.offset)) : Bytes{};
    Object& sections = root.child(field(kFields, "sections"));
    for (std::size_t i = 0; i < count; ++i) {
        const SectionRecord section{*file, file->section(*table, i)};
        const auto name = string_at(strings, section.name);
        if (late(in, name ? 1 + name->size() / 16 : 1)) return;
        Object& item = sections.add();
        item.set(field(kSection, "type"), as_value(section.type));
        item.set(field(kSection, "flags"), as_value(section.flags));
        item.set(field(kSection, "address"), as_value(section.address));
        item.set(field(kSection, "size"), as_value(section.size));
        item.set(field(kSection, "offset"), as_value(section.offset));
        if (name) item.set(field(kSection, "name"), *name);
    }
}

// The entries of a dynamic part, up to the one that ends it. A later part is written over an earlier one, of which what it is
// longer by stays.
void fill_dynamic(Instance& in, Object& root, const ElfFile& file, std::uint64_t offset, std::vector<Object*>& items) {
    Object& dynamic = root.child(field(kFields, "dynamic"));
    std::uint64_t count = 0;
    while (const auto entry = file.table(offset, file.dynamic_bytes())) {
        if (late(in)) return;
        const Record record = file.record(*entry);
        if (count == items.size() && count < kMaxItems) items.push_back(&dynamic.add());
        if (count < items.size()) {
            items[count]->set(field(kDynamic, "type"), as_value(record.word(0)));
            items[count]->set(field(kDynamic, "val"), as_value(record.word(file.word())));
        }
        ++count;
        if (record.word(0) == 0) break;
        offset += file.dynamic_bytes();
    }
    root.set(field(kFields, "dynamic_section_entries"), as_value(count));
}

void fill_segments(Instance& in, Object& root) {
    const auto file = ElfFile::open(in.bytes());
    if (!file) return;
    const std::size_t count = file->segment_count();
    const auto table = file->segments();
    if (!table || count == 0 || count == kSegmentsElsewhere || file->segments_at() >= in.bytes().size()) return;
    Object& segments = root.child(field(kFields, "segments"));
    std::vector<Object*> entries;
    for (std::size_t i = 0; i < count; ++i) {
        if (late(in)) return;
        const SegmentRecord segment{*file, file->segment(*table, i)};
        Object& item = segments.add();
        item.set(field(kSegment, "type"), as_value(segment.type));
        item.set(field(kSegment, "flags"), as_value(segment.flags));
        item.set(field(kSegment, "offset"), as_value(segment.offset));
        item.set(field(kSegment, "virtual_address"), as_value(segment.address));
        item.set(field(kSegment, "physical_address"), as_value(segment.physical_address));
        item.set(field(kSegment, "file_size"), as_value(segment.file_bytes));
        item.set(field(kSegment, "memory_size"), as_value(segment.memory_bytes));
        item.set(field(kSegment, "alignment"), as_value(segment.alignment));
        if (segment.type == kSegmentDynamic) fill_dynamic(in, root, *file, segment.offset, entries);
    }
}

void fill_symbols(Instance& in, Object& root, std::uint32_t type, std::size_t entries, std::size_t array) {
    const auto file = ElfFile::open(in.bytes());
    if (!file) return;
    const auto found = find_symbols(*file, type);
    if (!found) return;
    root.set(entries, as_value(found->count));
    Object& symbols = root.child(array);
    for (std::size_t i = 0; i < std::min(found->count, kMaxItems); ++i) {
        const SymbolRecord symbol{*file, file->symbol(found->table, i)};
        const auto name = string_at(found->names, symbol.name);
        if (late(in, name ? 1 + name->size() / 16 : 1)) return;
        Object& item = symbols.add();
        if (name) item.set(field(kSymbol, "name"), *name);
        item.set(field(kSymbol, "value"), as_value(symbol.value));
        item.set(field(kSymbol, "size"), as_value(symbol.size));
        item.set(field(kSymbol, "type"), as_value(symbol.type));
        item.set(field(kSymbol, "bind"), as_value(symbol.bind));
        item.set(field(kSymbol, "shndx"), as_value(symbol.section));
    }
}

void fill_symtab(Instance& in, Object& root) {
    fill_symbols(in, root, kSectionSymbols, field(kFields, "symtab_entries"), field(kFields, "symtab"));
}

void fill_dynsym(Instance& in, Object& root) {
    fill_symbols(in, root, kSectionDynamicSymbols, field(kFields, "dynsym_entries"), field(kFields, "dynsym"));
}

// Only programs that are loaded where they say, as yara.
bool takes(Bytes region) {
    constexpr std::uint16_t kExecutable = 2;
    const auto file = ElfFile::open(region);
    return file && file->type() == kExecutable;
}

constexpr Part kParts[] = {fill_header, fill_sections, fill_segments, fill_symtab, fill_dynsym};

}  // namespace

const Declaration kElf{"elf", kFields, kParts, nullptr, takes};

}  // namespace ward::modules
