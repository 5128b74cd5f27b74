// SPDX-License-Identifier: Apache-2.0
// From files to an answer, through the true cells.
#include "walks/query.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ward::walks {
namespace {

std::string spec_folder() {
    const char* source = std::getenv("WARD_SOURCE");
    return (source != nullptr ? std::string{source} : "../..") + "/data/tables";
}

class HostDatabaseTest : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = std::filesystem::temp_directory_path() / ("ward-query-" + std::to_string(::getpid()));
        std::filesystem::remove_all(root_);
        std::filesystem::create_directories(root_ / "etc/sysctl.d");
        std::ofstream{root_ / "etc/fstab"} << "tmpfs /tmp tmpfs nosuid\n";
        std::ofstream{root_ / "etc/sysctl.d/a.conf"} << "kernel.kptr_restrict = 1\nbroken\n";
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    std::unique_ptr<HostDatabase> open(HostTablesSetup setup) {
        auto host = HostDatabase::open(spec_folder(), std::move(setup));
        EXPECT_TRUE(host) << host.error().text;
        return *std::move(host);
    }

    std::filesystem::path root_;
};

TEST_F(HostDatabaseTest, AnswersFromATree) {
    const auto host = open({.root = root_.string()});
    const auto mounts = host->query("SELECT path, nosuid FROM mounts WHERE mounted = 0", {});
    ASSERT_TRUE(mounts) << mounts.error().text;
    EXPECT_EQ(mounts->result.rows, (std::vector<Row>{{std::string{"/tmp"}, std::int64_t{1}}}));
    // That the running system's part is missing is no secret.
    ASSERT_EQ(mounts->gaps.size(), 1u);
    EXPECT_EQ(mounts->gaps[0].where.path, "/proc/self/mountinfo");
    const auto lines = host->query("SELECT t.line, t.text FROM file f JOIN text_lines t ON t.path = f.file WHERE f.path = '/etc/fst*'", {});
    ASSERT_TRUE(lines) << lines.error().text;
    EXPECT_EQ(lines->result.rows, (std::vector<Row>{{std::int64_t{1}, std::string{"tmpfs /tmp tmpfs nosuid"}}}));
}

TEST_F(HostDatabaseTest, TellsWhatItsRowsDoNotKnow) {
    const auto host = open({.root = root_.string()});
    const auto answer = host->query("SELECT name FROM sysctl", {});
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->result.rows.size(), 1u);
    EXPECT_NE(std::find(answer->gaps.begin(), answer->gaps.end(),
                        Gap{Where{"/etc/sysctl.d/a.conf", 2, {}}, Code::malformed, "a line without '='"}),
              answer->gaps.end());
    EXPECT_TRUE(host->query("SELECT 1", {})->gaps.empty());
}

TEST_F(HostDatabaseTest, SaysWhatIsWrongWithAQuery) {
    const auto host = open({.root = root_.string()});
    struct Case { const char* sql; const char* message; };
    const Case cases[] = {
        {"SELECT * FROM file", "table file needs `path = ...` in the query"},
        {"SELECT * FROM no_such_table", "no such table"},
        {"SELECT no_column FROM mounts", "no such column"},
        {"DELETE FROM mounts", ""},
        {"", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.sql);
        const auto answer = host->query(c.sql, {});
        ASSERT_FALSE(answer);
        EXPECT_NE(answer.error().text.find(c.message), std::string::npos) << answer.error().text;
    }
    const auto short_one = host->query("SELECT 1 UNION ALL SELECT 2", {.max_rows = 1});
    ASSERT_FALSE(short_one);
    EXPECT_EQ(short_one.error().code, Code::over_limit);
    EXPECT_TRUE(host->query("SELECT 1", {})) << "the cells go on after an error";
}

TEST_F(HostDatabaseTest, SeesTheSameInRecordedFacts) {
    constexpr const char* kSql = "SELECT name, release, boot_time FROM kernel";
    host::Recording recording;
    std::vector<Row> before;
    {
        const auto host = open({.root = "/"});
        const auto answer = host->query(kSql, {});
        ASSERT_TRUE(answer) << answer.error().text;
        before = answer->result.rows;
        ASSERT_EQ(before.size(), 1u);
        recording = host::Recording::decode(host->tables().recording().encode()).value();
    }
    const auto host = open({.root = root_.string(), .facts = std::move(recording)});
    EXPECT_EQ(host->query(kSql, {})->result.rows, before);
    EXPECT_EQ(host->query("SELECT path FROM mounts", {})->result.rows.size(), 1u) << "files come from the tree";
}

}  // namespace
}  // namespace ward::walks
