// SPDX-License-Identifier: Apache-2.0
#include "walks/remember.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace ward::walks {
namespace {

Finding finding(std::string id, std::string path) {
    Finding out;
    out.id = std::move(id);
    out.rule = "rule-" + out.id;
    out.where.path = std::move(path);
    return out;
}

TEST(Remember, CallsFixedOnlyWhatWasLookedAtAgain) {
    report::Report now;
    now.findings = {finding("b", "/b"), finding("d", "/d")};
    const auto got = compare({finding("a", "/a"), finding("b", "/b"), finding("c", "/c")}, 9, now,
                             [](const Finding& f) { return f.where.path != "/c"; });
    EXPECT_EQ(got.previous, 9);
    EXPECT_EQ(got.known, (std::vector<std::string>{"a", "b", "c"}));
    ASSERT_EQ(got.fixed.size(), 1U);
    EXPECT_EQ(got.fixed.front().id, "a");
}

TEST(Remember, TheNextRunKnowsTheLast) {
    std::string folder = ::testing::TempDir() + "ward-remember-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const auto always = [](const Finding&) { return true; };
    report::Report first;
    first.run = begin_run("check");
    first.findings = {finding("a", "/a")};
    remember(first, folder, "/", always);
    EXPECT_EQ(first.comparison.previous, 0);

    // What was interrupted is compared and not kept.
    report::Report second;
    second.run = begin_run("check");
    second.summary.interrupted = true;
    remember(second, folder, "/", always);
    EXPECT_EQ(second.comparison.fixed.size(), 1U);

    report::Report third;
    third.run = begin_run("check");
    third.findings = {finding("a", "/a"), finding("b", "/b")};
    remember(third, folder, "/", always);
    EXPECT_EQ(third.comparison.known, std::vector<std::string>{"a"});
    EXPECT_TRUE(third.comparison.fixed.empty());
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ward::walks
