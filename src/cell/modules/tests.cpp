// SPDX-License-Identifier: Apache-2.0
// What YARA's own tests ask: a field of every type, and functions that do next to nothing. It is in released builds of yara, so
// rules may name it.
#include "cell/modules/internal/declarations.h"

namespace ward::modules {

namespace {

constexpr Field kConstants[] = {constant("one", 1), constant("two", 2), text("foo"), text("empty")};
constexpr Field kUndefined[] = {integer("i"), real("f")};
constexpr Field kItem[] = {integer("i"), text("s")};
constexpr Field kEntry[] = {text("s"), integer("i")};
constexpr Field kUnused[] = {text("unused")};
constexpr Field kEmptyItem[] = {array("struct_array", kUnused), dictionary("struct_dict", kUnused)};

// The text up to its first zero byte.
Value match(Instance& in, const Object&, std::span<const Value> arguments) {
    const auto& last_match = in.environment().last_match;
    const auto text = std::get<std::string_view>(arguments[1]);
    const auto end = last_match ? last_match(std::get<Regex>(arguments[0]), text.substr(0, text.find('\0'))) : std::nullopt;
    return end ? static_cast<std::int64_t>(*end) : std::int64_t{-1};
}

// Wraps around, as YARA's sums do where they are compiled as they usually are.
Value isum(Instance&, const Object&, std::span<const Value> arguments) {
    std::uint64_t sum = 0;
    for (const auto& argument : arguments) sum += static_cast<std::uint64_t>(std::get<std::int64_t>(argument));
    return static_cast<std::int64_t>(sum);
}

Value fsum(Instance&, const Object&, std::span<const Value> arguments) {
    double sum = std::get<double>(arguments[0]);
    for (const auto& argument : arguments.subspan(1)) sum += std::get<double>(argument);
    return sum;
}

// Of what stands before the first zero byte.
Value length(Instance&, const Object&, std::span<const Value> arguments) {
    const auto text = std::get<std::string_view>(arguments[0]);
    return static_cast<std::int64_t>(text.substr(0, text.find('\0')).size());
}

Value empty(Instance&, const Object&, std::span<const Value>) { return std::string_view{""}; }

Value foobar(Instance&, const Object&, std::span<const Value> arguments) {
    const auto number = std::get<std::int64_t>(arguments[0]);
    return number == 1 ? std::string_view{"foo"} : number == 2 ? std::string_view{"bar"} : std::string_view{"oops"};
}

constexpr Signature kMatch[] = {{"rs", Type::integer, match}};
constexpr Signature kIsum[] = {{"ii", Type::integer, isum}, {"iii", Type::integer, isum}};
constexpr Signature kFsum[] = {{"ff", Type::real, fsum}, {"fff", Type::real, fsum}};
constexpr Signature kLength[] = {{"s", Type::integer, length}};
constexpr Signature kEmpty[] = {{"", Type::text, empty}};
constexpr Signature kFoobar[] = {{"i", Type::text, foobar}};
constexpr Field kFields[] = {structure("constants", kConstants),
                             structure("undefined", kUndefined),
                             text("module_data"),
                             array("integer_array", Type::integer),
                             array("string_array", Type::text),
                             dictionary("integer_dict", Type::integer),
                             dictionary("string_dict", Type::text),
                             array("struct_array", kItem),
                             dictionary("struct_dict", kEntry),
                             dictionary("empty_struct_dict", kUnused),
                             array("empty_struct_array", kEmptyItem),
                             function("match", kMatch),
                             function("isum", kIsum),
                             function("fsum", kFsum),
                             function("length", kLength),
                             function("empty", kEmpty),
                             function("foobar", kFoobar)};

void fill(Instance& in, Object& root) {
    Object& constants = root.child(field(kFields, "constants"));
    constants.set(field(kConstants, "foo"), std::string_view{"foo"});
    constants.set(field(kConstants, "empty"), std::string_view{""});
    static_cast<void>(root.child(field(kFields, "undefined")));

    Object& integers = root.child(field(kFields, "integer_array"));
    for (const std::int64_t number : {0, 1, 2}) integers.add(number);
    while (integers.size() < 256) integers.add(Value{});
    integers.add(std::int64_t{256});

    Object& texts = root.child(field(kFields, "string_array"));
    for (const std::string_view word : {std::string_view{"foo"}, std::string_view{"bar"}, std::string_view{"baz"}, std::string_view{"foo\0bar", 7}}) texts.add(Value{word});

    Object& words = root.child(field(kFields, "string_dict"));
    words.add("foo", std::string_view{"foo"});
    words.add("bar", std::string_view{"bar"});

    Object& items = root.child(field(kFields, "struct_array"));
    items.add(Value{});
    items.add().set(field(kItem, "i"), std::int64_t{1});

    Object& entry = root.child(field(kFields, "struct_dict")).add(std::string_view{"foo"});
    entry.set(field(kEntry, "s"), std::string_view{"foo"});
    entry.set(field(kEntry, "i"), std::int64_t{1});

    if (const auto data = in.environment().data.find("tests"); data != in.environment().data.end()) {
        root.set(field(kFields, "module_data"), as_text(data->second));
    }
}

constexpr Part kParts[] = {fill};

}  // namespace

const Declaration kTests{"tests", kFields, kParts};

}  // namespace ward::modules
