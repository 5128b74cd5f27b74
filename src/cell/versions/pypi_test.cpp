// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

constexpr auto kPypi = VersionScheme::pypi;

TEST(PypiVersion, OrdersTheExamplesOfPep440) {
    expect_ascending(kPypi, {"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
                             "1.0b2.post345.dev456",
                             "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5",
                             "1.0.post456.dev34", "1.0.post456",
                             "1.0.15", "1.1.dev1"});
    expect_ascending(kPypi, {"2013.10", "2014.04", "1!1.0", "1!1.1", "1!2.0"});
    expect_ascending(kPypi, {"0.9", "0.9.1", "0.9.2", "0.9.10", "0.9.11", "1.0", "1.0.1", "1.1", "2.0", "2.0.1"});
    expect_ascending(kPypi, {"1.1.dev1", "1.1a1", "1.1b1", "1.1rc1", "1.1rc2", "1.1", "1.1.post1"});
}

TEST(PypiVersion, OrdersLocalVersions) {
    expect_ascending(kPypi, {"1.0", "1.0+a", "1.0+a.a", "1.0+a.1", "1.0+b", "1.0+ubuntu", "1.0+ubuntu.1", "1.0+0", "1.0+0.a",
                             "1.0+0.0", "1.0+2", "1.0+10", "1.0.post0"});
    expect_equal(kPypi, {"1.0+ubuntu-1", "1.0+ubuntu.1", "1.0+UBUNTU_01"});
}

TEST(PypiVersion, ReadsTheSpellingsThatAreNormalised) {
    expect_equal(kPypi, {"1.1rc1", "1.1RC1", "1.1.rc1", "1.1-rc1", "1.1_rc1", "1.1rc.1", "1.1rc-1", "1.1rc_1", "1.1c1",
                         "1.1pre1", "1.1preview1", "v1.1rc1",
                         "V1.1.Preview_01", "  1.1rc1\n", "1.01rc001", "0!1.1rc1", "1.1.0rc1"});
    expect_equal(kPypi, {"1.1a0", "1.1a", "1.1alpha", "1.1.alpha.", "1.1-ALPHA-0"});
    expect_equal(kPypi, {"1.1b2", "1.1beta2", "1.1-Beta_2"});
    expect_equal(kPypi, {"1.2.post2", "1.2-post2", "1.2post2", "1.2_post-2", "1.2post.2", "1.2-2", "1.2-r2", "1.2-rev2",
                         "1.2.r2", "1.2rev.2"});
    expect_equal(kPypi, {"1.2.post0", "1.2.post", "1.2-r", "1.2-0"});
    expect_equal(kPypi, {"1.2.dev2", "1.2-dev2", "1.2dev2", "1.2_DEV.2"});
    expect_equal(kPypi, {"1.2.dev0", "1.2.dev", "1.2dev"});
    expect_equal(kPypi, {"1.0a1.post2.dev3", "1.0a1-2dev3", "1.0alpha-1_rev.2-dev_3"});
    expect_equal(kPypi, {"1", "1.0", "1.0.0", "1.00.000"});
}

TEST(PypiVersion, KnowsNumbersOfAnyLengthAndWhatIsNone) {
    expect_ascending(kPypi, {"99999999999999999999.dev99999999999999999999", "99999999999999999999.dev100000000000000000000",
                             "99999999999999999999",
                             "100000000000000000000", "99999999999999999999!1", "100000000000000000000!0"});
    expect_unreadable(kPypi, "1.0", {"", " ", "v", "a", "french toast", "1.0.", ".1", "1..0", "!1", "a!1", "1!", "1!!1",
                                     "1.0a1a2", "1.0a1b2", "1.0.post1.post2",
                                     "1.0-1-2", "1.0.dev1.dev2", "1.0.dev1.post1", "1.0.post1a1", "1.0.x", "1.0.*", "1.0+",
                                     "1.0+a+b", "1.0+a..b", "1.0+_foobar",
                                     "1.0+foo&asd", "1.0+1+1", "1.0+a.", "1.0--post1", "1.0-", "1.0.alphax", "1 .0",
                                     "2012-01-01-00", "vv1", "1.0\xc3\xa4"});
}

}  // namespace
}  // namespace ward::versions
