// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/pe_module.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ward::modules {

namespace {

using Arguments = std::span<const Value>;

std::int64_t integer_of(const Value& value) { return std::get<std::int64_t>(value); }
std::string_view text_of(const Value& value) { return std::get<std::string_view>(value); }
Value number_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

// As C sees it: where YARA compares with strcmp, a zero byte ends both.
std::string_view c_text(std::string_view text) { return text.substr(0, text.find('\0')); }

Value calculate_checksum(Instance& in, const Object&, Arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    // The checksum of Windows' imagehlp: words added with their carries, then the size. The field itself counts as zero, but only
    // where it lies on a boundary of four bytes.
    const Bytes bytes = image->bytes;
    const std::uint64_t own = image->optional_offset + 64;
    std::uint64_t sum = 0;
    for (std::uint64_t at = 0; at < bytes.size(); at += 4) {
        if (at == own) continue;
        sum += image->number(at, std::min<std::size_t>(4, bytes.size() - static_cast<std::size_t>(at))).value_or(0);
        sum = (sum & 0xffffffff) + (sum >> 32);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum += sum >> 16;
    return number_of((sum & 0xffff) + bytes.size());
}

Value is_dll(Instance& in, const Object&, Arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    return number_of(image->characteristics & 0x2000u);
}

Value is_32bit(Instance& in, const Object&, Arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    return number_of(image->is_64bit ? 0 : 1);
}

Value is_64bit(Instance& in, const Object&, Arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    return number_of(image->is_64bit ? 1 : 0);
}

Value rva_to_offset(Instance& in, const Object&, Arguments arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    const auto offset = image->rva_to_offset(static_cast<std::uint64_t>(integer_of(arguments[0])));
    if (!offset) return {};
    return number_of(*offset);
}

Value section_of_name(Instance& in, const Object&, Arguments arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    for (std::size_t i = 0; i < image->sections.size(); ++i) {
        if (c_text(image->sections[i].name) == c_text(text_of(arguments[0]))) return number_of(i);
    }
    return {};
}

Value section_of_offset(Instance& in, const Object&, Arguments arguments) {
    const PeImage* image = pe_image(in);
    const std::int64_t offset = integer_of(arguments[0]);
    if (image == nullptr) return {};
    for (std::size_t i = 0; i < image->sections.size(); ++i) {
        const auto& section = image->sections[i];
        const std::int64_t start = section.raw_data_offset;
        if (offset >= start && offset < start + section.raw_data_size) return number_of(i);
    }
    return {};
}

constexpr Signature kCalculateChecksum[] = {{"", Type::integer, calculate_checksum}};
constexpr Signature kIsDll[] = {{"", Type::integer, is_dll}};
constexpr Signature kIs32bit[] = {{"", Type::integer, is_32bit}};
constexpr Signature kIs64bit[] = {{"", Type::integer, is_64bit}};
constexpr Signature kRvaToOffset[] = {{"i", Type::integer, rva_to_offset}};
constexpr Signature kSectionIndex[] = {{"s", Type::integer, section_of_name}, {"i", Type::integer, section_of_offset}};

constexpr Field kVersion[] = {integer("major"), integer("minor")};
constexpr Field kDirectory[] = {integer("virtual_address"), integer("size")};
constexpr Field kSection[] = {text("name"), text("full_name"), integer("characteristics"), integer("virtual_address"),
                              integer("virtual_size"), integer("raw_data_offset"), integer("raw_data_size"),
                              integer("pointer_to_relocations"), integer("pointer_to_line_numbers"), integer("number_of_relocations"),
                              integer("number_of_line_numbers")};
constexpr Field kOverlay[] = {integer("offset"), integer("size")};

constexpr Field kFields[] = {
    constant("MACHINE_UNKNOWN", 0), constant("MACHINE_AM33", 0x1d3), constant("MACHINE_AMD64", 0x8664),
    constant("MACHINE_ARM", 0x1c0), constant("MACHINE_ARMNT", 0x1c4), constant("MACHINE_ARM64", 0xaa64),
    constant("MACHINE_EBC", 0xebc), constant("MACHINE_I386", 0x14c), constant("MACHINE_IA64", 0x200),
    constant("MACHINE_M32R", 0x9041), constant("MACHINE_MIPS16", 0x266), constant("MACHINE_MIPSFPU", 0x366),
    constant("MACHINE_MIPSFPU16", 0x466), constant("MACHINE_POWERPC", 0x1f0), constant("MACHINE_POWERPCFP", 0x1f1),
    constant("MACHINE_R4000", 0x166), constant("MACHINE_SH3", 0x1a2), constant("MACHINE_SH3DSP", 0x1a3),
    constant("MACHINE_SH4", 0x1a6), constant("MACHINE_SH5", 0x1a8), constant("MACHINE_THUMB", 0x1c2),
    constant("MACHINE_WCEMIPSV2", 0x169), constant("MACHINE_TARGET_HOST", 1), constant("MACHINE_R3000", 0x162),
    constant("MACHINE_R10000", 0x168), constant("MACHINE_ALPHA", 0x184), constant("MACHINE_SH3E", 0x1a4),
    constant("MACHINE_ALPHA64", 0x284), constant("MACHINE_AXP64", 0x284), constant("MACHINE_TRICORE", 0x520),
    constant("MACHINE_CEF", 0xcef), constant("MACHINE_CEE", 0xc0ee),
    constant("SUBSYSTEM_UNKNOWN", 0), constant("SUBSYSTEM_NATIVE", 1), constant("SUBSYSTEM_WINDOWS_GUI", 2),
    constant("SUBSYSTEM_WINDOWS_CUI", 3), constant("SUBSYSTEM_OS2_CUI", 5), constant("SUBSYSTEM_POSIX_CUI", 7),
    constant("SUBSYSTEM_NATIVE_WINDOWS", 8), constant("SUBSYSTEM_WINDOWS_CE_GUI", 9),
    constant("SUBSYSTEM_EFI_APPLICATION", 0xa), constant("SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER", 0xb),
    constant("SUBSYSTEM_EFI_RUNTIME_DRIVER", 0xc), constant("SUBSYSTEM_EFI_ROM_IMAGE", 0xd), constant("SUBSYSTEM_XBOX", 0xe),
    constant("SUBSYSTEM_WINDOWS_BOOT_APPLICATION", 0x10),
    constant("HIGH_ENTROPY_VA", 0x20), constant("DYNAMIC_BASE", 0x40), constant("FORCE_INTEGRITY", 0x80),
    constant("NX_COMPAT", 0x100), constant("NO_ISOLATION", 0x200), constant("NO_SEH", 0x400), constant("NO_BIND", 0x800),
    constant("APPCONTAINER", 0x1000), constant("WDM_DRIVER", 0x2000), constant("GUARD_CF", 0x4000),
    constant("TERMINAL_SERVER_AWARE", 0x8000), constant("RELOCS_STRIPPED", 1), constant("EXECUTABLE_IMAGE", 2),
    constant("LINE_NUMS_STRIPPED", 4), constant("LOCAL_SYMS_STRIPPED", 8), constant("AGGRESIVE_WS_TRIM", 0x10),
    constant("LARGE_ADDRESS_AWARE", 0x20), constant("BYTES_REVERSED_LO", 0x80), constant("MACHINE_32BIT", 0x100),
    constant("DEBUG_STRIPPED", 0x200), constant("REMOVABLE_RUN_FROM_SWAP", 0x400), constant("NET_RUN_FROM_SWAP", 0x800),
    constant("SYSTEM", 0x1000), constant("DLL", 0x2000), constant("UP_SYSTEM_ONLY", 0x4000),
    constant("BYTES_REVERSED_HI", 0x8000),
    constant("IMAGE_DIRECTORY_ENTRY_EXPORT", 0), constant("IMAGE_DIRECTORY_ENTRY_IMPORT", 1),
    constant("IMAGE_DIRECTORY_ENTRY_RESOURCE", 2), constant("IMAGE_DIRECTORY_ENTRY_EXCEPTION", 3),
    constant("IMAGE_DIRECTORY_ENTRY_SECURITY", 4), constant("IMAGE_DIRECTORY_ENTRY_BASERELOC", 5),
    constant("IMAGE_DIRECTORY_ENTRY_DEBUG", 6), constant("IMAGE_DIRECTORY_ENTRY_ARCHITECTURE", 7),
    constant("IMAGE_DIRECTORY_ENTRY_COPYRIGHT", 7), constant("IMAGE_DIRECTORY_ENTRY_GLOBALPTR", 8),
    constant("IMAGE_DIRECTORY_ENTRY_TLS", 9), constant("IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG", 0xa),
    constant("IMAGE_DIRECTORY_ENTRY_BOUND_IMPORT", 0xb), constant("IMAGE_DIRECTORY_ENTRY_IAT", 0xc),
    constant("IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT", 0xd), constant("IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR", 0xe),
    constant("IMAGE_NT_OPTIONAL_HDR32_MAGIC", 0x10b), constant("IMAGE_NT_OPTIONAL_HDR64_MAGIC", 0x20b),
    constant("IMAGE_ROM_OPTIONAL_HDR_MAGIC", 0x107),
    constant("SECTION_NO_PAD", 8), constant("SECTION_CNT_CODE", 0x20), constant("SECTION_CNT_INITIALIZED_DATA", 0x40),
    constant("SECTION_CNT_UNINITIALIZED_DATA", 0x80), constant("SECTION_LNK_OTHER", 0x100), constant("SECTION_LNK_INFO", 0x200),
    constant("SECTION_LNK_REMOVE", 0x800), constant("SECTION_LNK_COMDAT", 0x1000),
    constant("SECTION_NO_DEFER_SPEC_EXC", 0x4000), constant("SECTION_GPREL", 0x8000), constant("SECTION_MEM_FARDATA", 0x8000),
    constant("SECTION_MEM_PURGEABLE", 0x20000), constant("SECTION_MEM_16BIT", 0x20000), constant("SECTION_MEM_LOCKED", 0x40000),
    constant("SECTION_MEM_PRELOAD", 0x80000), constant("SECTION_ALIGN_1BYTES", 0x100000),
    constant("SECTION_ALIGN_2BYTES", 0x200000), constant("SECTION_ALIGN_4BYTES", 0x300000),
    constant("SECTION_ALIGN_8BYTES", 0x400000), constant("SECTION_ALIGN_16BYTES", 0x500000),
    constant("SECTION_ALIGN_32BYTES", 0x600000), constant("SECTION_ALIGN_64BYTES", 0x700000),
    constant("SECTION_ALIGN_128BYTES", 0x800000), constant("SECTION_ALIGN_256BYTES", 0x900000),
    constant("SECTION_ALIGN_512BYTES", 0xa00000), constant("SECTION_ALIGN_1024BYTES", 0xb00000),
    constant("SECTION_ALIGN_2048BYTES", 0xc00000), constant("SECTION_ALIGN_4096BYTES", 0xd00000),
    constant("SECTION_ALIGN_8192BYTES", 0xe00000), constant("SECTION_ALIGN_MASK", 0xf00000),
    constant("SECTION_LNK_NRELOC_OVFL", 0x1000000), constant("SECTION_MEM_DISCARDABLE", 0x2000000),
    constant("SECTION_MEM_NOT_CACHED", 0x4000000), constant("SECTION_MEM_NOT_PAGED", 0x8000000),
    constant("SECTION_MEM_SHARED", 0x10000000), constant("SECTION_MEM_EXECUTE", 0x20000000),
    constant("SECTION_MEM_READ", 0x40000000), constant("SECTION_MEM_WRITE", 0x80000000), constant("SECTION_SCALE_INDEX", 1),
    constant("RESOURCE_TYPE_CURSOR", 1), constant("RESOURCE_TYPE_BITMAP", 2), constant("RESOURCE_TYPE_ICON", 3),
    constant("RESOURCE_TYPE_MENU", 4), constant("RESOURCE_TYPE_DIALOG", 5), constant("RESOURCE_TYPE_STRING", 6),
    constant("RESOURCE_TYPE_FONTDIR", 7), constant("RESOURCE_TYPE_FONT", 8), constant("RESOURCE_TYPE_ACCELERATOR", 9),
    constant("RESOURCE_TYPE_RCDATA", 0xa), constant("RESOURCE_TYPE_MESSAGETABLE", 0xb),
    constant("RESOURCE_TYPE_GROUP_CURSOR", 0xc), constant("RESOURCE_TYPE_GROUP_ICON", 0xe),
    constant("RESOURCE_TYPE_VERSION", 0x10), constant("RESOURCE_TYPE_DLGINCLUDE", 0x11),
    constant("RESOURCE_TYPE_PLUGPLAY", 0x13), constant("RESOURCE_TYPE_VXD", 0x14), constant("RESOURCE_TYPE_ANICURSOR", 0x15),
    constant("RESOURCE_TYPE_ANIICON", 0x16), constant("RESOURCE_TYPE_HTML", 0x17), constant("RESOURCE_TYPE_MANIFEST", 0x18),
    constant("IMAGE_DEBUG_TYPE_UNKNOWN", 0), constant("IMAGE_DEBUG_TYPE_COFF", 1), constant("IMAGE_DEBUG_TYPE_CODEVIEW", 2),
    constant("IMAGE_DEBUG_TYPE_FPO", 3), constant("IMAGE_DEBUG_TYPE_MISC", 4), constant("IMAGE_DEBUG_TYPE_EXCEPTION", 5),
    constant("IMAGE_DEBUG_TYPE_FIXUP", 6), constant("IMAGE_DEBUG_TYPE_OMAP_TO_SRC", 7),
    constant("IMAGE_DEBUG_TYPE_OMAP_FROM_SRC", 8), constant("IMAGE_DEBUG_TYPE_BORLAND", 9),
    constant("IMAGE_DEBUG_TYPE_RESERVED10", 0xa), constant("IMAGE_DEBUG_TYPE_CLSID", 0xb),
    constant("IMAGE_DEBUG_TYPE_VC_FEATURE", 0xc), constant("IMAGE_DEBUG_TYPE_POGO", 0xd),
    constant("IMAGE_DEBUG_TYPE_ILTCG", 0xe), constant("IMAGE_DEBUG_TYPE_MPX", 0xf), constant("IMAGE_DEBUG_TYPE_REPRO", 0x10),
    constant("IMPORT_DELAYED", 2), constant("IMPORT_STANDARD", 1), constant("IMPORT_ANY", -1),

    integer("is_pe"), integer("machine"), integer("number_of_sections"), integer("timestamp"), integer("pointer_to_symbol_table"),
    integer("number_of_symbols"), integer("size_of_optional_header"), integer("characteristics"), integer("entry_point"),
    integer("entry_point_raw"), integer("image_base"), integer("number_of_rva_and_sizes"), integer("opthdr_magic"),
    integer("size_of_code"), integer("size_of_initialized_data"), integer("size_of_uninitialized_data"), integer("base_of_code"),
    integer("base_of_data"), integer("section_alignment"), integer("file_alignment"), structure("linker_version", kVersion),
    structure("os_version", kVersion), structure("image_version", kVersion), structure("subsystem_version", kVersion),
    integer("win32_version_value"), integer("size_of_image"), integer("size_of_headers"), integer("checksum"), integer("subsystem"),
    integer("dll_characteristics"), integer("size_of_stack_reserve"), integer("size_of_stack_commit"), integer("size_of_heap_reserve"),
    integer("size_of_heap_commit"), integer("loader_flags"), array("data_directories", kDirectory), array("sections", kSection),
    structure("overlay", kOverlay), function("calculate_checksum", kCalculateChecksum), function("is_dll", kIsDll),
    function("is_32bit", kIs32bit), function("is_64bit", kIs64bit), function("rva_to_offset", kRvaToOffset),
    function("section_index", kSectionIndex),
};

// Fields of the optional header, with their places in PE32 and PE32+.
struct HeaderField {
    std::size_t field;
    std::uint8_t offset;
    std::uint8_t width;
    std::uint8_t offset_64bit;
    std::uint8_t width_64bit;
};
constexpr HeaderField kOptionalFields[] = {
    {field(kFields, "opthdr_magic"), 0, 2, 0, 2},
    {field(kFields, "size_of_code"), 4, 4, 4, 4},
    {field(kFields, "size_of_initialized_data"), 8, 4, 8, 4},
    {field(kFields, "size_of_uninitialized_data"), 12, 4, 12, 4},
    {field(kFields, "base_of_code"), 20, 4, 20, 4},
    {field(kFields, "section_alignment"), 32, 4, 32, 4},
    {field(kFields, "file_alignment"), 36, 4, 36, 4},
    {field(kFields, "win32_version_value"), 52, 4, 52, 4},
    {field(kFields, "size_of_image"), 56, 4, 56, 4},
    {field(kFields, "size_of_headers"), 60, 4, 60, 4},
    {field(kFields, "checksum"), 64, 4, 64, 4},
    {field(kFields, "subsystem"), 68, 2, 68, 2},
    {field(kFields, "dll_characteristics"), 70, 2, 70, 2},
    {field(kFields, "size_of_stack_reserve"), 72, 4, 72, 8},
    {field(kFields, "size_of_stack_commit"), 76, 4, 80, 8},
    {field(kFields, "size_of_heap_reserve"), 80, 4, 88, 8},
    {field(kFields, "size_of_heap_commit"), 84, 4, 96, 8},
    {field(kFields, "loader_flags"), 88, 4, 104, 4},
    {field(kFields, "number_of_rva_and_sizes"), 92, 4, 108, 4},
};
// Pairs of a major and a minor version; the same places in both.
constexpr HeaderField kVersionFields[] = {
    {field(kFields, "linker_version"), 2, 1, 2, 1},
    {field(kFields, "os_version"), 40, 2, 40, 2},
    {field(kFields, "image_version"), 44, 2, 44, 2},
    {field(kFields, "subsystem_version"), 48, 2, 48, 2},
};

// The name itself, or the one it points at: "/123" is an offset into the string table behind the symbols. Undefined when that
// is not a printable text that ends within the file.
Value full_name(const PeImage& image, std::string_view name) {
    if (image.pointer_to_symbol_table == 0 || name.empty() || name.front() != '/') return name;
    std::uint64_t index = 0;
    for (const char c : name.substr(1)) {
        if (c < '0' || c > '9') break;
        index = index * 10 + static_cast<std::uint64_t>(c - '0');
    }
    const std::uint64_t start = image.pointer_to_symbol_table + std::uint64_t{18} * image.number_of_symbols + index;
    const std::string_view found = image.text(start, std::string_view::npos);
    if (!image.has(start + found.size(), 1)) return {};
    if (!std::all_of(found.begin(), found.end(), [](char c) { return c >= 0x20 && c <= 0x7e; })) return {};
    return found;
}

void fill_sections(const PeImage& image, Object& root) {
    Object& sections = root.child(field(kFields, "sections"));
    std::uint64_t end = 0;  // of the last one in the file
    for (const auto& section : image.sections) {
        Object& out = sections.add();
        out.set(field(kSection, "name"), section.name);
        out.set(field(kSection, "full_name"), full_name(image, section.name));
        out.set(field(kSection, "characteristics"), number_of(section.characteristics));
        out.set(field(kSection, "virtual_address"), number_of(section.virtual_address));
        out.set(field(kSection, "virtual_size"), number_of(section.virtual_size));
        out.set(field(kSection, "raw_data_offset"), number_of(section.raw_data_offset));
        out.set(field(kSection, "raw_data_size"), number_of(section.raw_data_size));
        out.set(field(kSection, "pointer_to_relocations"), number_of(section.pointer_to_relocations));
        out.set(field(kSection, "pointer_to_line_numbers"), number_of(section.pointer_to_line_numbers));
        out.set(field(kSection, "number_of_relocations"), number_of(section.number_of_relocations));
        out.set(field(kSection, "number_of_line_numbers"), number_of(section.number_of_line_numbers));
        // Compared as 32 bits that wrap, and then taken as what they are: so YARA finds the overlay.
        const std::uint32_t wrapped = section.raw_data_offset + section.raw_data_size;
        if (wrapped > end) end = std::uint64_t{section.raw_data_offset} + section.raw_data_size;
    }
    const bool overlay = end != 0 && image.bytes.size() > end;
    Object& out = root.child(field(kFields, "overlay"));
    out.set(field(kOverlay, "offset"), number_of(overlay ? end : 0));
    out.set(field(kOverlay, "size"), number_of(overlay ? image.bytes.size() - end : 0));
}

void fill_headers(Instance& in, Object& root) {
    const PeImage* image = pe_image(in);
    root.set(field(kFields, "is_pe"), number_of(image != nullptr ? 1 : 0));
    if (image == nullptr) return;
    root.set(field(kFields, "machine"), number_of(image->machine));
    root.set(field(kFields, "number_of_sections"), number_of(image->number_of_sections));
    root.set(field(kFields, "timestamp"), number_of(image->timestamp));
    root.set(field(kFields, "pointer_to_symbol_table"), number_of(image->pointer_to_symbol_table));
    root.set(field(kFields, "number_of_symbols"), number_of(image->number_of_symbols));
    root.set(field(kFields, "size_of_optional_header"), number_of(image->size_of_optional_header));
    root.set(field(kFields, "characteristics"), number_of(image->characteristics));
    // -1, not undefined, when it is not in the file.
    const auto entry = image->rva_to_offset(image->entry_point);
    root.set(field(kFields, "entry_point"), entry ? number_of(*entry) : std::int64_t{-1});
    root.set(field(kFields, "entry_point_raw"), number_of(image->entry_point));
    root.set(field(kFields, "image_base"), number_of(image->image_base));
    const auto optional = [&](std::uint64_t offset, std::size_t width) {
        return number_of(image->number(image->optional_offset + offset, width).value_or(0));
    };
    for (const auto& entry_of : kOptionalFields) {
        root.set(entry_of.field, image->is_64bit ? optional(entry_of.offset_64bit, entry_of.width_64bit)
                                                 : optional(entry_of.offset, entry_of.width));
    }
    if (!image->is_64bit) root.set(field(kFields, "base_of_data"), optional(24, 4));
    for (const auto& entry_of : kVersionFields) {
        Object& version = root.child(entry_of.field);
        version.set(field(kVersion, "major"), optional(entry_of.offset, entry_of.width));
        version.set(field(kVersion, "minor"), optional(std::uint64_t{entry_of.offset} + entry_of.width, entry_of.width));
    }
    const std::uint64_t first = image->is_64bit ? 112 : 96;
    Object& directories = root.child(field(kFields, "data_directories"));
    // A count with the highest bit set is a negative one.
    const auto count = static_cast<std::int32_t>(image->number(image->optional_offset + first - 4, 4).value_or(0));
    for (std::int32_t i = 0; i < std::min<std::int32_t>(count, PeImage::kDirectories); ++i) {
        Object& out = directories.add();
        out.set(field(kDirectory, "virtual_address"), optional(first + 8u * static_cast<std::uint32_t>(i), 4));
        out.set(field(kDirectory, "size"), optional(first + 8u * static_cast<std::uint32_t>(i) + 4, 4));
    }
    fill_sections(*image, root);
}

constexpr Part kParts[] = {fill_headers};

}  // namespace

const PeImage* pe_image(Instance& in) {
    auto& state = in.state<PeState>();
    if (!state.read) {
        state.read = true;
        state.image = PeImage::read(in.bytes());
    }
    return state.image ? &*state.image : nullptr;
}

const Declaration kPe{"pe", kFields, kParts};

}  // namespace ward::modules
