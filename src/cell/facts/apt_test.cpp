// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/dates.h"
#include "cell/facts/internal/lz4.h"
#include "cell/facts/internal/url.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

TEST(OsRelease, ReadsQuotesAndFallsBack) {
    auto both = Sources{}.file("/etc/os-release", "# x\r\nID=debian\r\nVERSION_ID=\"12\"\nPRETTY_NAME=\"A \\\"B\\\"\"\nnonsense\n")
                    .file("/usr/lib/os-release", "ID=other\n")
                    .parse(parse_os_release);
    EXPECT_EQ(columns("os_release", both, {"id", "version_id", "pretty_name", "path", "release"}),
              (Strings{"debian|12|A \"B\"|/etc/os-release|12"}));
    EXPECT_EQ(gaps_of(both), (Strings{"/etc/os-release:5 malformed"}));
    auto second = Sources{}.state("/etc/os-release", wire::SourceBytes::State::missing)
                      .file("/usr/lib/os-release", "ID='alpine'\nVERSION_ID=3.19.1")
                      .parse(parse_os_release);
    EXPECT_EQ(columns("os_release", second, {"id", "release"}), (Strings{"alpine|3.19"}));
    EXPECT_EQ(columns("os_release", Sources{}.file("/etc/os-release", "").parse(parse_os_release), {"id", "version_id"}),
              (Strings{"linux|"}));
    EXPECT_TRUE(Sources{}.parse(parse_os_release).rows.rows.empty());
}

TEST(OsSupport, HasADayForEachRelease) {
    const auto answer = Sources{}.parse(parse_os_support);
    const auto rows = columns("os_support", answer, {"id", "version_id", "support_ends"});
    EXPECT_NE(std::find(rows.begin(), rows.end(), "debian|12|1783728000"), rows.end());  // 2026-07-11
    for (const auto& row : columns("os_support", answer, {"released"})) EXPECT_NE(row, "");
    EXPECT_GT(rows.size(), 100U);
}

TEST(Dates, ReadsReleaseDates) {
    struct Case { const char* text; std::optional<std::int64_t> want; };
    const Case cases[] = {
        {"Sat, 08 Nov 2025 10:21:33 UTC", 1762597293},
        {"Thu, 01 Jan 1970 00:00:00 +0000", 0},
        {"29 Feb 2024 00:00:00 GMT", 1709164800},
        {"29 Feb 2023 00:00:00 GMT", std::nullopt},
        {"Sat, 08 Nov 2025 10:21:33 CET", std::nullopt},
        {"Sat, 08 Nov 2025 25:21:33 UTC", std::nullopt},
        {"Sat, 08 Foo 2025 10:21:33 UTC", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(parse_release_date(c.text), c.want);
    }
}

TEST(Packages, ReadsDpkgStatus) {
    const auto answer = Sources{}.file("/var/lib/dpkg/status",
        "Package: openssl\nStatus: hold ok installed\nPriority: optional\nSection: utils\nInstalled-Size: 2277\n"
        "Maintainer: A <a@example.org>\nArchitecture: amd64\nSource: openssl3 (3.0.1-1)\nVersion: 3.0.1-1+b1\n"
        "Description: x\n a long\n .\n text\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n\n"
        "Package: never\nStatus: install ok not-installed\n\n\n"
        "Package: half\nEssential: yes\nStatus: install reinstreq half-installed\nVersion: 2\nInstalled-Size: big\n\n"
        "Status: install ok installed\nVersion: 1\n\n"
        "Package: odd\nStatus: installed\n\nPackage: last\nno field here\nStatus: install ok unpacked\nVersion: 3")
        .parse(parse_packages);
    EXPECT_EQ(columns("packages", answer, {"name", "version", "source", "source_version", "status", "want", "held", "broken",
                                           "essential", "installed_size"}),
              (Strings{"openssl|3.0.1-1+b1|openssl3|3.0.1-1|installed|hold|1|0|0|2277",
                       "gone|1|gone|1|config-files|deinstall|0|0|0|", "half|2|half|2|half-installed|install|0|1|1|",
                       "last|3|last|3|unpacked|install|0|1|0|"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/var/lib/dpkg/status:24 malformed", "/var/lib/dpkg/status:30 malformed",
                                        "/var/lib/dpkg/status:33 malformed", "/var/lib/dpkg/status:37 malformed"}));
}

constexpr const char* kStatus =
    "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21\n\n"
    "Package: openssl\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 3.0.14-1~deb12u1\n\n"
    "Package: back\nStatus: install ok installed\nArchitecture: all\nVersion: 2.0~bpo12+1\n\n"
    "Package: alone\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n";

Sources lists() {
    const std::string base = "/var/lib/apt/lists/deb.example_debian_dists_";
    Sources sources;
    sources.file("/var/lib/dpkg/status", kStatus)
        .file(base + "bookworm_InRelease",
              "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Debian\nLabel: Debian\nSuite: stable\nCodename: bookworm\n"
              "Date: Sat, 08 Nov 2025 10:21:33 UTC\n-----BEGIN PGP SIGNATURE-----\nX\n-----END PGP SIGNATURE-----\n")
        .file(base + "bookworm-security_InRelease",
              "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: bookworm-security\n"
              "Date: Sat, 08 Nov 2025 10:21:33 UTC\nValid-Until: Sat, 15 Nov 2025 10:21:33 UTC\n")
        .file(base + "bookworm-backports_Release",
              "Origin: Debian\nSuite: stable-backports\nNotAutomatic: yes\nButAutomaticUpgrades: yes\nDate: yesterday\n")
        .file(base + "bookworm_main_binary-amd64_Packages",
              "Package: openssl\nArchitecture: amd64\nVersion: 3.0.17-1\n\nPackage: openssl\nArchitecture: i386\nVersion: 9\n\n"
              "Package: back\nArchitecture: all\nVersion: 1.0\n\nPackage: dpkg\nArchitecture: amd64\nVersion: 1.21\n")
        .file(base + "bookworm-security_main_binary-amd64_Packages",
              "Package: openssl\nArchitecture: amd64\nVersion: 3.0.16-1\n\nPackage: openssl\nArchitecture: amd64\nVersion: not a version\n")
        .file(base + "bookworm-backports_main_binary-amd64_Packages",
              "Package: back\nArchitecture: all\nVersion: 2.1~bpo12+1\n\nPackage: openssl\nArchitecture: amd64\nVersion: 5\n")
        .file(base + "bookworm_contrib_binary-amd64_Packages.xz", "x");
    return sources;
}

TEST(PackageUpdates, ChoosesAsAptWould) {
    const auto answer = lists().parse(parse_package_updates);
    EXPECT_EQ(columns("package_updates", answer, {"name", "installed_version", "candidate_version", "is_security",
                                                  "security_version", "suite", "component", "held"}),
              (Strings{"back|2.0~bpo12+1|2.1~bpo12+1|0||stable-backports|main|0",
                       "openssl|3.0.14-1~deb12u1|3.0.17-1|1|3.0.16-1|stable|main|1"}));
    EXPECT_EQ(gaps_of(answer),
              (Strings{"/var/lib/apt/lists/deb.example_debian_dists_bookworm-security_main_binary-amd64_Packages:5 malformed",
                       "/var/lib/apt/lists/deb.example_debian_dists_bookworm_contrib_binary-amd64_Packages.xz:0 unsupported"}));
}

TEST(PackageCandidates, SaysWhatEachIndexOffers) {
    EXPECT_EQ(columns("package_candidates", lists().parse(parse_package_candidates),
                      {"name", "version", "relation", "suite", "is_security", "not_automatic"}),
              (Strings{"back|1.0|older|stable|0|0", "back|2.1~bpo12+1|newer|stable-backports|0|1", "dpkg|1.21|same|stable|0|0",
                       "openssl|3.0.17-1|newer|stable|0|0", "openssl|3.0.16-1|newer|stable-security|1|0",
                       "openssl|5|newer|stable-backports|0|1"}));
}

TEST(AptLists, TellsAgeAndEnd) {
    const auto answer = lists().at(1763300000).parse(parse_apt_lists);  // 2025-11-16
    EXPECT_EQ(columns("apt_lists", answer, {"codename", "date", "valid_until", "age", "expired", "signed_inside", "is_security"}),
              (Strings{"bookworm|1762597293||702707|0|1|0", "bookworm-security|1762597293|1763202093|702707|1|1|1", "||||0|0|0"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/var/lib/apt/lists/deb.example_debian_dists_bookworm-backports_Release:0 malformed"}));
}

TEST(AptStamps, TellsTheLastTime) {
    const auto answer = Sources{}.add({.name = "stat:/var/lib/apt/periodic/update-success-stamp", .mode = 0100644, .modified = 1000}, {})
                            .state("stat:/var/lib/apt/lists/partial", wire::SourceBytes::State::missing)
                            .at(1500).parse(parse_apt_stamps);
    EXPECT_EQ(columns("apt_stamps", answer, {"name", "path", "modified", "age"}),
              (Strings{"update-success-stamp|/var/lib/apt/periodic/update-success-stamp|1000|500"}));
}

TEST(Lz4, UnpacksFramesAndRefusesWhatLies) {
    struct Case { const char* name; const char* hex; std::optional<std::string> want; };
    // Header: magic, flags (version 1, independent blocks), block size, header checksum (not compared).
    const Case cases[] = {
        {"a stored block", "04224d18 604000 03000080 616263 00000000", "abc"},
        {"one letter ten times, then one", "04224d18 604000 06000000 15 61 0100 10 62 00000000", "aaaaaaaaaab"},
        {"a skippable frame before", "502a4d18 02000000 ffff 04224d18 604000 01000080 7a 00000000", "z"},
        {"content size and checksums", "04224d18 7c400100000000000000 00 01000080 7a 11111111 00000000 22222222", "z"},
        {"a copy from before the start", "04224d18 604000 06000000 15 61 0200 10 62 00000000", std::nullopt},
        {"a copy from nowhere", "04224d18 604000 06000000 15 61 0000 10 62 00000000", std::nullopt},
        {"more than the limit", "04224d18 604000 0a000000 1f 61 0100 ffffff00 10 62 00000000", std::nullopt},
        {"a block that is longer than the file", "04224d18 604000 ffffff7f 61", std::nullopt},
        {"no end mark", "04224d18 604000 01000080 7a", std::nullopt},
        {"a dictionary", "04224d18 614000000000 00 00000000", std::nullopt},
        {"another version", "04224d18 a04000 00000000", std::nullopt},
        {"no frame", "1f8b0800", std::nullopt},
        {"nothing", "", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer packed;
        ASSERT_TRUE(from_hex(c.hex, packed));
        const auto out = unpack_lz4(packed, 100);
        EXPECT_EQ(out.ok() ? std::optional{to_string(*out)} : std::nullopt, c.want);
    }
}

TEST(AptSources, ReadsBothFormats) {
    const auto answer = Sources{}
        .file("/etc/apt/sources.list",
              "# deb http://off/ x main\ndeb http://deb.example/debian bookworm main contrib # why\n"
              "deb-src [trusted=yes arch=amd64,i386 signed-by=/a.gpg] https://u:p@x.example:8/ sid/\r\n"
              "deb cdrom:[Debian 12 #1]/ bookworm main\ndeb [ x http://a b\nrpm http://a b\ndeb http://only\n")
        .file("/etc/apt/sources.list.d/a.sources",
              "Types: deb deb-src\nURIs: http://security.debian.org/\n# note\nSuites: bookworm-security\nComponents: main\nTrusted: no\n"
              "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n\nEnabled: no\nTypes: deb\nURIs: file:/x\nSuites: a b\n\nTypes: deb\n")
        .file("/etc/apt/sources.list.d/b.disabled", "deb http://off/ x main\n")
        .parse(parse_apt_sources);
    EXPECT_EQ(columns("apt_sources", answer, {"line", "format", "type", "uri", "host", "suite", "components", "enabled",
                                              "architectures", "signed_by", "trusted", "is_security"}),
              (Strings{"2|one-line|deb|http://deb.example/debian|deb.example|bookworm|main contrib|1||||0",
                       "3|one-line|deb-src|https://u@x.example:8/|x.example|sid/||1|amd64 i386|/a.gpg|1|0",
                       "4|one-line|deb|cdrom:[Debian 12 #1]/||bookworm|main|1||||0",
                       "1|deb822|deb|http://security.debian.org/|security.debian.org|bookworm-security|main|1||(inline)|0|1",
                       "1|deb822|deb-src|http://security.debian.org/|security.debian.org|bookworm-security|main|1||(inline)|0|1",
                       "12|deb822|deb|file:/x||a||0||||0", "12|deb822|deb|file:/x||b||0||||0"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/apt/sources.list:5 malformed", "/etc/apt/sources.list:6 malformed",
                                        "/etc/apt/sources.list:7 malformed", "/etc/apt/sources.list.d/a.sources:17 malformed"}));
}

TEST(AptConf, ReadsNestingListsClearsAndComments) {
    const auto answer = Sources{}
        .file("/etc/apt/apt.conf", "APT::Periodic::Enable \"0\";")
        .file("/etc/apt/apt.conf.d/20auto", "APT::Periodic::Unattended-Upgrade \"1\"; // no\n/* a\nb */ APT { Periodic { Enable \"1\"; }; };\n")
        .file("/etc/apt/apt.conf.d/10list", "# x\nDPkg::Pre-Invoke { \"a; b\"; \"c\"; };\nUnattended-Upgrade::Origins-Pattern:: \"o\";\nA \"1\" { B \"2\"; };\n")
        .file("/etc/apt/apt.conf.d/30clear", "#clear dpkg::pre-invoke;\n#include \"/x\";\n}\nOpen { x")
        .file("/etc/apt/apt.conf.d/40.bak", "Z \"1\";")
        .parse(parse_apt_conf);
    EXPECT_EQ(columns("apt_conf", answer, {"name", "value", "effective", "file", "line"}),
              (Strings{"dpkg::pre-invoke::|a; b|0|/etc/apt/apt.conf.d/10list|2", "dpkg::pre-invoke::|c|0|/etc/apt/apt.conf.d/10list|2",
                       "unattended-upgrade::origins-pattern::|o|1|/etc/apt/apt.conf.d/10list|3",
                       "a|1|1|/etc/apt/apt.conf.d/10list|4", "a::b|2|1|/etc/apt/apt.conf.d/10list|4",
                       "apt::periodic::unattended-upgrade|1|1|/etc/apt/apt.conf.d/20auto|1",
                       "apt::periodic::enable|1|0|/etc/apt/apt.conf.d/20auto|3", "open::|x|1|/etc/apt/apt.conf.d/30clear|4",
                       "apt::periodic::enable|0|1|/etc/apt/apt.conf|1"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/apt/apt.conf.d/30clear:2 unsupported", "/etc/apt/apt.conf.d/30clear:3 malformed",
                                        "/etc/apt/apt.conf.d/30clear:4 malformed", "/etc/apt/apt.conf.d/30clear:4 malformed"}));
}

TEST(Url, ShowsNoPassword) {
    struct Case { const char* url; const char* scheme; const char* host; const char* shown; const char* nobody; };
    const Case cases[] = {
        {"https://u:p@h.example:8443/x", "https", "h.example", "https://u@h.example:8443/x", "https://h.example:8443/x"},
        {"https://u:p@q@h/x@y", "https", "h", "https://u@h/x@y", "https://h/x@y"},
        {"http://[::1]:80/", "http", "[::1]", "http://[::1]:80/", "http://[::1]:80/"},
        {"file:/x", "file", "", "file:/x", "file:/x"},
        {"", "", "", "", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.url);
        EXPECT_EQ(url_scheme(c.url), c.scheme);
        EXPECT_EQ(url_host(c.url), c.host);
        EXPECT_EQ(without_password(c.url), c.shown);
        EXPECT_EQ(without_user(c.url), c.nobody);
    }
}

}  // namespace
}  // namespace ward::facts
