// SPDX-License-Identifier: Apache-2.0
#include "walks/audit.h"

#include <gtest/gtest.h>

namespace ward::walks {
namespace {

Check check(std::string id, Area area, std::string query) {
    Check out;
    out.id = std::move(id);
    out.title = "Title of " + out.id;
    out.area = area;
    out.query = std::move(query);
    out.where_path = "file";
    return out;
}

const Gap kDenied{Where{"/etc/shadow", 0, {}}, Code::denied, "permission denied"};

// Queries of these tests are words: what the host answers to each.
Result<HostDatabase::Answer> host(const std::string& query) {
    HostDatabase::Answer answer;
    answer.result.columns = {"file"};
    if (query == "broken") return fail(Code::malformed, "no such column: fiel");
    if (query == "found" || query == "half") answer.result.rows = {{std::string{"/etc/a"}}, {std::string{"/etc/b"}}};
    if (query == "half" || query == "unread") {
        answer.gaps = {kDenied};
        answer.incomplete = {"users"};
    }
    return answer;
}

const std::vector<Check>& checks() {
    static const std::vector<Check> all = {
        check("bad", Area::network, "found"),       check("good", Area::network, "clean"),
        check("half", Area::credentials, "half"),   check("unread", Area::credentials, "unread"),
        check("broken", Area::supply, "broken"),
    };
    return all;
}

TEST(Audit, TellsFoundPassedAndUnansweredApart) {
    const auto outcome = audit(checks(), {}, host);
    ASSERT_TRUE(outcome) << outcome.error().text;
    std::vector<std::string> found;
    for (const auto& finding : outcome->findings) found.push_back(finding.rule + " " + finding.where.path);
    EXPECT_EQ(found, (std::vector<std::string>{"bad /etc/a", "bad /etc/b", "half /etc/a", "half /etc/b"}));
    ASSERT_EQ(outcome->passed.size(), 1U);
    EXPECT_EQ(outcome->passed[0].rule, "good");
    EXPECT_EQ(outcome->passed[0].title, "Title of good");
    EXPECT_EQ(outcome->unanswered, (std::vector<std::string>{"half", "unread", "broken"}));
}

TEST(Audit, NamesTheChecksThatAGapLeavesUnanswered) {
    const auto outcome = audit(checks(), {}, host);
    ASSERT_EQ(outcome->gaps.size(), 2U);
    EXPECT_EQ(outcome->gaps[0], (Gap{kDenied.where, Code::denied, "permission denied; so not answered: half, unread"}));
    EXPECT_EQ(outcome->gaps[1], (Gap{{}, Code::malformed, "no such column: fiel; so not answered: broken"}));
}

TEST(Audit, CountsByArea) {
    const auto outcome = audit(checks(), {}, host);
    const auto& of = outcome->areas;
    const auto& network = of[static_cast<std::size_t>(Area::network)];
    EXPECT_TRUE(network.ran);
    EXPECT_EQ(network.checks, 2U);
    EXPECT_EQ(network.failed, 1U);
    EXPECT_EQ(network.gaps, 0U);
    const auto& credentials = of[static_cast<std::size_t>(Area::credentials)];
    EXPECT_EQ(credentials.failed, 1U);
    EXPECT_EQ(credentials.gaps, 2U);
    EXPECT_FALSE(of[static_cast<std::size_t>(Area::updates)].ran);
}

TEST(Audit, KeepsToTheAreasAskedFor) {
    const auto outcome = audit(checks(), {.areas = {Area::supply, Area::network}}, host);
    EXPECT_EQ(outcome->findings.size(), 2U);
    EXPECT_FALSE(outcome->areas[static_cast<std::size_t>(Area::credentials)].ran);
}

TEST(Audit, WhatOnlyRootSeesIsNoPassForOthers) {
    std::vector<Check> one = {check("good", Area::network, "clean")};
    one[0].needs_root = true;
    const auto as_user = audit(one, {.sees_everything = false}, host);
    EXPECT_TRUE(as_user->passed.empty());
    ASSERT_EQ(as_user->gaps.size(), 1U);
    EXPECT_EQ(as_user->gaps[0].why, "only root sees it all; so not answered: good");
    EXPECT_EQ(audit(one, {}, host)->passed.size(), 1U);
}

TEST(Audit, WhatFollowsFromRowsThatWereNotReadIsNoFinding) {
    std::vector<Check> all = {check("guess", Area::network, "half"), check("other", Area::network, "half"),
                              check("whole", Area::network, "found")};
    all[0].whole = {"files", "users"};
    all[1].whole = {"files"};
    all[2].whole = {"users"};
    const auto outcome = audit(all, {}, host);
    std::vector<std::string> found;
    for (const auto& finding : outcome->findings) found.push_back(finding.rule);
    EXPECT_EQ(found, (std::vector<std::string>{"other", "other", "whole", "whole"}));
    ASSERT_EQ(outcome->gaps.size(), 1U);
    EXPECT_EQ(outcome->gaps[0].why, "permission denied; so not answered: guess, other");
}

TEST(Audit, SilenceThatMeansNothingIsAGap) {
    std::vector<Check> all = {check("answered", Area::network, "clean"), check("not", Area::network, "clean"),
                              check("found", Area::network, "found"), check("faulty", Area::network, "clean")};
    all[0].answerable = "found";
    all[1].answerable = all[2].answerable = "clean";
    all[3].answerable = "broken";
    for (auto& one : all) one.unanswerable = "no index is there";
    const auto outcome = audit(all, {}, host);
    ASSERT_EQ(outcome->passed.size(), 1U);
    EXPECT_EQ(outcome->passed[0].rule, "answered");
    EXPECT_EQ(outcome->findings.size(), 2U);
    ASSERT_EQ(outcome->gaps.size(), 2U);
    EXPECT_EQ(outcome->gaps[0], (Gap{{}, Code::not_found, "no index is there; so not answered: not"}));
    EXPECT_EQ(outcome->gaps[1].code, Code::malformed);
}

TEST(Audit, ACheckThatNamesAMissingColumnIsAGap) {
    std::vector<Check> all = {check("bad", Area::network, "found"), check("good", Area::network, "clean")};
    all[0].where_path = "path";
    const auto outcome = audit(all, {}, host);
    ASSERT_EQ(outcome->gaps.size(), 1U);
    EXPECT_EQ(outcome->gaps[0].code, Code::malformed);
    EXPECT_EQ(outcome->passed.size(), 1U);
}

TEST(Audit, FailsWhenNothingCouldBeAsked) {
    const auto outcome = audit(checks(), {}, [](const std::string&) -> Result<HostDatabase::Answer> {
        return fail(Code::io, "no cell can be started");
    });
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().text, "no cell can be started");
}

TEST(Audit, StopsBetweenTwoChecks) {
    std::atomic<bool> stop = false;
    const auto outcome = audit(checks(), {}, [&](const std::string& query) {
        stop = true;
        return host(query);
    }, &stop);
    EXPECT_TRUE(outcome->interrupted);
    EXPECT_EQ(outcome->findings.size(), 2U);
    EXPECT_TRUE(outcome->passed.empty());
}

TEST(Audit, JoinsAReportThatHoldsMore) {
    report::Report report;
    report.summary.of(Area::malware).files = 7;
    add_to(report, std::move(*audit(checks(), {}, host)));
    EXPECT_EQ(report.findings.size(), 4U);
    EXPECT_EQ(report.gaps.size(), 2U);
    EXPECT_EQ(report.passed.size(), 1U);
    EXPECT_EQ(report.summary.of(Area::malware).files, 7U);
    EXPECT_EQ(report.summary.of(Area::network).checks, 2U);
}

}  // namespace
}  // namespace ward::walks
