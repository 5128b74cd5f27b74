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

constexpr const char* kConf = "/etc/samba/smb.conf";

TEST(SmbShares, ReadSettingsAsSambaDoes) {
    struct Case { const char* name; std::string text; Strings rows; Strings gaps; };
    const std::string shared = "[a]\npath = /a\n";
    const Case cases[] = {
        {"defaults", shared, {"a|/a|0|1|1||1"}, {}},
        {"names without case and blanks", "[a]\nPATH=/a\nGuestOK = Yes\nread  ONLY = no\nbrow seable = 0\nvalid users = @staff, bob\n", {"a|/a|1|0|0|@staff, bob|1"}, {}},
        {"other names", "[a]\ndirectory = /a\npublic = true\nwriteable = on\nbrowsable = off\n", {"a|/a|1|0|0||1"}, {}},
        {"two more", "[a]\npath = /a\nwrite ok = 1\n[b]\npath = /b\nwritable = false\n", {"a|/a|0|0|1||1", "b|/b|0|1|1||4"}, {}},
        {"the last wins", shared + "read only = no\nwriteable = no\n", {"a|/a|0|1|1||1"}, {}},
        {"of [global]", "[global]\nguest ok = yes\n[a]\npath = /a\n[Globals]\nguest ok = no\n[b]\npath = /b\n", {"a|/a|1|1|1||3", "b|/b|0|1|1||7"}, {}},
        {"before every section", "guest ok = yes\n" + shared, {"a|/a|1|1|1||2"}, {}},
        {"a section that comes again", shared + "[b]\npath = /b\n[A]\nguest ok = yes\n", {"a|/a|1|1|1||1", "b|/b|0|1|1||3"}, {}},
        {"blanks count in a share's name", shared + "[ a]\npath = /b\n", {"a|/a|0|1|1||1", " a|/b|0|1|1||3"}, {}},
        {"[global] in the midst of a share", shared + "[global]\nguest ok = yes\n[b]\npath = /b\n", {"a|/a|0|1|1||1", "b|/b|1|1|1||5"}, {}},
        {"a copy", shared + "guest ok = yes\n[b]\ncopy = A\nread only = no\n", {"a|/a|1|1|1||1", "b|/a|1|0|1||4"}, {}},
        {"a copy leaves what was said", shared + "guest ok = yes\n[b]\nread only = no\npath = /b\ncopy = a\n", {"a|/a|1|1|1||1", "b|/b|1|0|1||4"}, {}},
        {"a copy wins over [global]", "[global]\nread only = no\n[a]\npath = /a\nread only = yes\n[b]\ncopy = a\n", {"a|/a|0|1|1||3", "b|/a|0|1|1||6"}, {}},
        {"the special ones", "[homes]\n[printers]\npath = /var/tmp\nbrowseable = yes\n", {"homes||0|1|1||1", "printers|/var/tmp|0|1|0||2"}, {}},
        {"off, not valid, or without a path", "[a]\npath = /a\navailable = no\n[b]\nguest ok = yes\n[c]\npath = /c\n-valid = no\n[printers]\n", {}, {}},
        {"a path that comes too late", "[a]\n[b]\npath = /b\n[a]\npath = /a\n[b]\n", {"b|/b|0|1|1||2"}, {}},
        {"comments and quotes", "# [x]\n ; y \\\n[a] # z\npath = \"/a b\" \n# guest ok = yes\n", {"a|/a b|0|1|1||3"}, {}},
        {"a line that goes on", "[a]\npath = \\\n  /a\n\nguest \\\n ok = yes\n", {"a|/a|1|1|1||1"}, {}},
        {"a line that goes on within a word", "[a]\npath = /a\\\nb\\ \t\n  c  d\n", {"a|/ab c d|0|1|1||1"}, {}},
        {"a section does not begin in a continued line", "[a]\npath = /a\n\\\n [b]\nguest ok = yes\n", {"a|/a|1|1|1||1"}, {}},
        {"lists keep their quotes", shared + "valid users = \"a b\" \"c\"\n", {"a|/a|0|1|1|\"a b\" \"c\"|1"}, {}},
        {"neither yes nor no", shared + "guest ok = maybe\n", {"a|/a|0|1|1||1"}, {"/etc/samba/smb.conf:3 malformed"}},
        {"no setting", shared + "guest ok\nguest ok = yes\n", {"a|/a|1|1|1||1"}, {}},
        {"a value without a name", shared + "= yes\n", {"a|/a|0|1|1||1"}, {"/etc/samba/smb.conf:3 malformed"}},
        {"a section without a name", "[]\npath = /a\n", {"|/a|0|1|1||1"}, {"/etc/samba/smb.conf:1 malformed"}},
        {"an open bracket", "[a\n", {}, {"/etc/samba/smb.conf:1 malformed"}},
        {"a copy of nothing", shared + "copy = b\n", {"a|/a|0|1|1||1"}, {"/etc/samba/smb.conf:3 malformed"}},
        {"a copy of what is not valid", "[b]\n-valid = no\n" + shared + "copy = b\n", {"a|/a|0|1|1||3"}, {"/etc/samba/smb.conf:5 malformed"}},
        {"a copy of itself, or of [global]", "copy = a\n" + shared + "copy = a\n", {"a|/a|0|1|1||2"}, {"/etc/samba/smb.conf:1 malformed", "/etc/samba/smb.conf:4 malformed"}},
        {"guests mapped in no known way", "map to guest = all\n" + shared, {"a|/a|0|1|1||2"}, {"/etc/samba/smb.conf:1 malformed"}},
        {"shares elsewhere", "include = registry\nconfig backend = registry\nregistry shares = yes\nconfig file = /x\ninclude = /etc/samba/%m.conf\n", {},
         {"/etc/samba/smb.conf:1 unsupported", "/etc/samba/smb.conf:2 unsupported", "/etc/samba/smb.conf:3 unsupported", "/etc/samba/smb.conf:4 unsupported", "/etc/samba/smb.conf:5 unsupported"}},
        {"a NUL byte", shared + std::string{"guest ok = yes\0\n", 16}, {"a|/a|0|1|1||1"}, {"/etc/samba/smb.conf:3 malformed"}},
        {"a line too long", shared + "guest ok = " + std::string(70'000, 'y') + "\n", {"a|/a|0|1|1||1"}, {"/etc/samba/smb.conf:3 over_limit"}},
        {"too long by going on", shared + [] {
             std::string text;
             for (int i = 0; i < 20; ++i) text += std::string(5'000, 'x') + "\\\n";
             return text;
         }() + "y\nguest ok = yes\n", {"a|/a|1|1|1||1"}, {"/etc/samba/smb.conf:3 over_limit"}},
        {"goes on into nothing", shared + "guest ok = yes \\", {"a|/a|1|1|1||1"}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file(kConf, c.text).parse(parse_smb_shares);
        EXPECT_EQ(columns("smb_shares", answer, {"share", "path", "guest_ok", "read_only", "browseable", "valid_users", "line"}), c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(SmbShares, StopAtTheLimitOfShares) {
    std::string conf;
    for (int i = 0; i <= 10'000; ++i) conf += fmt::format("[{}]\npath = /{}\n", i, i);
    const auto answer = Sources{}.file(kConf, conf + "[5]\nguest ok = yes\n").parse(parse_smb_shares);
    ASSERT_EQ(answer.rows.rows.size(), 10'000u);
    EXPECT_EQ(columns("smb_shares", answer, {"share", "path", "guest_ok"})[5], "5|/5|1");
    EXPECT_EQ(columns("smb_shares", answer, {"share", "path", "guest_ok"})[9'999], "9999|/9999|0");
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/samba/smb.conf:20001 over_limit"}));
}

TEST(SmbShares, TellWhatHoldsForAll) {
    const auto answer = Sources{}.file(kConf, "[global]\nmap to guest = BadUser\nmin protocol = NT1\n[a]\npath = /a\nmap to guest = never\n").parse(parse_smb_shares);
    EXPECT_EQ(columns("smb_shares", answer, {"map_to_guest", "min_protocol"}), (Strings{"bad user|nt1"}));
    const auto none = Sources{}.file(kConf, "[a]\npath = /a\n").parse(parse_smb_shares);
    EXPECT_EQ(columns("smb_shares", none, {"map_to_guest", "min_protocol"}), (Strings{"never|"}));
}

TEST(SmbShares, ReadIncludedFilesInTheirPlace) {
    const std::string conf = "[global]\ninclude = /etc/samba/g.conf\n[a]\npath = /a\ninclude = /etc/samba/a.conf\nread only = no\n";
    EXPECT_EQ(Sources{}.file(kConf, conf).parse(parse_smb_shares).wants, (Strings{"/etc/samba/g.conf", "/etc/samba/a.conf"}));
    const auto answer = Sources{}.file(kConf, conf).file("/etc/samba/g.conf", "guest ok = yes\n").file("/etc/samba/a.conf", "browseable = no\n[b]\npath = /b\n").parse(parse_smb_shares);
    EXPECT_EQ(columns("smb_shares", answer, {"share", "guest_ok", "read_only", "browseable", "file", "line"}),
              (Strings{"a|1|1|0|/etc/samba/smb.conf|3", "b|1|0|1|/etc/samba/a.conf|2"}));
    const auto itself = Sources{}.file(kConf, "include = /etc/samba/smb.conf\n[a]\npath = /a\n").parse(parse_smb_shares);
    EXPECT_EQ(columns("smb_shares", itself, {"share"}), (Strings{"a"}));
    EXPECT_EQ(gaps_of(itself), (Strings{"/etc/samba/smb.conf:1 over_limit"}));
}

}  // namespace
}  // namespace ward::facts
