// SPDX-License-Identifier: Apache-2.0
#include "doors/result_text.h"

#include "core/json_write.h"
#include "core/text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace ward::doors {

namespace {

constexpr std::size_t kWidestColumn = 60;  // a longer value pushes the rest of its own line aside, not that of all lines

// Characters, not bytes; good enough for names in columns (wide and combining ones count as one).
std::size_t width_of(std::string_view text) {
    const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string as_text(const QueryResult& result) {
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& column : result.columns) lines[0].push_back(escape_for_terminal(column));
    for (const auto& row : result.rows) {
        std::vector<std::string> line;
        for (const auto& value : row) line.push_back(escape_for_terminal(to_text(value)));
        lines.push_back(std::move(line));
    }
    std::vector<std::size_t> widths(result.columns.size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], std::min(width_of(line[i]), kWidestColumn));
        }
    }
    std::vector<std::string> rule;
    for (const auto width : widths) rule.emplace_back(width, '-');
    lines.insert(lines.begin() + 1, rule);
    std::string out;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            out += line[i];
            const std::size_t width = width_of(line[i]);
            if (i + 1 < line.size()) out.append(width < widths[i] ? widths[i] - width + 2 : 2, ' ');
        }
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    }
    return out;
}

std::vector<std::string> unique_names(const std::vector<std::string>& columns) {
    std::map<std::string, int> seen;
    std::vector<std::string> names;
    for (const auto& column : columns) {
        const int count = ++seen[column];
        names.push_back(count == 1 ? column : fmt::format("{}_{}", column, count));
    }
    return names;
}

void write_value(const Value& value, JsonWriter& json) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        json.text(*text);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        json.number(*integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
        json.real(*real);
    } else {
        json.null();
    }
}

void write_row(const std::vector<std::string>& names, const Row& row, JsonWriter& json) {
    json.begin_object();
    for (std::size_t i = 0; i < row.size() && i < names.size(); ++i) {
        json.key(names[i]);
        write_value(row[i], json);
    }
    json.end_object();
}

std::string as_json(const QueryResult& result) {
    const auto names = unique_names(result.columns);
    JsonWriter json{2};
    json.begin_array();
    for (const auto& row : result.rows) write_row(names, row, json);
    json.end_array();
    return std::move(json).take() + "\n";
}

std::string as_json_lines(const QueryResult& result) {
    const auto names = unique_names(result.columns);
    std::string out;
    for (const auto& row : result.rows) {
        JsonWriter json;
        write_row(names, row, json);
        out += std::move(json).take() + "\n";
    }
    return out;
}

void add_csv_field(std::string_view raw, std::string& out) {
    const std::string text = replace_invalid_utf8(raw);
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

std::string as_csv(const QueryResult& result) {
    std::string out;
    for (std::size_t i = 0; i < result.columns.size(); ++i) {
        if (i > 0) out += ',';
        add_csv_field(result.columns[i], out);
    }
    out += "\r\n";
    for (const auto& row : result.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out += ',';
            std::string value = to_text(row[i]);
            // A spreadsheet would run a text that starts like a formula.
            const bool is_text = std::holds_alternative<std::string>(row[i]) && !value.empty();
            if (is_text && std::string_view{"=+-@\t\r"}.find(value.front()) != std::string_view::npos) value.insert(0, 1, '\'');
            add_csv_field(value, out);
        }
        out += "\r\n";
    }
    return out;
}

}  // namespace

std::optional<ResultFormat> result_format(std::string_view name) {
    static constexpr std::pair<std::string_view, ResultFormat> kNames[] = {
        {"text", ResultFormat::text}, {"json", ResultFormat::json}, {"jsonl", ResultFormat::jsonl}, {"csv", ResultFormat::csv}};
    for (const auto& [known, format] : kNames) {
        if (known == name) return format;
    }
    return std::nullopt;
}

std::string result_text(const QueryResult& result, ResultFormat format) {
    switch (format) {
        case ResultFormat::json: return as_json(result);
        case ResultFormat::jsonl: return as_json_lines(result);
        case ResultFormat::csv: return as_csv(result);
        case ResultFormat::text: break;
    }
    return as_text(result);
}

}  // namespace ward::doors
