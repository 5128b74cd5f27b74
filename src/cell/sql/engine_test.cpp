// SPDX-License-Identifier: Apache-2.0
#include "cell/sql/engine.h"

#include <gtest/gtest.h>

#include <map>

namespace ward::sql {
namespace {

using Text = std::string;

class SqlEngine : public testing::Test {
protected:
    void SetUp() override {
        std::vector<TableShape> shapes = {
            {"users", {{"name", "text"}, {"uid", "integer"}}, {}},
            {"file", {{"path", "text"}, {"bytes", "integer"}}, {"path"}},
            {"broken", {{"a", "text"}}, {}},
            {"lying", {{"a", "text"}, {"b", "text"}}, {}},
        };
        auto opened = Engine::open(shapes, [this](std::string_view table, std::span<const Constraint> constraints) {
            return pull(table, constraints);
        });
        ASSERT_TRUE(opened.ok()) << opened.error().text;
        engine = std::move(opened).value();
    }

    Result<RowSet> pull(std::string_view table, std::span<const Constraint> constraints) {
        ++pulls[Text{table}];
        RowSet set;
        if (table == "users") {
            set.rows = {{Text{"root"}, std::int64_t{0}}, {Text{"ann"}, std::int64_t{1000}}, {Text{"none"}, Value{}}};
        } else if (table == "file") {
            EXPECT_EQ(constraints.size(), 1U);
            EXPECT_EQ(constraints[0].column, "path");
            set.rows = {{constraints[0].value, std::int64_t{7}}};
        } else if (table == "lying") {
            set.rows = {{Text{"only one"}}};
        } else {
            return fail(Code::denied, "cannot read it");
        }
        return set;
    }

    std::map<Text, int> pulls;
    std::unique_ptr<Engine> engine;
};

TEST_F(SqlEngine, AnswersOverPulledRows) {
    const auto result = engine->run("SELECT name FROM users WHERE uid >= 0 ORDER BY uid DESC;  -- end\n", {});
    ASSERT_TRUE(result.ok()) << result.error().text;
    EXPECT_EQ(result->columns, std::vector<Text>{"name"});
    EXPECT_EQ(result->rows, (std::vector<Row>{{Text{"ann"}}, {Text{"root"}}}));
    EXPECT_EQ(result->reads, (std::vector<TableRead>{{"users", {}}}));
}

TEST_F(SqlEngine, PullsATableOnceForAllQueries) {
    ASSERT_TRUE(engine->run("SELECT * FROM users a JOIN users b", {}).ok());
    ASSERT_TRUE(engine->run("SELECT count(*) FROM users", {}).ok());
    EXPECT_EQ(pulls["users"], 1);
}

TEST_F(SqlEngine, HandsRequiredColumnsOn) {
    struct Case { const char* sql; std::size_t rows; };
    const Case cases[] = {
        {"SELECT bytes FROM file WHERE path = '/a'", 1},
        {"SELECT bytes FROM file WHERE path IN ('/a', '/b')", 2},
        {"SELECT f.bytes FROM users u JOIN file f ON f.path = '/home/' || u.name", 3},
        {"SELECT f.bytes FROM file f, users u WHERE f.path = u.name AND u.uid = 0", 1},
        {"SELECT bytes FROM file WHERE path = NULL", 0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.sql);
        const auto result = engine->run(c.sql, {});
        ASSERT_TRUE(result.ok()) << result.error().text;
        EXPECT_EQ(result->rows.size(), c.rows);
    }
}

// SQLite tells the rows of the two sides of an OR apart by their ids.
TEST_F(SqlEngine, KeepsRowsOfTwoPullsApart) {
    const auto result = engine->run("SELECT path FROM file WHERE path = 'a' AND bytes = 7 OR path IN ('b', 'c') AND bytes > 1", {});
    ASSERT_TRUE(result.ok()) << result.error().text;
    EXPECT_EQ(result->rows, (std::vector<Row>{{Text{"a"}}, {Text{"b"}}, {Text{"c"}}}));
    const auto read = [](const char* path) { return TableRead{"file", {{"path", Text{path}}}}; };
    EXPECT_EQ(result->reads, (std::vector<TableRead>{read("a"), read("b"), read("c")}));
    const auto again = engine->run("SELECT path FROM file WHERE path = 'b'", {});
    ASSERT_TRUE(again.ok()) << again.error().text;
    EXPECT_EQ(again->reads, (std::vector<TableRead>{read("b")})) << "also when it was pulled before";
}

TEST_F(SqlEngine, RefusesWhatIsNotReading) {
    struct Case { const char* sql; Code want; const char* text; };
    const Case cases[] = {
        {"", Code::malformed, "no query"},
        {"-- nothing", Code::malformed, "no query"},
        {"SELEKT 1", Code::malformed, "syntax error"},
        {"SELECT nix FROM users", Code::malformed, "nix"},
        {"SELECT * FROM nowhere", Code::malformed, "nowhere"},
        {"SELECT 1; SELECT 2", Code::denied, "one query"},
        {"INSERT INTO users VALUES('a', 1)", Code::denied, "only read"},
        {"DELETE FROM users", Code::malformed, "may not be modified"},
        {"CREATE TABLE t(a)", Code::denied, "only read"},
        {"CREATE TEMP TABLE t(a)", Code::denied, "only read"},
        {"DROP TABLE users", Code::denied, "only read"},
        {"PRAGMA user_version", Code::denied, "only read"},
        {"ATTACH '/tmp/x.db' AS x", Code::denied, "only read"},
        {"VACUUM INTO '/tmp/x.db'", Code::denied, "only read"},
        {"BEGIN", Code::denied, "only read"},
        {"SELECT load_extension('/tmp/x.so')", Code::malformed, ""},
        {"SELECT bytes FROM file", Code::unsupported, "`path = ...`"},
        {"SELECT bytes FROM file WHERE path LIKE '/a%'", Code::unsupported, "`path = ...`"},
        {"SELECT * FROM broken", Code::denied, "cannot read it"},
        {"SELECT * FROM lying", Code::malformed, "1 values for 2 columns"},
        {"SELECT version_compare('perl', '1', '2')", Code::malformed, "debian, rpm, alpine, semver, npm, pypi, gem, go, maven, nuget, cargo, packagist, hex, pub"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.sql);
        const auto result = engine->run(c.sql, {});
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().code, c.want) << result.error().text;
        EXPECT_NE(result.error().text.find(c.text), Text::npos) << result.error().text;
        EXPECT_TRUE(engine->run("SELECT 1", {}).ok()) << "the engine goes on after an error";
    }
}

TEST_F(SqlEngine, StopsAtItsLimitsWithAnErrorAndNoShortAnswer) {
    const char* endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    const auto rows = engine->run(endless, {.max_rows = 1000});
    ASSERT_FALSE(rows.ok());
    EXPECT_EQ(rows.error().code, Code::over_limit);
    const Text silent = Text{endless} + " WHERE i < 0";
    const auto time = engine->run(silent, {.max_time = std::chrono::milliseconds{50}});
    ASSERT_FALSE(time.ok());
    EXPECT_EQ(time.error().code, Code::over_limit);
    const auto memory = engine->run("SELECT zeroblob(1000000000)", {});
    ASSERT_FALSE(memory.ok());
    EXPECT_EQ(memory.error().code, Code::over_limit);
}

TEST_F(SqlEngine, ComparesVersions) {
    const auto result = engine->run(
        "SELECT version_compare('debian', '1.0~rc1', '1.0'), version_compare('debian', '', '1'), "
        "version_compare('debian', NULL, '1'), version_compare('npm', '=1.0.0', 'v1.0.0-rc.1'), version_compare('semver', '1', '2')", {});
    ASSERT_TRUE(result.ok()) << result.error().text;
    EXPECT_EQ(result->rows, (std::vector<Row>{{std::int64_t{-1}, Value{}, Value{}, std::int64_t{1}, Value{}}}));
}

}  // namespace
}  // namespace ward::sql
