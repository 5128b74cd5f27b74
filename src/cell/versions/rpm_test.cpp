// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

constexpr auto kRpm = VersionScheme::rpm;

TEST(RpmVersion, OrdersTheExamplesOfItsPage) {
    expect_ascending(kRpm, {"99", "123", "321"});
    expect_ascending(kRpm, {"1.0", "1.0-1", "1.0-5", "1.0.1", "1.0.2"});
    expect_ascending(kRpm, {"2.0", "2.60", "2.60.1-1", "3.0"});
    expect_ascending(kRpm, {"6.0-1", "4:6.0-1", "5:3.0-1", "5:3.1-1"});
    expect_ascending(kRpm, {"0.99", "1.0~beta1-2", "1.0~beta1-3", "1.0"});
    expect_ascending(kRpm, {"2.0", "2.0^20250611", "2.0.2"});
    expect_ascending(kRpm, {"0", "0.0"});
    expect_ascending(kRpm, {"1", "1.xyz", "1.0"});
    expect_ascending(kRpm, {"1.c.f", "1.f"});
    expect_equal(kRpm, {"1c.f", "1.c.f"});
    expect_equal(kRpm, {"abc123", "abc0123", "abc.123", "abc.000123"});
    expect_equal(kRpm, {"1.0", "1+0", "1+.+0"});
    expect_equal(kRpm, {"1.0", "0:1.0", "00:1.0"});
}

TEST(RpmVersion, OrdersTheCasesOfRpmsTests) {
    struct Case { const char* a; const char* b; int want; };
    const Case cases[] = {
        {"1.0", "1.0", 0}, {"1.0", "2.0", -1}, {"2.0.1", "2.0.1", 0}, {"2.0", "2.0.1", -1}, {"2.0.1a", "2.0.1", 1},
        {"5.5p1", "5.5p2", -1}, {"5.5p1", "5.5p10", -1}, {"10xyz", "10.1xyz", -1}, {"xyz10", "xyz10.1", -1}, {"xyz.4", "8", -1},
        {"xyz.4", "2", -1}, {"5.5p2", "5.6p1", -1}, {"5.6p1", "6.5p1", -1}, {"6.0.rc1", "6.0", 1}, {"10b2", "10a1", 1},
        {"10a2", "10b2", -1}, {"1.0a", "1.0aa", -1}, {"10.0001", "10.1", 0}, {"10.0001", "10.0039", -1}, {"4.999.9", "5.0", -1},
        {"20101121", "20101122", -1}, {"2_0", "2.0", 0}, {"a", "a", 0}, {"a+", "a_", 0}, {"+a", "_a", 0}, {"+_", "_+", 0},
        {"+", "_", 0},
        {"1.0~rc1", "1.0", -1}, {"1.0~rc1", "1.0~rc2", -1}, {"1.0~rc1~git123", "1.0~rc1", -1}, {"1.0^", "1.0", 1},
        {"1.0^git1", "1.0", 1}, {"1.0^git1", "1.0^git2", -1}, {"1.0^git1", "1.01", -1}, {"1.0^20160101", "1.0.1", -1},
        {"1.0^20160102", "1.0^20160101^git1", 1}, {"1.0~rc1^git1", "1.0~rc1", 1}, {"1.0^git1~pre", "1.0^git1", -1},
        {"1b.fc17", "1.fc17", -1}, {"1g.fc17", "1.fc17", 1},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(compare_versions(kRpm, c.a, c.b), c.want) << c.a << " and " << c.b;
        EXPECT_EQ(compare_versions(kRpm, c.b, c.a), -c.want) << c.b << " and " << c.a;
    }
}

TEST(RpmVersion, KnowsNumbersOfAnyLengthAndWhatIsNone) {
    expect_ascending(kRpm, {"99999999999999999999999", "100000000000000000000000", "99999999999999999999:1",
                            "100000000000000000000:1"});
    expect_unreadable(kRpm, "1.0", {"", "-1", "1-", "1-2-3", "1:", ":1", "a:1", "-1:1", "1:2:3", "1:-1", "1.0 ", " 1.0", "1.0/2",
                                    "1,0", "1.1.\xce\xb1"});
}

}  // namespace
}  // namespace ward::versions
