// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

constexpr auto kGem = VersionScheme::gem;

TEST(GemVersion, OrdersTheExamplesOfItsManual) {
    expect_ascending(kGem, {"0.0.1", "0.0.2", "0.1.0", "0.2.0", "1.0.0", "1.1.0", "2.0.0"});
    expect_ascending(kGem, {"1.0.a.2", "1.0.a10", "1.0.b1", "1.0", "1.0.1"});  // a.2 < a10, both [1, a, n]
    expect_ascending(kGem, {"3.a", "3.0.b", "3.0.0.rc", "3.0.0.rc.1", "3.0", "3.0.0.1"});
    expect_ascending(kGem, {"1.8.2.a", "1.8.2.a9", "1.8.2.a10", "1.8.2.b", "1.8.2", "1.8.2.1"});
    expect_ascending(kGem, {"1.9.3.alpha", "1.9.3.alpha.1", "1.9.3.beta", "1.9.3"});
}

TEST(GemVersion, DropsZerosAtTheEnds) {
    expect_equal(kGem, {"1", "1.0", "1.0.0", "01.00", " 1.0 "});
    expect_equal(kGem, {"0", "0.0", "0.0.0", "00"});
    expect_equal(kGem, {"1.a", "1.0.a", "1.0.0.a", "1.0.a.0", "1.0.a0"});
    expect_equal(kGem, {"1.2.b1", "1.2.0.b.1.0"});
    expect_equal(kGem, {"1.0.0-1", "1.0.0.pre.1", "1-1"});
    expect_ascending(kGem, {"1.a.0.b", "1.a", "1.a.0.1", "1"});
}

TEST(GemVersion, ReadsAHyphenAsPre) {
    expect_ascending(kGem, {"2.9.b", "5.2.4", "22.1.50.0-alpha", "22.1.50.0-rc", "22.1.50.0"});
    expect_ascending(kGem, {"1-A", "1-a-b", "1-a", "1-1", "1"});
    expect_ascending(kGem, {"1.A", "1.Z", "1.a"});  // ASCII order
}

TEST(GemVersion, KnowsNumbersOfAnyLengthAndWhatIsNone) {
    expect_ascending(kGem, {"99999999999999999999.b99999999999999999999", "99999999999999999999.b100000000000000000000",
                            "99999999999999999999",
                            "100000000000000000000"});
    expect_unreadable(kGem, "1.0", {"", " ", "junk", "1.0\n2.0", "1..2", "1.", ".1", "1.a-", "1a", "a1", "v1.0", "1-", "1.-a",
                                    "1-.a", "1-a.", "1-a..b", "1_0", "1+1", "1 2",
                                    "1.2.3 b", "1.\xc3\xa4"});
}

}  // namespace
}  // namespace ward::versions
