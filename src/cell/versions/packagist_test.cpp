// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

constexpr auto kPackagist = VersionScheme::packagist;

TEST(PackagistVersion, OrdersByStability) {
    expect_ascending(kPackagist, {"dev-main", "1.0-dev", "1.0-alpha-dev", "1.0-alpha", "1.0-alpha1-dev", "1.0-alpha1",
                                  "1.0-alpha2", "1.0-alpha10", "1.0-alpha10.1",
                                  "1.0-beta", "1.0-beta2", "1.0-RC1", "1.0-RC2", "1.0", "1.0-patch", "1.0-patch1", "1.0.0.1-dev",
                                  "1.0.0.1", "1.0.1", "1.0.x-dev", "1.1",
                                  "1.10", "1.x-dev", "2.0-dev"});
    expect_ascending(kPackagist, {"1.99999999999999999999", "1.100000000000000000000"});
}

TEST(PackagistVersion, ReadsTheSpellingsThatAreNormalised) {
    expect_equal(kPackagist, {"1.0.0", "1", "v1", "V1.0", "1.0.0.0", "01.00", " 1.0 ", "1.0.0+foo", "1.0-stable", "1.0stable",
                              "1.0@dev", "1.0.0@RC", "1.0-stable2-dev", "1."});
    expect_equal(kPackagist, {"1.0.0-rc1", "1.0.0RC1", "1.0.0.RC.1", "1.0.0_rc-1", "1-RC1+foo"});
    expect_equal(kPackagist, {"10.4.13-b", "10.4.13beta", "10.4.13.0_BETA"});
    expect_equal(kPackagist, {"10.4.13-b5", "10.4.13beta5", "10.4.13beta.5", "10.4.13-beta-5"});
    expect_equal(kPackagist, {"1.0.0-pl3", "1.0.0p3", "1.0.0-patch3", "1.0.0.PL.3"});
    expect_equal(kPackagist, {"1.0-dev", "1.0.dev", "1.0dev", "1.0.0.0-DEV"});
    expect_equal(kPackagist, {"1.2.x-dev", "1.2.X.dev", "1.2.*-dev", "v1.2.x.x-dev", "1.2.9999999.9999999-dev"});
    expect_equal(kPackagist, {"dev-master", "master", "DEV-master", "dev-master@dev"});
    expect_equal(kPackagist, {"12345678901234567890-dev", "12345678901234567890.x-dev"});
}

TEST(PackagistVersion, OrdersDates) {
    expect_ascending(kPackagist, {"2010.01", "2010.01.02", "2010.1.555", "2010.10.200", "20230131", "20230131.1", "20230131.10"});
    expect_equal(kPackagist, {"2010-01-02", "2010:01:02"});
    expect_ascending(kPackagist, {"99999", "100000", "201903.0"});  // more than five digits are a date
    expect_ascending(kPackagist, {"20230131-RC1", "20230131", "20230131-p1"});
    expect_equal(kPackagist, {"2010-01-02-10-20-30.5", "2010-01-02:10:20:30:5"});
}

TEST(PackagistVersion, DoesNotCompareBranchesThatDiffer) {
    EXPECT_EQ(compare_versions(kPackagist, "dev-main", "dev-fix"), std::nullopt);
    EXPECT_EQ(compare_versions(kPackagist, "dev-main", "dev-Main"), std::nullopt);
    EXPECT_EQ(compare_versions(kPackagist, "dev-main", "0.0.1-dev"), -1);
    EXPECT_EQ(compare_versions(kPackagist, "1.x-dev", "dev-main"), 1);
}

TEST(PackagistVersion, ReadsNothingElse) {
    expect_unreadable(kPackagist, "1.0", {"", " ", "a", "1.0.0-meh", "1.0.0.0.0", "1.0.0-alpha1foo", "1.x", "1.x.2.x.1-dev",
                                          "x-dev", "feature-dev", "1.0.0-SNAPSHOT", "1.0 .2",
                                          "1234567.x", "1.0+", "1.0+foo bar", "1.0+a+b c", "1.0.0<1.0.5", "1..0", "1.0..",
                                          "20100102-203040-foo", "12345678901234567890", "1.0 as 2.0"});
}

}  // namespace
}  // namespace ward::versions
