// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::string_view kApk =
    "C:Q1v4QhLje3kWlC8DJj+ZfJTjlJRSU=\nP:alpine-baselayout-data\nV:3.6.8-r1\nA:x86_64\nS:11435\nI:73729\nT:Base layout\n"
    "o:alpine-baselayout\nm:A <a@example.org>\nt:1740504474\nF:etc\nM:0:0:1777\nR:P:fstab\na:0:0:600\nZ:Q11Q7h=\n\n"
    "P:musl\nV:1.2.5-r9\nA:x86_64\nf:xS\nr:libc\n\n\n"
    "P:whole\nV:1-r0\nf:S\n";

TEST(Packages, ReadsApk) {
    const auto answer = Sources{}.file("/usr/lib/apk/db/installed", kApk).parse(parse_packages);
    EXPECT_EQ(columns("packages", answer, {"manager", "name", "version", "architecture", "source", "source_version", "status",
                                           "want", "held", "broken", "maintainer", "summary", "installed_size", "path"}),
              (Strings{"apk|alpine-baselayout-data|3.6.8-r1|x86_64|alpine-baselayout|3.6.8-r1|installed||0|0|A <a@example.org>|"
                       "Base layout|73|/usr/lib/apk/db/installed",
                       "apk|musl|1.2.5-r9|x86_64|musl|1.2.5-r9|installed||0|1||||/usr/lib/apk/db/installed",
                       "apk|whole|1-r0||whole|1-r0|installed||0|0||||/usr/lib/apk/db/installed"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(Packages, ReadsADatabaseOfTwoNamesOnce) {
    const auto once = Sources{}.file("/usr/lib/apk/db/installed", kApk).file("/lib/apk/db/installed", kApk).parse(parse_packages);
    EXPECT_EQ(once.rows.rows.size(), 3U);
    const auto twice = Sources{}.file("/usr/lib/apk/db/installed", kApk).file("/lib/apk/db/installed", "P:a\nV:1\n").parse(parse_packages);
    EXPECT_EQ(twice.rows.rows.size(), 4U);
}

TEST(Packages, TellsWhatOfApkIsBroken) {
    struct Case { const char* name; std::string_view text; Strings rows; Strings gaps; };
    const Case cases[] = {
        {"empty", "", {}, {}},
        {"no name", "V:1\nA:x\n\nP:b\nV:2\n", {"b|2|"}, {":1 malformed"}},
        {"no version", "\nP:a\nA:x\n\n", {"a||"}, {":2 malformed"}},
        {"no field", "P:a\nV:1\nnonsense\n", {"a|1|"}, {":3 malformed"}},
        {"a size that is none", "P:a\nV:1\nI:-5\n", {"a|1|"}, {":3 malformed"}},
        {"a size at the end of numbers", "P:a\nV:1\nI:18446744073709551615\n", {"a|1|18014398509481984"}, {}},
        {"a NUL byte", std::string_view{"P:a\nV:1\nT:\0\n", 12}, {"a|1|"}, {":3 malformed"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/lib/apk/db/installed", c.text).parse(parse_packages);
        EXPECT_EQ(columns("packages", answer, {"name", "version", "installed_size"}), c.rows);
        Strings gaps;
        for (const auto& gap : c.gaps) gaps.push_back("/lib/apk/db/installed" + gap);
        EXPECT_EQ(gaps_of(answer), gaps);
    }
}

}  // namespace
}  // namespace ward::facts
