// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/cli.h"

#include <algorithm>
#include <bit>
#include <span>

namespace ward::modules {

namespace {

constexpr std::uint64_t kHeaderBytes = 72;       // of the header for the runtime, section II.25.3.3
constexpr std::uint32_t kMagic = 0x424a5342;     // of the metadata root, section II.24.2.1
constexpr std::uint64_t kRootBytes = 16;         // before the version
constexpr std::uint64_t kStreamNameBytes = 32;
constexpr std::uint64_t kTablesHeaderBytes = 24;
constexpr std::uint64_t kExtraData = 0x40;  // four bytes before the tables, of which ECMA-335 knows nothing
constexpr std::size_t kParamPtrTable = 0x07;

// Columns: a width in bytes, a heap, a table's number, or a coded one.
constexpr std::uint8_t kText = 0x10;
constexpr std::uint8_t kGuid = 0x11;
constexpr std::uint8_t kBlob = 0x12;
constexpr std::uint8_t kRowOf = 0x40;
constexpr std::uint8_t kCoded = 0x80;
constexpr std::uint8_t row_of(std::uint8_t table) { return kRowOf + table; }
constexpr std::uint8_t coded(Cli::Coded which) { return kCoded + which; }

constexpr std::uint8_t kModule[] = {2, kText, kGuid, kGuid, kGuid};
constexpr std::uint8_t kTypeRef[] = {coded(Cli::resolution_scope), kText, kText};
constexpr std::uint8_t kTypeDef[] = {4, kText, kText, coded(Cli::type_def_or_ref), row_of(Cli::field), row_of(Cli::method_def)};
constexpr std::uint8_t kFieldPtr[] = {row_of(Cli::field)};
constexpr std::uint8_t kField[] = {2, kText, kBlob};
constexpr std::uint8_t kMethodPtr[] = {row_of(Cli::method_def)};
constexpr std::uint8_t kMethodDef[] = {4, 2, 2, kText, kBlob, row_of(Cli::param)};
constexpr std::uint8_t kParamPtr[] = {row_of(Cli::param)};
constexpr std::uint8_t kParam[] = {2, 2, kText};
constexpr std::uint8_t kInterfaceImpl[] = {row_of(Cli::type_def), coded(Cli::type_def_or_ref)};
constexpr std::uint8_t kMemberRef[] = {coded(Cli::member_ref_parent), kText, kBlob};
constexpr std::uint8_t kConstant[] = {1, 1, coded(Cli::has_constant), kBlob};
constexpr std::uint8_t kCustomAttribute[] = {coded(Cli::has_custom_attribute), coded(Cli::custom_attribute_type), kBlob};
constexpr std::uint8_t kFieldMarshal[] = {coded(Cli::has_field_marshal), kBlob};
constexpr std::uint8_t kDeclSecurity[] = {2, coded(Cli::has_decl_security), kBlob};
constexpr std::uint8_t kClassLayout[] = {2, 4, row_of(Cli::type_def)};
constexpr std::uint8_t kFieldLayout[] = {4, row_of(Cli::field)};
constexpr std::uint8_t kStandAloneSig[] = {kBlob};
constexpr std::uint8_t kEventMap[] = {row_of(Cli::type_def), row_of(Cli::event)};
constexpr std::uint8_t kEventPtr[] = {row_of(Cli::event)};
constexpr std::uint8_t kEvent[] = {2, kText, coded(Cli::type_def_or_ref)};
constexpr std::uint8_t kPropertyMap[] = {row_of(Cli::type_def), row_of(Cli::property)};
constexpr std::uint8_t kPropertyPtr[] = {row_of(Cli::property)};
constexpr std::uint8_t kProperty[] = {2, kText, kBlob};
constexpr std::uint8_t kMethodSemantics[] = {2, row_of(Cli::method_def), coded(Cli::has_semantics)};
constexpr std::uint8_t kMethodImpl[] = {row_of(Cli::type_def), coded(Cli::method_def_or_ref), coded(Cli::method_def_or_ref)};
constexpr std::uint8_t kModuleRef[] = {kText};
constexpr std::uint8_t kTypeSpec[] = {kBlob};
constexpr std::uint8_t kImplMap[] = {2, coded(Cli::member_forwarded), kText, row_of(Cli::module_ref)};
constexpr std::uint8_t kFieldRva[] = {4, row_of(Cli::field)};
constexpr std::uint8_t kEncLog[] = {4, 4};
constexpr std::uint8_t kEncMap[] = {4};
constexpr std::uint8_t kAssembly[] = {4, 2, 2, 2, 2, 4, kBlob, kText, kText};
constexpr std::uint8_t kAssemblyProcessor[] = {4};
constexpr std::uint8_t kAssemblyOs[] = {4, 4, 4};
constexpr std::uint8_t kAssemblyRef[] = {2, 2, 2, 2, 4, kBlob, kText, kText, kBlob};
constexpr std::uint8_t kAssemblyRefProcessor[] = {4, row_of(Cli::assembly_ref)};
constexpr std::uint8_t kAssemblyRefOs[] = {4, 4, 4, row_of(Cli::assembly_ref)};
constexpr std::uint8_t kFile[] = {4, kText, kBlob};
constexpr std::uint8_t kExportedType[] = {4, 4, kText, kText, coded(Cli::implementation)};
constexpr std::uint8_t kManifestResource[] = {4, 4, kText, coded(Cli::implementation)};
constexpr std::uint8_t kNestedClass[] = {row_of(Cli::type_def), row_of(Cli::type_def)};
constexpr std::uint8_t kGenericParam[] = {2, 2, coded(Cli::type_or_method_def), kText};
constexpr std::uint8_t kMethodSpec[] = {coded(Cli::method_def_or_ref), kBlob};
constexpr std::uint8_t kGenericParamConstraint[] = {row_of(Cli::generic_param), coded(Cli::type_def_or_ref)};

// By number, section II.22.
constexpr std::span<const std::uint8_t> kTables[] = {
    kModule,       kTypeRef,       kTypeDef,           kFieldPtr,    kField,         kMethodPtr,            kMethodDef,      kParamPtr,
    kParam,        kInterfaceImpl, kMemberRef,         kConstant,    kCustomAttribute, kFieldMarshal,       kDeclSecurity,   kClassLayout,
    kFieldLayout,  kStandAloneSig, kEventMap,          kEventPtr,    kEvent,         kPropertyMap,          kPropertyPtr,    kProperty,
    kMethodSemantics, kMethodImpl, kModuleRef,         kTypeSpec,    kImplMap,       kFieldRva,             kEncLog,         kEncMap,
    kAssembly,     kAssemblyProcessor, kAssemblyOs,    kAssemblyRef, kAssemblyRefProcessor, kAssemblyRefOs, kFile,           kExportedType,
    kManifestResource, kNestedClass, kGenericParam,    kMethodSpec,  kGenericParamConstraint};

constexpr std::uint8_t kNone = Cli::kNoTable;
// Where two tables of the standard are left out (permissions in kHasCustomAttribute, types in kMemberRefParent), yara does not count
// them when it reckons the width of the column.
constexpr std::uint8_t kTypeDefOrRef[] = {Cli::type_def, Cli::type_ref, Cli::type_spec};
constexpr std::uint8_t kHasConstant[] = {Cli::field, Cli::param, Cli::property};
constexpr std::uint8_t kHasCustomAttribute[] = {
    Cli::method_def, Cli::field,         Cli::type_ref, Cli::type_def,       Cli::param,    Cli::interface_impl,
    Cli::member_ref, Cli::module,        kNone,         Cli::property,  Cli::event,    Cli::standalone_sig,
    Cli::module_ref, Cli::type_spec,     Cli::assembly, Cli::assembly_ref,   Cli::file,     Cli::exported_type,
    Cli::manifest_resource, Cli::generic_param, Cli::generic_param_constraint, Cli::method_spec};
constexpr std::uint8_t kHasFieldMarshal[] = {Cli::field, Cli::param};
constexpr std::uint8_t kHasDeclSecurity[] = {Cli::type_def, Cli::method_def, Cli::assembly};
constexpr std::uint8_t kMemberRefParent[] = {kNone, Cli::type_ref, Cli::module_ref, Cli::method_def, Cli::type_spec};
constexpr std::uint8_t kHasSemantics[] = {Cli::event, Cli::property};
constexpr std::uint8_t kMethodDefOrRef[] = {Cli::method_def, Cli::member_ref};
constexpr std::uint8_t kMemberForwarded[] = {Cli::field, Cli::method_def};
constexpr std::uint8_t kImplementation[] = {Cli::file, Cli::assembly_ref, Cli::exported_type};
constexpr std::uint8_t kCustomAttributeType[] = {kNone, kNone, Cli::method_def, Cli::member_ref, kNone};
constexpr std::uint8_t kResolutionScope[] = {Cli::module, Cli::module_ref, Cli::assembly_ref, Cli::type_ref};
constexpr std::uint8_t kTypeOrMethodDef[] = {Cli::type_def, Cli::method_def};

constexpr std::span<const std::uint8_t> kCodings[] = {
    kTypeDefOrRef,   kHasConstant,     kHasCustomAttribute, kHasFieldMarshal,     kHasDeclSecurity, kMemberRefParent, kHasSemantics,
    kMethodDefOrRef, kMemberForwarded, kImplementation,     kCustomAttributeType, kResolutionScope, kTypeOrMethodDef};

constexpr int tag_bits(std::span<const std::uint8_t> tables) { return static_cast<int>(std::bit_width(tables.size() - 1)); }

}  // namespace

std::optional<Cli> Cli::read(const PeImage& image) {
    // The count of directories matters in 64 bits only.
    constexpr std::uint64_t kCountOfDirectories64 = 108;
    if (image.is_64bit && image.number(image.optional_offset + kCountOfDirectories64, 4) <= PeImage::kComDescriptor) return std::nullopt;
    const auto place = image.directory(PeImage::kComDescriptor);
    if (!place || place->address == 0) return std::nullopt;
    const auto header = image.rva_to_offset(place->address);
    if (!header || !image.has(*header, kHeaderBytes) || image.number(*header, 4) != kHeaderBytes) return std::nullopt;
    const auto root = image.rva_to_offset(image.number(*header + 8, 4).value_or(0));
    if (!root || !image.has(*root, kRootBytes) || image.number(*root, 4) != kMagic) return std::nullopt;
    const std::uint64_t length = image.number(*root + 12, 4).value_or(0);
    if (length == 0 || length > 255 || length % 4 != 0 || !image.has(*root + kRootBytes, length)) return std::nullopt;

    Cli cli{image};
    cli.resources_address_ = image.number(*header + 24, 4).value_or(0);
    const std::string_view version = image.text(*root + kRootBytes, static_cast<std::size_t>(length));
    if (version.size() < length) cli.version_ = version;
    cli.read_streams(*root);
    return cli;
}

void Cli::read_streams(std::uint64_t root) {
    const std::uint64_t length = image_.number(root + 12, 4).value_or(0);
    std::uint64_t at = root + kRootBytes + length + 4;
    const std::uint64_t count = image_.number(at - 2, 1).value_or(0);  // of two bytes, of which yara reads the first
    for (std::uint64_t i = 0; i < count; ++i) {
        if (!image_.has(at, 8 + kStreamNameBytes)) break;  // though the name be shorter
        const std::uint64_t offset = image_.number(at, 4).value_or(0);
        const std::uint64_t size = image_.number(at + 4, 4).value_or(0);
        const std::string_view name = image_.text(at + 8, kStreamNameBytes);
        if (name.size() == kStreamNameBytes) break;
        at += 8 + (name.size() / 4 + 1) * 4;
        streams_.push_back({name, root + offset, static_cast<std::uint32_t>(size)});
    }
    // As in yara, the beginning of a name is enough, and the first of a kind is the one. Without one of these there are no tables.
    std::optional<Stream> tables;
    for (const Stream& stream : streams_) {
        const auto keep = [&](std::string_view name, std::optional<Stream>& out) {
            if (stream.name.starts_with(name) && !out) out = stream;
        };
        keep("#GUID", guids_);
        keep("#~", tables);
        keep("#-", tables);
        keep("#Strings", strings_);
        keep("#Blob", blobs_);
        keep("#US", user_strings_);
    }
    if (tables && strings_ && blobs_) read_tables(*tables);
}

void Cli::read_tables(const Stream& stream) {
    if (!image_.has(stream.offset, kTablesHeaderBytes)) return;
    const std::uint64_t heaps = image_.number(stream.offset + 6, 1).value_or(0);
    const std::uint64_t valid = image_.number(stream.offset + 8, 8).value_or(0);
    std::array<std::uint32_t, 64> rows{};
    std::uint64_t at = stream.offset + kTablesHeaderBytes;
    std::size_t counted = 0;  // tables whose counts the file has
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if ((valid >> i & 1) == 0) continue;
        if (image_.has(at, 4)) counted = i + 1;
        rows[i] = static_cast<std::uint32_t>(image_.number(at, 4).value_or(0));
        at += 4;
    }
    if ((heaps & kExtraData) != 0) at += 4;
    const auto width = [&](std::uint8_t column) -> std::uint8_t {
        if (column >= kCoded) {
            const auto tables = kCodings[column - kCoded];
            std::uint32_t most = 0;
            for (const std::uint8_t table : tables) most = std::max(most, table == kNone ? 0 : rows[table]);
            return most < (1U << (16 - tag_bits(tables))) ? 2 : 4;
        }
        if (column >= kRowOf) return rows[column - kRowOf] < 0x10000 ? 2 : 4;
        if (column >= kText) return (heaps >> (column - kText) & 1) == 0 ? 2 : 4;
        return column;
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if ((valid >> i & 1) == 0) continue;
        if (i >= std::size(kTables) || i == kParamPtrTable || i >= counted || rows[i] > kMaxRows) return;
        Place& place = tables_[i];
        place.offset = at;
        for (std::size_t column = 0; column < kTables[i].size(); ++column) {
            place.at[column] = static_cast<std::uint8_t>(place.row_bytes);
            place.width[column] = width(kTables[i][column]);
            place.row_bytes += place.width[column];
        }
        // yara reads the one row of these two though it be counted as none.
        place.rows = i == module || i == assembly ? std::max(rows[i], 1U) : rows[i];
        at += std::uint64_t{rows[i]} * place.row_bytes;
    }
    complete_ = true;
}

std::optional<std::uint32_t> Cli::number(Table table, std::uint32_t row, std::size_t column) const {
    const Place& place = tables_[table];
    if (row == 0 || row > place.rows) return std::nullopt;
    const std::uint64_t at = place.offset + std::uint64_t{row - 1} * place.row_bytes;
    if (!image_.has(at, place.row_bytes)) return std::nullopt;
    const auto value = image_.number(at + place.at[column], place.width[column]);
    return value ? std::optional{static_cast<std::uint32_t>(*value)} : std::nullopt;
}

Cli::Row Cli::decode(Coded coded, std::uint32_t number) {
    const auto tables = kCodings[coded];
    const std::uint32_t tag = number & ((1U << tag_bits(tables)) - 1);
    return {tag < tables.size() ? tables[tag] : kNoTable, number >> tag_bits(tables)};
}

std::optional<std::string_view> Cli::text(std::optional<std::uint32_t> index) const {
    // A text that begins in the heap may end behind it.
    if (!index || !strings_ || *index >= strings_->size || !image_.has(strings_->offset, *index + std::uint64_t{1})) return std::nullopt;
    const std::string_view rest = as_text(image_.bytes).substr(static_cast<std::size_t>(strings_->offset + *index), kMaxTextBytes + 1);
    const auto end = rest.find('\0');
    return end == std::string_view::npos ? std::nullopt : std::optional{rest.substr(0, end)};
}

std::optional<Bytes> Cli::blob(std::optional<std::uint32_t> index) const {
    // As in yara, the size of the heap does not matter.
    if (!index || !blobs_ || !image_.has(blobs_->offset, *index + std::uint64_t{1})) return std::nullopt;
    Bytes rest = image_.bytes.subspan(static_cast<std::size_t>(blobs_->offset + *index));
    const auto length = compressed(rest);
    if (!length || *length > rest.size()) return std::nullopt;
    return rest.first(*length);
}

std::optional<std::uint32_t> compressed(Bytes& bytes) {
    if (bytes.empty()) return std::nullopt;
    const std::size_t width = (bytes[0] & 0x80) == 0 ? 1 : (bytes[0] & 0x40) == 0 ? 2 : 4;
    if (width > bytes.size() || (bytes[0] & 0xe0) == 0xe0) return std::nullopt;
    std::uint32_t value = width == 1 ? bytes[0] : width == 2 ? bytes[0] & 0x3f : bytes[0] & 0x1f;
    for (std::size_t i = 1; i < width; ++i) value = value << 8 | bytes[i];
    bytes = bytes.subspan(width);
    return value;
}

std::optional<std::int32_t> compressed_signed(Bytes& bytes) {
    const std::size_t before = bytes.size();
    const auto number = compressed(bytes);
    if (!number) return std::nullopt;
    const std::size_t width = before - bytes.size();
    const int bits = width == 1 ? 6 : width == 2 ? 13 : 28;
    // The sign is in the lowest bit, section II.23.2.
    const auto value = static_cast<std::int32_t>(*number >> 1);
    return (*number & 1) == 0 ? value : value - (std::int32_t{1} << bits);
}

}  // namespace ward::modules
