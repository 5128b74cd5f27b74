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

TEST(PasswordPolicy, ReadsLinesAsTheirProgramsDo) {
    struct Case { const char* file; std::string_view line; Strings want; Strings gaps; };
    constexpr const char* kDefs = "/etc/login.defs";
    constexpr const char* kQuality = "/etc/security/pwquality.conf";
    const Case cases[] = {
        {kDefs, "PASS_MAX_DAYS\t99999", {"login.defs|pass_max_days|99999"}, {}},
        {kDefs, "  # PASS_MAX_DAYS 1", {}, {}},
        {kDefs, "ENV_PATH \"PATH=/bin # all\" x", {"login.defs|env_path|PATH=/bin # all"}, {}},
        {kDefs, "UMASK 022 # note", {"login.defs|umask|022 # note"}, {}},
        {kDefs, "CREATE_HOME", {}, {"/etc/login.defs:1 malformed"}},
        {kQuality, "minlen = 12", {"pwquality|minlen|12"}, {}},
        {kQuality, "MinLen=12# more", {"pwquality|minlen|12"}, {}},
        {kQuality, "minlen 12", {"pwquality|minlen|12"}, {}},
        {kQuality, "enforce_for_root", {"pwquality|enforce_for_root|"}, {}},
        {kQuality, "# minlen = 8", {}, {}},
        {kQuality, " = 8", {}, {"/etc/security/pwquality.conf:1 malformed"}},
        {"/etc/security/faillock.conf", "deny=5", {"faillock|deny|5"}, {}},
        {"/etc/security/pwhistory.conf", "remember = 24", {"pwhistory|remember|24"}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.line);
        const auto answer = Sources{}.file(c.file, c.line).parse(parse_password_policy);
        EXPECT_EQ(columns("password_policy", answer, {"component", "key", "value"}), c.want);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(PasswordPolicy, TellsWhatWins) {
    const auto answer = Sources{}
        .file("/etc/security/pwquality.conf", "minlen = 12\nucredit = -1\n")
        .file("/etc/security/pwquality.conf.d/50-a.conf", "minlen = 6\ndictcheck = 0\n")
        .file("/etc/security/pwquality.conf.d/60-b.conf", "dictcheck = 1\nucredit = 0\n")
        .file("/etc/login.defs", "UMASK 022\nUMASK 077\n")
        .file("/etc/pam.d/common-password", "password requisite /lib/security/pam_pwquality.so retry=3 minlen=8\n"
                                            "password [success=1 default=ignore] pam_unix.so obscure [use_authtok] Yescrypt\n"
                                            "password required pam_permit.so debug\n")
        .file("/etc/pam.d/passwd", "@include common-password\n")
        .parse(parse_password_policy);
    EXPECT_EQ(columns("password_policy", answer, {"component", "key", "value", "source", "effective", "file", "line"}),
              (Strings{"pwquality|minlen|6|conf|0|/etc/security/pwquality.conf.d/50-a.conf|1",
                       "pwquality|dictcheck|0|conf|0|/etc/security/pwquality.conf.d/50-a.conf|2",
                       "pwquality|dictcheck|1|conf|1|/etc/security/pwquality.conf.d/60-b.conf|1",
                       "pwquality|ucredit|0|conf|0|/etc/security/pwquality.conf.d/60-b.conf|2",
                       "login.defs|umask|022|conf|0|/etc/login.defs|1", "login.defs|umask|077|conf|1|/etc/login.defs|2",
                       "pwquality|minlen|12|conf|0|/etc/security/pwquality.conf|1",
                       "pwquality|ucredit|-1|conf|1|/etc/security/pwquality.conf|2",
                       "pwquality|present||pam|1|/etc/pam.d/common-password|1", "pwquality|retry|3|pam|1|/etc/pam.d/common-password|1",
                       "pwquality|minlen|8|pam|1|/etc/pam.d/common-password|1", "unix|present||pam|1|/etc/pam.d/common-password|2",
                       "unix|obscure||pam|1|/etc/pam.d/common-password|2", "unix|use_authtok||pam|1|/etc/pam.d/common-password|2",
                       "unix|yescrypt||pam|1|/etc/pam.d/common-password|2"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(PasswordPolicy, FollowsFilesThatLinesName) {
    Sources sources;
    sources.file("/etc/pam.d/login", "auth include /etc/more/auth\nauth required pam_faillock.so conf=/etc/my.conf\n")
        .file("/etc/security/faillock.conf", "deny = 3\n");
    EXPECT_EQ(sources.parse(parse_password_policy).wants, (Strings{"/etc/more/auth", "/etc/my.conf"}));
    const auto answer = sources.file("/etc/more/auth", "auth required pam_tally2.so deny=4\nauth required pam_faillock.so conf=/etc/my.conf\n")
                            .file("/etc/my.conf", "deny = 7\n")
                            .parse(parse_password_policy);
    EXPECT_EQ(columns("password_policy", answer, {"component", "key", "value", "effective", "line"}),
              (Strings{"faillock|deny|3|0|1", "faillock|present||1|2", "faillock|conf|/etc/my.conf|1|2", "faillock|deny|7|1|1",
                       "tally2|present||1|1", "tally2|deny|4|1|1", "faillock|present||1|2", "faillock|conf|/etc/my.conf|1|2"}));
    EXPECT_EQ(gaps_of(Sources{}.file("/etc/pam.d/x", "auth required pam_faillock.so conf=/etc/*\n").parse(parse_password_policy)),
              (Strings{"/etc/pam.d/x:1 unsupported"}));
}

}  // namespace
}  // namespace ward::facts
