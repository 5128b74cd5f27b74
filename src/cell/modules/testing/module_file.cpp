// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/testing/module_file.h"

#include "core/result.h"

#include <algorithm>

namespace ward::modules::testing {

namespace {

std::string as_text(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* text = std::get_if<std::string_view>(&value)) return "'" + std::string{*text} + "'";
    return "-";
}

// A name that is not there is a mistake of the test.
std::size_t number_of(std::span<const Field> fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
    WARD_CHECK(found != fields.end());
    return static_cast<std::size_t>(found - fields.begin());
}

}  // namespace

ModuleFile::ModuleFile(const Declaration& declaration, std::string bytes)
    : declaration_{declaration}, bytes_{std::move(bytes)}, environment_{.bytes = as_bytes(bytes_)}, in_{declaration_, environment_} {}

std::string ModuleFile::operator[](std::string_view path) {
    const Object* object = &in_.root();
    while (true) {
        const std::size_t end = std::min(path.find_first_of(".["), path.size());
        Value value = object->member(number_of(object->fields(), path.substr(0, end)));
        path.remove_prefix(end);
        if (path.starts_with('[')) {
            const auto* const* items = std::get_if<const Object*>(&value);
            value = items == nullptr ? Value{} : (*items)->at(static_cast<std::size_t>(std::stoul(std::string{path.substr(1)})));
            path.remove_prefix(path.find(']') + 1);
        }
        if (path.empty()) return as_text(value);
        path.remove_prefix(1);
        const auto* const* next = std::get_if<const Object*>(&value);
        if (next == nullptr) return "-";
        object = *next;
    }
}

std::string ModuleFile::call(std::string_view function, const std::vector<Value>& arguments) {
    const auto forms = declaration_.fields[number_of(declaration_.fields, function)].signatures;
    const auto form = std::find_if(forms.begin(), forms.end(), [&](const Signature& one) { return one.arguments.size() == arguments.size(); });
    WARD_CHECK(form != forms.end());
    return as_text(form->run(in_, in_.root(), arguments));
}

}  // namespace ward::modules::testing
