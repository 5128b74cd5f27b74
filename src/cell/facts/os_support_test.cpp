// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/dates.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr const char* kDebian = "/usr/share/distro-info/debian.csv";
constexpr const char* kUbuntu = "/usr/share/distro-info/ubuntu.csv";

std::string time_of(std::string_view day) { return std::to_string(parse_day(day).value()); }

// "trixie|released|ends|extended|path"; empty where the table has no such release.
std::string row_of(const wire::ParseAnswer& answer, std::string_view id, std::string_view version) {
    const std::string start = fmt::format("{}|{}|", id, version);
    const auto rows = columns("os_support", answer, {"id", "version_id", "codename", "released", "support_ends", "extended_ends", "path"});
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const std::string& row) { return row.starts_with(start); });
    return found == rows.end() ? std::string{} : found->substr(start.size());
}

TEST(OsSupport, TakesTheHostsWordForReleases) {
    const auto answer = Sources{}.file(kDebian, "version,codename,series,created,release,eol,eol-lts,eol-elts\n"
                                                "6.0,Squeeze,squeeze,2009-02-14,2011-02-06,2014-05-31,2016-02-29\n"
                                                "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-12,2028-07-01,2033-06-30\r\n"
                                                "13,Trixie,trixie,2023-06-10,2025-08-09\n"
                                                "\n"
                                                "77,Next,next,2027-08-01\n"
                                                ",Sid,sid,1993-08-16\n")
                                 .file(kUbuntu, "version,codename,series,created,release,eol,eol-server,eol-esm\n"
                                                "6.06 LTS,Dapper Drake,dapper,2005-10-13,2006-06-01,2009-07-14,2011-06-01\n"
                                                "24.04 LTS,Noble Numbat,noble,2023-10-12,2024-04-25,2029-05-31,2029-05-31,2034-04-25")
                                 .parse(parse_os_support);
    EXPECT_EQ(gaps_of(answer), Strings{});
    struct Case { const char* name; const char* id; const char* version; std::string want; };
    const Case cases[] = {
        {"the host's days", "debian", "12", fmt::format("bookworm|{}|{}|{}|{}", time_of("2023-06-10"), time_of("2026-07-12"), time_of("2028-07-01"), kDebian)},
        {"what it does not tell is as it was", "debian", "13", fmt::format("trixie|{}|{}|{}|{}", time_of("2025-08-09"), time_of("2028-08-09"), time_of("2030-06-30"), kDebian)},
        {"counted without the point", "debian", "6", fmt::format("squeeze|{}|{}|{}|{}", time_of("2011-02-06"), time_of("2014-05-31"), time_of("2016-02-29"), kDebian)},
        {"and not twice", "debian", "6.0", ""},
        {"one that is new to us", "debian", "77", fmt::format("next||||{}", kDebian)},
        {"one that the host does not name", "debian", "11", fmt::format("bullseye|{}|{}|{}|", time_of("2021-08-14"), time_of("2024-08-14"), time_of("2026-08-31"))},
        {"the server's end, where that is later", "ubuntu", "6.06", fmt::format("dapper|{}|{}||{}", time_of("2006-06-01"), time_of("2011-06-01"), kUbuntu)},
        {"what has to be bought does not count", "ubuntu", "24.04", fmt::format("noble|{}|{}||{}", time_of("2024-04-25"), time_of("2029-05-31"), kUbuntu)},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(row_of(answer, c.id, c.version), c.want);
    }
}

TEST(OsSupport, TellsWhichLinesAreBroken) {
    const auto answer = Sources{}.file(kDebian, "version,codename,series,created,release,eol\n"
                                                "70,A,a,2020-01-01,2021-01-01,2022-13-01\n"
                                                "71,A,a,2020-01-01,2021-01-01,2022-01-01,2023-01-01\n"
                                                "72x,A,a,2020-01-01,2021-01-01,2022-01-01\n"
                                                "73,A,a,2020-01-01,2021-01-01,2020-01-01\n"
                                                "74,A,a,2020-01-01,2021-01-01,2022-01-01\n"
                                                "74,A,a,2020-01-01,2021-01-01,2032-01-01\n"
                                                "75,A\n")
                                 .file(kUbuntu, "release;eol\n22.04;2099-01-01\n")
                                 .parse(parse_os_support);
    const std::string debian = kDebian;
    EXPECT_EQ(gaps_of(answer), (Strings{debian + ":2 malformed", debian + ":3 malformed", debian + ":4 malformed", debian + ":5 malformed", debian + ":7 malformed", debian + ":8 malformed",
                                        std::string{kUbuntu} + ":1 unsupported"}));
    for (const char* version : {"70", "71", "72x", "73", "75"}) EXPECT_EQ(row_of(answer, "debian", version), "") << version;
    EXPECT_EQ(row_of(answer, "debian", "74"), fmt::format("a|{}|{}||{}", time_of("2021-01-01"), time_of("2022-01-01"), kDebian));
    EXPECT_EQ(row_of(answer, "ubuntu", "22.04"), row_of(Sources{}.parse(parse_os_support), "ubuntu", "22.04"));
    // Empty, or not there.
    for (const auto& sources : {Sources{}.file(kDebian, "").parse(parse_os_support), Sources{}.state(kDebian, wire::SourceBytes::State::missing).parse(parse_os_support)}) {
        EXPECT_EQ(gaps_of(sources), Strings{});
        EXPECT_EQ(row_of(sources, "debian", "12"), row_of(Sources{}.parse(parse_os_support), "debian", "12"));
    }
}

}  // namespace
}  // namespace ward::facts
