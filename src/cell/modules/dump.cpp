// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"

#include "cell/modules/internal/printable.h"

#include <fmt/core.h>

#include <limits>
#include <utility>

namespace ward::modules {

namespace {

bool is_undefined(const Value& value) { return std::holds_alternative<std::monostate>(value); }

std::string shown(Type type, const Value& value, std::size_t most) {
    // Clipped before it grows fourfold; what is longer than `most` is not wanted anyway.
    if (const auto* text = std::get_if<std::string_view>(&value)) return fmt::format("\"{}\"", printable(text->substr(0, most)));
    if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
    const auto* real = std::get_if<double>(&value);
    // yara has no other mark for an undefined real.
    if (type == Type::real) return fmt::format("{:f}", real != nullptr ? *real : std::numeric_limits<double>::quiet_NaN());
    return "YR_UNDEFINED";
}

// Texts are views of the file that may overlap, so a small file can spell a very large answer.
class Writer {
public:
    Writer(std::size_t most, Deadline* deadline) : most_{most}, deadline_{deadline} {}

    // Fields of a structure come from the last to the first, of one in an array or dictionary from the first, of one in an array
    // of these from the last again, and so on: yara copies an item's fields each time, and each copy turns them round.
    void put(std::size_t depth, const Field& field, const Value& value, bool from_last = true) {
        if (field.type == Type::function || is_over()) return;
        out_.append(depth, '\t');
        out_ += field.name;
        if (field.type != Type::structure && field.type != Type::array && field.type != Type::dictionary) {
            out_ += fmt::format(" = {}\n", shown(field.type, field.value ? Value{*field.value} : value, left()));
            return;
        }
        out_ += '\n';
        const auto* const* there = std::get_if<const Object*>(&value);
        const Object* object = there != nullptr ? *there : nullptr;
        if (field.type == Type::structure) {
            for (std::size_t k = 0; k < field.fields.size(); ++k) {
                const std::size_t i = from_last ? field.fields.size() - 1 - k : k;
                put(depth + 1, field.fields[i], object != nullptr ? object->member(i) : Value{}, from_last);
            }
            return;
        }
        for (std::size_t i = 0; object != nullptr && i < object->size() && !is_over(); ++i) {
            const std::size_t before = out_.size();
            if (!is_undefined(object->at(i))) {
                const std::string name = field.type == Type::array ? fmt::format("[{}]", i) : printable(object->key(i).substr(0, left()));
                put(depth + 1, {.name = name, .type = field.item, .fields = field.fields}, object->at(i), !from_last);
            }
            if (deadline_ != nullptr && deadline_->passed(static_cast<std::uint32_t>(1 + (out_.size() - before) / 16))) return;
        }
    }

    std::string take() { return std::move(out_); }

private:
    bool is_over() const { return out_.size() > most_; }
    // What makes it more than `most_`; no more of a text is needed.
    std::size_t left() const { return is_over() ? 0 : most_ - out_.size() + (most_ < SIZE_MAX ? 1 : 0); }

    std::size_t most_;
    Deadline* deadline_;
    std::string out_;
};

std::string_view name_of(Type type) {
    switch (type) {
        case Type::integer: return "integer";
        case Type::real: return "real";
        case Type::text: return "text";
        case Type::structure: return "structure";
        case Type::array: return "array";
        case Type::dictionary: return "dictionary";
        case Type::function: return "function";
    }
    return "";
}

void declare(std::string& out, const std::string& path, std::span<const Field> fields);

void declare(std::string& out, std::string path, Type type, std::span<const Field> fields) {
    out += fmt::format("{} {}\n", path, name_of(type));
    if (type == Type::structure) declare(out, path, fields);
}

void declare(std::string& out, const std::string& path, std::span<const Field> fields) {
    for (const Field& field : fields) {
        const std::string here = fmt::format("{}.{}", path, field.name);
        for (const Signature& signature : field.signatures) out += fmt::format("{}({}) {}\n", here, signature.arguments, name_of(signature.result));
        if (field.type == Type::array) declare(out, here + "[]", field.item, field.fields);
        if (field.type == Type::dictionary) declare(out, here + "{}", field.item, field.fields);
        if (field.type != Type::function && field.type != Type::array && field.type != Type::dictionary) declare(out, here, field.type, field.fields);
    }
}

}  // namespace

std::string dump(Instance& in, std::size_t most) {
    Writer out{most, in.environment().deadline};
    const Declaration& declaration = in.declaration();
    out.put(0, {.name = declaration.name, .type = Type::structure, .fields = declaration.fields}, &in.root());
    return out.take();
}

std::string declared(const Declaration& declaration) {
    std::string out;
    declare(out, std::string{declaration.name}, declaration.fields);
    return out;
}

}  // namespace ward::modules
