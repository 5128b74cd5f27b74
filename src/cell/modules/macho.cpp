// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/record.h"

#include "core/cursor.h"

#include <algorithm>
#include <array>

namespace ward::modules {

namespace {

// Apple's "OS X ABI Mach-O File Format Reference", and <mach-o/loader.h>, <mach-o/fat.h> and <mach/*/_structs.h> of LLVM and XNU.
constexpr std::uint32_t kMagic = 0xfeedface, kMagic64 = 0xfeedfacf, kFatMagic = 0xcafebabe, kFatMagic64 = 0xcafebabf;
constexpr std::uint32_t kSegmentCommand = 1, kUnixThreadCommand = 5, kSegmentCommand64 = 0x19, kMainCommand = 0x80000028;
constexpr std::size_t kHeaderBytes = 28, kHeaderBytes64 = 32;
constexpr std::size_t kCommandBytes = 8, kThreadBytes = 16, kMainBytes = 24;
constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kFatHeaderBytes = 8;

// Architectures, segments and sections, all files of a universal binary together. Apple's largest have some hundreds. The least of
// them has 20 bytes, but architectures may share theirs.
constexpr std::size_t kMaxItems = 1'000'000;
constexpr std::size_t kBytesPerItem = 20, kFreeItems = 4'096;

constexpr Field kConstants[] = {
    constant("MH_MAGIC", 0xfeedface),
    constant("MH_CIGAM", 0xcefaedfe),
    constant("MH_MAGIC_64", 0xfeedfacf),
    constant("MH_CIGAM_64", 0xcffaedfe),
    constant("FAT_MAGIC", 0xcafebabe),
    constant("FAT_CIGAM", 0xbebafeca),
    constant("FAT_MAGIC_64", 0xcafebabf),
    constant("FAT_CIGAM_64", 0xbfbafeca),
    constant("CPU_ARCH_ABI64", 0x1000000),
    constant("CPU_SUBTYPE_LIB64", 0x80000000),
    constant("CPU_TYPE_MC680X0", 6),
    constant("CPU_TYPE_X86", 7),
    constant("CPU_TYPE_I386", 7),
    constant("CPU_TYPE_X86_64", 0x1000007),
    constant("CPU_TYPE_MIPS", 8),
    constant("CPU_TYPE_MC98000", 10),
    constant("CPU_TYPE_ARM", 12),
    constant("CPU_TYPE_ARM64", 0x100000c),
    constant("CPU_TYPE_MC88000", 13),
    constant("CPU_TYPE_SPARC", 14),
    constant("CPU_TYPE_POWERPC", 18),
    constant("CPU_TYPE_POWERPC64", 0x1000012),
    constant("CPU_SUBTYPE_INTEL_MODEL_ALL", 0),
    constant("CPU_SUBTYPE_386", 3),
    constant("CPU_SUBTYPE_I386_ALL", 3),
    constant("CPU_SUBTYPE_X86_64_ALL", 3),
    constant("CPU_SUBTYPE_486", 4),
    constant("CPU_SUBTYPE_486SX", 132),
    constant("CPU_SUBTYPE_586", 5),
    constant("CPU_SUBTYPE_PENT", 5),
    constant("CPU_SUBTYPE_PENTPRO", 22),
    constant("CPU_SUBTYPE_PENTII_M3", 54),
    constant("CPU_SUBTYPE_PENTII_M5", 86),
    constant("CPU_SUBTYPE_CELERON", 103),
    constant("CPU_SUBTYPE_CELERON_MOBILE", 119),
    constant("CPU_SUBTYPE_PENTIUM_3", 8),
    constant("CPU_SUBTYPE_PENTIUM_3_M", 24),
    constant("CPU_SUBTYPE_PENTIUM_3_XEON", 40),
    constant("CPU_SUBTYPE_PENTIUM_M", 9),
    constant("CPU_SUBTYPE_PENTIUM_4", 10),
    constant("CPU_SUBTYPE_PENTIUM_4_M", 26),
    constant("CPU_SUBTYPE_ITANIUM", 11),
    constant("CPU_SUBTYPE_ITANIUM_2", 27),
    constant("CPU_SUBTYPE_XEON", 12),
    constant("CPU_SUBTYPE_XEON_MP", 28),
    constant("CPU_SUBTYPE_ARM_ALL", 0),
    constant("CPU_SUBTYPE_ARM_V4T", 5),
    constant("CPU_SUBTYPE_ARM_V6", 6),
    constant("CPU_SUBTYPE_ARM_V5", 7),
    constant("CPU_SUBTYPE_ARM_V5TEJ", 7),
    constant("CPU_SUBTYPE_ARM_XSCALE", 8),
    constant("CPU_SUBTYPE_ARM_V7", 9),
    constant("CPU_SUBTYPE_ARM_V7F", 10),
    constant("CPU_SUBTYPE_ARM_V7S", 11),
    constant("CPU_SUBTYPE_ARM_V7K", 12),
    constant("CPU_SUBTYPE_ARM_V6M", 14),
    constant("CPU_SUBTYPE_ARM_V7M", 15),
    constant("CPU_SUBTYPE_ARM_V7EM", 16),
    constant("CPU_SUBTYPE_ARM64_ALL", 0),
    constant("CPU_SUBTYPE_SPARC_ALL", 0),
    constant("CPU_SUBTYPE_POWERPC_ALL", 0),
    constant("CPU_SUBTYPE_MC980000_ALL", 0),
    constant("CPU_SUBTYPE_POWERPC_601", 1),
    constant("CPU_SUBTYPE_MC98601", 1),
    constant("CPU_SUBTYPE_POWERPC_602", 2),
    constant("CPU_SUBTYPE_POWERPC_603", 3),
    constant("CPU_SUBTYPE_POWERPC_603e", 4),
    constant("CPU_SUBTYPE_POWERPC_603ev", 5),
    constant("CPU_SUBTYPE_POWERPC_604", 6),
    constant("CPU_SUBTYPE_POWERPC_604e", 7),
    constant("CPU_SUBTYPE_POWERPC_620", 8),
    constant("CPU_SUBTYPE_POWERPC_750", 9),
    constant("CPU_SUBTYPE_POWERPC_7400", 10),
    constant("CPU_SUBTYPE_POWERPC_7450", 11),
    constant("CPU_SUBTYPE_POWERPC_970", 100),
    constant("MH_OBJECT", 1),
    constant("MH_EXECUTE", 2),
    constant("MH_FVMLIB", 3),
    constant("MH_CORE", 4),
    constant("MH_PRELOAD", 5),
    constant("MH_DYLIB", 6),
    constant("MH_DYLINKER", 7),
    constant("MH_BUNDLE", 8),
    constant("MH_DYLIB_STUB", 9),
    constant("MH_DSYM", 10),
    constant("MH_KEXT_BUNDLE", 11),
    constant("MH_NOUNDEFS", 1),
    constant("MH_INCRLINK", 2),
    constant("MH_DYLDLINK", 4),
    constant("MH_BINDATLOAD", 8),
    constant("MH_PREBOUND", 16),
    constant("MH_SPLIT_SEGS", 32),
    constant("MH_LAZY_INIT", 64),
    constant("MH_TWOLEVEL", 128),
    constant("MH_FORCE_FLAT", 0x100),
    constant("MH_NOMULTIDEFS", 0x200),
    constant("MH_NOFIXPREBINDING", 0x400),
    constant("MH_PREBINDABLE", 0x800),
    constant("MH_ALLMODSBOUND", 0x1000),
    constant("MH_SUBSECTIONS_VIA_SYMBOLS", 0x2000),
    constant("MH_CANONICAL", 0x4000),
    constant("MH_WEAK_DEFINES", 0x8000),
    constant("MH_BINDS_TO_WEAK", 0x10000),
    constant("MH_ALLOW_STACK_EXECUTION", 0x20000),
    constant("MH_ROOT_SAFE", 0x40000),
    constant("MH_SETUID_SAFE", 0x80000),
    constant("MH_NO_REEXPORTED_DYLIBS", 0x100000),
    constant("MH_PIE", 0x200000),
    constant("MH_DEAD_STRIPPABLE_DYLIB", 0x400000),
    constant("MH_HAS_TLV_DESCRIPTORS", 0x800000),
    constant("MH_NO_HEAP_EXECUTION", 0x1000000),
    constant("MH_APP_EXTENSION_SAFE", 0x2000000),
    constant("SG_HIGHVM", 1),
    constant("SG_FVMLIB", 2),
    constant("SG_NORELOC", 4),
    constant("SG_PROTECTED_VERSION_1", 8),
    constant("SECTION_TYPE", 255),
    constant("SECTION_ATTRIBUTES", 0xffffff00),
    constant("S_REGULAR", 0),
    constant("S_ZEROFILL", 1),
    constant("S_CSTRING_LITERALS", 2),
    constant("S_4BYTE_LITERALS", 3),
    constant("S_8BYTE_LITERALS", 4),
    constant("S_LITERAL_POINTERS", 5),
    constant("S_NON_LAZY_SYMBOL_POINTERS", 6),
    constant("S_LAZY_SYMBOL_POINTERS", 7),
    constant("S_SYMBOL_STUBS", 8),
    constant("S_MOD_INIT_FUNC_POINTERS", 9),
    constant("S_MOD_TERM_FUNC_POINTERS", 10),
    constant("S_COALESCED", 11),
    constant("S_GB_ZEROFILL", 12),
    constant("S_INTERPOSING", 13),
    constant("S_16BYTE_LITERALS", 14),
    constant("S_DTRACE_DOF", 15),
    constant("S_LAZY_DYLIB_SYMBOL_POINTERS", 16),
    constant("S_THREAD_LOCAL_REGULAR", 17),
    constant("S_THREAD_LOCAL_ZEROFILL", 18),
    constant("S_THREAD_LOCAL_VARIABLES", 19),
    constant("S_THREAD_LOCAL_VARIABLE_POINTERS", 20),
    constant("S_THREAD_LOCAL_INIT_FUNCTION_POINTERS", 21),
    constant("S_ATTR_PURE_INSTRUCTIONS", 0x80000000),
    constant("S_ATTR_NO_TOC", 0x40000000),
    constant("S_ATTR_STRIP_STATIC_SYMS", 0x20000000),
    constant("S_ATTR_NO_DEAD_STRIP", 0x10000000),
    constant("S_ATTR_LIVE_SUPPORT", 0x8000000),
    constant("S_ATTR_SELF_MODIFYING_CODE", 0x4000000),
    constant("S_ATTR_DEBUG", 0x2000000),
    constant("S_ATTR_SOME_INSTRUCTIONS", 0x400),
    constant("S_ATTR_EXT_RELOC", 0x200),
    constant("S_ATTR_LOC_RELOC", 0x100),
};

constexpr Field kSection[] = {text("sectname"), text("segname"), integer("addr"),      integer("size"),      integer("offset"),    integer("align"),
                              integer("reloff"), integer("nreloc"), integer("flags"), integer("reserved1"), integer("reserved2"), integer("reserved3")};
constexpr Field kSegment[] = {text("segname"),     integer("vmaddr"),   integer("vmsize"), integer("fileoff"), integer("fsize"),
                              integer("maxprot"), integer("initprot"), integer("nsects"), integer("flags"),   array("sections", kSection)};
// What a file says of itself, whether it stands alone or in a universal binary.
constexpr Field kFile[] = {integer("magic"),       integer("cputype"),  integer("cpusubtype"), integer("filetype"), integer("ncmds"),
                           integer("sizeofcmds"), integer("flags"),    integer("reserved"),   integer("number_of_segments"),
                           array("segments", kSegment), integer("entry_point"), integer("stack_size")};
constexpr Field kArchitecture[] = {integer("cputype"), integer("cpusubtype"), integer("offset"), integer("size"), integer("align")};

Value file_index_for_arch(Instance& in, const Object& owner, std::span<const Value> arguments);
Value entry_point_for_arch(Instance& in, const Object& owner, std::span<const Value> arguments);
constexpr Signature kFileIndex[] = {{"i", Type::integer, file_index_for_arch}, {"ii", Type::integer, file_index_for_arch}};
constexpr Signature kEntryPoint[] = {{"i", Type::integer, entry_point_for_arch}, {"ii", Type::integer, entry_point_for_arch}};
constexpr Field kUniversal[] = {integer("fat_magic"),
                                integer("nfat_arch"),
                                array("fat_arch", kArchitecture),
                                array("file", kFile),
                                function("file_index_for_arch", kFileIndex),
                                function("entry_point_for_arch", kEntryPoint)};

template <std::size_t... Counts>
constexpr auto joined(const Field (&... tables)[Counts]) {
    std::array<Field, (Counts + ...)> all{};
    std::size_t at = 0;
    const auto append = [&](const auto& table) {
        for (const auto& one : table) all[at++] = one;
    };
    (append(tables), ...);
    return all;
}
constexpr auto kFields = joined(kConstants, kFile, kUniversal);

Value as_value(std::uint64_t number) { return static_cast<std::int64_t>(number); }

// Names have no end mark when they are as long as can be.
std::string_view name_at(Bytes bytes, std::size_t offset) {
    const auto name = as_text(bytes.subspan(offset, kNameBytes));
    return name.substr(0, name.find('\0'));
}

// Where a thread begins, by processor: in the state that the kernel loads into the registers.
struct ThreadState {
    std::uint32_t processor;
    std::size_t bytes;
    std::size_t counter;  // the offset of the program counter
    bool is_64;
};
constexpr ThreadState kThreadStates[] = {
    {6, 72, 68, false},           // MC680X0
    {7, 64, 40, false},           // X86
    {12, 68, 60, false},          // ARM
    {13, 136, 124, false},        // MC88000
    {14, 76, 4, false},           // SPARC
    {18, 160, 0, false},          // POWERPC
    {0x01000007, 168, 128, true}, // X86_64
    {0x0100000c, 268, 256, true}, // ARM64
    {0x01000012, 304, 0, true},   // POWERPC64
};

bool is_late(const Instance& in) {
    auto* deadline = in.environment().deadline;
    return deadline != nullptr && deadline->passed();
}

bool take(std::size_t& left) {
    if (left == 0) return false;
    --left;
    return true;
}

// Fills what one file says of itself into `out`, whose fields of kFile begin at number `first`.
class FileReader {
public:
    // `left` is how many items there may still be.
    FileReader(Instance& in, std::size_t& left, Bytes bytes, Object& out, std::size_t first)
        : in_{in}, left_{left}, bytes_{bytes}, out_{out}, first_{first} {}

    void run() {
        if (bytes_.size() < kHeaderBytes64) return;  // of 32-bit files too
        // As it stands in the file, so that a little-endian file has the magic that is called backwards.
        const std::uint32_t magic = Record{bytes_, true, false}.u32(0);
        const bool is_64 = magic != kMagic && magic != __builtin_bswap32(kMagic);
        big_endian_ = magic == kMagic || magic == kMagic64 || magic == kFatMagic || magic == kFatMagic64;
        const Record header = record(bytes_, false);
        set("magic", magic);
        set("cputype", processor_ = header.u32(4));
        set("cpusubtype", header.u32(8));
        set("filetype", header.u32(12));
        set("ncmds", header.u32(16));
        set("sizeofcmds", header.u32(20));
        set("flags", header.u32(24));
        if (is_64) set("reserved", header.u32(28));
        first_command_ = is_64 ? kHeaderBytes64 : kHeaderBytes;
        command_count_ = header.u32(16);
        read_commands(&FileReader::read_segment);
        set("number_of_segments", segment_count_);
        read_commands(&FileReader::read_start);
    }

private:
    // Where segments lie, for addresses.
    struct Range {
        std::uint64_t address, bytes, offset;
    };

    Record record(Bytes bytes, bool is_64) const { return {bytes, big_endian_, is_64}; }
    void set(std::string_view name, std::uint64_t number) {
        std::size_t at = 0;
        while (kFile[at].name != name) ++at;
        out_.set(first_ + at, as_value(number));
    }
    bool late() { return is_late(in_); }

    // Calls `read` with each command's kind and size, and the bytes from its start to the end of the file.
    void read_commands(void (FileReader::*read)(std::uint32_t kind, std::uint32_t size, Bytes rest)) {
        Bytes rest = bytes_.subspan(first_command_);
        for (std::uint32_t i = 0; i < command_count_ && rest.size() >= kCommandBytes; ++i) {
            if (late()) return;
            const Record command = record(rest, false);
            const std::uint32_t size = command.u32(4);
            if (size < kCommandBytes || size > rest.size()) return;
            (this->*read)(command.u32(0), size, rest);
            rest = rest.subspan(size);
        }
    }

    void read_segment(std::uint32_t kind, std::uint32_t size, Bytes rest) {
        if (kind != kSegmentCommand && kind != kSegmentCommand64) return;
        const bool is_64 = kind == kSegmentCommand64;
        const std::size_t word = is_64 ? 8 : 4;
        const std::size_t segment_bytes = 40 + 4 * word;
        const std::size_t number = segment_count_++;
        if (rest.size() < segment_bytes || !take(left_)) return;
        Object& segments = out_.child(first_ + field(kFile, "segments"));
        while (segments.size() < number) segments.add(Value{});  // of such as are cut off
        Object& out = segments.add();
        const Record segment = record(rest, is_64);
        const Range range{segment.word(24), segment.word(24 + word), segment.word(24 + 2 * word)};
        ranges_.push_back(range);
        const std::uint32_t section_count = segment.u32(32 + 4 * word);
        out.set(field(kSegment, "segname"), name_at(rest, 8));
        out.set(field(kSegment, "vmaddr"), as_value(range.address));
        out.set(field(kSegment, "vmsize"), as_value(range.bytes));
        out.set(field(kSegment, "fileoff"), as_value(range.offset));
        out.set(field(kSegment, "fsize"), as_value(segment.word(24 + 3 * word)));
        out.set(field(kSegment, "maxprot"), as_value(segment.u32(24 + 4 * word)));
        out.set(field(kSegment, "initprot"), as_value(segment.u32(28 + 4 * word)));
        out.set(field(kSegment, "nsects"), as_value(section_count));
        out.set(field(kSegment, "flags"), as_value(segment.u32(36 + 4 * word)));

        const std::size_t section_bytes = is_64 ? 80 : 68;
        std::size_t at = segment_bytes;
        for (std::uint32_t i = 0; i < section_count && at + section_bytes <= size; ++i, at += section_bytes) {
            if (late() || !take(left_)) return;
            read_section(rest.subspan(at, section_bytes), is_64, out.child(field(kSegment, "sections")).add());
        }
    }

    void read_section(Bytes bytes, bool is_64, Object& out) const {
        const Record section = record(bytes, is_64);
        const std::size_t word = is_64 ? 8 : 4;
        out.set(field(kSection, "sectname"), name_at(bytes, 0));
        out.set(field(kSection, "segname"), name_at(bytes, kNameBytes));
        out.set(field(kSection, "addr"), as_value(section.word(32)));
        out.set(field(kSection, "size"), as_value(section.word(32 + word)));
        constexpr std::size_t kNumbers[] = {field(kSection, "offset"), field(kSection, "align"), field(kSection, "reloff"), field(kSection, "nreloc"),
                                            field(kSection, "flags"), field(kSection, "reserved1"), field(kSection, "reserved2")};
        std::size_t at = 32 + 2 * word;
        for (const std::size_t number : kNumbers) {
            out.set(number, as_value(section.u32(at)));
            at += 4;
        }
        if (is_64) out.set(field(kSection, "reserved3"), as_value(section.u32(at)));
    }

    // Where it starts: old files say what registers hold, newer ones where `main` is in the file. The last command counts.
    void read_start(std::uint32_t kind, std::uint32_t, Bytes rest) {
        if (kind == kMainCommand && rest.size() >= kMainBytes) {
            const Record main = record(rest, true);
            set("entry_point", main.u64(8));
            set("stack_size", main.u64(16));
        }
        if (kind == kUnixThreadCommand) read_thread(rest);
    }

    void read_thread(Bytes rest) {
        if (rest.size() < kThreadBytes) return;
        // YARA takes the command's size as little-endian, which for others is past the end of the file.
        const std::size_t bytes = std::min<std::size_t>(rest.size(), Record{rest, false, false}.u32(4));
        if (bytes < kThreadBytes) return;
        const auto* state = std::find_if(std::begin(kThreadStates), std::end(kThreadStates), [&](const ThreadState& one) { return one.processor == processor_; });
        if (state == std::end(kThreadStates) || bytes - kThreadBytes < state->bytes) return;
        const std::uint64_t address = record(rest, state->is_64).word(kThreadBytes + state->counter);
        for (const auto& range : ranges_) {
            if (late()) return;
            if (address < range.address || address >= range.address + range.bytes) continue;
            set("entry_point", range.offset + (address - range.address));
            return;
        }
    }

    Instance& in_;
    std::size_t& left_;
    Bytes bytes_;
    Object& out_;
    std::size_t first_;
    bool big_endian_ = false;
    std::uint32_t processor_ = 0;
    std::size_t first_command_ = 0;
    std::uint32_t command_count_ = 0;
    std::size_t segment_count_ = 0;
    std::vector<Range> ranges_;
};

// A universal binary: files for several processors, each with its place.
void fill_universal(Instance& in, std::size_t& left, Object& root) {
    const Bytes bytes = in.bytes();
    if (bytes.size() < kFatHeaderBytes) return;
    // Always big-endian; so a magic that is backwards is not the one of 32 bits.
    const bool is_64 = Record{bytes, true, false}.u32(0) != kFatMagic;
    const Record header{bytes, true, is_64};
    const std::uint32_t count = header.u32(4);
    root.set(field(kFields, "fat_magic"), as_value(header.u32(0)));
    root.set(field(kFields, "nfat_arch"), as_value(count));
    const std::size_t size = is_64 ? 32 : 20;
    if (count > (bytes.size() - kFatHeaderBytes) / size) return;
    Object& architectures = root.child(field(kFields, "fat_arch"));
    Object& files = root.child(field(kFields, "file"));
    for (std::uint32_t i = 0; i < count; ++i) {
        if (is_late(in) || !take(left)) return;
        const Record record{bytes.subspan(kFatHeaderBytes + i * size, size), true, is_64};
        const std::uint64_t offset = record.word(8);
        const std::uint64_t length = record.word(is_64 ? 16 : 12);
        Object& architecture = architectures.add();
        architecture.set(field(kArchitecture, "cputype"), as_value(record.u32(0)));
        architecture.set(field(kArchitecture, "cpusubtype"), as_value(record.u32(4)));
        architecture.set(field(kArchitecture, "offset"), as_value(offset));
        architecture.set(field(kArchitecture, "size"), as_value(length));
        architecture.set(field(kArchitecture, "align"), as_value(record.u32(is_64 ? 24 : 16)));
        const auto content = slice(bytes, offset, length);
        if (!content) continue;
        while (files.size() < i) files.add(Value{});  // of such as lie elsewhere
        FileReader{in, left, *content, files.add(), 0}.run();
    }
}

void fill(Instance& in, Object& root) {
    const Bytes bytes = in.bytes();
    if (bytes.size() < 4) return;
    const std::uint32_t magic = Record{bytes, true, false}.u32(0);
    std::size_t left = std::min(kMaxItems, bytes.size() / kBytesPerItem + kFreeItems);
    for (const std::uint32_t known : {magic, __builtin_bswap32(magic)}) {
        if (known == kMagic || known == kMagic64) FileReader{in, left, bytes, root, field(kFields, "magic")}.run();
        if (known == kFatMagic || known == kFatMagic64) fill_universal(in, left, root);
    }
}

constexpr Part kParts[] = {fill};

bool takes(Bytes region) {
    if (region.size() < 4) return false;
    const std::uint32_t magic = Record{region, true, false}.u32(0);
    const std::uint32_t all[] = {kMagic, kMagic64, __builtin_bswap32(kMagic), __builtin_bswap32(kMagic64), kFatMagic, kFatMagic64};
    return std::find(std::begin(all), std::end(all), magic) != std::end(all);
}

// The number of the first item that is for a processor, and for the model of it when one is asked for.
std::optional<std::size_t> find_architecture(const Object& items, std::size_t type, std::size_t subtype, std::span<const Value> arguments) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto* const* item = std::get_if<const Object*>(&items.at(i));
        if (item == nullptr || (*item)->at(type) != arguments[0]) continue;
        if (arguments.size() < 2 || (*item)->at(subtype) == arguments[1]) return i;
    }
    return std::nullopt;
}

Value file_index_for_arch(Instance& in, const Object&, std::span<const Value> arguments) {
    const Object& files = in.child(field(kFields, "file"));
    const auto found = find_architecture(files, field(kFile, "cputype"), field(kFile, "cpusubtype"), arguments);
    return found ? as_value(*found) : Value{};
}

Value entry_point_for_arch(Instance& in, const Object&, std::span<const Value> arguments) {
    const Object& architectures = in.child(field(kFields, "fat_arch"));
    const auto found = find_architecture(architectures, field(kArchitecture, "cputype"), field(kArchitecture, "cpusubtype"), arguments);
    if (!found) return {};
    const auto* const* architecture = std::get_if<const Object*>(&architectures.at(*found));
    const auto* const* file = std::get_if<const Object*>(&in.child(field(kFields, "file")).at(*found));
    if (architecture == nullptr || file == nullptr) return {};
    const auto* offset = std::get_if<std::int64_t>(&(*architecture)->at(field(kArchitecture, "offset")));
    const auto* entry = std::get_if<std::int64_t>(&(*file)->at(field(kFile, "entry_point")));
    if (offset == nullptr || entry == nullptr) return {};
    return as_value(static_cast<std::uint64_t>(*offset) + static_cast<std::uint64_t>(*entry));
}

}  // namespace

const Declaration kMacho{"macho", kFields, kParts, nullptr, takes};

}  // namespace ward::modules
