// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "model/encode.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ward::facts::testing {

// Sources for the test of a parser, and its answer:
//
//     const auto answer = Sources{}.file("/etc/hosts", "::1 localhost\n").parse(parse_etc_hosts);
//     EXPECT_EQ(lines_of(answer.rows), ...);
class Sources {
public:
    Sources() = default;
    Sources(Sources&&) = default;  // no copies: a source points to its content
    Sources& file(std::string name, std::string_view text, std::uint32_t mode = 0100644, std::uint32_t uid = 0,
                  std::string link = {}) {
        return add({.name = std::move(name), .link = std::move(link), .mode = mode, .uid = uid}, to_buffer(as_bytes(text)));
    }
    Sources& bytes(std::string name, Buffer content) { return add({.name = std::move(name)}, std::move(content)); }
    // From a file of hex text with '#' comments.
    Sources& hex(std::string name, const std::string& path) {
        std::ifstream file{path};
        std::string digits;
        for (std::string line; std::getline(file, line);) digits += line.substr(0, line.find('#')) + " ";
        Buffer content;
        WARD_CHECK(!digits.empty() && from_hex(digits, content));
        return bytes(std::move(name), std::move(content));
    }
    Sources& state(std::string name, wire::SourceBytes::State state) {
        return add({.name = std::move(name), .state = state, .why = "by the test"}, {});
    }
    Sources& folder(std::string name, std::uint32_t mode = 040755) {
        return add({.name = std::move(name), .mode = mode}, {});
    }
    Sources& add(wire::SourceBytes about, Buffer content) {
        contents_.push_back(std::move(content));
        about.bytes = contents_.back().size();
        if (about.size == 0) about.size = about.bytes;
        sources_.push_back({std::move(about), contents_.back()});
        return *this;
    }
    Sources& with(std::string column, Value value) {
        constraints_.push_back({std::move(column), std::move(value)});
        return *this;
    }
    Sources& at(std::int64_t now) {
        now_ = now;
        return *this;
    }
    // A row of a table that the parser's is made from: row("packages", {{"name", "bash"}, {"held", 1}}).
    struct Cell {
        Cell(std::string name, const char* text) : column{std::move(name)}, value{std::string{text}} {}
        Cell(std::string name, std::string text) : column{std::move(name)}, value{std::move(text)} {}
        Cell(std::string name, std::int64_t number) : column{std::move(name)}, value{number} {}
        Cell(std::string name, int number) : column{std::move(name)}, value{std::int64_t{number}} {}
        Cell(std::string name, double number) : column{std::move(name)}, value{number} {}
        std::string column;
        Value value;
    };
    Sources& row(const std::string& table, const std::vector<Cell>& cells) {
        auto found = std::find_if(inputs_.begin(), inputs_.end(), [&](const auto& input) { return input.shape.name == table; });
        if (found == inputs_.end()) found = inputs_.insert(found, wire::InputTable{{table, {}, {}}, {}});
        Row values(found->shape.columns.size());
        for (const auto& cell : cells) {
            std::size_t at = 0;
            while (at < values.size() && found->shape.columns[at].name != cell.column) ++at;
            if (at == values.size()) {
                found->shape.columns.push_back({cell.column, "text"});
                values.emplace_back();
            }
            values[at] = cell.value;
        }
        found->rows.rows.push_back(std::move(values));
        return *this;
    }
    Sources& advisories(Buffer database) {
        advisories_ = std::move(database);
        return *this;
    }
    wire::ParseAnswer parse(Parser parser) const {
        Request request{constraints_, sources_, now_};
        request.inputs = inputs_;
        if (advisories_) request.advisories = *advisories_;
        return parser(request);
    }

private:
    static Buffer to_buffer(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
    std::deque<Buffer> contents_;  // a deque keeps its elements where they are
    std::vector<Source> sources_;
    std::vector<Constraint> constraints_;
    std::vector<wire::InputTable> inputs_;
    std::optional<Buffer> advisories_;
    std::int64_t now_ = 1'700'000'000;
};

// One line a row, values separated by '|'; NULL looks like an empty text.
inline std::vector<std::string> lines_of(const RowSet& rows) {
    std::vector<std::string> lines;
    for (const auto& row : rows.rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : "|") + to_text(row[i]);
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace ward::facts::testing
