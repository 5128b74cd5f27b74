// SPDX-License-Identifier: Apache-2.0
#include "doors/explain.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

Check second_root() {
    Check check;
    check.id = "second-root";
    check.title = "A second account has user id 0";
    check.area = Area::credentials;
    check.severity = Severity::critical;
    check.rank = 20;
    check.why = "It is root by another name, and few look for it.";
    check.query = "SELECT name\nFROM users\nWHERE uid = 0";
    check.fix = "Give it an id of its own.";
    check.commands = {"usermod -u 2000 -- {name}"};
    check.refs = {"passwd(5)"};
    check.cyber_essentials = {"user access control"};
    check.cis = {"5.4.2.1"};
    check.needs_root = true;
    check.whole = {"users"};
    return check;
}

TEST(Explain, TellsACheckForPeople) {
    EXPECT_EQ(explain_text(second_root(), 40), R"(A second account has user id 0
second-root  critical, credentials, rank 20

Why it matters
  It is root by another name, and few
  look for it.

How Ward looks
  SELECT name
  FROM users
  WHERE uid = 0
  Only root sees enough to answer it.
  It finds that something is missing, so
  nothing is found unless these were
  read whole: users.

What to do
  Give it an id of its own.
    $ usermod -u 2000 -- {name}

See also
  passwd(5)
  Cyber Essentials: user access control
  CIS Debian 12, 5.4.2.1
)");
}

Finding test_file_rule() {
    Finding rule;
    rule.rule = "eicar";
    rule.title = "The test file";
    rule.severity = Severity::high;
    rule.area = Area::malware;
    rule.why = "Harmless by agreement.";
    rule.fix = "Ask who put it there.";
    rule.refs = {"https://www.eicar.org/\x1b[2J"};
    return rule;
}

TEST(Explain, TellsAMalwareRuleForPeople) {
    EXPECT_EQ(explain_rule_text(test_file_rule(), 40), R"(The test file
eicar  high, malware

Why it matters
  Harmless by agreement.

What to do
  Ask who put it there.

See also
  https://www.eicar.org/\x1b[2J
)");
}

TEST(Explain, TellsAMalwareRuleToPrograms) {
    const std::string json = explain_rule_json(test_file_rule());
    EXPECT_NE(json.find("\"schema\": \"ward.rule/1\""), std::string::npos);
    EXPECT_NE(json.find("\"id\": \"eicar\""), std::string::npos);
    EXPECT_NE(json.find("\"area\": \"malware\""), std::string::npos);
}

TEST(Explain, TellsACheckToPrograms) {
    const std::string json = explain_json(second_root());
    EXPECT_NE(json.find("\"schema\": \"ward.check/1\""), std::string::npos);
    EXPECT_NE(json.find("\"query\": \"SELECT name\\nFROM users\\nWHERE uid = 0\""), std::string::npos);
    EXPECT_NE(json.find("\"rank\": 20"), std::string::npos);
    EXPECT_NE(json.find("\"whole\": [\n    \"users\"\n  ]"), std::string::npos) << json;
}

}  // namespace
}  // namespace ward::doors
