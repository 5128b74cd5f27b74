// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/account_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;
using State = wire::SourceBytes::State;

const Strings kWho = {"subject", "subject_negated", "host", "runas_user", "runas_group", "command", "negated", "tags"};

TEST(SudoRules, ReadTheGrammar) {
    struct Case { const char* name; std::string_view text; Strings want; Strings gaps; };
    const Strings bad = {"/etc/sudoers:1 malformed"};
    const Case cases[] = {
        {"the least", "root ALL=ALL", {"root|0|ALL|root||ALL|0|"}, {}},
        {"target with a group", "%sudo\tALL=(ALL:ALL) ALL", {"%sudo|0|ALL|ALL|ALL|ALL|0|"}, {}},
        {"whoever calls", "a ALL=() /bin/a, (:g) /bin/b", {"a|0|ALL|||/bin/a|0|", "a|0|ALL||g|/bin/b|0|"}, {}},
        {"numbers", "#1000, %#27, %:ad ALL=(#0) ALL", {"#1000|0|ALL|#0||ALL|0|", "%#27|0|ALL|#0||ALL|0|", "%:ad|0|ALL|#0||ALL|0|"}, {}},
        {"quotes", "\"%domain users\" ALL=ALL", {"%domain users|0|ALL|root||ALL|0|"}, {}},
        {"escapes in a name", "%domain\\ users, DOM\\\\bob, a\\x20b ALL=ALL",
         {"%domain users|0|ALL|root||ALL|0|", "DOM\\bob|0|ALL|root||ALL|0|", "a b|0|ALL|root||ALL|0|"}, {}},
        {"negation", "ALL,!bob,!!eve !web,+net=(ALL,!root) !/bin/sh, ALL",
         {"ALL|0|!web|ALL||/bin/sh|1|", "ALL|0|!web|!root||/bin/sh|1|", "ALL|0|+net|ALL||/bin/sh|1|", "ALL|0|+net|!root||/bin/sh|1|",
          "bob|1|!web|ALL||/bin/sh|1|", "bob|1|!web|!root||/bin/sh|1|", "bob|1|+net|ALL||/bin/sh|1|", "bob|1|+net|!root||/bin/sh|1|",
          "eve|0|!web|ALL||/bin/sh|1|", "eve|0|!web|!root||/bin/sh|1|", "eve|0|+net|ALL||/bin/sh|1|", "eve|0|+net|!root||/bin/sh|1|",
          "ALL|0|!web|ALL||ALL|0|", "ALL|0|!web|!root||ALL|0|", "ALL|0|+net|ALL||ALL|0|", "ALL|0|+net|!root||ALL|0|",
          "bob|1|!web|ALL||ALL|0|", "bob|1|!web|!root||ALL|0|", "bob|1|+net|ALL||ALL|0|", "bob|1|+net|!root||ALL|0|",
          "eve|0|!web|ALL||ALL|0|", "eve|0|!web|!root||ALL|0|", "eve|0|+net|ALL||ALL|0|", "eve|0|+net|!root||ALL|0|"}, {}},
        {"networks", "a 10.0.0.0/8, 192.0.2.0/255.255.255.0, 2001:db8::/32, ::1 = /bin/a : h = /bin/b",
         {"a|0|10.0.0.0/8|root||/bin/a|0|", "a|0|192.0.2.0/255.255.255.0|root||/bin/a|0|", "a|0|2001:db8::/32|root||/bin/a|0|",
          "a|0|::1|root||/bin/a|0|", "a|0|h|root||/bin/b|0|"}, {}},
        {"tags go on until they are taken back", "a ALL = NOPASSWD : NOEXEC: /bin/a, (b) /bin/b, PASSWD: /bin/c, SETENV:EXEC: ALL",
         {"a|0|ALL|root||/bin/a|0|NOPASSWD NOEXEC", "a|0|ALL|b||/bin/b|0|NOPASSWD NOEXEC", "a|0|ALL|b||/bin/c|0|PASSWD NOEXEC",
          "a|0|ALL|b||ALL|0|PASSWD EXEC SETENV"}, {}},
        {"ALL implies SETENV", "a ALL = NOSETENV: /bin/a, ALL, /bin/b, NOSETENV: ALL, !ALL",
         {"a|0|ALL|root||/bin/a|0|NOSETENV", "a|0|ALL|root||ALL|0|", "a|0|ALL|root||/bin/b|0|", "a|0|ALL|root||ALL|0|NOSETENV",
          "a|0|ALL|root||ALL|1|NOSETENV"}, {}},
        {"but not to other hosts", "a h=(b) NOPASSWD: /bin/a : i=/bin/b", {"a|0|h|b||/bin/a|0|NOPASSWD", "a|0|i|root||/bin/b|0|"}, {}},
        {"options", "a ALL=(b) CWD=/srv/x CHROOT = * TIMEOUT=5m NOTAFTER=20300101Z NOPASSWD: /bin/a, /bin/b",
         {"a|0|ALL|b||/bin/a|0|NOPASSWD CHROOT=* CWD=/srv/x NOTAFTER=20300101Z TIMEOUT=5m",
          "a|0|ALL|b||/bin/b|0|NOPASSWD CHROOT=* CWD=/srv/x NOTAFTER=20300101Z TIMEOUT=5m"}, {}},
        {"hashes", "a ALL=sha256:abc/+=, sha224 : 0123 /bin/a, sha512:ff ALL", {"a|0|ALL|root||/bin/a|0|", "a|0|ALL|root||ALL|0|"}, {}},
        {"arguments", "a ALL = /bin/a  -l   x=y \"q\" , /bin/b \"\", /bin/c *.[ch] \\* # note",
         {"a|0|ALL|root||/bin/a -l x=y \"q\"|0|", "a|0|ALL|root||/bin/b \"\"|0|", "a|0|ALL|root||/bin/c *.[ch] \\*|0|"}, {}},
        {"escapes in commands", "a ALL = /bin/a\\ b\\,c \\:d e\\=f \\#g h\\\\i", {"a|0|ALL|root||/bin/a b,c :d e=f #g h\\i|0|"}, {}},
        {"folders take no arguments", "a ALL = /opt/, /bin/b", {"a|0|ALL|root||/opt/|0|", "a|0|ALL|root||/bin/b|0|"}, {}},
        {"regular expressions", "a ALL = ^/bin/(a|b),?$ ^-[a-z]+: \\$x$, /bin/c ^\\d$, /bin/d x$",
         {"a|0|ALL|root||^/bin/(a|b),?$ ^-[a-z]+: \\$x$|0|", "a|0|ALL|root||/bin/c ^\\d$|0|", "a|0|ALL|root||/bin/d x$|0|"}, {}},
        {"sudoedit", "a ALL = sudoedit /etc/motd, list", {"a|0|ALL|root||sudoedit /etc/motd|0|", "a|0|ALL|root||list|0|"}, {}},
        {"lines go on", "a \\\n ALL \\  \r\n = /bin/a \\\n\t-l, \\\n/bin/b\nb ALL=ALL", {"a|0|ALL|root||/bin/a -l|0|", "a|0|ALL|root||/bin/b|0|", "b|0|ALL|root||ALL|0|"}, {}},
        {"comments do not", "# one \\\na ALL=ALL # two \\\n\t# three\n#-x\nb ALL=ALL#note", {"a|0|ALL|root||ALL|0|", "b|0|ALL|root||ALL|0|"}, {}},
        {"carriage returns", "a ALL=ALL\r\n\r\nb ALL=/bin/b\r\n", {"a|0|ALL|root||ALL|0|", "b|0|ALL|root||/bin/b|0|"}, {}},
        {"no host", "a = ALL", {}, bad},
        {"no '='", "a ALL ALL", {}, bad},
        {"no command", "a ALL =", {}, bad},
        {"a command that is no path", "a ALL = ls", {}, bad},
        {"only the root folder", "a ALL = /", {}, bad},
        {"an empty group", "% ALL = ALL", {}, bad},
        {"a group for a host", "a %b = ALL", {}, bad},
        {"an empty netgroup", "+ ALL = ALL", {}, bad},
        {"an open quote", "\"a ALL = ALL", {}, bad},
        {"an empty quote", "\"\" ALL = ALL", {}, bad},
        {"an open bracket", "a ALL = (b ALL", {}, bad},
        {"a trailing comma", "a ALL = ALL,", {}, bad},
        {"an odd escape", "a ALL = /bin/a \\q", {}, bad},
        {"an open regular expression", "a ALL = ^/bin/a", {}, bad},
        {"something behind ALL", "a ALL = ALL x", {}, bad},
        {"a user number behind a command", "a ALL = /bin/a #5", {}, bad},
        {"the rest is read", "a ALL = ALL \\\n x\nb ALL = ALL", {"b|0|ALL|root||ALL|0|"}, bad},
        {"half an entry is none", "a h = /bin/a : i = oops\nb ALL=ALL", {"b|0|ALL|root||ALL|0|"}, bad},
        {"a NUL byte", {"a ALL = /bin/a\0b\nb ALL=ALL", 26}, {"b|0|ALL|root||ALL|0|"}, bad},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/sudoers", c.text).parse(parse_sudo_rules);
        EXPECT_EQ(columns("sudo_rules", answer, kWho), c.want);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(SudoRules, ReplaceAliases) {
    const auto answer = Sources{}
        .file("/etc/sudoers",
              "ADMINS, carl SERVERS, LATE = (OPERATORS : OPERATORS) NOPASSWD: SHELLS, !TOOLS\n"
              "User_Alias ADMINS = alice, !bob : MORE = ADMINS, eve\n"
              "Host_Alias SERVERS = web1, 10.0.0.0/8\n"
              "Runas_Alias OPERATORS = op\n"
              "Cmnd_Alias SHELLS = /bin/sh, /bin/bash -l\n"
              "Cmd_Alias TOOLS = sha224:00 /bin/dd, !/bin/ls\n"
              "!MORE ALL = ALL\n")
        .parse(parse_sudo_rules);
    EXPECT_TRUE(answer.rows.gaps.empty());
    const auto rows = columns("sudo_rules", answer, kWho);
    ASSERT_EQ(rows.size(), 39u);
    EXPECT_EQ(rows[0], "alice|0|web1|op|op|/bin/sh|0|NOPASSWD");
    EXPECT_EQ(rows[1], "alice|0|web1|op|op|/bin/bash -l|0|NOPASSWD");
    EXPECT_EQ(rows[4], "alice|0|LATE|op|op|/bin/sh|0|NOPASSWD");
    EXPECT_EQ(rows[6], "bob|1|web1|op|op|/bin/sh|0|NOPASSWD");
    EXPECT_EQ(rows[18], "alice|0|web1|op|op|/bin/dd|1|NOPASSWD");
    EXPECT_EQ(rows[19], "alice|0|web1|op|op|/bin/ls|0|NOPASSWD");
    EXPECT_EQ(rows[36], "alice|1|ALL|root||ALL|0|");
    EXPECT_EQ(rows[37], "bob|0|ALL|root||ALL|0|");
    EXPECT_EQ(rows[38], "eve|1|ALL|root||ALL|0|");
}

TEST(SudoRules, MakeGapsOfAliasesThatStandForNothing) {
    std::string doubling = "a ALL = A0\nCmnd_Alias A40 = /bin/a\n";
    for (int i = 0; i < 40; ++i) doubling += fmt::format("Cmnd_Alias A{} = A{}, A{}\n", i, i + 1, i + 1);
    struct Case { const char* name; std::string text; Strings want; Strings gaps; };
    const Case cases[] = {
        {"not defined", "a ALL = NONE, /bin/a", {"a|0|ALL|root||/bin/a|0|"}, {"/etc/sudoers:1 malformed"}},
        {"itself", "a ALL = X, /bin/a\nCmnd_Alias X = Y : Y = X, /bin/y", {"a|0|ALL|root||/bin/y|0|", "a|0|ALL|root||/bin/a|0|"}, {"/etc/sudoers:1 malformed"}},
        {"twice", "a ALL = X\nCmnd_Alias X = /bin/a\nCmnd_Alias X = /bin/b", {"a|0|ALL|root||/bin/a|0|"}, {"/etc/sudoers:3 malformed"}},
        {"no name", "User_Alias lower = a\nUser_Alias ALL = a\nUser_Alias X\nUser_Alias X =", {},
         {"/etc/sudoers:1 malformed", "/etc/sudoers:2 malformed", "/etc/sudoers:3 malformed", "/etc/sudoers:4 malformed"}},
        {"doubling", doubling, {}, {"/etc/sudoers:1 over_limit"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/sudoers", c.text).parse(parse_sudo_rules);
        EXPECT_EQ(columns("sudo_rules", answer, kWho), c.want);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(SudoRules, FollowIncludedFilesInTheirPlace) {
    Sources sources;
    sources.file("/etc/sudoers", "one ALL=ALL\n#includedir /etc/sudoers.d\n@include \"more\" # here\n@include /etc/gone\n#includes nothing\nlast ALL=NOPASSWD: ALL\n");
    EXPECT_EQ(sources.parse(parse_sudo_rules).wants, (Strings{"/etc/sudoers.d/*", "/etc/more", "/etc/gone"}));
    sources.file("/etc/sudoers.d/b", "b ALL=ALL\n")
        .file("/etc/sudoers.d/a", "a ALL=ALL\n@includedir sub/\n")
        .file("/etc/sudoers.d/c.bak", "c ALL=ALL\n").file("/etc/sudoers.d/d~", "d ALL=ALL\n").folder("/etc/sudoers.d/sub")
        .file("/etc/sudoers.d/sub/s", "s ALL=ALL\n")
        .file("/etc/more", "\nmore ALL=ALL\nbroken\n").state("/etc/gone", State::missing);
    const auto answer = sources.parse(parse_sudo_rules);
    EXPECT_EQ(answer.wants, (Strings{"/etc/sudoers.d/*", "/etc/sudoers.d/sub/*"}));
    EXPECT_EQ(columns("sudo_rules", answer, {"subject", "nopasswd", "file", "line"}),
              (Strings{"one|0|/etc/sudoers|1", "a|0|/etc/sudoers.d/a|1", "s|0|/etc/sudoers.d/sub/s|1", "b|0|/etc/sudoers.d/b|1",
                       "more|0|/etc/more|2", "last|1|/etc/sudoers|6"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/more:3 malformed", "/etc/sudoers:4 not_found"}));
}

TEST(SudoRules, RefuseIncludesThatCannotBeFollowed) {
    struct Case { const char* name; std::string_view text; Strings gaps; };
    const Case cases[] = {
        {"no name", "@include\n", {"/etc/sudoers:1 malformed"}},
        {"no name behind '#'", "#include \n", {"/etc/sudoers:1 malformed"}},
        {"two names", "@include a b\n", {"/etc/sudoers:1 malformed"}},
        {"the host's name", "@include sudoers.%h\n", {"/etc/sudoers:1 unsupported"}},
        {"a pattern", "@includedir /etc/[a]\n", {"/etc/sudoers:1 unsupported"}},
        {"itself", "@include /etc/sudoers\n", {"/etc/sudoers:1 over_limit"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(gaps_of(Sources{}.file("/etc/sudoers", c.text).parse(parse_sudo_rules)), c.gaps);
    }
    const auto twice = Sources{}.file("/etc/sudoers", "@include /etc/sudoers\n@include /etc/sudoers\n").parse(parse_sudo_rules);
    ASSERT_FALSE(twice.rows.gaps.empty());
    EXPECT_TRUE(Sources{}.state("/etc/sudoers", State::denied).parse(parse_sudo_rules).rows.rows.empty());
}

TEST(SudoDefaults, ReadEachSetting) {
    struct Case { const char* name; std::string_view text; Strings want; Strings gaps; };
    const Strings bad = {"/etc/sudoers:1 malformed"};
    const Case cases[] = {
        {"a switch", "Defaults\tenv_reset", {"env_reset|||0|"}, {}},
        {"several", "Defaults !authenticate, !!tty_tickets , umask = 0022", {"authenticate|||1|", "tty_tickets|||0|", "umask|0022|=|0|"}, {}},
        {"a text", "Defaults secure_path=\"/bin:/sbin\"", {"secure_path|/bin:/sbin|=|0|"}, {}},
        {"lists", "Defaults env_keep += \"A B\", env_check -= C", {"env_keep|A B|+=|0|", "env_check|C|-=|0|"}, {}},
        {"escapes", "Defaults badpass_message=\"no \\\"way\\\" \\n\", passprompt=a\\ b\\,", {"badpass_message|no \"way\" \\n|=|0|", "passprompt|a b,|=|0|"}, {}},
        {"a text of two lines", "Defaults env_keep=\"A \\\n   B\"", {"env_keep|A B|=|0|"}, {}},
        {"for users", "Defaults:alice, !%ops\t!lecture", {"lecture|||1|user:alice,!%ops"}, {}},
        {"for hosts", "Defaults@web1,10.0.0.0/8 log_year", {"log_year|||0|host:web1,10.0.0.0/8"}, {}},
        {"for targets", "Defaults>root,#0 !set_logname", {"set_logname|||1|runas:root,#0"}, {}},
        {"for commands", "Defaults!/bin/ls,PAGERS noexec", {"noexec|||0|command:/bin/ls,PAGERS"}, {}},
        {"blanks before it", "  Defaults env_reset # note", {"env_reset|||0|"}, {}},
        {"nothing", "Defaults", {}, bad},
        {"no name", "Defaults =x", {}, bad},
        {"no value", "Defaults umask=", {}, bad},
        {"negated with a value", "Defaults !umask=1", {}, bad},
        {"a broken text", "Defaults secure_path=\"/bin\n", {}, bad},
        {"something behind", "Defaults umask=1 2", {"umask|1|=|0|"}, bad},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/sudoers", c.text).parse(parse_sudo_defaults);
        EXPECT_EQ(columns("sudo_defaults", answer, {"name", "value", "operator", "negated", "scope"}), c.want);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
    const auto place = Sources{}.file("/etc/sudoers", "@includedir /etc/sudoers.d\n").file("/etc/sudoers.d/x", "\nDefaults mail_badpass\n")
                           .parse(parse_sudo_defaults);
    EXPECT_EQ(columns("sudo_defaults", place, {"name", "file", "line"}), (Strings{"mail_badpass|/etc/sudoers.d/x|2"}));
}

TEST(SudoRules, RunAsTheDefaultTarget) {
    const auto answer = Sources{}.file("/etc/sudoers", "a ALL=ALL\nDefaults:a runas_default=x\nDefaults runas_default=op\n").parse(parse_sudo_rules);
    EXPECT_EQ(columns("sudo_rules", answer, {"runas_user"}), (Strings{"op"}));
}

}  // namespace
}  // namespace ward::facts
