// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/password_hash.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;
using State = wire::SourceBytes::State;

TEST(PasswordField, TellsKindsApart) {
    struct Case { std::string_view field; std::string_view kind; std::string_view hash_kind; int rounds; int usable; };
    constexpr int kNone = -1;
    const Case cases[] = {
        {"", "empty", "", kNone, 1},
        {"*", "none", "", kNone, 0},
        {"!", "none", "", kNone, 0},
        {"!!", "none", "", kNone, 0},
        {"!*", "none", "", kNone, 0},
        {"*LK*", "none", "", kNone, 0},
        {"NP", "none", "", kNone, 0},
        {"x", "none", "", kNone, 0},
        {"$y$j9T$salt$hash", "yescrypt", "yescrypt", kNone, 1},
        {"!$y$j9T$salt$hash", "locked", "yescrypt", kNone, 0},
        {"*$1$salt$hash", "locked", "md5", kNone, 0},
        {"$gy$j9T$salt$hash", "gost-yescrypt", "gost-yescrypt", kNone, 1},
        {"$7$CU..../....salt$hash", "scrypt", "scrypt", kNone, 1},
        {"$6$salt$hash", "sha512", "sha512", 5000, 1},
        {"$6$rounds=656000$salt$hash", "sha512", "sha512", 656000, 1},
        {"$5$rounds=many$salt$hash", "sha256", "sha256", kNone, 1},
        {"$2b$12$saltandhash", "bcrypt", "bcrypt", 12, 1},
        {"!$2y$05$saltandhash", "locked", "bcrypt", 5, 0},
        {"$1$salt$hash", "md5", "md5", kNone, 1},
        {"$md5,rounds=5000$salt$$hash", "sunmd5", "sunmd5", kNone, 1},
        {"$sha1$480000$salt$hash", "sha1", "sha1", kNone, 1},
        {"$3$$hash", "nt", "nt", kNone, 1},
        {"$9$new$hash", "unknown", "unknown", kNone, kNone},
        {"!$9$new$hash", "locked", "unknown", kNone, 0},
        {"abJnggxhB/yWI", "des", "des", kNone, 1},
        {"abJnggxhB/yWI,..xy", "des", "des", kNone, 1},
        {"!abJnggxhB/yWI", "locked", "des", kNone, 0},
        {"abJnggxhB/yWIJnggxhB/yWI", "des", "des", kNone, 1},
        {"abJnggxhB/yW", "none", "", kNone, 0},
        {"abJnggxhB/y:I", "none", "", kNone, 0},
        {"_J9..salthashhashhas", "bsdi", "bsdi", kNone, 1},
        {"_J9..salthashhash", "none", "", kNone, 0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.field);
        const auto got = read_password_field(c.field);
        EXPECT_EQ(got.kind, c.kind);
        EXPECT_EQ(got.hash_kind, c.hash_kind);
        EXPECT_EQ(got.rounds ? static_cast<int>(*got.rounds) : kNone, c.rounds);
        EXPECT_EQ(got.usable ? static_cast<int>(*got.usable) : kNone, c.usable);
    }
}

TEST(Users, JoinsPasswdAndShadow) {
    const auto answer = Sources{}
        .file("/etc/passwd",
              "root:x:0:0:root:/root:/bin/bash\n# note:x:1:1:::\n\nalice:x:1000:1000:Alice,,,:/home/alice:\n"
              "daemon:*:1:1::/usr/sbin:/usr/sbin/nologin\nold:abJnggxhB/yWI:7:7::/:/bin/false\nopen::8:8::/:/bin/sh\n"
              "lost:x:9:9::/:/usr/bin/git-shell\n")
        .file("/etc/shadow",
              "root:!:19700:0:99999:7:::\nalice:$6$rounds=9000$salt$hash:0:1:90:14:30:20000:\nalice::19700::::::\n"
              "old:!:19700:0:99999:7:::\nopen:$y$j9T$s$h::4294967295:::::\n")
        .parse(parse_users);
    EXPECT_EQ(columns("users", answer, {"name", "uid", "gid", "gecos", "home", "shell", "interactive", "line"}),
              (Strings{"root|0|0|root|/root|/bin/bash|1|1", "alice|1000|1000|Alice,,,|/home/alice|/bin/sh|1|4",
                       "daemon|1|1||/usr/sbin|/usr/sbin/nologin|0|5", "old|7|7||/|/bin/false|0|6", "open|8|8||/|/bin/sh|1|7",
                       "lost|9|9||/|/usr/bin/git-shell|0|8"}));
    EXPECT_EQ(columns("users", answer, {"name", "password_kind", "hash_kind", "hash_rounds", "password_usable", "in_shadow"}),
              (Strings{"root|none|||0|1", "alice|sha512|sha512|9000|1|1", "daemon|none|||0|0", "old|des|des||1|1",
                       "open|empty|||1|1", "lost|none|||0|0"}));
    EXPECT_EQ(columns("users", answer, {"last_change", "min_days", "max_days", "warn_days", "inactive_days", "expires"}),
              (Strings{"1702080000|0|99999|7||", "0|1|90|14|30|1728000000", "|||||", "1702080000|0|99999|7||", "|||||", "|||||"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
    for (const auto& line : testing::lines_of(answer.rows)) EXPECT_EQ(line.find("hash|"), std::string::npos);
}

TEST(Users, ReadLinesAsTheCLibraryDoes) {
    const auto answer = Sources{}
        .file("/etc/passwd", "  toor:: 0:+0:::/bin/sh:more\nshort::0:0\nbig:x:4294967296:0:::\nhex:x:0x0:0:::\n:x:0:0:::\n"
                             "+@netgroup\n-bob\nno\nempty:x::0:::\nlate:x:1 :0:::\n"
                             "minus:x:-1:0:::\nwraps:x:-18446744073709551615:-0:::\nlast:x:4294967295:0:::\n")
        .file("/etc/shadow", "wraps:*:1:0:9\nlast:!::::::: \n")
        .parse(parse_users);
    EXPECT_EQ(columns("users", answer, {"name", "uid", "gid", "shell", "password_kind"}),
              (Strings{"toor|0|0|/bin/sh:more|empty", "short|0|0|/bin/sh|empty", "|0|0|/bin/sh|none", "wraps|1|0|/bin/sh|none",
                       "last|4294967295|0|/bin/sh|"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/shadow:2 malformed", "/etc/passwd:3 malformed", "/etc/passwd:4 malformed",
                                        "/etc/passwd:6 unsupported", "/etc/passwd:7 unsupported", "/etc/passwd:8 malformed",
                                        "/etc/passwd:9 malformed", "/etc/passwd:10 malformed", "/etc/passwd:11 malformed"}));
}

TEST(Users, TakeThoseLinesOfShadowThatTheCLibraryTakes) {
    struct Case { std::string_view line; bool taken; };
    const Case cases[] = {
        {"a:*:19700:0:99999:7:::", true},    {"a:*:::::::", true},          {"a:*: 1:0:9:7:1:1:1", true},
        {"a:*:1:0:9", true},                 {"a:*:1:0:9:", true},          {"a:*:1:0:9: ", true},
        {"a:*:1:0:9:7:1:1", true},           {"a:*:4294967295:0:9:7:::", true}, {"a:*:1:0:", false},
        {"a:*:1:0:9:7", false},              {"a:*:1:0:9:7:1:", false},     {"a:*:1:0:9:7:::1:", false},
        {"a:*:1:0:9:7: ::", false},          {"a:*:-1:0:9:7:::", false},    {"a:*:4294967296:0:9:7:::", false},
        {"a:*:1:0:9:7:::x", false},          {"a", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.line);
        const auto answer = Sources{}.file("/etc/passwd", "a:x:1:1:::\n").file("/etc/shadow", c.line).parse(parse_users);
        EXPECT_EQ(columns("users", answer, {"in_shadow"}), (Strings{c.taken ? "1" : ""}));
        EXPECT_EQ(gaps_of(answer).empty(), c.taken);
    }
}

TEST(Users, SayNothingOfPasswordsThatWereNotSeen) {
    constexpr const char* kTwo = "alice:x:1000:1000::/home/alice:/bin/bash\nopen::8:8::/:/bin/sh\n";
    struct Case { const char* name; State state; std::string_view shadow; Strings want; Strings gaps; };
    const Case cases[] = {
        {"denied", State::denied, "", {"alice||||", "open|empty|1||"}, {}},
        {"missing", State::missing, "", {"alice|none|0|0|", "open|empty|1|0|"}, {}},
        {"whole, and empty", State::whole, "", {"alice|none|0|0|", "open|empty|1|0|"}, {}},
        {"lines that are broken", State::whole, "alice:*:soon:0:9:7:::\nopen:*:1:0:9:7\n", {"alice||||", "open|empty|1||"},
         {"/etc/shadow:1 malformed", "/etc/shadow:2 malformed"}},
        {"broken first, then right", State::whole, "alice::\nalice:*:1:0:9:7:::\n", {"alice|none|0|1|86400", "open|empty|1|0|"},
         {"/etc/shadow:1 malformed"}},
        {"cut", State::cut, "alice:*:1:0:9:7:::\n", {"alice|none|0|1|86400", "open|empty|1||"}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/passwd", kTwo)
                                .add({.name = "/etc/shadow", .state = c.state}, {c.shadow.begin(), c.shadow.end()})
                                .parse(parse_users);
        EXPECT_EQ(columns("users", answer, {"name", "password_kind", "password_usable", "in_shadow", "last_change"}), c.want);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
    const auto alone = Sources{}.file("/etc/passwd", kTwo).parse(parse_users);
    EXPECT_EQ(columns("users", alone, {"name", "password_kind"}), (Strings{"alice|", "open|empty"}));
}

TEST(Groups, AskGshadowFirst) {
    const auto answer = Sources{}.file("/etc/group", "root:x:0:\nsudo:x:27:alice\nweb::33\nop:abJnggxhB/yWI:37:\nnone\n+:::\n")
                            .file("/etc/gshadow", "root:*::\nsudo:$6$s$h::alice\nop:!::\nweb:x\n")
                            .parse(parse_groups);
    EXPECT_EQ(columns("groups", answer, {"name", "gid", "password_kind", "file", "line"}),
              (Strings{"root|0|none|/etc/group|1", "sudo|27|sha512|/etc/group|2", "web|33|empty|/etc/group|3", "op|37|none|/etc/group|4"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/gshadow:4 malformed", "/etc/group:5 malformed", "/etc/group:6 unsupported"}));
    const auto unseen = Sources{}.file("/etc/group", "a:x:1:\nb::2:\n").state("/etc/gshadow", State::denied).parse(parse_groups);
    EXPECT_EQ(columns("groups", unseen, {"name", "password_kind"}), (Strings{"a|", "b|"}));
}

TEST(GroupMembers, TakeInPrimaryGroups) {
    const auto answer = Sources{}.file("/etc/group", "sudo:x:27:alice, bob,,\nusers:x:100:\nagain:x:100:x\n")
                            .file("/etc/passwd", "alice:x:1000:100:::\nbob:x:1001:5:::\n")
                            .parse(parse_group_members);
    EXPECT_EQ(columns("group_members", answer, {"group_name", "gid", "user_name", "is_primary", "file", "line"}),
              (Strings{"sudo|27|alice|0|/etc/group|1", "sudo|27|bob|0|/etc/group|1", "again|100|x|0|/etc/group|3",
                       "users|100|alice|1|/etc/passwd|1", "|5|bob|1|/etc/passwd|2"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

}  // namespace
}  // namespace ward::facts
