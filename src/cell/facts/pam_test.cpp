// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/pam_files.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;
using State = wire::SourceBytes::State;

TEST(PamWord, KeepsBracketsTogether) {
    struct Case { std::string_view text; std::string_view word; std::string_view rest; };
    const Case cases[] = {
        {"auth required", "auth", "required"},       {"\t[a=1 b=2]  c", "[a=1 b=2]", "c"},
        {R"([a\]b] c)", R"([a\]b])", "c"},           {"[never closed", "[never closed", ""},
        {"a[b c]", "a[b", "c]"},                     {"", "", ""},
        {R"([a\)", R"([a\)", ""},                    {"[]x", "[]", "x"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        std::string_view rest = c.text;
        EXPECT_EQ(take_pam_word(rest), c.word);
        EXPECT_EQ(rest, c.rest);
    }
}

TEST(Pam, ListsTheWholeStackOfAService) {
    const auto answer = Sources{}
        .file("/etc/pam.d/common-auth", "auth [success=1 default=ignore] pam_unix.so nullok # old\nauth requisite pam_deny.so\n"
                                        "session optional pam_x.so\n")
        .file("/etc/pam.d/login", "# comment \\\n\nauth optional pam_faildelay.so  delay=3000000\n@include common-auth\n"
                                  "-SESSION Required \\\n  /lib/security/pam_loginuid.so \\ \n# between\n\n one  [two three]\n"
                                  "session substack common-auth\n")
        .file("/etc/pam.d/login.dpkg-old", "auth required pam_permit.so\n")
        .folder("/etc/pam.d/folder")
        .file("/usr/lib/pam.d/login", "auth required pam_permit.so\n")
        .file("/usr/lib/pam.d/polkit-1", "account include login\n  auth include login\n")
        .parse(parse_pam);
    EXPECT_EQ(columns("pam", answer, {"service", "position", "kind", "control", "module", "arguments", "optional", "line"}),
              (Strings{"common-auth|1|auth|[success=1 default=ignore]|pam_unix.so|nullok|0|1",
                       "common-auth|2|auth|requisite|pam_deny.so||0|2", "common-auth|3|session|optional|pam_x.so||0|3",
                       "login|1|auth|optional|pam_faildelay.so|delay=3000000|0|3",
                       "login|2|auth|[success=1 default=ignore]|pam_unix.so|nullok|0|1",
                       "login|3|auth|requisite|pam_deny.so||0|2", "login|4|session|optional|pam_x.so||0|3",
                       "login|5|session|required|pam_loginuid.so|one [two three]|1|5",
                       "login|6|session|optional|pam_x.so||0|3",
                       "polkit-1|1|auth|optional|pam_faildelay.so|delay=3000000|0|3",
                       "polkit-1|2|auth|[success=1 default=ignore]|pam_unix.so|nullok|0|1",
                       "polkit-1|3|auth|requisite|pam_deny.so||0|2"}));
    EXPECT_EQ(columns("pam", answer, {"module_path", "file"}).at(7), "/lib/security/pam_loginuid.so|/etc/pam.d/login");
    EXPECT_EQ(columns("pam", answer, {"file"}).at(1), "/etc/pam.d/common-auth");
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(Pam, HidesPasswordsAmongArguments) {
    const auto answer = Sources{}.file("/etc/pam.d/x", "auth required pam_mysql.so user=root Passwd=hunter2 [secret=a b] pass md5 debug=1\n")
                            .parse(parse_pam);
    EXPECT_EQ(columns("pam", answer, {"arguments"}), (Strings{"user=root Passwd=(hidden) secret=(hidden) pass md5 debug=1"}));
}

TEST(Pam, MakesGapsOfLinesThatAlwaysFail) {
    const auto answer = Sources{}
        .file("/etc/pam.d/x", "auth\nauth required\nlogin auth required pam_unix.so\nauth requird pam_unix.so\nauth [a=b pam_unix.so\n"
                              "@include\n@include gone\n@include c*\nauth include /etc/other/auth\n")
        .file("/etc/pam.d/y", std::string{"account required pam_\0.so\nsession required \\", 44} + "\n" + std::string(70'000, 'a') + "\n")
        .parse(parse_pam);
    EXPECT_TRUE(answer.rows.rows.empty());
    EXPECT_EQ(answer.wants, (Strings{"/etc/other/auth"}));
    EXPECT_EQ(gaps_of(answer),
              (Strings{"/etc/pam.d/x:1 malformed", "/etc/pam.d/x:2 malformed", "/etc/pam.d/x:3 malformed", "/etc/pam.d/x:4 malformed",
                       "/etc/pam.d/x:5 malformed", "/etc/pam.d/x:6 malformed", "/etc/pam.d/x:8 malformed", "/etc/pam.d/x:7 not_found",
                       "/etc/pam.d/x:9 not_found", "/etc/pam.d/y:1 malformed", "/etc/pam.d/y:3 over_limit", "/etc/pam.d/y:2 malformed"}));
}

TEST(Pam, EndsWhenFilesIncludeOneAnother) {
    const auto answer = Sources{}.file("/etc/pam.d/a", "@include a\n@include a\nauth required pam_unix.so\n").parse(parse_pam);
    ASSERT_FALSE(answer.rows.gaps.empty());
    EXPECT_LE(answer.rows.rows.size(), 5'000u);
    const auto chain = Sources{}.file("/etc/pam.d/a", "@include b\nauth required pam_a.so\n")
                           .file("/etc/pam.d/b", "auth required pam_b.so\n").parse(parse_pam);
    EXPECT_EQ(columns("pam", chain, {"service", "module"}), (Strings{"a|pam_b.so", "a|pam_a.so", "b|pam_b.so"}));
    EXPECT_TRUE(chain.rows.gaps.empty());
}

TEST(Pam, SaysThatOneFileForAllIsNotRead) {
    EXPECT_EQ(gaps_of(Sources{}.file("/etc/pam.conf", "login auth required pam_unix.so\n").parse(parse_pam)), (Strings{"/etc/pam.conf:0 unsupported"}));
    EXPECT_TRUE(Sources{}.state("/etc/pam.conf", State::missing).parse(parse_pam).rows.gaps.empty());
    EXPECT_TRUE(Sources{}.file("/etc/pam.d/x", "").file("/etc/pam.conf", "login auth").parse(parse_pam).rows.gaps.empty());
}

}  // namespace
}  // namespace ward::facts
