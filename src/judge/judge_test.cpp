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

TEST(Judge, SaysWhatToDoAlsoWhenTheRuleDoesNot) {
    Verdict verdict;
    verdict.matches = {match("r"), match("s")};
    verdict.matches[1].meta = {{"fix", std::string{"Restore the page from a backup."}}};
    const auto found = weigh(Object{"/srv/a b", 1, 0, 0}, verdict);
    EXPECT_NE(found.at(0).fix, "");
    EXPECT_EQ(found.at(0).commands, (std::vector<std::string>{"ls -l --time-style=full-iso -- '/srv/a b'", "chmod 000 -- '/srv/a b'"}));
    EXPECT_EQ(found.at(1).fix, "Restore the page from a backup.");
    EXPECT_TRUE(found.at(1).commands.empty());
    // Standard input is no file that a command could be given.
    EXPECT_TRUE(weigh(Object{"-", 1, 0, 0}, verdict).at(0).commands.empty());
}

TEST(Judge, SaysWhatToDoWithAProcess) {
    Verdict verdict;
    verdict.matches = {match("r")};
    Object object{"process 12 (/usr/bin/cat)", 0, 0, 0};
    object.process = 12;
    const auto found = weigh(object, verdict);
    EXPECT_EQ(found.at(0).commands, (std::vector<std::string>{"ps -o pid,ppid,user,lstart,args -p 12", "kill -STOP 12"}));
    EXPECT_EQ(std::get<PatternEvidence>(found[0].evidence.at(0)), (PatternEvidence{"$a", 7, 68, true}));
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

Check user_check() {
    Check check;
    check.id = "second-root";
    check.title = "T";
    check.why = "W";
    check.fix = "F";
    check.area = Area::credentials;
    check.severity = Severity::critical;
    check.commands = {"usermod -u 2000 -- {name}", "awk '{ print $1 }' {file}"};
    check.refs = {"R"};
    check.cyber_essentials = {"user access control A7"};
    check.cis = {"5.4.2.1"};
    check.where_path = "file";
    check.where_line = "line";
    check.identity = {"name"};
    check.evidence = {"name", "uid"};
    return check;
}

QueryResult users(std::vector<Row> rows) { return {{"name", "uid", "file", "line"}, std::move(rows), {{"users", {}}}}; }
Row user(std::string name, std::int64_t line) { return {std::move(name), std::int64_t{0}, std::string{"/etc/passwd"}, line}; }

TEST(JudgeOfChecks, MakesAFindingOfARow) {
    const auto found = weigh(user_check(), users({user("it's me", 7)}));
    ASSERT_TRUE(found) << found.error().text;
    ASSERT_EQ(found->size(), 1U);
    const Finding& finding = found->front();
    EXPECT_EQ(finding.rule, "second-root");
    EXPECT_EQ(finding.area, Area::credentials);
    EXPECT_EQ(finding.severity, Severity::critical);
    EXPECT_EQ(finding.title, "T");
    EXPECT_EQ(finding.why, "W");
    EXPECT_EQ(finding.fix, "F");
    EXPECT_EQ(finding.where, (Where{"/etc/passwd", 7, {}}));
    EXPECT_EQ(finding.refs, (std::vector<std::string>{"R", "Cyber Essentials: user access control A7", "CIS Debian 12, 5.4.2.1"}));
    EXPECT_EQ(finding.commands, (std::vector<std::string>{"usermod -u 2000 -- 'it'\\''s me'", "awk '{ print $1 }' /etc/passwd"}));
    const FactEvidence want{{{"name", std::string{"it's me"}}, {"uid", std::int64_t{0}}}};
    EXPECT_EQ(finding.evidence, (std::vector<Evidence>{want}));
}

TEST(JudgeOfChecks, KnowsAFindingByItsIdentityAndNotByItsLine) {
    const auto id = [](const Check& check, Row row) { return weigh(check, users({std::move(row)}))->at(0).id; };
    Check other = user_check();
    other.id = "other";
    EXPECT_EQ(id(user_check(), user("a", 1)), id(user_check(), user("a", 2)));
    EXPECT_NE(id(user_check(), user("a", 1)), id(user_check(), user("b", 1)));
    EXPECT_NE(id(user_check(), user("a", 1)), id(other, user("a", 1)));
    Row elsewhere = user("a", 1);
    elsewhere[2] = std::string{"/mnt/etc/passwd"};
    EXPECT_NE(id(user_check(), user("a", 1)), id(user_check(), std::move(elsewhere)));
}

TEST(JudgeOfChecks, RowsOfOneIdentityAreOneFinding) {
    const auto found = weigh(user_check(), users({user("a", 1), user("b", 2), user("a", 9)}));
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).where.line, 1U);
    ASSERT_EQ(found->at(0).evidence.size(), 3U);  // facts, the further place, its facts
    EXPECT_EQ(std::get<Where>(found->at(0).evidence[1]), (Where{"/etc/passwd", 9, {}}));
    EXPECT_EQ(found->at(0).commands.size(), 2U);
}

TEST(JudgeOfChecks, ANullPlaceIsTheHostAsAWhole) {
    const auto found = weigh(user_check(), users({Row{std::string{"a"}, std::int64_t{0}, {}, {}}}));
    EXPECT_EQ(found->at(0).where, Where{});
}

TEST(JudgeOfChecks, RefusesAColumnThatTheAnswerLacks) {
    const auto refused = [](void (*spoil)(Check&)) {
        Check check = user_check();
        spoil(check);
        const auto found = weigh(check, users({user("a", 1)}));
        return !found && found.error().code == Code::malformed;
    };
    EXPECT_FALSE(refused([](Check&) {}));
    EXPECT_TRUE(refused([](Check& check) { check.where_path = "path"; }));
    EXPECT_TRUE(refused([](Check& check) { check.where_line = "row"; }));
    EXPECT_TRUE(refused([](Check& check) { check.identity = {"pid"}; }));
    EXPECT_TRUE(refused([](Check& check) { check.evidence = {"shell"}; }));
    EXPECT_TRUE(refused([](Check& check) { check.commands = {"kill {pid}"}; }));
}

TEST(JudgeOfChecks, NoRowIsNoFinding) { EXPECT_TRUE(weigh(user_check(), users({}))->empty()); }

TEST(Judge, ACleanVerdictIsNoFinding) { EXPECT_TRUE(weigh(Object{}, Verdict{}).empty()); }

TEST(FillCommands, PutsNothingButNamesInPlaceOfWords) {
    Check check;
    check.commands = {"apt-get install -- {apt...}"};
    struct Case { const char* packages; std::vector<std::string> want; };
    const Case cases[] = {
        {"libssl3 g++ libc6:i386", {"apt-get install -- libssl3 g++ libc6:i386"}},
        {"openssl systemd- -y a=1 b/sid lib* $(id) c;d", {"apt-get install -- openssl"}},
        {"systemd-", {}},
        {"", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.packages);
        const auto filled = fill_commands(check, {"apt"}, Row{Value{std::string{c.packages}}});
        ASSERT_TRUE(filled);
        EXPECT_EQ(*filled, c.want);
    }
}

}  // namespace
}  // namespace ward::judge
