// SPDX-License-Identifier: Apache-2.0
#include "host/state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ward::host {
namespace {

class State : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "ward-state-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string folder_;
};

Finding finding(std::string id, std::string path) {
    Finding out;
    out.id = std::move(id);
    out.rule = "r";
    out.title = "Title";
    out.area = Area::network;
    out.severity = Severity::high;
    out.where = Where{std::move(path), 3, {"a\xff", "b/c"}};
    return out;
}

TEST_F(State, KeepsTheLastRunOfTheSameCommandAndScope) {
    auto history = History::open(folder_ + "/below/it");
    ASSERT_TRUE(history.ok()) << history.error().text;
    const std::vector<Finding> first{finding("1", "/a\nb"), finding("2", "")};
    ASSERT_TRUE(history->record("check", "/", 100, 1.5, first).ok());
    ASSERT_TRUE(history->record("check", "/srv", 150, 1.5, {}).ok());
    const auto last = history->last("check", "/");
    ASSERT_TRUE(last.ok() && last->has_value());
    EXPECT_EQ((*last)->started, 100);
    EXPECT_EQ((*last)->findings, first);
    EXPECT_FALSE(history->last("audit", "/").value_or(PastRun{}).has_value());
    EXPECT_TRUE(history->find("2").value_or(std::nullopt).has_value());
    EXPECT_FALSE(history->find("3").value_or(std::nullopt).has_value());
}

TEST_F(State, DropsTheOldest) {
    auto history = History::open(folder_);
    ASSERT_TRUE(history.ok());
    for (int i = 0; i <= History::kMaxRuns; ++i) {
        const std::vector<Finding> one{finding(std::to_string(i), "/x")};
        ASSERT_TRUE(history->record("scan", "/", i, 0, one).ok());
    }
    EXPECT_FALSE(history->find("0").value_or(std::nullopt).has_value());
    EXPECT_TRUE(history->find("1").value_or(std::nullopt).has_value());
}

TEST_F(State, RefusesWhatALaterWardWrote) {
    { ASSERT_TRUE(History::open(folder_).ok()); }
    std::fstream file{folder_ + "/history.db", std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(60);  // the header's user version, big-endian (SQLite file format, 1.3)
    file.write("\0\0\0\x63", 4);
    file.close();
    const auto history = History::open(folder_);
    ASSERT_FALSE(history.ok());
    EXPECT_EQ(history.error().code, Code::unsupported);
}

TEST_F(State, SaysThatADamagedHistoryCanBeMovedAside) {
    std::ofstream{folder_ + "/history.db"} << "this is no database, and it is long enough to be taken for one, is it not, so here we go: "
                                              "another line of text that makes it longer than a hundred bytes";
    const auto history = History::open(folder_);
    ASSERT_FALSE(history.ok());
    EXPECT_NE(history.error().text.find("moving it aside"), std::string::npos);
}

TEST_F(State, KeepsHistoryToItsUser) {
    ASSERT_TRUE(History::open(folder_).ok());
    struct stat info {};
    ASSERT_EQ(::stat((folder_ + "/history.db").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(State, ReadsTheNotesItWrites) {
    StatusNote note;
    note.command = "check";
    note.ended = 5;
    note.findings[4] = 2;
    note.gaps = 7;
    note.worst = "a \"quoted\" \\ title\n";
    ASSERT_TRUE(write_status(folder_, note).ok());
    const auto notes = read_status(folder_);
    ASSERT_TRUE(notes.ok()) << notes.error().text;
    ASSERT_EQ(notes->size(), 1U);
    EXPECT_EQ(notes->front().worst, note.worst);
    EXPECT_EQ(notes->front().findings[4], 2U);
    EXPECT_EQ(notes->front().gaps, 7U);
    std::ofstream{folder_ + "/scan.status.toml"} << "command = ";
    EXPECT_FALSE(read_status(folder_).ok());
    EXPECT_TRUE(read_status(folder_ + "/none").ok());
}

}  // namespace
}  // namespace ward::host
