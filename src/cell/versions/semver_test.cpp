// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/testing/versions.h"

namespace ward::versions {
namespace {

using testing::expect_ascending;
using testing::expect_equal;
using testing::expect_unreadable;

// Those who follow SemVer's precedence without change.
constexpr VersionScheme kPlain[] = {VersionScheme::semver, VersionScheme::npm, VersionScheme::cargo, VersionScheme::hex};

TEST(SemverVersion, OrdersTheExamplesOfTheSpecification) {
    for (const auto scheme : kPlain) {
        expect_ascending(scheme, {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
                                  "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"});                  // item 11.4
        expect_ascending(scheme, {"1.0.0", "2.0.0", "2.1.0", "2.1.1"});                      // item 11.2
        expect_ascending(scheme, {"1.9.0", "1.10.0", "1.11.0"});                             // item 2
        expect_ascending(scheme, {"1.0.0-0.3.7", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-x.7.z.92", "1.0.0-x-y-z.-"});
        expect_equal(scheme, {"1.0.0", "1.0.0+20130313144700", "1.0.0+21AF26D3---117B344092BD", "1.0.0+001"});  // item 10
        expect_equal(scheme, {"1.0.0-beta+exp.sha.5114f85", "1.0.0-beta"});
    }
}

TEST(SemverVersion, OrdersByAsciiAndByNumbersOfAnyLength) {
    for (const auto scheme : kPlain) {
        expect_ascending(scheme, {"1.0.0--1", "1.0.0-1a", "1.0.0-A", "1.0.0-Z", "1.0.0-a", "1.0.0-a-", "1.0.0-a0", "1.0.0-aa"});
        expect_ascending(scheme, {"0.0.99999999999999999999", "0.0.100000000000000000000",
                                  "99999999999999999999999.0.0-99999999999999999999",
                                  "99999999999999999999999.0.0-100000000000000000000",
                                  "99999999999999999999999.0.0", "100000000000000000000000.0.0"});
    }
}

TEST(SemverVersion, ReadsNothingElse) {
    for (const auto scheme : kPlain) {
        expect_unreadable(scheme, "1.0.0",
                          {"", "1", "1.0", "1.0.", "1.0.0.0", ".1.0", "1..0", "01.0.0", "1.00.0", "1.0.01", "1.0.0-", "1.0.0-+a", "1.0.0+",
                           "1.0.0-01", "1.0.0-a..b", "1.0.0-a.", "1.0.0-.a", "1.0.0+a..b", "1.0.0+a+b", "1.0.0-a_b",
                           "1.0.0-\xc3\xa4",
                           "1.0.0 beta", "-1.0.0", "1.-1.0", "1.0.x", "*", "latest", "a.b.c", "1,0,0"});
    }
    for (const auto scheme : {VersionScheme::semver, VersionScheme::cargo, VersionScheme::hex}) {
        expect_unreadable(scheme, "1.0.0", {"v1.0.0", "=1.0.0", " 1.0.0", "1.0.0 ", "1.0.0\n"});
    }
}

TEST(NpmVersion, TakesThePrefixOff) {
    expect_equal(VersionScheme::npm, {"1.2.3", "v1.2.3", "=1.2.3", "=v1.2.3", "v=1.2.3", " = v 1.2.3 ", "\t1.2.3\n",
                                      "= 1.2.3+build"});
    expect_ascending(VersionScheme::npm, {"v1.2.3-0", "=1.2.3-beta", "v1.2.3", "1.2.4"});
    expect_unreadable(VersionScheme::npm, "1.0.0", {"V1.2.3", "v", "=", "v1.2", "1.2.3v", "~1.2.3", "^1.2.3", ">=1.2.3",
                                                    "v-1.2.3"});
}

TEST(GoVersion, OrdersAsTheModuleReferenceSays) {
    // The pseudo-versions of the reference: before the release they lead to, after the one they follow.
    expect_ascending(VersionScheme::go, {"v0.0.0-20191109021931-daa7c04131f5", "v0.0.0", "v1.2.3-pre",
                                         "v1.2.3-pre.0.20191109021931-daa7c04131f5",
                                         "v1.2.3", "v1.2.4-0.20191109021931-daa7c04131f5",
                                         "v1.2.4-0.20201109021931-aaaaaaaaaaaa", "v1.2.4",
                                         "v2.0.0+incompatible", "v2.0.1-0.20191109021931-daa7c04131f5+incompatible",
                                         "v4.1.2+incompatible"});
    expect_equal(VersionScheme::go, {"v2.0.0", "v2.0.0+incompatible", "v2", "v2.0", "v2.0.0+meta"});
    expect_ascending(VersionScheme::go, {"v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.beta", "v1.0.0-beta", "v1.0.0-beta.2",
                                         "v1.0.0-beta.11",
                                         "v1.0.0-rc.1", "v1", "v1.2", "v1.2.1", "v1.10"});
    expect_unreadable(VersionScheme::go, "v1.0.0",
                      {"", "v", "1.0.0", "1", "V1.0.0", "vv1.0.0", " v1.0.0", "v01.0.0", "v1-pre", "v1.2-pre", "v1+meta", "v1.2+meta", "v1.",
                       "v1.2.", "v1.2.3.4", "v1.2.3-", "v1.2.3+", "v1.2.3-01", "v1.2.3-a..b", "v1.x", "go1.21"});
}

TEST(PubVersion, OrdersBuildMetadataToo) {
    expect_ascending(VersionScheme::pub, {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                                          "1.0.0-rc.1+build.1",
                                          "1.0.0", "1.0.0+0.3.7", "1.3.7+build", "1.3.7+build.2.b8f12d7",
                                          "1.3.7+build.11.e0f985a", "2.0.0",
                                          "2.1.0", "2.2.0", "2.11.0", "2.11.1"});  // the list of pub_semver's own tests
    expect_ascending(VersionScheme::pub, {"1.2.3", "1.2.3+1", "1.2.3+2", "1.2.3+10", "1.2.3+a", "1.2.3+a.b"});
    expect_equal(VersionScheme::pub, {"1.2.3-1.dev+pre.2", "01.02.03-01.dev+pre.02"});
    expect_unreadable(VersionScheme::pub, "1.0.0", {"", "1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0+", "1.0.0-", "1.0.0+a..b",
                                                    "1.0.0+a+b", " 1.0.0", "any"});
}

TEST(NugetVersion, OrdersAsTheDocumentationSays) {
    expect_ascending(VersionScheme::nuget, {"1.0.1-aaa", "1.0.1-alpha10", "1.0.1-alpha2", "1.0.1-beta", "1.0.1-open",
                                            "1.0.1-rc.2", "1.0.1-rc.10",
                                            "1.0.1-zzz", "1.0.1"});
    expect_ascending(VersionScheme::nuget, {"1.0.0-1", "1.0.0-a", "1.0.0-a.1", "1.0.0", "1.0.0.1-a", "1.0.0.1", "1.0.0.2",
                                            "1.0.0.10", "1.0.1", "1.1", "2"});
    expect_equal(VersionScheme::nuget, {"1.0", "1", "1.00", "1.0.0", "1.0.0.0", "01.000.0.00", "1.0.0+r3456", " 1.0 "});
    expect_equal(VersionScheme::nuget, {"1.0.1", "1.0.01.0", "1.00.1"});
    expect_equal(VersionScheme::nuget, {"1.0.0-Beta.RC", "1.0-beta.rc", "1.0.0.0-BETA.rc+X"});
    expect_unreadable(VersionScheme::nuget, "1.0.0", {"", " ", "1.", ".1", "1.0.0.0.0", "1.a", "v1.0", "1.0.0-", "1.0.0+",
                                                      "1.0.0-01", "1.0.0-a..b",
                                                      "1.0.0+a..b", "1.0.0-a+", "1.0.0-a_b", "-1.0", "1 .0", "[1.0,2.0)"});
}

}  // namespace
}  // namespace ward::versions
