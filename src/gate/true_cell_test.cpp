// SPDX-License-Identifier: Apache-2.0
// Rules and files through the true cells, from the source of a rule to a verdict.
#include "gate/cells.h"

#include "model/rule_database.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <map>

namespace ward::gate {
namespace {

int memory_file(std::string_view content = {}) {
    const int descriptor = ::memfd_create("file", MFD_CLOEXEC);
    EXPECT_EQ(::pwrite(descriptor, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
    return descriptor;
}

class TrueCell : public ::testing::Test {
protected:
    void SetUp() override {
        database_ = memory_file();
        const wire::CompileRequest request{{{"main.yar", "include \"other.yar\"\nrule second { meta: why = \"stripes\" strings: $a = \"Zebra\" condition: $a }\n", ""},
                                            {"broken.yar", "rule broken { condition: no_such_thing }\n", "apart"}},
                                           {}};
        answer_ = compile(request, [&](const std::string& name) -> Result<std::string> {
            asked_.push_back(name);
            if (name != "other.yar") return fail(Code::denied, "outside of the roots");
            return std::string{"rule first { strings: $x = \"needle\" condition: $x }\n"};
        }, database_);
        if (!answer_.ok() && answer_.error().code == Code::unsupported) GTEST_SKIP() << answer_.error().text;
        ASSERT_TRUE(answer_.ok()) << answer_.error().text;
    }
    void TearDown() override { ::close(database_); }

    int database_ = -1;
    std::vector<std::string> asked_;
    Result<wire::CompileAnswer> answer_ = fail(Code::io, "not compiled");
};

TEST_F(TrueCell, CompilesAndTellsWhatIsWrong) {
    EXPECT_EQ(asked_, std::vector<std::string>{"other.yar"});
    EXPECT_EQ(answer_->rules, 2U);
    EXPECT_EQ(answer_->left_out, 1U);
    ASSERT_FALSE(answer_->diagnostics.empty());
    EXPECT_EQ(answer_->diagnostics[0].file, "broken.yar");
    EXPECT_EQ(static_cast<off_t>(answer_->database_bytes), ::lseek(database_, 0, SEEK_END));
    const auto info = inspect(database_);
    ASSERT_TRUE(info.ok()) << info.error().text;
    EXPECT_EQ(info->rules, 2U);
    EXPECT_EQ(info->patterns, 2U);
    EXPECT_EQ(info->bytes, answer_->database_bytes);
    // By the name that reports give it.
    std::array<std::uint8_t, 32> digest{};
    ASSERT_EQ(::pread(database_, digest.data(), digest.size(), kDatabaseDigestOffset), static_cast<ssize_t>(digest.size()));
    EXPECT_EQ(info->id, to_hex(digest));
}

TEST_F(TrueCell, DescribesARuleByItsName) {
    const auto info = inspect(database_, "second");
    ASSERT_TRUE(info.ok()) << info.error().text;
    ASSERT_EQ(info->named.size(), 1U);
    EXPECT_EQ(info->named[0].rule, "second");
    EXPECT_EQ(info->named[0].meta, (decltype(Match::meta){{"why", std::string{"stripes"}}}));
    EXPECT_TRUE(info->named[0].hits.empty());
    EXPECT_TRUE(inspect(database_, "third")->named.empty());
    EXPECT_TRUE(inspect(database_)->named.empty());
}

TEST_F(TrueCell, FindsInSmallAndLargeFilesAndNowhereElse) {
    std::map<std::string, std::vector<std::string>> found;
    const int spool = memory_file();
    ScanLane lane{ScanSetup{database_, spool, {}, {}}, [&](const Object& object, const Verdict& verdict) {
        auto& rules = found[object.path];
        for (const auto& match : verdict.matches) rules.push_back(match.rule);
        EXPECT_TRUE(verdict.gaps.empty()) << object.path << ": " << verdict.gaps[0].why;
        if (object.path == "/large") {
            ASSERT_EQ(verdict.matches.size(), 1U);
            ASSERT_EQ(verdict.matches[0].hits.size(), 1U);
            EXPECT_EQ(verdict.matches[0].hits[0], (PatternHit{"$a", 1'000'000, 5}));
        }
    }};
    std::string large(2'000'000, '.');
    large.replace(1'000'000, 5, "Zebra");
    const std::pair<const char*, std::string> files[] = {
        {"/small", "a needle here"}, {"/both", "needle Zebra"}, {"/none", "nothing"}, {"/empty", ""}, {"/large", large}};
    for (const auto& [path, content] : files) {
        ASSERT_TRUE(lane.add(Object{path, content.size(), 0, 0}, memory_file(content)).ok());
    }
    ASSERT_TRUE(lane.finish().ok());
    const std::map<std::string, std::vector<std::string>> want = {
        {"/small", {"first"}}, {"/both", {"first", "second"}}, {"/none", {}}, {"/empty", {}}, {"/large", {"second"}}};
    EXPECT_EQ(found, want);
    EXPECT_EQ(lane.cells_started(), 1U);
    ::close(spool);
}

TEST_F(TrueCell, RefusesWhatIsNoDatabase) {
    const std::string hostile[] = {"", "x", std::string(4096, '\xff'), "WARDDB\r\n" + std::string(100, '\x7f')};
    for (const auto& content : hostile) {
        SCOPED_TRACE(content.size());
        const int broken = memory_file(content);
        EXPECT_FALSE(inspect(broken).ok());
        int answers = 0;
        ScanLane lane{ScanSetup{broken, -1, {}, {}}, [&](const Object&, const Verdict& verdict) {
            ++answers;
            EXPECT_EQ(verdict.gaps.size(), 1U);
        }};
        EXPECT_FALSE(lane.add_bytes(Object{"/a", 1, 0, 0}, as_bytes("a")).ok());
        EXPECT_EQ(answers, 1);
        ::close(broken);
    }
    // One byte of a true database changed: the whole is verified.
    std::uint8_t byte = 0;
    ASSERT_EQ(::pread(database_, &byte, 1, ::lseek(database_, 0, SEEK_END) - 1), 1);
    byte ^= 1;
    ASSERT_EQ(::pwrite(database_, &byte, 1, ::lseek(database_, 0, SEEK_END) - 1), 1);
    EXPECT_FALSE(inspect(database_).ok());
}

}  // namespace
}  // namespace ward::gate
