// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/testing/sources.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ward::facts::testing {

// The rows of an answer with some columns by name, one line each as in lines_of:
//
//     EXPECT_EQ(columns("users", answer, {"name", "uid"}), (Strings{"root|0", "alice|1000"}));
//
// Rows that do not have the form of data/tables/NAME.toml fail the test.
using Strings = std::vector<std::string>;

inline std::vector<std::pair<std::string, std::string>> columns_of(const std::string& table) {
    const char* const source = std::getenv("WARD_SOURCE");
    std::ifstream file{std::string{source == nullptr ? "../../.." : source} + "/data/tables/" + table + ".toml"};
    const std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    std::vector<std::pair<std::string, std::string>> columns;
    const auto spec = read_toml(text, table);
    if (!spec || spec->find("column") == nullptr) {
        ADD_FAILURE() << "data/tables/" << table << ".toml cannot be read";
        return columns;
    }
    for (const auto& column : spec->find("column")->items) {
        columns.emplace_back(column.text("name").value(), column.text("type").value());
    }
    return columns;
}

inline Strings columns(const std::string& table, const wire::ParseAnswer& answer, const Strings& wanted) {
    const auto known = columns_of(table);
    std::vector<std::size_t> places;
    for (const auto& name : wanted) {
        std::size_t at = 0;
        while (at < known.size() && known[at].first != name) ++at;
        if (at == known.size()) ADD_FAILURE() << "no column " << name << " in " << table;
        else places.push_back(at);
    }
    Strings lines;
    for (const auto& row : answer.rows.rows) {
        if (row.size() != known.size()) {
            ADD_FAILURE() << table << " has " << known.size() << " columns, a row " << row.size();
            return {};
        }
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool fits = std::holds_alternative<std::monostate>(row[i]) ||
                              (known[i].second == "integer" ? std::holds_alternative<std::int64_t>(row[i])
                               : known[i].second == "real"  ? std::holds_alternative<double>(row[i])
                                                            : std::holds_alternative<std::string>(row[i]));
            if (!fits) ADD_FAILURE() << table << "." << known[i].first << " has a value of another type";
        }
        std::string line;
        for (const std::size_t at : places) line += (at == places[0] ? "" : "|") + to_text(row[at]);
        lines.push_back(std::move(line));
    }
    return lines;
}

// "path:line code", one a gap.
inline Strings gaps_of(const wire::ParseAnswer& answer) {
    Strings gaps;
    for (const auto& gap : answer.rows.gaps) {
        gaps.push_back(fmt::format("{}:{} {}", gap.where.path, gap.where.line, code_name(gap.code)));
    }
    return gaps;
}

}  // namespace ward::facts::testing
