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

TEST(NfsExports, ReadLinesAsTheServerDoes) {
    struct Case { const char* name; std::string text; Strings rows; Strings gaps; };
    const std::string long_line = "/srv a(rw)" + std::string(70'000, ' ');
    const Case cases[] = {
        {"two clients", "/srv/a  192.0.2.0/24(rw,sync) backup(ro,no_root_squash)\n",
         {"/srv/a|192.0.2.0/24|rw,sync|1|1|0|1", "/srv/a|backup|ro,no_root_squash|0|0|0|1"}, {}},
        {"no options", "/srv/a host\n", {"/srv/a|host||0|1|0|1"}, {}},
        {"the blank that opens it for all", "/srv/a host (rw)\n", {"/srv/a|host||0|1|0|1", "/srv/a|*|rw|1|1|1|1"}, {}},
        {"a path alone", "/srv/a\n", {"/srv/a|*||0|1|1|1"}, {}},
        {"defaults", "/srv/a -rw,no_root_squash a b(ro) c(root_squash)\n",
         {"/srv/a|a|rw,no_root_squash|1|0|0|1", "/srv/a|b|rw,no_root_squash,ro|0|0|0|1", "/srv/a|c|rw,no_root_squash,root_squash|1|1|0|1"}, {}},
        {"defaults, and nobody named", "/srv/a -rw # x\n", {"/srv/a|*|rw|1|1|1|1"}, {}},
        {"everybody", "/a *(rw)\n/b 0.0.0.0/0\n/c ::/0(ro)\n/d *.example\n/e @group\n/f gss/krb5p\n",
         {"/a|*|rw|1|1|1|1", "/b|0.0.0.0/0||0|1|1|2", "/c|::/0|ro|0|1|1|3", "/d|*.example||0|1|0|4", "/e|@group||0|1|0|5", "/f|gss/krb5p||0|1|0|6"}, {}},
        {"groups of sec", "/a h(sec=krb5p,rw,no_root_squash,sec=sys,ro,root_squash)\n", {"/a|h|sec=krb5p,rw,no_root_squash,sec=sys,ro,root_squash|1|0|0|1"}, {}},
        {"rights before sec", "/a h(rw,sec=krb5,ro)\n", {"/a|h|rw,sec=krb5,ro|0|1|0|1"}, {}},
        {"names with blanks", "\"/srv/a b\" h\n/srv/c\\040d h\n/srv/e\\0 h\n", {"/srv/a b|h||0|1|0|1", "/srv/c d|h||0|1|0|2", "/srv/e\\0|h||0|1|0|3"}, {}},
        {"comments", "# /x *(rw)\n  # y\n\n/srv/a#b h#c # d(rw)\n", {"/srv/a#b|h#c||0|1|0|4"}, {}},
        {"a continued line", "/srv/a \\\n  h(rw) \\\n  i(ro)\n/b j\n", {"/srv/a|h|rw|1|1|0|1", "/srv/a|i|ro|0|1|0|1", "/b|j||0|1|0|4"}, {}},
        {"a blank in the options", "/srv/a g h(rw, sync) i\n/b j\n", {"/srv/a|g||0|1|0|1", "/b|j||0|1|0|2"}, {"/etc/exports:1 malformed"}},
        {"something behind the options", "/srv/a h(rw)i\n", {}, {"/etc/exports:1 malformed"}},
        {"no path", "srv h(rw)\n", {}, {"/etc/exports:1 malformed"}},
        {"a quote that stays open", "\"/srv/a h(rw)\n", {"/srv/a h(rw)|*||0|1|1|1"}, {}},
        {"a NUL byte", std::string{"/a\0 h\n/b i\n", 11}, {"/b|i||0|1|0|2"}, {"/etc/exports:1 malformed"}},
        {"a long line", long_line + "\n/b i\n", {"/b|i||0|1|0|2"}, {"/etc/exports:1 over_limit"}},
        {"nothing", "", {}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/exports", c.text).parse(parse_nfs_exports);
        EXPECT_EQ(columns("nfs_exports", answer, {"path", "client", "options", "writable", "root_squash", "everybody", "line"}), c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(NfsExports, ReadTheFilesThatTheServerReads) {
    const auto answer = Sources{}.file("/etc/exports", "/a h\n").file("/etc/exports.d/b.exports", "/b h\n")
                            .file("/etc/exports.d/.c.exports", "/c h\n").file("/etc/exports.d/d", "/d h\n").parse(parse_nfs_exports);
    EXPECT_EQ(columns("nfs_exports", answer, {"path", "file"}), (Strings{"/a|/etc/exports", "/b|/etc/exports.d/b.exports"}));
}

}  // namespace
}  // namespace ward::facts
