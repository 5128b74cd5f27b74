// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

constexpr auto kMaven = VersionScheme::maven;

TEST(MavenVersion, OrdersTheExamplesOfThePomReference) {
    expect_ascending(kMaven, {"1", "1.1"});
    expect_ascending(kMaven, {"1-snapshot", "1", "1-sp"});
    expect_ascending(kMaven, {"1-foo2", "1-foo10"});
    expect_equal(kMaven, {"1.foo", "1-foo"});
    expect_ascending(kMaven, {"1-foo", "1-1", "1.1"});
    expect_equal(kMaven, {"1.ga", "1-ga", "1-0", "1.0", "1", "1-final", "1-release", "1.0.0-GA"});
    expect_ascending(kMaven, {"1-ga", "1-sp"});
    expect_ascending(kMaven, {"1-ga.1", "1-sp.1"});
    expect_ascending(kMaven, {"1-sp-1", "1-ga-1", "1-1"});  // the page calls the last two equal, and Maven does not
    expect_equal(kMaven, {"1-a1", "1-alpha-1", "1a1", "1-ALPHA-1"});
    expect_equal(kMaven, {"1.0.0-foo.0.0", "1-foo"});
    expect_equal(kMaven, {"1.0.0-0.0.0", "1"});
    expect_equal(kMaven, {"1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1"});
}

TEST(MavenVersion, OrdersQualifiers) {
    expect_ascending(kMaven, {"1-alpha2snapshot", "1-alpha2", "1-alpha-123", "1-beta-2", "1-beta123", "1-m2", "1-m11", "1-rc",
                              "1-cr2", "1-rc123", "1-SNAPSHOT",
                              "1", "1-sp", "1-sp2", "1-sp123", "1-abc", "1-def", "1-pom-1", "1-1-snapshot", "1-1", "1-2",
                              "1-123"});
    expect_ascending(kMaven, {"2.0", "2.0.a", "2-1", "2.0.2", "2.0.123", "2.1.0", "2.1-a", "2.1b", "2.1-c", "2.1-1", "2.1.0.1",
                              "2.2", "2.123", "11.a2", "11.a11",
                              "11.b2", "11.b11", "11.m2", "11.m11", "11", "11.a", "11b", "11c", "11m"});
    expect_ascending(kMaven, {"1.0-alpha-1", "1.0-beta-1", "1.0-milestone-1", "1.0-rc-1", "1.0-20050101", "1.0.1"});
    expect_equal(kMaven, {"1x", "1.0.0x", "1.x", "1-x", "1.0-x", "1.X"});
    expect_equal(kMaven, {"1m3", "1Milestone3", "1.0-M3", "1.0-milestone-3"});
    expect_equal(kMaven, {"1cr1", "1-RC1", "1.rc1", "1.0-rc-1"});
    expect_ascending(kMaven, {"33.2.1-android", "33.2.1-jre", "33.2.2-android"});
}

TEST(MavenVersion, RunsInACircleAsMavenDoes) {
    expect_ascending(kMaven, {"1", "1-sp"});
    expect_ascending(kMaven, {"1-sp", "1-0.alpha.1"});
    expect_ascending(kMaven, {"1-0.alpha.1", "1"});
}

TEST(MavenVersion, KnowsNumbersOfAnyLengthAndReadsAllButNothing) {
    expect_ascending(kMaven, {"1-alpha99999999999999999999", "1-alpha100000000000000000000", "1.99999999999999999999",
                              "1.100000000000000000000"});
    expect_equal(kMaven, {"0.0000000000000000000000000000007", "0.7", "00.007"});
    expect_ascending(kMaven, {"alpha", "0", "foo", "1", "1.0 beta"});
    expect_equal(kMaven, {"0", ".", "-", "..", "-.-", "0-0"});
    expect_unreadable(kMaven, "1.0", {""});
}

}  // namespace
}  // namespace ward::versions
