// SPDX-License-Identifier: Apache-2.0
#include "core/toml_read.h"

#define TOML_EXCEPTIONS 0
// toml++ 3.3 asserts what a file can break: "[" and a line end is answered by an error of its own a few lines later, if the assertion
// lets it. Its plain assertions stay.
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expression) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

namespace ward {

namespace {

TomlNode convert(const toml::node& node, std::string_view file) {
    TomlNode out;
    out.file = std::string{file};
    out.line = node.source().begin.line;
    if (const auto* text = node.as_string()) {
        out.kind = TomlNode::Kind::text;
        out.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
        out.kind = TomlNode::Kind::integer;
        out.integer = integer->get();
    } else if (const auto* real = node.as_floating_point()) {
        out.kind = TomlNode::Kind::real;
        out.real = real->get();
    } else if (const auto* boolean = node.as_boolean()) {
        out.kind = TomlNode::Kind::boolean;
        out.boolean = boolean->get();
    } else if (const auto* array = node.as_array()) {
        out.kind = TomlNode::Kind::array;
        for (const auto& item : *array) out.items.push_back(convert(item, file));
    } else if (const auto* table = node.as_table()) {
        out.kind = TomlNode::Kind::table;
        for (const auto& [key, value] : *table) {
            out.members.push_back({std::string{key.str()}, convert(value, file)});
        }
    } else {
        out.kind = TomlNode::Kind::time;
        std::ostringstream written;
        if (const auto* date = node.as_date()) written << date->get();
        if (const auto* time = node.as_time()) written << time->get();
        if (const auto* both = node.as_date_time()) written << both->get();
        out.value = written.str();
    }
    return out;
}

}  // namespace

Result<TomlNode> read_toml(std::string_view text, std::string_view file) {
    const toml::parse_result result = toml::parse(text, file);
    if (!result) {
        const auto& error = result.error();
        return fail(Code::malformed, "{}:{}:{}: {}", file, error.source().begin.line, error.source().begin.column,
                    error.description());
    }
    return convert(result.table(), file);
}

const TomlNode* TomlNode::find(std::string_view key) const {
    for (const auto& [name, node] : members) {
        if (name == key) return &node;
    }
    return nullptr;
}

Error TomlNode::wrong(std::string_view what) const { return fail(Code::malformed, "{}:{}: {}", file, line, what); }

Result<std::string> TomlNode::text(std::string_view key) const {
    const TomlNode* node = find(key);
    if (node == nullptr) return wrong(fmt::format("`{}` is missing", key));
    if (node->kind != Kind::text) return node->wrong(fmt::format("`{}` must be a text", key));
    return node->value;
}

Result<std::string> TomlNode::text_or(std::string_view key, std::string_view other) const {
    if (find(key) == nullptr) return std::string{other};
    return text(key);
}

Result<std::int64_t> TomlNode::integer_or(std::string_view key, std::int64_t other) const {
    const TomlNode* node = find(key);
    if (node == nullptr) return other;
    if (node->kind != Kind::integer) return node->wrong(fmt::format("`{}` must be a whole number", key));
    return node->integer;
}

Result<bool> TomlNode::boolean_or(std::string_view key, bool other) const {
    const TomlNode* node = find(key);
    if (node == nullptr) return other;
    if (node->kind != Kind::boolean) return node->wrong(fmt::format("`{}` must be true or false", key));
    return node->boolean;
}

Result<std::vector<std::string>> TomlNode::texts_or_none(std::string_view key) const {
    std::vector<std::string> out;
    const TomlNode* node = find(key);
    if (node == nullptr) return out;
    // A single text may stand for a list of one.
    if (node->kind == Kind::text) return std::vector<std::string>{node->value};
    if (node->kind != Kind::array) return node->wrong(fmt::format("`{}` must be a list of texts", key));
    for (const auto& item : node->items) {
        if (item.kind != Kind::text) return item.wrong(fmt::format("`{}` must be a list of texts", key));
        out.push_back(item.value);
    }
    return out;
}

Status TomlNode::only(std::initializer_list<std::string_view> known) const {
    for (const auto& [name, node] : members) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            return node.wrong(fmt::format("`{}` is not a key that belongs here", name));
        }
    }
    return done();
}

}  // namespace ward
