// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"
#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using formats::testing::gzipped;
using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::string_view kOpenssl =
    "openssl (3.0.15-1) bookworm-security; urgency=high, binary-only=yes\n"
    "\n"
    "  * New upstream release. CVE-2024-5535, CVE-2024-5536 (Closes: #1).\n"
    "  * Again CVE-2024-0001.\n"
    "\n"
    " -- A Name <a@example.org>  Fri, 03 Apr 2026 14:29:32 +0200\n"
    "\n"
    "openssl (3.0.14-1) unstable; urgency=medium\n"
    "\n"
    "  * Nothing.\n"
    "\n"
    " -- A Name <a@example.org>  Thu, 02 Apr 2026 00:00:00 +0000\n"
    "\n"
    "openssl (3.0.13-1) unstable experimental; urgency=low\n"
    "\n"
    "  * Fix CVE-2024-0001\n"
    "    - CVE-2024-0002, and CVE-2024-0002 again\n"
    "\n"
    " -- A Name <a@example.org>  no date\n";

TEST(ChangelogFixes, TellsWhereACveWasNamedFirst) {
    const auto answer = Sources{}.bytes("/usr/share/doc/libssl3/changelog.Debian.gz", gzipped(kOpenssl)).parse(parse_changelog_fixes);
    EXPECT_EQ(columns("changelog_fixes", answer, {"source", "version", "cve", "date", "suite", "urgency", "line"}),
              (Strings{"openssl|3.0.13-1|CVE-2024-0001||unstable experimental|low|16", "openssl|3.0.13-1|CVE-2024-0002||unstable experimental|low|17",
                       "openssl|3.0.15-1|CVE-2024-5535|1775219372|bookworm-security|high|3", "openssl|3.0.15-1|CVE-2024-5536|1775219372|bookworm-security|high|3"}));
    EXPECT_EQ(columns("changelog_fixes", answer, {"file"})[0], "/usr/share/doc/libssl3/changelog.Debian.gz");
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(ChangelogFixes, KnowsACveByItsForm) {
    struct Case { std::string_view line; std::string_view want; };
    const Case cases[] = {
        {"  CVE-2024-0001", "CVE-2024-0001"}, {"  (CVE-2024-1234567)", "CVE-2024-1234567"}, {"  CVE-2024-0001-2", "CVE-2024-0001"}, {"  CVE-CVE-2024-0001", "CVE-2024-0001"},
        {"  CVE-2024-001", ""}, {"  CVE-20-00001", ""}, {"  CVE-2024", ""}, {"  CVE-2024-", ""}, {"  CVE-", ""}, {"  cve-2024-0001", ""}, {"  CVE-2024-1234567890123", ""}, {"  CVE-20244-0001", ""},
        {"", ""},
    };
    for (const auto& c : cases) {
        const auto answer = Sources{}.bytes("/d/changelog.gz", gzipped(fmt::format("p (1) x; urgency=low\n{}\n -- A <a@b>  Fri, 03 Apr 2026 14:29:32 +0200\n", c.line))).parse(parse_changelog_fixes);
        EXPECT_EQ(columns("changelog_fixes", answer, {"cve"}), c.want.empty() ? Strings{} : Strings{std::string{c.want}}) << c.line;
    }
}

TEST(ChangelogFixes, CountsNoFixThatWasTakenBack) {
    struct Case { const char* name; std::string_view later; std::string_view latest; Strings want; };
    const Case cases[] = {
        {"taken back", "  * Revert the fix of CVE-2024-0001", "", {}},
        {"on the next line", "  * Reverted the patches of the last upload:\n    CVE-2024-0001", "", {}},
        {"in any case", "  * REVERT CVE-2024-0001.patch", "", {}},
        {"another one", "  * Revert the fix of CVE-2024-0009", "", {"1|CVE-2024-0001"}},
        {"another item", "  * Revert a change.\n  * Again about CVE-2024-0001", "", {"1|CVE-2024-0001"}},
        {"an item of its own kind", "  * Revert a change.\n    - CVE-2024-0001 stays", "", {"1|CVE-2024-0001"}},
        {"mended again", "  * Revert the fix of CVE-2024-0001", "  * Fix CVE-2024-0001", {"3|CVE-2024-0001"}},
        {"a regression of it", "  * Fix CVE-2024-0001, reverting nothing", "", {"1|CVE-2024-0001"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto text = fmt::format("p (3) x; urgency=low\n{}\n\np (2) x; urgency=low\n{}\n\np (1) x; urgency=low\n  * Fix CVE-2024-0001\n", c.latest, c.later);
        const auto answer = Sources{}.bytes("/d/changelog.Debian.gz", gzipped(text)).parse(parse_changelog_fixes);
        EXPECT_EQ(columns("changelog_fixes", answer, {"version", "cve"}), c.want);
    }
}

TEST(ChangelogFixes, TakesWhatIsThere) {
    struct Case { const char* name; std::string_view text; Strings want; };
    const Case cases[] = {
        {"nothing", "", {}},
        {"no entry", "  * CVE-2024-0001\n", {}},
        {"no last line", "p (1) x; urgency=low\n  CVE-2024-0001", {"p|1||x"}},
        {"no urgency", "p (1) x;\n CVE-2024-0001\n", {"p|1||x"}},
        {"no version", "p () x;\n CVE-2024-0001\n", {"p|||x"}},
        {"no semicolon: no entry", "p (1) x\n CVE-2024-0001\n", {}},
        {"no brackets: no entry", "Changes; of p\n CVE-2024-0001\n", {}},
        {"a CVE in the first line is none of the entry's", "p (1) CVE-2024-0001; urgency=low\n", {}},
        {"a comment", "p (1) x;\n# CVE-2024-0001\n", {"p|1||x"}},
        {"CR LF", "p (1) x; urgency=low\r\n CVE-2024-0001\r\n", {"p|1||x"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.bytes("/d/changelog.Debian.gz", gzipped(c.text)).parse(parse_changelog_fixes);
        EXPECT_EQ(columns("changelog_fixes", answer, {"source", "version", "date", "suite"}), c.want);
    }
}

TEST(ChangelogFixes, ReadsEachChangelogOnceAndUpstreamsNot) {
    const auto of = [](const char* source, const char* cve) { return gzipped(fmt::format("{} (1) x; urgency=low\n  {}\n", source, cve)); };
    Sources sources;
    sources.bytes("/usr/share/doc/a/changelog.Debian.gz", of("a", "CVE-2024-0001"))
        .bytes("/usr/share/doc/a-dev/changelog.Debian.gz", of("a", "CVE-2024-0001"))          // the same again
        .bytes("/usr/share/doc/a/changelog.gz", of("upstream", "CVE-2024-0002"))              // beside Debian's
        .bytes("/usr/share/doc/native/changelog.gz", of("native", "CVE-2024-0003"))           // of a native package
        .bytes("/usr/share/doc/a-data/changelog.Debian.gz", of("b", "CVE-2024-0001"))
        .file("/usr/share/doc/plain/changelog.gz", "plain (1) x;\n CVE-2024-0004\n")
        .file("/usr/share/doc/empty/changelog.Debian.gz", "");
    const auto answer = sources.parse(parse_changelog_fixes);
    EXPECT_EQ(columns("changelog_fixes", answer, {"source", "cve", "file"}),
              (Strings{"a|CVE-2024-0001|/usr/share/doc/a/changelog.Debian.gz", "native|CVE-2024-0003|/usr/share/doc/native/changelog.gz",
                       "b|CVE-2024-0001|/usr/share/doc/a-data/changelog.Debian.gz"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(ChangelogFixes, SaysWhatItCouldNotRead) {
    const Buffer whole = gzipped(kOpenssl);
    const auto cut = Sources{}.bytes("/d/changelog.gz", Buffer{whole.begin(), whole.end() - 10}).parse(parse_changelog_fixes);
    ASSERT_FALSE(cut.rows.gaps.empty());
    EXPECT_EQ(cut.rows.gaps[0].where.path, "/d/changelog.gz");
    const auto bomb = Sources{}.bytes("/d/changelog.gz", formats::testing::gzip_of_zeros(65)).parse(parse_changelog_fixes);
    EXPECT_FALSE(bomb.rows.gaps.empty());
    std::string many;
    for (int i = 0; i < 100'010; ++i) many += "a (1) x;\n CVE-2024-0001\n";
    EXPECT_EQ(gaps_of(Sources{}.bytes("/d/changelog.gz", gzipped(many)).parse(parse_changelog_fixes)), Strings{"/d/changelog.gz:200001 over_limit"});
    std::string without;
    for (int i = 0; i < 100'010; ++i) without += "a (1) x;\n";
    EXPECT_EQ(gaps_of(Sources{}.bytes("/d/changelog.gz", gzipped(without)).parse(parse_changelog_fixes)), Strings{}) << "entries that name no CVE are not kept";
}

}  // namespace
}  // namespace ward::facts
