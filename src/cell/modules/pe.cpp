// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/pe_module.h"
#include "cell/modules/internal/pe_signatures.h"
#include "cell/modules/internal/range.h"
#include "core/hash.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace ward::modules {

namespace {

// Parts of the declaration. The headers, which nearly all rules ask for, are part 0.
constexpr std::uint8_t kImportsPart = 1;
constexpr std::uint8_t kDelayedPart = 2;
constexpr std::uint8_t kExportsPart = 3;
constexpr std::uint8_t kResourcesPart = 4;
constexpr std::uint8_t kToolchainPart = 5;
constexpr std::uint8_t kSignaturesPart = 6;

using Arguments = std::span<const Value>;

std::int64_t integer_of(const Value& value) { return std::get<std::int64_t>(value); }
std::string_view text_of(const Value& value) { return std::get<std::string_view>(value); }
Value number_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

// As C sees it: where YARA compares with strcmp, a zero byte ends both.
std::string_view c_text(std::string_view text) { return text.substr(0, text.find('\0')); }

Value calculate_checksum(Instance& in, const Object&, Arguments) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return {};
    auto& known = in.state<PeState>().checksum;
    if (known) return number_of(*known);
    // The checksum of Windows' imagehlp: words added with their carries, then the size. The field itself counts as zero, but only
    // where it lies on a boundary of four bytes.
    const Bytes bytes = image->bytes;
    const std::uint64_t own = image->optional_offset + 64;
    std::uint64_t sum = 0;
    std::uint64_t at = 0;
    const auto add = [&](Bytes step) {  // of whole words, but for the last
        for (const std::uint64_t end = at + step.size(); at < end; at += 4) {
            if (at == own) continue;
            sum += image->number(at, static_cast<std::size_t>(std::min<std::uint64_t>(4, end - at))).value_or(0);
            sum = (sum & 0xffffffff) + (sum >> 32);
        }
    };
    if (!in_steps(in, bytes, add)) return {};
    sum = (sum & 0xffff) + (sum >> 16);
    sum += sum >> 16;
    known = (sum & 0xffff) + bytes.size();
    return number_of(*known);
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

const PeImports* imports_of(Instance& in, bool delayed) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return nullptr;
    auto& state = in.state<PeState>();
    auto& imports = delayed ? state.delayed_imports : state.imports;
    Deadline* deadline = in.environment().deadline;
    if (!imports) imports = delayed ? PeImports::read_delayed(*image, deadline) : PeImports::read(*image, deadline);
    return &*imports;
}

const PeExports* exports_of(Instance& in) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return nullptr;
    auto& exports = in.state<PeState>().exports;
    if (!exports) exports = PeExports::read(*image, in.environment().deadline);
    return &*exports;
}

// A function counts when the library and it are those that the arguments name. What is named: a text, a regular expression or, of
// a function, a number; nothing means any.
bool is_named(Instance& in, std::string_view name, const Value& by) {
    if (const auto* text = std::get_if<std::string_view>(&by)) return equal_ignoring_case(name, c_text(*text));
    return in.environment().matches && in.environment().matches(std::get<Regex>(by), name);
}

std::int64_t count_imports(Instance& in, const PeImports& imports, const Value& library_by, const Value& function_by) {
    std::int64_t count = 0;
    for (const auto& library : imports.libraries) {
        if (!is_named(in, library.name, library_by)) continue;
        for (const auto& function : library.functions) {
            if (const auto* number = std::get_if<std::int64_t>(&function_by)) {
                count += function.ordinal && *function.ordinal == *number ? 1 : 0;
            } else {
                count += std::holds_alternative<std::monostate>(function_by) || is_named(in, function.name, function_by) ? 1 : 0;
            }
        }
    }
    return count;
}

constexpr std::int64_t kImportStandard = 1;
constexpr std::int64_t kImportDelayed = 2;

// Named by texts and numbers, it is a yes or no; for a whole library, and with regular expressions, the number of functions.
Value imports_by(Instance& in, std::int64_t kinds, const Value& library, const Value& function) {
    if (pe_image(in) == nullptr) return {};
    std::int64_t count = 0;
    if ((kinds & kImportStandard) != 0) count += count_imports(in, *imports_of(in, false), library, function);
    if ((kinds & kImportDelayed) != 0) count += count_imports(in, *imports_of(in, true), library, function);
    const bool counted = std::holds_alternative<std::monostate>(function) || std::holds_alternative<Regex>(function);
    return counted ? count : std::min<std::int64_t>(count, 1);
}

Value imports_library(Instance& in, const Object&, Arguments arguments) { return imports_by(in, kImportStandard, arguments[0], {}); }

Value imports_function(Instance& in, const Object&, Arguments arguments) {
    return imports_by(in, kImportStandard, arguments[0], arguments[1]);
}

Value imports_kind_library(Instance& in, const Object&, Arguments arguments) {
    return imports_by(in, integer_of(arguments[0]), arguments[1], {});
}

Value imports_kind_function(Instance& in, const Object&, Arguments arguments) {
    return imports_by(in, integer_of(arguments[0]), arguments[1], arguments[2]);
}

Value rva_of_import(const PeImports* imports, std::string_view library_name, const Value& by) {
    if (imports == nullptr) return {};
    for (const auto& library : imports->libraries) {
        if (!equal_ignoring_case(library.name, library_name)) continue;
        for (const auto& function : library.functions) {
            const auto* number = std::get_if<std::int64_t>(&by);
            const bool found = number != nullptr ? function.ordinal && *function.ordinal == *number : equal_ignoring_case(function.name, text_of(by));
            if (found) return function.address == 0 ? Value{} : number_of(function.address);
        }
    }
    return {};
}

Value import_rva(Instance& in, const Object&, Arguments arguments) {
    return rva_of_import(imports_of(in, false), text_of(arguments[0]), arguments[1]);
}

Value delayed_import_rva(Instance& in, const Object&, Arguments arguments) {
    return rva_of_import(imports_of(in, true), text_of(arguments[0]), arguments[1]);
}

// MD5 of "library.function,..." in small letters, without the extensions of libraries: what is known as the import hash.
Value imphash(Instance& in, const Object&, Arguments) {
    const PeImports* imports = imports_of(in, false);
    if (imports == nullptr) return {};
    auto& hash = in.state<PeState>().import_hash;
    if (hash.empty()) {
        std::string all;
        for (const auto& library : imports->libraries) {
            std::string name = to_lower_ascii(library.name);
            const std::size_t dot = name.find('.');
            const std::string_view extension = dot == std::string::npos ? "" : std::string_view{name}.substr(dot);
            if (extension.starts_with(".dll") || extension.starts_with(".ocx") || extension.starts_with(".sys")) name.resize(dot);
            for (const auto& function : library.functions) {
                if (!all.empty()) all += ',';
                all += name + '.' + to_lower_ascii(function.name);
            }
        }
        hash = to_hex(md5(as_bytes(all)));
    }
    return std::string_view{hash};
}

// The place of the first export that is named so, a text, a regular expression or a number; nothing where there is none.
std::optional<std::size_t> find_export(Instance& in, const PeExports& exports, const Value& by) {
    const auto* number = std::get_if<std::int64_t>(&by);
    // YARA looks for no number above the count of exports, whatever the first one is.
    if (number != nullptr && (*number == 0 || *number > static_cast<std::int64_t>(exports.functions.size()))) return std::nullopt;
    for (std::size_t i = 0; i < exports.functions.size(); ++i) {
        const auto& function = exports.functions[i];
        if (number != nullptr) {
            if (function.ordinal == *number) return i;
        } else if (function.name) {
            const auto* text = std::get_if<std::string_view>(&by);
            if (text != nullptr ? equal_ignoring_case(*function.name, *text) : is_named(in, *function.name, by)) return i;
        }
    }
    return std::nullopt;
}

Value exports(Instance& in, const Object&, Arguments arguments) {
    const PeExports* all = exports_of(in);
    if (all == nullptr) return {};
    return number_of(find_export(in, *all, arguments[0]) ? 1 : 0);
}

Value exports_index(Instance& in, const Object&, Arguments arguments) {
    const PeExports* all = exports_of(in);
    if (all == nullptr) return {};
    const auto found = find_export(in, *all, arguments[0]);
    return found ? number_of(*found) : Value{};
}

const PeResources* resources_of(Instance& in) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return nullptr;
    auto& resources = in.state<PeState>().resources;
    if (!resources) resources = PeResources::read(*image, in.environment().deadline);
    return &*resources;
}

Value has_language(Instance& in, std::int64_t wanted, std::int64_t mask) {
    const PeResources* all = resources_of(in);
    if (all == nullptr) return {};
    for (const auto& resource : all->resources) {
        const auto* number = std::get_if<std::int32_t>(&resource.language);
        if (number != nullptr && (*number & mask) == wanted) return number_of(1);
    }
    return number_of(0);
}

Value locale(Instance& in, const Object&, Arguments arguments) { return has_language(in, integer_of(arguments[0]), 0xffff); }
Value language(Instance& in, const Object&, Arguments arguments) { return has_language(in, integer_of(arguments[0]), 0xff); }

// These two are called on the structure, which is filled, or there is none.
Value rich_objects(Instance& in, std::optional<std::int64_t> version, std::optional<std::int64_t> tool) {
    const auto& rich = in.state<PeState>().rich_signature;
    return rich ? Value{rich->objects(version, tool)} : Value{};
}

Value rich_version(Instance& in, const Object&, Arguments arguments) {
    return rich_objects(in, integer_of(arguments[0]), arguments.size() > 1 ? std::optional{integer_of(arguments[1])} : std::nullopt);
}

Value rich_tool(Instance& in, const Object&, Arguments arguments) {
    return rich_objects(in, arguments.size() > 1 ? std::optional{integer_of(arguments[1])} : std::nullopt, integer_of(arguments[0]));
}

constexpr Signature kCalculateChecksum[] = {{"", Type::integer, calculate_checksum}};
constexpr Signature kIsDll[] = {{"", Type::integer, is_dll}};
constexpr Signature kIs32bit[] = {{"", Type::integer, is_32bit}};
constexpr Signature kIs64bit[] = {{"", Type::integer, is_64bit}};
constexpr Signature kRvaToOffset[] = {{"i", Type::integer, rva_to_offset}};
constexpr Signature kSectionIndex[] = {{"s", Type::integer, section_of_name}, {"i", Type::integer, section_of_offset}};
constexpr Signature kImports[] = {
    {"ss", Type::integer, imports_function},        {"si", Type::integer, imports_function},
    {"s", Type::integer, imports_library},          {"rr", Type::integer, imports_function},
    {"iss", Type::integer, imports_kind_function},  {"isi", Type::integer, imports_kind_function},
    {"is", Type::integer, imports_kind_library},    {"irr", Type::integer, imports_kind_function},
};
constexpr Signature kImportRva[] = {{"ss", Type::integer, import_rva}, {"si", Type::integer, import_rva}};
constexpr Signature kDelayedImportRva[] = {{"ss", Type::integer, delayed_import_rva}, {"si", Type::integer, delayed_import_rva}};
constexpr Signature kImphash[] = {{"", Type::text, imphash}};
constexpr Signature kExports[] = {{"s", Type::integer, exports}, {"r", Type::integer, exports}, {"i", Type::integer, exports}};
constexpr Signature kExportsIndex[] = {{"s", Type::integer, exports_index}, {"i", Type::integer, exports_index},
                                       {"r", Type::integer, exports_index}};
constexpr Signature kLocale[] = {{"i", Type::integer, locale}};
constexpr Signature kLanguage[] = {{"i", Type::integer, language}};
constexpr Signature kRichVersion[] = {{"i", Type::integer, rich_version}, {"ii", Type::integer, rich_version}};
constexpr Signature kRichTool[] = {{"i", Type::integer, rich_tool}, {"ii", Type::integer, rich_tool}};

constexpr Field kVersion[] = {integer("major"), integer("minor")};
constexpr Field kDirectory[] = {integer("virtual_address"), integer("size")};
constexpr Field kSection[] = {text("name"), text("full_name"), integer("characteristics"), integer("virtual_address"),
                              integer("virtual_size"), integer("raw_data_offset"), integer("raw_data_size"),
                              integer("pointer_to_relocations"), integer("pointer_to_line_numbers"), integer("number_of_relocations"),
                              integer("number_of_line_numbers")};
constexpr Field kOverlay[] = {integer("offset"), integer("size")};
constexpr Field kImportedFunction[] = {text("name"), integer("ordinal"), integer("rva")};
constexpr Field kImportedLibrary[] = {text("library_name"), integer("number_of_functions"), array("functions", kImportedFunction)};
constexpr Field kExportedFunction[] = {integer("offset"), text("name"), text("forward_name"), integer("ordinal"), integer("rva")};
constexpr Field kResource[] = {integer("rva"), integer("offset"), integer("length"), integer("type"), integer("id"), integer("language"),
                               text("type_string"), text("name_string"), text("language_string")};
constexpr Field kVersionText[] = {text("key"), text("value")};
constexpr Field kRichSignature[] = {integer("offset"), integer("length"), integer("key"), text("raw_data"), text("clear_data"),
                                    text("version_data"), function("version", kRichVersion), function("toolid", kRichTool)};

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

    integer("number_of_imports", kImportsPart), integer("number_of_imported_functions", kImportsPart),
    array("import_details", kImportedLibrary, kImportsPart), integer("number_of_delayed_imports", kDelayedPart),
    integer("number_of_delayed_imported_functions", kDelayedPart), array("delayed_import_details", kImportedLibrary, kDelayedPart),
    function("imports", kImports), function("import_rva", kImportRva), function("delayed_import_rva", kDelayedImportRva),
    function("imphash", kImphash),

    integer("number_of_exports", kExportsPart), text("dll_name", kExportsPart), integer("export_timestamp", kExportsPart),
    array("export_details", kExportedFunction, kExportsPart), function("exports", kExports),
    function("exports_index", kExportsIndex),

    integer("resource_timestamp", kResourcesPart), structure("resource_version", kVersion, kResourcesPart),
    integer("number_of_resources", kResourcesPart), array("resources", kResource, kResourcesPart),
    integer("number_of_version_infos", kResourcesPart), dictionary("version_info", Type::text, kResourcesPart),
    array("version_info_list", kVersionText, kResourcesPart), function("locale", kLocale), function("language", kLanguage),

    structure("rich_signature", kRichSignature, kToolchainPart), text("pdb_path", kToolchainPart),

    array("signatures", kPeSignature, kSignaturesPart), integer("number_of_signatures", kSignaturesPart),
    integer("is_signed", kSignaturesPart),
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
// is not a printable text that ends within the file. It may be the whole file, for each section anew.
Value full_name(const PeImage& image, std::string_view name, Deadline* deadline) {
    if (image.pointer_to_symbol_table == 0 || name.empty() || name.front() != '/') return name;
    std::uint64_t index = 0;
    for (const char c : name.substr(1)) {
        if (c < '0' || c > '9') break;
        index = index * 10 + static_cast<std::uint64_t>(c - '0');
    }
    const std::uint64_t start = image.pointer_to_symbol_table + std::uint64_t{18} * image.number_of_symbols + index;
    if (deadline != nullptr && deadline->passed()) return {};
    const std::string_view found = image.text(start, std::string_view::npos);
    if (deadline != nullptr && deadline->passed(static_cast<std::uint32_t>(found.size() / 16 + 1))) return {};
    if (!image.has(start + found.size(), 1)) return {};
    if (!std::all_of(found.begin(), found.end(), [](char c) { return c >= 0x20 && c <= 0x7e; })) return {};
    return found;
}

void fill_sections(const PeImage& image, Object& root, Deadline* deadline) {
    Object& sections = root.child(field(kFields, "sections"));
    std::uint64_t end = 0;  // of the last one in the file
    for (const auto& section : image.sections) {
        Object& out = sections.add();
        out.set(field(kSection, "name"), section.name);
        out.set(field(kSection, "full_name"), full_name(image, section.name, deadline));
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
    root.set(field(kFields, "entry_point"), in.environment().memory != nullptr ? number_of(in.environment().address + image->entry_point)
                                            : entry                            ? number_of(*entry)
                                                                               : std::int64_t{-1});
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
    const std::uint64_t count = image->number(image->optional_offset + first - 4, 4).value_or(0);
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, PeImage::kDirectories); ++i) {
        Object& out = directories.add();
        out.set(field(kDirectory, "virtual_address"), optional(first + 8 * i, 4));
        out.set(field(kDirectory, "size"), optional(first + 8 * i + 4, 4));
    }
    fill_sections(*image, root, in.environment().deadline);
}

void fill_libraries(const PeImports& imports, Object& out) {
    for (const auto& library : imports.libraries) {
        Object& item = out.add();
        item.set(field(kImportedLibrary, "library_name"), library.name);
        item.set(field(kImportedLibrary, "number_of_functions"), number_of(library.functions.size()));
        Object& functions = item.child(field(kImportedLibrary, "functions"));
        for (const auto& function : library.functions) {
            Object& one = functions.add();
            one.set(field(kImportedFunction, "name"), function.name);
            if (function.ordinal) one.set(field(kImportedFunction, "ordinal"), number_of(*function.ordinal));
            if (function.address != 0) one.set(field(kImportedFunction, "rva"), number_of(function.address));
        }
    }
}

void fill_imports(Instance& in, Object& root) {
    const PeImports* imports = imports_of(in, false);
    if (imports == nullptr) return;
    root.set(field(kFields, "number_of_imports"), number_of(imports->libraries.size()));
    root.set(field(kFields, "number_of_imported_functions"), number_of(imports->functions));
    fill_libraries(*imports, root.child(field(kFields, "import_details")));
}

void fill_delayed_imports(Instance& in, Object& root) {
    const PeImports* imports = imports_of(in, true);
    if (imports == nullptr) return;
    root.set(field(kFields, "number_of_delayed_imports"), number_of(imports->libraries.size()));
    root.set(field(kFields, "number_of_delayed_imported_functions"), number_of(imports->functions));
    fill_libraries(*imports, root.child(field(kFields, "delayed_import_details")));
}

void fill_exports(Instance& in, Object& root) {
    const PeExports* all = exports_of(in);
    if (all == nullptr) return;
    root.set(field(kFields, "number_of_exports"), number_of(all->functions.size()));
    if (all->timestamp) root.set(field(kFields, "export_timestamp"), number_of(*all->timestamp));
    if (all->library_name) root.set(field(kFields, "dll_name"), *all->library_name);
    Object& out = root.child(field(kFields, "export_details"));
    for (const auto& function : all->functions) {
        Object& item = out.add();
        item.set(field(kExportedFunction, "ordinal"), number_of(function.ordinal));
        item.set(field(kExportedFunction, "rva"), number_of(function.address));
        if (function.offset) item.set(field(kExportedFunction, "offset"), number_of(*function.offset));
        if (function.forward_name) item.set(field(kExportedFunction, "forward_name"), *function.forward_name);
        if (function.name) item.set(field(kExportedFunction, "name"), *function.name);
    }
}

void set_label(Object& out, const PeResources::Label& label, std::size_t number_field, std::size_t text_field) {
    if (const auto* number = std::get_if<std::int32_t>(&label)) out.set(number_field, std::int64_t{*number});
    if (const auto* text = std::get_if<std::string_view>(&label)) out.set(text_field, *text);
}

void fill_resources(Instance& in, Object& root) {
    const PeResources* all = resources_of(in);
    if (all == nullptr) return;
    if (all->root) {
        root.set(field(kFields, "resource_timestamp"), number_of(all->root->timestamp));
        Object& version = root.child(field(kFields, "resource_version"));
        version.set(field(kVersion, "major"), number_of(all->root->major));
        version.set(field(kVersion, "minor"), number_of(all->root->minor));
    }
    root.set(field(kFields, "number_of_resources"), number_of(all->resources.size()));
    Object& resources = root.child(field(kFields, "resources"));
    for (const auto& resource : all->resources) {
        Object& item = resources.add();
        item.set(field(kResource, "rva"), number_of(resource.address));
        if (resource.offset) item.set(field(kResource, "offset"), number_of(*resource.offset));
        item.set(field(kResource, "length"), number_of(resource.size));
        set_label(item, resource.type, field(kResource, "type"), field(kResource, "type_string"));
        set_label(item, resource.id, field(kResource, "id"), field(kResource, "name_string"));
        set_label(item, resource.language, field(kResource, "language"), field(kResource, "language_string"));
    }
    root.set(field(kFields, "number_of_version_infos"), number_of(all->versions.size()));
    Object& list = root.child(field(kFields, "version_info_list"));
    for (const auto& version : all->versions) {
        Object& item = list.add();
        item.set(field(kVersionText, "key"), std::string_view{version.key});
        item.set(field(kVersionText, "value"), std::string_view{version.value});
    }
    // Of several values for one key, the last counts, in the place of the first.
    std::map<std::string_view, std::string_view> last;
    for (const auto& version : all->versions) last[version.key] = version.value;
    Object& dictionary = root.child(field(kFields, "version_info"));
    for (const auto& version : all->versions) {
        const auto found = last.find(version.key);
        if (found == last.end()) continue;
        dictionary.add(found->first, found->second);
        last.erase(found);
    }
}

void fill_toolchain(Instance& in, Object& root) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return;
    auto& rich = in.state<PeState>().rich_signature;
    rich = PeRichSignature::read(*image);
    if (rich) {
        Object& out = root.child(field(kFields, "rich_signature"));
        out.set(field(kRichSignature, "offset"), number_of(rich->offset));
        out.set(field(kRichSignature, "length"), number_of(rich->raw.size()));
        out.set(field(kRichSignature, "key"), number_of(rich->key));
        out.set(field(kRichSignature, "raw_data"), rich->raw);
        out.set(field(kRichSignature, "clear_data"), std::string_view{rich->clear});
        if (rich->versions) out.set(field(kRichSignature, "version_data"), std::string_view{*rich->versions});
    }
    if (const auto path = pdb_path(*image, in.environment().deadline)) root.set(field(kFields, "pdb_path"), *path);
}

void fill_signatures(Instance& in, Object& root) {
    const PeImage* image = pe_image(in);
    if (image == nullptr) return;
    const Authenticode read = Authenticode::read(*image, in.environment().now, in.environment().deadline);
    put_signatures(read, root.child(field(kFields, "signatures")));
    root.set(field(kFields, "number_of_signatures"), static_cast<std::int64_t>(read.signatures.size()));
    const bool verified = std::ranges::any_of(read.signatures, &Authenticode::Signature::verified);
    root.set(field(kFields, "is_signed"), std::int64_t{verified});
}

constexpr Part kParts[] = {fill_headers,   fill_imports,   fill_delayed_imports, fill_exports,
                           fill_resources, fill_toolchain, fill_signatures};

}  // namespace

const PeImage* pe_image(Instance& in) {
    auto& state = in.state<PeState>();
    if (!state.read) {
        state.read = true;
        state.image = PeImage::read(in.bytes());
    }
    return state.image ? &*state.image : nullptr;
}

const Declaration kPe{"pe", kFields, kParts, nullptr, PeImage::is_loaded_program};

}  // namespace ward::modules
