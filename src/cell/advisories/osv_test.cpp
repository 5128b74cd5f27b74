// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/osv.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <string>
#include <vector>

namespace ward::advisories {
namespace {

Result<Advisory> read(std::string_view json) {
    const auto node = read_json(json);
    EXPECT_TRUE(node.ok()) << json.substr(0, 200);
    return node ? read_osv(*node) : Result<Advisory>{node.error()};
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
}

TEST(ReadOsv, TakesWhatMatters) {
    const auto advisory = read(R"({
        "schema_version": "1.6.0", "id": "GHSA-aaaa-bbbb-cccc", "summary": "  A hole\n", "details": "more",
        "modified": "2024-02-01T10:00:00.123456Z", "published": "2024-01-01T00:00:00Z", "withdrawn": "2024-03-01T00:00:00+01:00",
        "aliases": ["CVE-2024-0002", "PYSEC-2024-1", "CVE-2024-0001", "CVE-2024-0001"], "related": ["CVE-2024-9999"],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "references": [{"type": "WEB", "url": "https://example.org/web"}, {"type": "ADVISORY", "url": "https://example.org/advisory"}],
        "affected": [{"package": {"ecosystem": "PyPI", "name": "Zope._Interface"}, "versions": ["2", "1", "2"],
                      "ranges": [{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]},
                                 {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3"}, {"last_affected": "4"}, {"limit": "5"}]}]}]})");
    ASSERT_TRUE(advisory.ok()) << advisory.error().text;
    EXPECT_EQ(advisory->id, "GHSA-aaaa-bbbb-cccc");
    EXPECT_EQ(advisory->summary, "A hole");
    EXPECT_EQ(advisory->url, "https://example.org/advisory");
    EXPECT_EQ(joined(advisory->cves), "CVE-2024-0001 CVE-2024-0002");
    EXPECT_EQ(joined(advisory->aliases), "PYSEC-2024-1");
    EXPECT_EQ(advisory->vector, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    EXPECT_EQ(advisory->score, 9.8);
    EXPECT_EQ(advisory->level, Level::critical);
    EXPECT_EQ(advisory->published, 1'704'067'200);
    EXPECT_EQ(advisory->modified, 1'706'781'600);
    EXPECT_EQ(advisory->withdrawn, 1'709'247'600);
    ASSERT_EQ(advisory->affected.size(), 1U);
    const Affected& affected = advisory->affected[0];
    EXPECT_EQ(affected.name, "zope-interface");
    EXPECT_EQ(joined(affected.versions), "1 2");
    ASSERT_EQ(affected.ranges.size(), 1U);
    EXPECT_FALSE(affected.ranges[0].semver);
    EXPECT_EQ(affected.ranges[0].events, (std::vector<Event>{{Event::Kind::introduced, "0"}, {Event::Kind::fixed, "3"}, {Event::Kind::last_affected, "4"}, {Event::Kind::limit, "5"}}));
}

TEST(ReadOsv, RefusesWhatCannotBeUsed) {
    const auto with = [](std::string_view affected) { return fmt::format(R"({{"id": "A", "affected": [{}]}})", affected); };
    const auto range = [&](std::string_view inside) { return with(fmt::format(R"({{"package": {{"ecosystem": "npm", "name": "p"}}, "ranges": [{}]}})", inside)); };
    std::string many = R"({"introduced": "0"})";
    for (std::size_t i = 0; i < kMaxListed; ++i) many += R"(,{"fixed":"1"})";
    std::string most = R"({"introduced": "0"})";
    for (std::size_t i = 0; i < kMaxListed / 2; ++i) most += R"(,{"fixed":"1"})";
    std::string listed = "\"1\"";
    for (std::size_t i = 0; i < kMaxListed; ++i) listed += ",\"1\"";
    struct Case { const char* name; std::string json; std::string_view want; };
    const Case cases[] = {
        {"no object", "[]", "a record that is no object"},
        {"no id", "{}", "a record without an id"},
        {"an id that is no text", R"({"id": 1})", "a record without an id"},
        {"an empty id", R"({"id": ""})", "a record without an id"},
        {"an endless id", fmt::format(R"({{"id": "{}"}})", std::string(kMaxNameBytes + 1, 'x')), "a record without an id"},
        {"a control character in an id", R"({"id": "A\u001b[2J"})", "a record without an id"},
        {"an alias that is no text", R"({"id": "A", "aliases": [1]})", "a list of names with something else in it"},
        {"an alias of two lines", R"({"id": "A", "aliases": ["CVE-1\n"]})", "a list of names with something else in it"},
        {"no name", with(R"({"package": {"ecosystem": "npm"}})"), "a package without ecosystem or name"},
        {"no ecosystem", with(R"({"package": {"name": "p"}})"), "a package without ecosystem or name"},
        {"a NUL in a name", with(R"({"package": {"ecosystem": "npm", "name": "a\u0000"}})"), "a package without ecosystem or name"},
        {"an unknown type", range(R"({"type": "MOON", "events": [{"introduced": "0"}]})"), "a range of an unknown type"},
        {"no introduced", range(R"({"type": "SEMVER", "events": [{"fixed": "1"}]})"), "a range without `introduced`"},
        {"no events", range(R"({"type": "SEMVER"})"), "a range without `introduced`"},
        {"an unknown event", range(R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"mended": "1"}]})"), "an event of an unknown kind"},
        {"a fix that is a number", range(R"({"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": 1}]})"), "an event of an unknown kind"},
        {"an endless version", range(fmt::format(R"({{"type": "SEMVER", "events": [{{"introduced": "{}"}}]}})", std::string(kMaxNameBytes + 1, '1'))), "a version that is none"},
        {"too many events", range(fmt::format(R"({{"type": "SEMVER", "events": [{}]}})", many)), "a range of more than 100000 events"},
        {"too many events in two ranges",
         range(fmt::format(R"({{"type": "SEMVER", "events": [{0}]}}, {{"type": "SEMVER", "events": [{0}]}})", most)), "a package of more than 100000 events"},
        {"too many versions", with(fmt::format(R"({{"package": {{"ecosystem": "npm", "name": "p"}}, "versions": [{}]}})", listed)), "a list of more than 100000 names"},
        {"a version that is no text", with(R"({"package": {"ecosystem": "npm", "name": "p"}, "versions": [1]})"), "a list of names with something else in it"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto advisory = read(c.json);
        ASSERT_FALSE(advisory.ok());
        EXPECT_EQ(advisory.error().text, c.want);
    }
}

TEST(ReadOsv, LeavesOutWhatIsOfNoPackage) {
    struct Case { const char* name; std::string_view affected; std::size_t want; };
    const Case cases[] = {
        {"commits alone", R"({"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]})", 0},
        {"a package of commits alone", R"({"package": {"ecosystem": "OSS-Fuzz", "name": "p"}, "ranges": [{"type": "GIT", "events": [{"unknown": "0"}]}]})", 0},
        {"commits and tags", R"({"package": {"ecosystem": "OSS-Fuzz", "name": "p"}, "ranges": [{"type": "GIT", "events": []}], "versions": ["1"]})", 1},
        {"nothing of a package", R"({"package": {"ecosystem": "npm", "name": "p"}})", 0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto advisory = read(fmt::format(R"({{"id": "A", "affected": [{}]}})", c.affected));
        ASSERT_TRUE(advisory.ok()) << advisory.error().text;
        EXPECT_EQ(advisory->affected.size(), c.want);
    }
}

TEST(ReadOsv, FindsEverySeverity) {
    const std::string package = R"("package": {"ecosystem": "Debian:12", "name": "p"}, "versions": ["1"])";
    const std::string critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";  // 9.8
    const std::string medium = "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N";    // 6.1
    const std::string four = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    const auto severity = [](std::initializer_list<std::string> scores) {
        std::string all;
        for (const auto& score : scores) all += fmt::format(R"({}{{"type": "X", "score": "{}"}})", all.empty() ? "" : ", ", score);
        return fmt::format(R"("severity": [{}])", all);
    };
    struct Case { const char* name; std::string of_record, of_package; std::string_view want; };  // level, score, vector; the package's level
    const Case cases[] = {
        {"none", "", "", "- - - -"},
        {"a vector", severity({critical}), "", "critical 9.8 CVSS:3.1 -"},
        {"of version 2", severity({"AV:N/AC:L/Au:N/C:N/I:N/A:C"}), "", "high 7.8 AV:N/AC: -"},
        {"3 counts before 2", severity({"AV:N/AC:L/Au:N/C:N/I:N/A:C", critical}), "", "critical 9.8 CVSS:3.1 -"},
        {"in any order", severity({critical, "AV:N/AC:L/Au:N/C:N/I:N/A:C"}), "", "critical 9.8 CVSS:3.1 -"},
        {"a version to come is kept, not reckoned", severity({"CVSS:5.0" + four.substr(8)}), "", "- - CVSS:5.0 -"},
        {"4 counts before 3", severity({four, medium}), "", "critical 9.3 CVSS:4.0 -"},
        {"and behind it", severity({medium, four}), "", "critical 9.3 CVSS:4.0 -"},
        {"a word", severity({"High"}), "", "high - - -"},
        {"a score counts before a word", severity({"low", critical}), "", "critical 9.8 CVSS:3.1 -"},
        {"the database's", R"("database_specific": {"severity": "MODERATE"})", "", "medium - - -"},
        {"by the title", R"("summary": "Important: bind security update")", "", "high - - -"},
        {"a title of something else", R"("summary": "bind: low effort")", "", "- - - -"},
        {"Debian's urgency", "", R"("ecosystem_specific": {"urgency": "not yet assigned"})", "- - - -"},
        {"Debian's urgency, given", "", R"("ecosystem_specific": {"urgency": "medium**"})", "- - - medium"},
        {"of the package's database", "", R"("database_specific": {"severity": "Critical"})", "- - - critical"},
        {"a vector of the package", "", severity({medium}), "- - - medium"},
        {"a word of the package", severity({critical}), severity({"negligible"}), "critical 9.8 CVSS:3.1 low"},
        {"not a text", R"("severity": [{"score": 9.8}, 7], "database_specific": {"severity": 9})", "", "- - - -"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto advisory = read(fmt::format(R"({{"id": "A"{}{}, "affected": [{{{}{}{}}}]}})", c.of_record.empty() ? "" : ", ", c.of_record, package,
                                               c.of_package.empty() ? "" : ", ", c.of_package));
        ASSERT_TRUE(advisory.ok()) << advisory.error().text;
        const auto word = [](std::string_view text) { return text.empty() ? std::string{"-"} : std::string{text}; };
        EXPECT_EQ(fmt::format("{} {} {} {}", word(name_of(advisory->level)), advisory->score ? fmt::format("{:.1f}", *advisory->score) : "-",
                              word(advisory->vector.substr(0, 8)), word(name_of(advisory->affected.at(0).level))),
                  c.want);
    }
}

TEST(ReadOsv, FindsTheCvesOfAnyRecord) {
    struct Case { const char* name; std::string_view json; std::string_view cves, aliases; };
    const Case cases[] = {
        {"by its id", R"({"id": "CVE-2024-1234"})", "CVE-2024-1234", ""},
        {"as an alias", R"({"id": "A", "aliases": ["B", "CVE-2024-1234"]})", "CVE-2024-1234", "B"},
        {"as what it comes from", R"({"id": "DEBIAN-CVE-2024-1234", "upstream": ["CVE-2024-1234"]})", "CVE-2024-1234", ""},
        {"what an erratum mends", R"({"id": "ALSA-2024:1", "related": ["CVE-2024-1235", "CVE-2024-1234", "ALSA-2024:0"]})", "CVE-2024-1234 CVE-2024-1235", ""},
        {"what is only related to a CVE", R"({"id": "CVE-2024-1", "aliases": ["CVE-2024-1234"], "related": ["CVE-2024-1235"]})", "CVE-2024-1234", ""},
        {"none", R"({"id": "MAL-2024-1"})", "", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto advisory = read(c.json);
        ASSERT_TRUE(advisory.ok());
        EXPECT_EQ(joined(advisory->cves), c.cves);
        EXPECT_EQ(joined(advisory->aliases), c.aliases);
    }
}

TEST(ReadOsv, CutsTextsBetweenCharacters) {
    std::string euros;
    for (int i = 0; i < 200; ++i) euros += "\xe2\x82\xac";
    const auto long_summary = read(fmt::format(R"({{"id": "A", "summary": "a{}"}})", euros));
    ASSERT_TRUE(long_summary.ok());
    EXPECT_EQ(long_summary->summary, "a" + euros.substr(0, 297));
    const auto details = read(R"({"id": "A", "details": "\n first line \nsecond"})");
    ASSERT_TRUE(details.ok());
    EXPECT_EQ(details->summary, "first line");
    const auto url = read(R"({"id": "A", "references": [{"type": "WEB", "url": "javascript:x"}, {"type": "WEB", "url": "https://a\u001b[2J"}, {"type": "FIX", "url": "https://example.org"}]})");
    ASSERT_TRUE(url.ok());
    EXPECT_EQ(url->url, "https://example.org");
    EXPECT_EQ(shorten("\xe2\x82\xac", 2), "");
    EXPECT_EQ(shorten("\xe2\x82\xac", 3), "\xe2\x82\xac");
}

TEST(ParseTime, ReadsDaysAndTimes) {
    struct Case { std::string_view text; std::int64_t want; };
    const Case cases[] = {
        {"1970-01-01", 0}, {"1970-01-02", 86'400}, {"2025-07-01T19:42:01Z", 1'751'398'921}, {"2025-07-01t19:42:01.999z", 1'751'398'921},
        {"2025-07-01T19:42:01+02:00", 1'751'391'721}, {"2025-07-01T19:42:01-00:30", 1'751'400'721}, {"2025-07-01 19:42:01", 1'751'398'921}, {"2025-07-01T19:42", 1'751'328'000},
        {"9999-12-31T23:59:59Z", 253'402'300'799}, {"", 0}, {"2025-7-1", 0}, {"2025-02-30", 0}, {"2025-13-01", 0}, {"0001-01-01", 0}, {"1969-12-31", 0}, {"2025-07-01T25:00:00Z", 0},
        {"-025-07-01", 0}, {"2025-07-01T19:42:01+9", 1'751'398'921}, {"2025-07-01T19:42:01+25:00", 0}, {"12345-01-01", 0}, {"2016-12-31T23:59:60Z", 1'483'228'800},
    };
    for (const auto& c : cases) EXPECT_EQ(parse_time(c.text), c.want) << c.text;
}

TEST(IsCve, KnowsItsForm) {
    for (const char* yes : {"CVE-2024-3094", "CVE-1999-0001", "CVE-2024-1234567"}) EXPECT_TRUE(is_cve(yes)) << yes;
    for (const char* no : {"", "CVE-", "CVE-2024-309", "cve-2024-3094", "CVE-2024-3094 ", "CVE-20x4-3094", "CVE-2024-30 4", "CVE-2024-1234567890123456", "GHSA-2024-3094"}) EXPECT_FALSE(is_cve(no)) << no;
}

TEST(LevelOf, KnowsPublishersWords) {
    struct Case { std::string_view word; Level want; };
    const Case cases[] = {{"Critical", Level::critical}, {"IMPORTANT", Level::high}, {"Moderate", Level::medium}, {"low**", Level::low}, {"unimportant", Level::low},
                          {"", Level::none}, {"*", Level::none}, {"none", Level::none}, {"high ", Level::none}};
    for (const auto& c : cases) EXPECT_EQ(level_of(c.word), c.want) << c.word;
    EXPECT_EQ(level_of(9.0), Level::critical);
    EXPECT_EQ(level_of(8.9), Level::high);
    EXPECT_EQ(level_of(6.9), Level::medium);
    EXPECT_EQ(level_of(3.9), Level::low);
}

TEST(NormalName, IsTheEcosystems) {
    EXPECT_EQ(normal_name("PyPI", "Zope.-_Interface"), "zope-interface");
    EXPECT_EQ(normal_name("npm", "JSONStream"), "JSONStream");
    EXPECT_EQ(normal_name("NuGet", "Newtonsoft.Json"), "newtonsoft.json");
    EXPECT_EQ(normal_name("Packagist", "Vendor/Name"), "vendor/name");
    EXPECT_EQ(normal_name("Debian:12", "libA"), "libA");
    EXPECT_EQ(scheme_of("Debian:12"), "debian");
    EXPECT_EQ(scheme_of("Red Hat:enterprise_linux:9::baseos"), "rpm");
    EXPECT_EQ(scheme_of("Debianish:12"), "");
    EXPECT_EQ(scheme_of(""), "");
}

}  // namespace
}  // namespace ward::advisories
