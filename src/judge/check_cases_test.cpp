// SPDX-License-Identifier: Apache-2.0
// Runs every case of every check in data/checks on the true SQL engine, over the tables as data/tables describes them.
#include "cell/sql/engine.h"
#include "judge/checks.h"
#include "judge/judge.h"
#include "tables/spec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace ward::judge {
namespace {

std::string data_folder(const char* name) {
    const char* source = std::getenv("WARD_SOURCE");
    return std::string{source != nullptr ? source : "../.."} + "/data/" + name;
}

const std::vector<tables::TableSpec>& specs() {
    static const auto loaded = tables::load_specs(data_folder("tables")).value();
    return loaded;
}

// As a table answers: a case writes the very value that the query fixes, a glob too.
bool meets(const TableShape& shape, const Row& row, std::span<const Constraint> constraints) {
    return std::all_of(constraints.begin(), constraints.end(), [&](const Constraint& constraint) {
        for (std::size_t i = 0; i < shape.columns.size(); ++i) {
            if (shape.columns[i].name == constraint.column) return row[i] == constraint.value;
        }
        return false;
    });
}

Result<RowSet> rows_of(const CheckCase& example, const std::string& file, std::string_view table,
                       std::span<const Constraint> constraints) {
    const auto* spec = tables::find_spec(specs(), table);
    WARD_CHECK(spec != nullptr);
    const TableShape shape = spec->shape();
    RowSet set;
    for (const auto& [name, rows] : example.rows) {
        if (name != table) continue;
        for (const auto& named : rows) {
            Row row(shape.columns.size());
            for (const auto& [column, value] : named) {
                std::size_t place = 0;
                while (place < shape.columns.size() && shape.columns[place].name != column) ++place;
                if (place == shape.columns.size()) {
                    return fail(Code::malformed, "{}:{}: table {} has no column {}", file, example.line, table, column);
                }
                const bool is_number = !std::holds_alternative<std::string>(value);
                if (is_number != (shape.columns[place].type != "text")) {
                    return fail(Code::malformed, "{}:{}: column {} of {} is {}", file, example.line, column, table,
                                shape.columns[place].type);
                }
                row[place] = value;
            }
            if (meets(shape, row, constraints)) set.rows.push_back(std::move(row));
        }
    }
    return set;
}

std::vector<TableShape> all_shapes() {
    std::vector<TableShape> shapes;
    for (const auto& spec : specs()) shapes.push_back(spec.shape());
    return shapes;
}

Result<QueryResult> ask(const CheckFile& file, const CheckCase& example, const std::string& query) {
    const auto engine = WARD_TRY(sql::Engine::open(all_shapes(), [&](std::string_view table, std::span<const Constraint> fixed) {
        return rows_of(example, file.check.id, table, fixed);
    }));
    return engine->run(query, {});
}

Result<QueryResult> ask(const CheckFile& file, const CheckCase& example) { return ask(file, example, file.check.query); }

class EveryCheck : public ::testing::Test {
protected:
    void SetUp() override {
        auto loaded = load_check_files(data_folder("checks"));
        ASSERT_TRUE(loaded) << loaded.error().text;
        files_ = std::move(*loaded);
    }
    std::vector<CheckFile> files_;
};

TEST_F(EveryCheck, AnswersItsCases) {
    for (const auto& file : files_) {
        for (const auto& example : file.cases) {
            SCOPED_TRACE(file.check.id + ", line " + std::to_string(example.line) + ": " + example.name);
            for (const auto& rows : example.rows) EXPECT_NE(tables::find_spec(specs(), rows.first), nullptr) << rows.first;
            const auto answer = ask(file, example);
            ASSERT_TRUE(answer) << answer.error().text;
            EXPECT_EQ(answer->rows.size(), example.finds);
            const auto findings = weigh(file.check, *answer);
            ASSERT_TRUE(findings) << findings.error().text;
            EXPECT_EQ(findings->empty(), example.finds == 0);
            if (example.finds > 0) continue;
            bool answered = true;
            if (!file.check.answerable.empty()) {
                const auto condition = ask(file, example, file.check.answerable);
                ASSERT_TRUE(condition) << condition.error().text;
                answered = !condition->rows.empty();
            }
            EXPECT_EQ(answered, example.answered);
        }
    }
}

TEST_F(EveryCheck, GivesTheColumnsItSpeaksOf) {
    for (const auto& file : files_) {
        SCOPED_TRACE(file.check.id);
        const auto answer = ask(file, CheckCase{});
        ASSERT_TRUE(answer) << answer.error().text;
        const auto commands = fill_commands(file.check, answer->columns, Row(answer->columns.size()));
        EXPECT_TRUE(commands) << commands.error().text;
    }
}

TEST_F(EveryCheck, NamesAsWholeOnlyWhatItReads) {
    for (const auto& file : files_) {
        SCOPED_TRACE(file.check.id);
        std::set<std::string> read;
        for (const auto& example : file.cases) {
            const auto answer = ask(file, example);
            ASSERT_TRUE(answer) << answer.error().text;
            for (const auto& one : answer->reads) read.insert(one.table);
        }
        for (const auto& table : file.check.whole) EXPECT_TRUE(read.contains(table)) << table;
    }
}

TEST_F(EveryCheck, FindsAPlaceWhereThereIsOne) {
    for (const auto& file : files_) {
        if (file.check.where_path.empty()) continue;
        SCOPED_TRACE(file.check.id);
        bool seen = false;
        for (const auto& example : file.cases) {
            const auto answer = ask(file, example);
            ASSERT_TRUE(answer) << answer.error().text;
            const auto findings = weigh(file.check, *answer);
            ASSERT_TRUE(findings) << findings.error().text;
            for (const auto& finding : *findings) {
                // A value that stands in no file is a built-in default.
                if (!finding.where.path.empty()) seen = true;
            }
        }
        EXPECT_TRUE(seen) << "no case gives " << file.check.where_path;
    }
}

// Each fix that waits is found, and by one check only, whatever is known of it.
TEST_F(EveryCheck, SharesTheFixesThatWait) {
    std::vector<const CheckFile*> about_fixes;
    for (const auto& file : files_) {
        if (file.check.query.find("FROM fixes\n") != std::string::npos) about_fixes.push_back(&file);
    }
    EXPECT_GE(about_fixes.size(), 10U);
    using Choices = std::vector<Value>;
    const Value unknown{};
    const std::pair<const char*, Choices> columns[] = {
        {"manager", {unknown, std::string{"dpkg"}, std::string{"rpm"}}},
        {"exploited", {unknown, std::string{"CVE-2024-1"}}},
        {"exposed", {unknown, std::string{"tcp/443"}}},
        {"held", {std::int64_t{0}, std::int64_t{1}}},
        {"serious", {std::int64_t{0}, std::int64_t{1}}},
        {"days_left", {unknown, std::int64_t{-1}, std::int64_t{0}, std::int64_t{5}}},
        {"epss", {unknown, 0.0, 0.1, 0.2}},
    };
    std::vector<CheckCase::NamedRow> rows = {{}};
    for (const auto& [column, choices] : columns) {
        std::vector<CheckCase::NamedRow> longer;
        for (const auto& row : rows) {
            for (const auto& value : choices) {
                longer.push_back(row);
                if (!std::holds_alternative<std::monostate>(value)) longer.back().emplace_back(column, value);
            }
        }
        rows = std::move(longer);
    }
    // What no manager installed, none holds (cell/facts/fixes.cpp).
    std::erase_if(rows, [](const CheckCase::NamedRow& row) {
        const auto has = [&](const char* name) { return std::find_if(row.begin(), row.end(), [&](const auto& cell) { return cell.first == name; }); };
        return has("manager") == row.end() && std::get<std::int64_t>(has("held")->second) == 1;
    });
    CheckCase all;
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].emplace_back("source", std::to_string(i));
    all.rows = {{"fixes", rows}};
    std::vector<std::vector<std::string>> found(rows.size());
    for (const auto* file : about_fixes) {
        const auto answer = ask(*file, all);
        ASSERT_TRUE(answer) << answer.error().text;
        const auto column = std::find(answer->columns.begin(), answer->columns.end(), "source") - answer->columns.begin();
        for (const auto& row : answer->rows) {
            found.at(std::stoul(std::get<std::string>(row.at(static_cast<std::size_t>(column))))).push_back(file->check.id);
        }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string text;
        for (const auto& [column, value] : rows[i]) text += column + "=" + to_text(value) + " ";
        for (const auto& id : found[i]) text += "found by " + id + " ";
        EXPECT_EQ(found[i].size(), 1U) << text;
    }
}

TEST_F(EveryCheck, IsWrittenForPeople) {
    const std::set<std::string> controls = {"firewalls", "secure configuration", "security update management",
                                            "user access control", "malware protection"};
    std::set<std::string> titles;
    for (const auto& file : files_) {
        const Check& check = file.check;
        SCOPED_TRACE(check.id);
        EXPECT_TRUE(titles.insert(check.title).second) << "two checks have this title";
        EXPECT_LE(check.title.size(), 90U);
        EXPECT_FALSE(check.title.ends_with('.')) << "a title is no sentence";
        EXPECT_TRUE(check.why.ends_with('.'));
        EXPECT_TRUE(check.fix.ends_with('.'));
        EXPECT_FALSE(check.cyber_essentials.empty() && check.cis.empty() && check.refs.empty()) << "nothing to read on";
        for (const auto& control : check.cyber_essentials) {
            EXPECT_TRUE(controls.contains(control.substr(0, control.find(" A")))) << control;
        }
        for (const auto& number : check.cis) EXPECT_EQ(number.find_first_not_of("0123456789."), std::string::npos) << number;
    }
}

}  // namespace
}  // namespace ward::judge
