// SPDX-License-Identifier: Apache-2.0
#include "judge/judge.h"

#include <gtest/gtest.h>

namespace ward::judge {
namespace {

Match match(std::string rule) {
    Match out;
    out.rule = std::move(rule);
    out.hits = {{"$a", 7, 68}};
    return out;
}

TEST(Judge, TakesTitleSeverityAndReferencesFromTheRule) {
    Verdict verdict;
    verdict.matches = {match("r")};
    verdict.matches[0].meta = {{"Severity", std::string{"Critical"}}, {"title", std::string{"T"}}, {"description", std::string{"D"}},
                               {"why", std::string{"W"}}, {"reference", std::string{"A"}}, {"reference", std::string{"B"}}, {"url", std::int64_t{3}}};
    verdict.matches[0].members = {"in.zip", "x"};
    const auto found = weigh(Object{"/a", 1, 0, 0}, verdict);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].severity, Severity::critical);
    EXPECT_EQ(found[0].title, "T");
    EXPECT_EQ(found[0].why, "W");
    EXPECT_EQ(found[0].refs, (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(found[0].where, (Where{"/a", 0, {"in.zip", "x"}}));
    EXPECT_EQ(std::get<PatternEvidence>(found[0].evidence.at(0)), (PatternEvidence{"$a", 7, 68}));
}

TEST(Judge, MalwareWithoutSeverityIsHighAndNamedByItsRule) {
    Verdict verdict;
    verdict.matches = {match("some_rule")};
    verdict.matches[0].meta = {{"severity", std::string{"terrible"}}};
    const auto found = weigh(Object{"/a", 1, 0, 0}, verdict);
    EXPECT_EQ(found.at(0).severity, Severity::high);
    EXPECT_EQ(found.at(0).title, "some_rule");
}

TEST(Judge, TheIdIsOfRuleAndPlaceAlone) {
    const auto id = [](std::string rule, std::string path, std::vector<std::string> members, std::uint64_t offset) {
        Verdict verdict;
        verdict.matches = {match(std::move(rule))};
        verdict.matches[0].members = std::move(members);
        verdict.matches[0].hits[0].offset = offset;
        return weigh(Object{std::move(path), 1, 0, 0}, verdict).at(0).id;
    };
    EXPECT_EQ(id("r", "/a", {}, 1), id("r", "/a", {}, 2));
    EXPECT_NE(id("r", "/a", {}, 1), id("s", "/a", {}, 1));
    EXPECT_NE(id("r", "/a", {"b"}, 1), id("r", "/a", {}, 1));
    EXPECT_NE(id("r", "/a", {"b", "c"}, 1), id("r", "/a", {"bc"}, 1));
    EXPECT_NE(id("r", "/a", {}, 1), id("r", "/b", {}, 1));
}

TEST(Judge, ACleanVerdictIsNoFinding) { EXPECT_TRUE(weigh(Object{}, Verdict{}).empty()); }

}  // namespace
}  // namespace ward::judge
