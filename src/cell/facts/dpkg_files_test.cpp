// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/sources.h"
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

// A host where /bin and /lib are links to their namesakes, and dash has moved the man page of sh aside.
testing::Sources host() {
    testing::Sources sources;
    sources.file("/var/lib/dpkg/info/dash.list", "/.\n/bin\n/bin/dash\n/bin/sh\n/usr\n/usr/share\n/usr/share/sh.1\n")
        .file("/var/lib/dpkg/info/dash.md5sums", "0123456789abcdef0123456789abcdef  bin/dash\n")
        .file("/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/libc.so\n/libexec\n/usr/share/sh.1\n/etc/ld.conf\n")
        .file("/var/lib/dpkg/diversions", "/usr/share/sh.1\n/usr/share/sh.distrib.1\ndash\n")
        .add({.name = "stat:/bin", .link = "usr/bin"}, {})
        .add({.name = "stat:/lib", .link = "/usr/lib"}, {})
        .add({.name = "stat:/sbin", .mode = 040755}, {});
    return sources;
}

TEST(PackageFiles, SaysWhereFilesLieOnThisHost) {
    const auto answer = host().parse(parse_package_files);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (std::vector<std::string>{"/usr/bin/dash|dash|0123456789abcdef0123456789abcdef", "/usr/bin/sh|dash|",
                                        "/usr/share/sh.1|dash|", "/usr/lib/libc.so|libc6:amd64|", "/libexec|libc6:amd64|",
                                        "/usr/share/sh.distrib.1|libc6:amd64|", "/etc/ld.conf|libc6:amd64|"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(PackageFiles, GivesAGapForABrokenLineOfHashes) {
    const auto answer = testing::Sources{}
                            .file("/var/lib/dpkg/info/a.list", "/a\n")
                            .file("/var/lib/dpkg/info/a.md5sums", "short  a\n0123456789abcdef0123456789abcdef  a\n")
                            .parse(parse_package_files);
    EXPECT_EQ(testing::lines_of(answer.rows), std::vector<std::string>{"/a|a|0123456789abcdef0123456789abcdef"});
    ASSERT_EQ(answer.rows.gaps.size(), 1u);
    EXPECT_EQ(answer.rows.gaps[0].where.line, 1u);
}

TEST(SetuidFiles, NamesPackageAndCapabilities) {
    const auto attribute = [](std::string_view hex) {
        Buffer bytes;
        EXPECT_TRUE(from_hex(hex, bytes));
        return to_string(bytes);
    };
    const std::vector<FolderEntry> entries = {
        {"/tmp", 041777, 0, 0, 5, 4096, "", ""},
        {"/usr/bin/dash", 0104755, 0, 0, 6, 7, "", ""},
        {"/usr/bin/ping", 0100755, 0, 0, 6, 7, "", attribute("01000002 00200000 00000000 00000000 00000000")},
        {"/usr/share/sh.distrib.1", 0100666, 0, 0, 6, 7, "", attribute("00000002 00040000 00140000 01000000 00000000")},
        {"/x", 0100755, 0, 0, 6, 7, "", attribute("00000009")},
    };
    const auto answer = host().bytes("setuid:", to_bytes(entries)).parse(parse_setuid_files);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (std::vector<std::string>{
                  "/tmp|folder|1023|0|0|0|0||1|1|4096|5|", "/usr/bin/dash|file|2541|0|0|1|0||0|0|7|6|dash",
                  "/usr/bin/ping|file|493|0|0|0|0|cap_net_raw=ep|0|0|7|6|",
                  "/usr/share/sh.distrib.1|file|438|0|0|0|0|cap_mac_override=p cap_net_bind_service=ip cap_net_admin=i|1|0|7|6|libc6:amd64",
                  "/x|file|493|0|0|0|0||0|0|7|6|"}));
    ASSERT_EQ(answer.rows.gaps.size(), 1u);
    EXPECT_EQ(answer.rows.gaps[0].where.path, "/x");
    EXPECT_EQ(testing::Sources{}.bytes("setuid:", {9}).parse(parse_setuid_files).rows.gaps.size(), 1u);
}

}  // namespace
}  // namespace ward::facts
