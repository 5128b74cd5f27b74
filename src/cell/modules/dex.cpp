// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::modules {

namespace {

using namespace std::string_view_literals;

constexpr Field kHeader[] = {
    text("magic"), integer("checksum"), text("signature"), integer("file_size"), integer("header_size"), integer("endian_tag"),
    integer("link_size"), integer("link_offset"), integer("map_offset"), integer("string_ids_size"), integer("string_ids_offset"),
    integer("type_ids_size"), integer("type_ids_offset"), integer("proto_ids_size"), integer("proto_ids_offset"), integer("field_ids_size"),
    integer("field_ids_offset"), integer("method_ids_size"), integer("method_ids_offset"), integer("class_defs_size"),
    integer("class_defs_offset"), integer("data_size"), integer("data_offset"),
};
constexpr Field kStringId[] = {integer("offset"), integer("size"), text("value")};
constexpr Field kTypeId[] = {integer("descriptor_idx")};
constexpr Field kProtoId[] = {integer("shorty_idx"), integer("return_type_idx"), integer("parameters_offset")};
constexpr Field kFieldId[] = {integer("class_idx"), integer("type_idx"), integer("name_idx")};
constexpr Field kMethodId[] = {integer("class_idx"), integer("proto_idx"), integer("name_idx")};
constexpr Field kClassDef[] = {
    integer("class_idx"), integer("access_flags"), integer("super_class_idx"), integer("interfaces_offset"),
    integer("source_file_idx"), integer("annotations_offset"), integer("class_data_offset"), integer("static_values_offset"),
};
constexpr Field kClassData[] = {
    integer("static_fields_size"), integer("instance_fields_size"), integer("direct_methods_size"), integer("virtual_methods_size"),
};
constexpr Field kMapItem[] = {integer("type"), integer("unused"), integer("size"), integer("offset")};
constexpr Field kMapList[] = {integer("size"), array("map_item", kMapItem)};
constexpr Field kField[] = {
    text("class_name"), text("name"), text("proto"), integer("static"), integer("instance"), integer("field_idx_diff"),
    integer("access_flags"),
};
constexpr Field kCodeItem[] = {
    integer("registers_size"), integer("ins_size"), integer("outs_size"), integer("tries_size"), integer("debug_info_off"),
    integer("insns_size"), text("insns"), integer("padding"),  // 4.2 declares the last, and sets it as little as we do
};
constexpr Field kMethod[] = {
    text("class_name"), text("name"), text("proto"), integer("direct"), integer("virtual"), integer("method_idx_diff"),
    integer("access_flags"), integer("code_off"), structure("code_item", kCodeItem),
};

Value has_method(Instance& in, const Object&, std::span<const Value> arguments);
Value has_class(Instance& in, const Object&, std::span<const Value> arguments);

constexpr Signature kHasMethod[] = {
    {"s", Type::integer, has_method}, {"ss", Type::integer, has_method}, {"r", Type::integer, has_method}, {"rr", Type::integer, has_method},
};
constexpr Signature kHasClass[] = {{"s", Type::integer, has_class}, {"r", Type::integer, has_class}};

// The parts, in the order of kParts.
enum : std::uint8_t { kHead, kStrings, kTypes, kProtos, kFieldIds, kMethodIds, kMap, kClasses };

constexpr Field kFields[] = {
    text("DEX_FILE_MAGIC_035", kHead), text("DEX_FILE_MAGIC_036", kHead), text("DEX_FILE_MAGIC_037", kHead),
    text("DEX_FILE_MAGIC_038", kHead), text("DEX_FILE_MAGIC_039", kHead),
    constant("ENDIAN_CONSTANT", 0x12345678), constant("REVERSE_ENDIAN_CONSTANT", 0x78563412), constant("NO_INDEX", 0xffffffff),
    constant("ACC_PUBLIC", 0x1), constant("ACC_PRIVATE", 0x2), constant("ACC_PROTECTED", 0x4), constant("ACC_STATIC", 0x8),
    constant("ACC_FINAL", 0x10), constant("ACC_SYNCHRONIZED", 0x20), constant("ACC_VOLATILE", 0x40), constant("ACC_BRIDGE", 0x40),
    constant("ACC_TRANSIENT", 0x80), constant("ACC_VARARGS", 0x80), constant("ACC_NATIVE", 0x100), constant("ACC_INTERFACE", 0x200),
    constant("ACC_ABSTRACT", 0x400), constant("ACC_STRICT", 0x800), constant("ACC_SYNTHETIC", 0x1000), constant("ACC_ANNOTATION", 0x2000),
    constant("ACC_ENUM", 0x4000), constant("ACC_CONSTRUCTOR", 0x10000), constant("ACC_DECLARED_SYNCHRONIZED", 0x20000),
    constant("TYPE_HEADER_ITEM", 0x0), constant("TYPE_STRING_ID_ITEM", 0x1), constant("TYPE_TYPE_ID_ITEM", 0x2),
    constant("TYPE_PROTO_ID_ITEM", 0x3), constant("TYPE_FIELD_ID_ITEM", 0x4), constant("TYPE_METHOD_ID_ITEM", 0x5),
    constant("TYPE_CLASS_DEF_ITEM", 0x6), constant("TYPE_CALL_SITE_ID_ITEM", 0x7), constant("TYPE_METHOD_HANDLE_ITEM", 0x8),
    constant("TYPE_MAP_LIST", 0x1000), constant("TYPE_TYPE_LIST", 0x1001), constant("TYPE_ANNOTATION_SET_REF_LIST", 0x1002),
    constant("TYPE_ANNOTATION_SET_ITEM", 0x1003), constant("TYPE_CLASS_DATA_ITEM", 0x2000), constant("TYPE_CODE_ITEM", 0x2001),
    constant("TYPE_STRING_DATA_ITEM", 0x2002), constant("TYPE_DEBUG_INFO_ITEM", 0x2003), constant("TYPE_ANNOTATION_ITEM", 0x2004),
    constant("TYPE_ENCODED_ARRAY_ITEM", 0x2005), constant("TYPE_ANNOTATIONS_DIRECTORY_ITEM", 0x2006),
    structure("header", kHeader, kHead), array("string_ids", kStringId, kStrings), array("type_ids", kTypeId, kTypes),
    array("proto_ids", kProtoId, kProtos), array("field_ids", kFieldId, kFieldIds), array("method_ids", kMethodId, kMethodIds),
    array("class_defs", kClassDef, kClasses), array("class_data_item", kClassData, kClasses), structure("map_list", kMapList, kMap),
    integer("number_of_fields", kClasses), array("field", kField, kClasses), function("has_method", kHasMethod),
    function("has_class", kHasClass), integer("number_of_methods", kClasses), array("method", kMethod, kClasses),
};

constexpr std::string_view kMagics[] = {"dex\n035\0"sv, "dex\n036\0"sv, "dex\n037\0"sv, "dex\n038\0"sv, "dex\n039\0"sv};

// No index beyond it is followed, as in yara, and no table read further. A dex file that Android runs has 65,536 methods at most.
constexpr std::uint64_t kMaxItems = 0x80000;

struct Table {
    std::uint32_t count = 0;
    std::uint64_t offset = 0;
    std::uint32_t item_bytes = 1;
};

// LEB128 of 32 bits; what the fifth byte has above them is dropped.
std::optional<std::uint32_t> uleb128(Cursor& cursor) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift <= 28; shift += 7) {
        const auto byte = cursor.u8();
        if (!byte) return {};
        value |= std::uint32_t{*byte & 0x7fU} << shift;
        if ((*byte & 0x80) == 0) break;
    }
    return value;
}

// A dex file as yara takes it: each table needs that all before it lie in the file.
class Dex {
public:
    static constexpr std::uint64_t kHeaderBytes = 112;

    explicit Dex(Bytes bytes) : bytes_{bytes} {
        if (bytes.size() < kHeaderBytes) return;
        valid_ = std::find(std::begin(kMagics), std::end(kMagics), as_text(bytes.first(8))) != std::end(kMagics);
    }

    bool valid() const { return valid_; }
    bool fits(std::uint64_t offset, std::uint64_t count) const { return offset <= bytes_.size() && count <= bytes_.size() - offset; }
    // For what fits().
    std::uint32_t u16(std::uint64_t offset) const {
        const auto at = static_cast<std::size_t>(offset);
        return bytes_[at] | std::uint32_t{bytes_[at + 1]} << 8;
    }
    std::uint32_t u32(std::uint64_t offset) const { return u16(offset) | u16(offset + 2) << 16; }
    std::string_view text_at(std::uint64_t offset, std::uint64_t count) const {
        return as_text(bytes_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count)));
    }
    Cursor from(std::uint64_t offset) const { return Cursor{bytes_.subspan(static_cast<std::size_t>(offset))}; }

    // Nothing when it, or a table before it, does not lie in the file.
    std::optional<Table> strings() const { return valid_ ? whole({u32(56), u32(60), 4}) : std::nullopt; }
    std::optional<Table> types() const { return strings() ? whole({u32(64), u32(68), 4}) : std::nullopt; }
    std::optional<Table> protos() const { return types() ? whole({u32(72), u32(76), 12}) : std::nullopt; }
    std::optional<Table> fields() const { return protos() ? whole({u32(80), u32(84), 8}) : std::nullopt; }
    std::optional<Table> methods() const { return fields() ? whole({u32(88), u32(92), 8}) : std::nullopt; }
    std::uint64_t map_offset() const { return u32(52); }
    bool has_map() const { return methods() && map_offset() != 0 && fits(map_offset(), 4); }
    std::uint32_t map_size() const { return u32(map_offset()); }
    // As much of the map as the file has; a count beyond the file's size gives none.
    std::optional<Table> map() const {
        constexpr std::uint32_t kItemBytes = 12;
        if (!has_map() || std::uint64_t{map_size()} * kItemBytes + 4 > bytes_.size()) return {};
        const std::uint64_t offset = map_offset() + 4;
        return Table{static_cast<std::uint32_t>(std::min<std::uint64_t>(map_size(), (bytes_.size() - offset) / kItemBytes)), offset, kItemBytes};
    }
    // A file without a map may have classes; one whose map is cut short has none.
    std::optional<Table> classes() const {
        const bool cut = has_map() && (!map() || map()->count != map_size());
        return methods() && !cut ? whole({u32(96), u32(100), 32}) : std::nullopt;
    }

    struct StringData {
        std::uint64_t offset;
        std::uint32_t size;  // in UTF-16 units, taken for bytes as yara does
        std::string_view value;
    };
    std::optional<StringData> string(const Table& strings, std::uint64_t number) const {
        const std::uint64_t offset = u32(strings.offset + number * 4);
        if (!fits(offset, 4)) return {};
        Cursor cursor = from(offset);
        const auto size = uleb128(cursor);
        // The text begins after one byte, however many the size took: as yara.
        if (!size || !fits(offset + 1, *size)) return {};
        return StringData{offset, *size, text_at(offset + 1, *size)};
    }

private:
    std::optional<Table> whole(Table table) const {
        if (!fits(table.offset, std::uint64_t{table.count} * table.item_bytes)) return {};
        return table;
    }

    Bytes bytes_;
    bool valid_ = false;
};

Value number_of(std::uint32_t value) { return static_cast<std::int64_t>(value); }

bool late(const Instance& in, std::uint32_t work = 16) {
    return in.environment().deadline != nullptr && in.environment().deadline->passed(work);
}

// Calls read(offset, number) for each item of a table.
template <class Read>
void each(const Instance& in, const std::optional<Table>& table, Read read) {
    if (!table) return;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(table->count, kMaxItems) && !late(in); ++i) read(table->offset + i * table->item_bytes, i);
}

void fill_head(Instance& in, Object& root) {
    for (std::size_t i = 0; i < std::size(kMagics); ++i) root.set(field(kFields, "DEX_FILE_MAGIC_035") + i, kMagics[i]);
    const Dex dex{in.bytes()};
    if (!dex.valid()) return;
    Object& header = root.child(field(kFields, "header"));
    header.set(field(kHeader, "magic"), dex.text_at(0, 8));
    header.set(field(kHeader, "checksum"), number_of(dex.u32(8)));
    header.set(field(kHeader, "signature"), dex.text_at(12, 20));
    // From here on the fields stand in the file's order, four bytes each.
    for (std::size_t i = field(kHeader, "file_size"); i < std::size(kHeader); ++i) header.set(i, number_of(dex.u32(32 + 4 * (i - 3))));
}

void fill_strings(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    const auto strings = dex.strings();
    Object& out = root.child(field(kFields, "string_ids"));
    each(in, strings, [&](std::uint64_t, std::uint64_t i) {
        const auto data = dex.string(*strings, i);
        if (!data) return;
        while (out.size() < i) out.add(Value{});
        Object& item = out.add();
        item.set(field(kStringId, "offset"), static_cast<std::int64_t>(data->offset));
        item.set(field(kStringId, "size"), number_of(data->size));
        item.set(field(kStringId, "value"), data->value);
    });
}

// Tables whose items are numbers of four bytes in the order of the fields.
void fill_words(Instance& in, Object& out, const Dex& dex, const std::optional<Table>& table) {
    each(in, table, [&](std::uint64_t offset, std::uint64_t) {
        Object& item = out.add();
        for (std::size_t i = 0; i < item.fields().size(); ++i) item.set(i, number_of(dex.u32(offset + 4 * i)));
    });
}

// Two numbers of two bytes, then those of four.
void fill_references(Instance& in, Object& out, const Dex& dex, const std::optional<Table>& table) {
    each(in, table, [&](std::uint64_t offset, std::uint64_t) {
        Object& item = out.add();
        item.set(0, number_of(dex.u16(offset)));
        item.set(1, number_of(dex.u16(offset + 2)));
        for (std::size_t i = 2; i < item.fields().size(); ++i) item.set(i, number_of(dex.u32(offset + 4 * (i - 1))));
    });
}

void fill_types(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    fill_words(in, root.child(field(kFields, "type_ids")), dex, dex.types());
}

void fill_protos(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    fill_words(in, root.child(field(kFields, "proto_ids")), dex, dex.protos());
}

void fill_field_ids(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    fill_references(in, root.child(field(kFields, "field_ids")), dex, dex.fields());
}

void fill_method_ids(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    fill_references(in, root.child(field(kFields, "method_ids")), dex, dex.methods());
}

void fill_map(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    if (!dex.has_map()) return;
    Object& list = root.child(field(kFields, "map_list"));
    list.set(field(kMapList, "size"), number_of(dex.map_size()));
    fill_references(in, list.child(field(kMapList, "map_item")), dex, dex.map());
}

// The fields and methods that classes define. Item and count are as yara has them: a field or method whose index leads nowhere
// ends its list, is not counted, and is overwritten by the next one.
class ClassReader {
public:
    ClassReader(Instance& in, Object& root, const Dex& dex)
        : in_{in}, dex_{dex}, strings_{*dex.strings()}, types_{*dex.types()}, protos_{*dex.protos()}, field_ids_{*dex.fields()},
          method_ids_{*dex.methods()}, class_data_{root.child(field(kFields, "class_data_item"))},
          fields_{root.child(field(kFields, "field"))}, methods_{root.child(field(kFields, "method"))}, left_{in.bytes().size()} {}

    std::uint32_t field_count() const { return field_count_; }
    std::uint32_t method_count() const { return method_count_; }

    // False when nothing further can be read.
    bool read(std::uint64_t offset) {
        if (!dex_.fits(offset, 16)) return false;
        Cursor cursor = dex_.from(offset);
        std::uint32_t sizes[std::size(kClassData)];
        for (auto& size : sizes) {
            const auto value = uleb128(cursor);
            if (!value) return false;
            size = *value;
        }
        Object& item = class_data_.add();
        for (std::size_t i = 0; i < std::size(kClassData); ++i) item.set(i, number_of(sizes[i]));
        read_list(sizes[0], cursor, [&](std::uint32_t& index) { return read_field(cursor, index, true); });
        read_list(sizes[1], cursor, [&](std::uint32_t& index) { return read_field(cursor, index, false); });
        read_list(sizes[2], cursor, [&](std::uint32_t& index) { return read_method(cursor, index, true); });
        read_list(sizes[3], cursor, [&](std::uint32_t& index) { return read_method(cursor, index, false); });
        return !exhausted_;
    }

private:
    // Classes that share their data could make a small file a large answer: all lists together are as long as the file at most.
    template <class Read>
    void read_list(std::uint32_t count, Cursor& cursor, Read read) {
        std::uint32_t index = 0;
        for (std::uint32_t i = 0; i < count && !exhausted_; ++i) {
            const Cursor before = cursor;
            if (!read(index)) {
                cursor = before;  // where the next list begins: as yara
                return;
            }
            const std::uint64_t taken = cursor.offset() - before.offset();
            exhausted_ = taken > left_ || field_count_ >= kMaxItems || method_count_ >= kMaxItems || late(in_);
            left_ -= std::min(taken, left_);
        }
    }

    // The item that a list goes on with; one that is not complete is begun again.
    static Object& item_at(Object& list, std::uint32_t number) {
        if (list.size() == number) return list.add();
        // An item of this instance's list, which this reader fills.
        return const_cast<Object&>(*std::get<const Object*>(list.at(number)));
    }

    Value text_of(std::optional<std::uint64_t> number) const {
        if (!number || *number > kMaxItems || *number >= strings_.count) return {};
        const auto data = dex_.string(strings_, *number);
        return data ? Value{data->value} : Value{};
    }
    // The number of `bytes` bytes at `at` in the item `number` of a table.
    std::optional<std::uint64_t> number_in(const Table& table, std::optional<std::uint64_t> number, std::uint64_t at, unsigned bytes) const {
        if (!number || *number > kMaxItems || *number >= table.count) return {};
        const std::uint64_t offset = table.offset + *number * table.item_bytes + at;
        return bytes == 2 ? dex_.u16(offset) : dex_.u32(offset);
    }

    bool read_field(Cursor& cursor, std::uint32_t& index, bool is_static) {
        if (cursor.left() < 8) return false;
        const auto diff = uleb128(cursor);
        const auto flags = diff ? uleb128(cursor) : diff;
        if (!flags) return false;
        index += *diff;
        Object& item = item_at(fields_, field_count_);
        item.set(field(kField, "field_idx_diff"), number_of(*diff));
        item.set(field(kField, "access_flags"), number_of(*flags));
        item.set(field(kField, "static"), number_of(is_static ? 1 : 0));
        item.set(field(kField, "instance"), number_of(is_static ? 0 : 1));
        const auto name = number_in(field_ids_, index, 4, 4);
        if (!name) return false;
        item.set(field(kField, "name"), text_of(name));
        item.set(field(kField, "class_name"), text_of(number_in(types_, number_in(field_ids_, index, 0, 2), 0, 4)));
        item.set(field(kField, "proto"), text_of(number_in(types_, number_in(field_ids_, index, 2, 2), 0, 4)));
        ++field_count_;
        return true;
    }

    bool read_method(Cursor& cursor, std::uint32_t& index, bool direct) {
        if (cursor.left() < 12) return false;
        const auto diff = uleb128(cursor);
        const auto flags = diff ? uleb128(cursor) : diff;
        const auto code = flags ? uleb128(cursor) : flags;
        if (!code) return false;
        index += *diff;
        Object& item = item_at(methods_, method_count_);
        item.set(field(kMethod, "method_idx_diff"), number_of(*diff));
        item.set(field(kMethod, "access_flags"), number_of(*flags));
        item.set(field(kMethod, "code_off"), number_of(*code));
        item.set(field(kMethod, "direct"), number_of(direct ? 1 : 0));
        item.set(field(kMethod, "virtual"), number_of(direct ? 0 : 1));
        const auto name = number_in(method_ids_, index, 4, 4);
        if (!name) return false;
        item.set(field(kMethod, "name"), text_of(name));
        item.set(field(kMethod, "class_name"), text_of(number_in(types_, number_in(method_ids_, index, 0, 2), 0, 4)));
        item.set(field(kMethod, "proto"), text_of(number_in(protos_, number_in(method_ids_, index, 2, 2), 0, 4)));
        if (*code != 0) read_code(item, *code);
        ++method_count_;
        return true;
    }

    void read_code(Object& method, std::uint64_t offset) {
        constexpr std::uint64_t kBytes = 16;
        if (!dex_.fits(offset, kBytes)) return;
        Object& item = method.child(field(kMethod, "code_item"));
        for (std::size_t i = 0; i < 4; ++i) item.set(i, number_of(dex_.u16(offset + 2 * i)));
        item.set(field(kCodeItem, "debug_info_off"), number_of(dex_.u32(offset + 8)));
        const std::uint32_t units = dex_.u32(offset + 12);
        item.set(field(kCodeItem, "insns_size"), number_of(units));
        const std::uint64_t bytes = std::uint64_t{units} * 2;
        if (dex_.fits(offset + kBytes, bytes)) item.set(field(kCodeItem, "insns"), dex_.text_at(offset + kBytes, bytes));
    }

    Instance& in_;
    const Dex& dex_;
    Table strings_;
    Table types_;
    Table protos_;
    Table field_ids_;
    Table method_ids_;
    Object& class_data_;
    Object& fields_;
    Object& methods_;
    std::uint64_t left_;  // bytes that lists may still take
    std::uint32_t field_count_ = 0;
    std::uint32_t method_count_ = 0;
    bool exhausted_ = false;
};

void fill_classes(Instance& in, Object& root) {
    const Dex dex{in.bytes()};
    const auto classes = dex.classes();
    if (!classes) return;
    Object& out = root.child(field(kFields, "class_defs"));
    ClassReader reader{in, root, dex};
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(classes->count, kMaxItems) && !late(in); ++i) {
        Object& item = out.add();
        const std::uint64_t offset = classes->offset + i * classes->item_bytes;
        for (std::size_t k = 0; k < std::size(kClassDef); ++k) item.set(k, number_of(dex.u32(offset + 4 * k)));
        const std::uint32_t data = dex.u32(offset + 4 * field(kClassDef, "class_data_offset"));
        // Broken class data: yara leaves the counts undefined, and with them the functions.
        if (data != 0 && !reader.read(data)) return;
    }
    root.set(field(kFields, "number_of_methods"), number_of(reader.method_count()));
    root.set(field(kFields, "number_of_fields"), number_of(reader.field_count()));
}

std::string_view up_to_zero(std::string_view text) { return text.substr(0, text.find('\0')); }

// yara compares names as C does, up to the first zero byte. They may be as long as the file, and all methods have the same.
bool says(const Instance& in, const Value& wanted, const Value& name) {
    const auto* have = std::get_if<std::string_view>(&name);
    if (have == nullptr || late(in, static_cast<std::uint32_t>(1 + have->size() / 16))) return false;
    if (const auto* text = std::get_if<std::string_view>(&wanted)) return up_to_zero(*have) == up_to_zero(*text);
    return in.environment().matches && in.environment().matches(std::get<Regex>(wanted), up_to_zero(*have));
}

// Is there a method for which `holds`? Undefined where the methods are not known.
template <class Holds>
Value any_method(Instance& in, Holds holds) {
    const auto* count = std::get_if<std::int64_t>(&in.member(field(kFields, "number_of_methods")));
    if (count == nullptr) return {};
    const Object& methods = in.child(field(kFields, "method"));
    for (std::int64_t i = 0; i < *count && !late(in); ++i) {
        if (holds(*std::get<const Object*>(methods.at(static_cast<std::size_t>(i))))) return std::int64_t{1};
    }
    return std::int64_t{0};
}

Value has_method(Instance& in, const Object&, std::span<const Value> arguments) {
    return any_method(in, [&](const Object& method) {
        // A class whose name cannot be read is any class: as yara.
        const Value& class_name = method.at(field(kMethod, "class_name"));
        const bool known = std::holds_alternative<std::string_view>(class_name);
        if (arguments.size() == 2 && known && !says(in, arguments.front(), class_name)) return false;
        return says(in, arguments.back(), method.at(field(kMethod, "name")));
    });
}

Value has_class(Instance& in, const Object&, std::span<const Value> arguments) {
    return any_method(in, [&](const Object& method) { return says(in, arguments.front(), method.at(field(kMethod, "class_name"))); });
}

constexpr Part kParts[] = {fill_head, fill_strings, fill_types, fill_protos, fill_field_ids, fill_method_ids, fill_map, fill_classes};

}  // namespace

const Declaration kDex{"dex", kFields, kParts, nullptr, [](Bytes region) { return Dex{region}.valid(); }};

}  // namespace ward::modules
