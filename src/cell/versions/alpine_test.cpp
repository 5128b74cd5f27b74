// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

constexpr auto kAlpine = VersionScheme::alpine;

TEST(AlpineVersion, OrdersAsTheGrammarSays) {
    expect_ascending(kAlpine, {"1.0_alpha", "1.0_alpha1", "1.0_alpha2", "1.0_alpha10", "1.0_beta", "1.0_pre", "1.0_rc", "1.0",
                               "1.0-r0", "1.0-r1",
                               "1.0-r10", "1.0~1a", "1.0~1a-r1", "1.0~2", "1.0_cvs", "1.0_svn", "1.0_git", "1.0_git20200101",
                               "1.0_hg", "1.0_p",
                               "1.0_p0", "1.0_p1", "1.0a", "1.0a-r1", "1.0b", "1.0.0", "1.0.0.0", "1.0.1", "1.1"});
    expect_ascending(kAlpine, {"0.1.0_alpha_pre2", "0.1.0_alpha", "0.1.0_alpha-r1", "0.1.0_alpha0", "0.1.0_alpha_p"});
    expect_ascending(kAlpine, {"99999999999999999999", "100000000000000000000", "100000000000000000000.99999999999999999999",
                               "100000000000000000000.100000000000000000000"});
}

TEST(AlpineVersion, OrdersNumbersWithLeadingZerosAsTexts) {
    expect_ascending(kAlpine, {"1.0", "1.00", "1.001", "1.01", "1.010", "1.02", "1.1", "1.9", "1.10"});
    expect_equal(kAlpine, {"6.1", "06.1", "006.1"});  // not the first
    expect_equal(kAlpine, {"1_p1-r1", "1_p01-r01"});
}

TEST(AlpineVersion, OrdersTheCasesOfApksTests) {
    struct Case { const char* a; const char* b; int want; };
    const Case cases[] = {
        {"2.34", "0.1.0_alpha", 1}, {"0.1.0_alpha", "0.1.3_alpha", -1}, {"0.1.0_alpha2", "0.1.0_alpha", 1},
        {"1.0.4-r4", "1.6", -1},
        {"1.1", "1.1_alpha1", 1}, {"1.2", "1.3_alpha", -1}, {"2.3.0b-r1", "2.3.0b-r2", -1}, {"0.12.3", "0.12", 1},
        {"3.1_p16", "3.1_p17", -1},
        {"1.06-r6", "006", -1}, {"006", "1.0.0", 1}, {"2.01.01_alpha10", "0.94", 1}, {"1.39", "1.00_beta2", 1},
        {"7.15.1-r1", "1.02", 1},
        {"1.02.07", "1.02.10-r1", -1}, {"2.5.1-r8", "2.5.1a-r1", -1}, {"021109-r3", "20060512", -1}, {"6b-r7", "1.12-r7", 1},
        {"1.2.07.8", "1.2.12.04", -1}, {"1.2.12.04", "1.2.12.05", -1}, {"1.07-r1", "1.07.5", -1}, {"1.07.5", "1.07", 1},
        {"1.07", "1.19", -1},
        {"4.5_p1-r1", "4.5_p1", 1}, {"0.9.8c-r1", "0.9.8d", -1}, {"1.7", "1.7b", -1}, {"1.6.8_p12-r1", "1.6.8_p9-r2", 1},
        {"0.9.28-r2", "0.9.28.1", -1},
        {"104-r11", "104-r9", 1}, {"7.0.17", "7.0.174", -1}, {"1.3-r0", "1.3.1-r0", -1}, {"1.3_pre1-r1", "1.3.2", -1},
        {"1.0_p10-r0", "1.0_p9-r0", 1},
        {"0.1.0_alpha_pre2", "0.1.0_alpha", -1}, {"1.0.0_pre20191002222144-r0", "1.0.0_pre20210530193627-r0", -1},
        {"3.4.6-r2", "3.4.6-r2", 0},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(compare_versions(kAlpine, c.a, c.b), c.want) << c.a << " and " << c.b;
        EXPECT_EQ(compare_versions(kAlpine, c.b, c.a), -c.want) << c.b << " and " << c.a;
    }
}

TEST(AlpineVersion, ReadsNothingElse) {
    expect_unreadable(kAlpine, "1.0", {"", "a", ".1", "1.", "1..2", "1.0bc", "1.0B", "1.0b1", "1.0b.1", "23_foo", "1_",
                                       "1_alphabet", "1_p1a", "1_p.1", "1_P1",
                                       "1-", "1-1", "1-r", "1-ra", "1-r1-r2", "1-r1.2", "1-r1_p1", "1~", "1~g", "1~AB",
                                       "1~ab~cd", "1~ab_p1", "v1.0", "1.0 ", " 1.0",
                                       "1:1.0", "1.0+1"});
}

}  // namespace
}  // namespace ward::versions
