// SPDX-License-Identifier: Apache-2.0
#include "tables/spec.h"

#include "core/toml_read.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ward::tables {

namespace {

bool is_name(std::string_view text) {
    if (text.empty() || text[0] < 'a' || text[0] > 'z') return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

Result<TableSpec::Column> read_column(const TomlNode& node) {
    WARD_TRY(node.only({"name", "type", "description", "unit", "example"}));
    TableSpec::Column column;
    column.name = WARD_TRY(node.text("name"));
    if (!is_name(column.name)) return node.wrong("a column's name is lower case letters, digits and '_'");
    column.type = WARD_TRY(node.text("type"));
    if (column.type != "text" && column.type != "integer" && column.type != "real") {
        return node.wrong("a column's type is text, integer or real");
    }
    column.description = WARD_TRY(node.text_or("description", ""));
    column.unit = WARD_TRY(node.text_or("unit", ""));
    column.example = WARD_TRY(node.text_or("example", ""));
    return column;
}

Result<TableSpec::Example> read_example(const TomlNode& node) {
    WARD_TRY(node.only({"title", "query"}));
    return TableSpec::Example{WARD_TRY(node.text("title")), WARD_TRY(node.text("query"))};
}

// The tables of an array of tables, `[[key]]`.
Result<const std::vector<TomlNode>*> tables_of(const TomlNode& root, std::string_view key) {
    static const std::vector<TomlNode> kNone;
    const TomlNode* node = root.find(key);
    if (node == nullptr) return &kNone;
    const bool all = node->kind == TomlNode::Kind::array &&
                     std::all_of(node->items.begin(), node->items.end(),
                                 [](const TomlNode& item) { return item.kind == TomlNode::Kind::table; });
    if (!all) return node->wrong(fmt::format("{} is written as [[{}]]", key, key));
    return &node->items;
}

// A table that is made from itself, by whatever way, would never be read.
Status check_inputs(const std::vector<TableSpec>& specs, const std::string& folder) {
    std::vector<std::string> ready;
    const auto is_ready = [&](const std::string& name) { return std::find(ready.begin(), ready.end(), name) != ready.end(); };
    for (bool more = true; more;) {
        more = false;
        for (const auto& spec : specs) {
            if (is_ready(spec.name)) continue;
            const bool free = std::all_of(spec.from.begin(), spec.from.end(), is_ready) &&
                              std::all_of(spec.from_live.begin(), spec.from_live.end(), is_ready);
            if (!free) continue;
            ready.push_back(spec.name);
            more = true;
        }
    }
    for (const auto& spec : specs) {
        for (const auto* inputs : {&spec.from, &spec.from_live}) {
            for (const auto& input : *inputs) {
                const auto* const found = find_spec(specs, input);
                if (found != nullptr && !found->required.empty())
                    return fail(Code::malformed, "{}: table {} cannot be made from {}, which needs fixed columns", folder, spec.name, input);
            }
        }
        if (!is_ready(spec.name)) return fail(Code::malformed, "{}: table {} is made from itself or from a table that is not there", folder, spec.name);
    }
    return done();
}

}  // namespace

TableShape TableSpec::shape() const {
    TableShape shape{name, {}, required};
    for (const auto& column : columns) shape.columns.push_back({column.name, column.type});
    return shape;
}

std::string TableSpec::schema() const {
    std::string out = fmt::format("-- {}\nCREATE TABLE {} (\n", title, name);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& column = columns[i];
        out += fmt::format("    {} {}{}", column.name, column.type, i + 1 < columns.size() ? "," : "");
        std::string note = column.description;
        if (!column.unit.empty()) note += (note.empty() ? "in " : "; in ") + column.unit;
        if (std::find(required.begin(), required.end(), column.name) != required.end()) {
            note += note.empty() ? "must be fixed" : "; must be fixed";
        }
        if (!note.empty()) out += "  -- " + note;
        out += "\n";
    }
    return out + ");\n";
}

Result<TableSpec> parse_spec(std::string_view text, std::string_view file) {
    const TomlNode root = WARD_TRY(read_toml(text, file));
    WARD_TRY(root.only({"name", "title", "description", "sources", "may_read", "required", "live", "needs_root", "from", "from_live", "advisories", "column",
                        "example"}));
    TableSpec spec;
    spec.name = WARD_TRY(root.text("name"));
    if (!is_name(spec.name)) return root.wrong("a table's name is lower case letters, digits and '_'");
    spec.title = WARD_TRY(root.text("title"));
    spec.description = WARD_TRY(root.text_or("description", ""));
    spec.sources = WARD_TRY(root.texts_or_none("sources"));
    spec.may_read = WARD_TRY(root.texts_or_none("may_read"));
    spec.required = WARD_TRY(root.texts_or_none("required"));
    spec.from = WARD_TRY(root.texts_or_none("from"));
    spec.from_live = WARD_TRY(root.texts_or_none("from_live"));
    spec.advisories = WARD_TRY(root.boolean_or("advisories", false));
    spec.live = WARD_TRY(root.boolean_or("live", false));
    spec.needs_root = WARD_TRY(root.boolean_or("needs_root", false));
    for (const auto& node : *WARD_TRY(tables_of(root, "column"))) {
        auto column = WARD_TRY(read_column(node));
        for (const auto& other : spec.columns) {
            if (other.name == column.name) return node.wrong(fmt::format("column {} stands twice", column.name));
        }
        spec.columns.push_back(std::move(column));
    }
    if (spec.columns.empty()) return root.wrong("a table needs columns");
    for (const auto& name : spec.required) {
        const bool known = std::any_of(spec.columns.begin(), spec.columns.end(),
                                       [&](const TableSpec::Column& column) { return column.name == name; });
        if (!known) return root.wrong(fmt::format("required names no column: {}", name));
    }
    for (const auto& node : *WARD_TRY(tables_of(root, "example"))) spec.examples.push_back(WARD_TRY(read_example(node)));
    return spec;
}

Result<std::vector<TableSpec>> load_specs(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> files;
    for (auto entry = std::filesystem::directory_iterator{folder, error};
         !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        if (entry->path().extension() == ".toml") files.push_back(entry->path().string());
    }
    if (error) return fail(Code::io, "{}: the table descriptions cannot be read: {}", folder, error.message());
    if (files.empty()) return fail(Code::not_found, "{}: there are no table descriptions", folder);
    std::sort(files.begin(), files.end());
    std::vector<TableSpec> specs;
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        if (!in) return fail(Code::io, "{}: cannot be read", file);
        specs.push_back(WARD_TRY(parse_spec(text, file)));
        if (specs.back().name != std::filesystem::path{file}.stem()) {
            return fail(Code::malformed, "{}: describes table {}", file, specs.back().name);
        }
    }
    std::sort(specs.begin(), specs.end(), [](const TableSpec& a, const TableSpec& b) { return a.name < b.name; });
    WARD_TRY(check_inputs(specs, folder));
    return specs;
}

const TableSpec* find_spec(const std::vector<TableSpec>& specs, std::string_view name) {
    const auto found = std::lower_bound(specs.begin(), specs.end(), name,
                                        [](const TableSpec& spec, std::string_view key) { return spec.name < key; });
    return found != specs.end() && found->name == name ? &*found : nullptr;
}

}  // namespace ward::tables
