// SPDX-License-Identifier: Apache-2.0
#include "judge/checks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ward::judge {
namespace {

constexpr const char* kHead = R"(id = "second-root"
rank = 20
title = "A second account has user id 0"
severity = "critical"
area = "credentials"
why = "It is root by another name."
fix = "Give it an id of its own."
)";
constexpr const char* kQuery = "query = \"SELECT name, file, line FROM users WHERE uid = 0\"\n";
constexpr const char* kCases = R"([[case]]
name = "two"
rows.users = [{ name = "root", uid = 0 }, { name = "toor", uid = 0 }]
finds = 2
[[case]]
name = "none"
finds = 0
)";

TEST(ParseCheck, ReadsWhatAFileSays) {
    const std::string text = std::string{kHead} + kQuery +
                             "commands = [\"usermod -u 2000 {name}\"]\ncis = [\"5.4.2.1\"]\nwhere_path = \"file\"\n"
                             "where_line = \"line\"\nidentity = [\"name\"]\nevidence = [\"name\"]\nneeds_root = true\n" + kCases;
    const auto file = parse_check(text, "second-root.toml");
    ASSERT_TRUE(file) << file.error().text;
    EXPECT_EQ(file->check.id, "second-root");
    EXPECT_EQ(file->check.rank, 20U);
    EXPECT_EQ(file->check.severity, Severity::critical);
    EXPECT_EQ(file->check.area, Area::credentials);
    EXPECT_EQ(file->check.commands, (std::vector<std::string>{"usermod -u 2000 {name}"}));
    EXPECT_EQ(file->check.where_path, "file");
    EXPECT_EQ(file->check.where_line, "line");
    EXPECT_EQ(file->check.identity, (std::vector<std::string>{"name"}));
    EXPECT_TRUE(file->check.needs_root);
    ASSERT_EQ(file->cases.size(), 2U);
    EXPECT_EQ(file->cases[0].finds, 2U);
    ASSERT_EQ(file->cases[0].rows.size(), 1U);
    EXPECT_EQ(file->cases[0].rows[0].first, "users");
    EXPECT_EQ(file->cases[0].rows[0].second[1],
              (CheckCase::NamedRow{{"name", Value{std::string{"toor"}}}, {"uid", Value{std::int64_t{0}}}}));
}

TEST(ParseCheck, RefusesWhatItDoesNotKnowAndSaysWhere) {
    struct Case {
        const char* name;
        std::string text;
        std::string_view says;
    };
    const std::string head = kHead;
    const std::string query = kQuery;
    const std::string cases = kCases;
    const Case table[] = {
        {"an unknown key", head + query + "colour = \"red\"\n" + cases, "c.toml:9: `colour`"},
        {"no query", head + cases, "query"},
        {"an empty text", head + "query = \" \"\n" + cases, "query says nothing"},
        {"no case", head + query, "needs cases"},
        {"only failing cases", head + query + "[[case]]\nname = \"a\"\nrows.users = [{ uid = 0 }]\nfinds = 1\n", "no case passes"},
        {"only passing cases", head + query + "[[case]]\nname = \"a\"\nfinds = 0\n", "no case"},
        {"an unknown key in a case", head + query + cases + "found = 1\n", "`found`"},
        {"a case without a count", head + query + cases + "[[case]]\nname = \"a\"\n", "finds tells"},
        {"a row that is no table", head + query + cases + "rows.users = [1]\n", "a row is written"},
        {"a boolean in a row", head + query + cases + "rows.users = [{ uid = true }]\n", "a text or a number"},
        {"a line without a file", head + query + "where_line = \"line\"\n" + cases, "needs where_path"},
        {"only unanswered ones beside it",
         head + query + "[[case]]\nname = \"a\"\nfinds = 1\n[[case]]\nname = \"b\"\nfinds = 0\nanswered = false\n",
         "no case passes"},
        {"found and not answered", head + query + cases + "[[case]]\nname = \"a\"\nfinds = 1\nanswered = false\n",
         "is answered"},
        {"a condition without words", head + query + "answerable = \"SELECT 1\"\n" + cases, "both or neither"},
        {"broken TOML", head + "query = \n", "c.toml:8"},
    };
    for (const auto& c : table) {
        SCOPED_TRACE(c.name);
        const auto file = parse_check(c.text, "c.toml");
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error().code, Code::malformed);
        EXPECT_NE(file.error().text.find(c.says), std::string::npos) << file.error().text;
    }
}

TEST(ParseCheck, RefusesWrongWords) {
    const auto with = [](std::string_view from, std::string_view to) {
        std::string text = std::string{kHead} + kQuery + kCases;
        text.replace(text.find(from), from.size(), to);
        return parse_check(text, "c.toml");
    };
    EXPECT_TRUE(with("critical", "high"));
    EXPECT_FALSE(with("critical", "terrible"));
    EXPECT_FALSE(with("credentials", "malware"));
    EXPECT_FALSE(with("second-root", "Second Root"));
    EXPECT_FALSE(with("second-root", "second-root-"));
    EXPECT_FALSE(with("rank = 20", "rank = -1"));
}

class CheckFolder : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("ward-checks-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& id, const std::string& rank) {
        std::string text = std::string{kHead} + kQuery + kCases;
        text.replace(text.find("second-root"), 11, id);
        text.replace(text.find("rank = 20\n"), 10, rank);
        std::ofstream{folder_ / (id + ".toml")} << text;
    }
    std::filesystem::path folder_;
};

TEST_F(CheckFolder, GivesChecksByRankThenName) {
    write("b", "rank = 7\n");
    write("a", "rank = 7\n");
    write("first", "rank = 1\n");
    write("aa-unranked", "");
    std::ofstream{folder_ / "README.md"} << "not a check";
    const auto checks = load_checks(folder_.string());
    ASSERT_TRUE(checks) << checks.error().text;
    std::vector<std::string> ids;
    for (const auto& check : *checks) ids.push_back(check.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"first", "a", "b", "aa-unranked"}));
}

TEST_F(CheckFolder, RefusesAFileThatIsNotNamedByItsId) {
    write("b", "");
    std::filesystem::rename(folder_ / "b.toml", folder_ / "c.toml");
    const auto checks = load_checks(folder_.string());
    ASSERT_FALSE(checks);
    EXPECT_NE(checks.error().text.find("holds check b"), std::string::npos);
}

TEST_F(CheckFolder, SaysWhenThereIsNothing) {
    EXPECT_EQ(load_checks(folder_.string()).error().code, Code::not_found);
    EXPECT_EQ(load_checks((folder_ / "none").string()).error().code, Code::io);
}

}  // namespace
}  // namespace ward::judge
