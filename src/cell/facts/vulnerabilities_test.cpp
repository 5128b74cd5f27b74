// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/testing/database.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <tuple>

namespace ward::facts {
namespace {

using advisories::testing::database_of;
using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

constexpr std::int64_t kNow = 1'750'000'000;

// A record of one package with one range: from the beginning up to a fix, or without one.
std::string record(std::string_view id, std::string_view ecosystem, std::string_view package, std::string_view fixed = {}, std::string_view more = {}) {
    return fmt::format(R"({{"id": "{}", "affected": [{{"package": {{"ecosystem": "{}", "name": "{}"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}{}]}}]}}]{}{}}})",
                       id, ecosystem, package, fixed.empty() ? "" : fmt::format(R"(, {{"fixed": "{}"}})", fixed), more.empty() ? "" : ", ", more);
}

// Fetched today, with a catalogue: so that there are no gaps of age.
Buffer database(const std::vector<std::string>& records) {
    advisories::Builder builder;
    builder.begin_source({"osv", "OSV", {}, kNow});
    for (const auto& text : records) WARD_CHECK(builder.add(advisories::testing::advisory_of(text)).ok());
    WARD_CHECK(builder.add(advisories::KnownExploited{"CVE-2020-1000", "A hole", 1'600'000'000, 1'601'000'000, true}).ok());
    WARD_CHECK(builder.add(advisories::Exploitability{"CVE-2020-1000", 94'321, 99'900}).ok());
    return advisories::testing::finished(std::move(builder));
}

Sources host(const char* id, const char* version, const char* release = "") {
    Sources sources;
    sources.at(kNow).row("os_release", {{"id", id}, {"version_id", version}, {"release", *release == '\0' ? version : release}});
    return sources;
}

Sources& installed(Sources& sources, const char* manager, const char* name, const char* source, const char* version, const char* status = "installed") {
    return sources.row("packages", {{"manager", manager}, {"name", name}, {"source", source}, {"source_version", version}, {"version", version},
                                    {"status", status}, {"path", "/db"}});
}

Strings states(Sources& sources) { return columns("vulnerabilities", sources.parse(parse_vulnerabilities), {"packages", "version", "cve", "state"}); }

TEST(Vulnerabilities, HoldsTheKernelThatRunsAgainstAdvisories) {
    struct Case { const char* name; const char* id; std::string ecosystem; std::vector<std::array<const char*, 4>> packages; const char* running; Strings want; std::size_t gaps; };
    const std::vector<std::array<const char*, 4>> debian = {{"dpkg", "linux-image-6.1.0-20-amd64", "linux-signed-amd64", "6.1.85-1"},
                                                            {"dpkg", "linux-image-6.1.0-21-amd64", "linux-signed-amd64", "6.1.90-1"},
                                                            {"dpkg", "linux-image-amd64", "linux-signed-amd64", "6.1.90-1"},
                                                            {"dpkg", "linux-libc-dev", "linux", "6.1.94-1"}};
    const std::vector<std::array<const char*, 4>> ubuntu = {{"dpkg", "linux-image-5.15.0-91-generic", "linux-signed", "5.15.0-91.101"},
                                                            {"dpkg", "linux-modules-5.15.0-91-generic", "linux", "5.15.0-91.101"},
                                                            {"dpkg", "linux-image-generic-hwe-22.04", "linux-meta", "5.15.0-91.101"}};
    const Case cases[] = {
        {"the old one runs", "debian", "Debian:1", debian, "6.1.0-20-amd64",
         {"linux-image-6.1.0-20-amd64|6.1.85-1|CVE-2020-0001|affected", "linux-image-6.1.0-21-amd64 linux-image-amd64|6.1.90-1|CVE-2020-0001|not_running",
          "linux-libc-dev|6.1.94-1|CVE-2020-0001|not_running"}, 0},
        {"another one runs", "debian", "Debian:1", debian, "6.9.0-mine",
         {"linux-image-6.1.0-20-amd64|6.1.85-1|CVE-2020-0001|not_running", "linux-image-6.1.0-21-amd64 linux-image-amd64|6.1.90-1|CVE-2020-0001|not_running",
          "linux-libc-dev|6.1.94-1|CVE-2020-0001|not_running"}, 1},
        {"nobody knows what runs", "debian", "Debian:1", debian, "",
         {"linux-image-6.1.0-20-amd64|6.1.85-1|CVE-2020-0001|affected", "linux-image-6.1.0-21-amd64 linux-image-amd64|6.1.90-1|CVE-2020-0001|affected",
          "linux-libc-dev|6.1.94-1|CVE-2020-0001|not_running"}, 0},
        {"an empty package that names the newest is no kernel", "debian", "Debian:1", {{"dpkg", "linux-image-amd64", "linux-signed-amd64", "6.1.90-1"}}, "6.1.0-20-amd64",
         {"linux-image-amd64|6.1.90-1|CVE-2020-0001|not_running"}, 0},
        {"not signed", "debian", "Debian:1", {{"dpkg", "linux-image-unsigned-6.1.0-20-amd64", "linux", "6.1.85-1"}}, "6.1.0-20-amd64",
         {"linux-image-unsigned-6.1.0-20-amd64|6.1.85-1|CVE-2020-0001|affected"}, 0},
        {"Ubuntu's signed one is of linux", "ubuntu", "Ubuntu:1", ubuntu, "5.15.0-91-generic",
         {"linux-image-5.15.0-91-generic linux-modules-5.15.0-91-generic|5.15.0-91.101|CVE-2020-0001|affected"}, 0},
        {"Ubuntu's of another line", "ubuntu", "Ubuntu:1", {{"dpkg", "linux-image-6.5.0-14-generic", "linux-signed-hwe-6.5", "6.5.0-14.14"}}, "6.5.0-14-generic",
         {"linux-image-6.5.0-14-generic|6.5.0-14.14|CVE-2020-0002|affected"}, 0},
        {"rpm", "almalinux", "AlmaLinux:1", {{"rpm", "kernel-core", "kernel", "5.14.0-427.el9"}, {"rpm", "kernel-core", "kernel", "5.14.0-42.el9"}}, "5.14.0-427.el9.x86_64",
         {"kernel-core|5.14.0-42.el9|CVE-2020-0001|not_running", "kernel-core|5.14.0-427.el9|CVE-2020-0001|affected"}, 0},
        {"SUSE's release leaves out the last number", "opensuse-leap", "openSUSE:Leap 1", {{"rpm", "kernel-default", "kernel-default", "5.14.21-150500.55.52.1"}},
         "5.14.21-150500.55.52-default", {"kernel-default|5.14.21-150500.55.52.1|CVE-2020-0001|affected"}, 0},
        {"Alpine", "alpine", "Alpine:v1", {{"apk", "linux-lts", "linux-lts", "6.6.30-r0"}}, "6.6.30-0-lts", {"linux-lts|6.6.30-r0|CVE-2020-0001|affected"}, 0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::vector<std::string> records{record("DEBIAN-CVE-2020-9999", c.ecosystem, "other")};
        int number = 0;
        for (const char* name : {"linux", "linux-hwe-6.5", "kernel-core", "kernel-default", "linux-lts"})
            records.push_back(record(fmt::format("A-{}", ++number), c.ecosystem, name, "9999", fmt::format(R"("aliases": ["CVE-2020-000{}"])", name == std::string_view{"linux-hwe-6.5"} ? 2 : 1)));
        auto sources = host(c.id, "1");
        for (const auto& [manager, name, source, version] : c.packages) installed(sources, manager, name, source, version);
        if (*c.running != '\0') sources.row("kernel", {{"release", c.running}});
        sources.advisories(database(records));
        EXPECT_EQ(states(sources), c.want);
        EXPECT_EQ(gaps_of(sources.parse(parse_vulnerabilities)).size(), c.gaps);
    }
}

TEST(Vulnerabilities, DoesNotCallTheRunningKernelRemoved) {
    auto sources = host("debian", "12");
    installed(sources, "dpkg", "linux-image-6.1.0-20-amd64", "linux-signed-amd64", "6.1.85-1", "config-files");
    installed(sources, "dpkg", "linux-image-6.1.0-21-amd64", "linux-signed-amd64", "6.1.90-1");
    sources.row("kernel", {{"release", "6.1.0-20-amd64"}}).advisories(database({record("DEBIAN-CVE-2020-0001", "Debian:12", "linux", {}, R"("upstream": ["CVE-2020-0001"])")}));
    EXPECT_EQ(states(sources), (Strings{"linux-image-6.1.0-20-amd64|6.1.85-1|CVE-2020-0001|affected", "linux-image-6.1.0-21-amd64|6.1.90-1|CVE-2020-0001|not_running"}));
}

TEST(Vulnerabilities, SaysWhatSpeaksAgainstAFault) {
    auto sources = host("debian", "12");
    installed(sources, "dpkg", "libssl3", "openssl", "3.0.14-1");
    installed(sources, "dpkg", "openssl", "openssl", "3.0.14-1");
    installed(sources, "dpkg", "bash", "bash", "5.2-1", "config-files");
    installed(sources, "dpkg", "fine", "fine", "9");
    for (const auto& [cve, version] : {std::pair{"CVE-2024-0002", "3.0.13-1"}, std::pair{"CVE-2024-0003", "3.0.15-1"}, std::pair{"CVE-2024-0004", "3.0.1-1"}}) {
        sources.row("changelog_fixes", {{"source", "openssl"}, {"version", version}, {"cve", cve}, {"file", "/usr/share/doc/libssl3/changelog.Debian.gz"}, {"line", 7}});
    }
    sources.row("changelog_fixes", {{"source", "other"}, {"version", "1"}, {"cve", "CVE-2020-1000"}, {"file", "/f"}, {"line", 1}});
    const auto of = [](const char* cve, const char* package, const char* fixed, const char* more = R"("published": "2024-01-01")") {
        return record(fmt::format("DEBIAN-{}", cve), "Debian:12", package, fixed, fmt::format(R"("upstream": ["{}"], {})", cve, more));
    };
    sources.advisories(database({of("CVE-2020-1000", "openssl", "3.0.15-1"), of("CVE-2024-0002", "openssl", ""), of("CVE-2024-0003", "openssl", ""),
                                 of("CVE-2024-0004", "openssl", "", R"("withdrawn": "2024-01-01")"), of("CVE-2024-0005", "bash", ""), of("CVE-2024-0006", "fine", "9"),
                                 of("CVE-2024-0007", "libssl3", "")}));
    const auto answer = sources.parse(parse_vulnerabilities);
    EXPECT_EQ(columns("vulnerabilities", answer, {"package", "packages", "cve", "state", "reason", "file", "line"}),
              (Strings{"bash|bash|CVE-2024-0005|removed|the package is removed, only its configuration is left||",
                       "openssl|libssl3 openssl|CVE-2020-1000|affected|||",
                       "openssl|libssl3 openssl|CVE-2024-0002|fixed|the changelog says that 3.0.13-1 fixed it|/usr/share/doc/libssl3/changelog.Debian.gz|7",
                       "openssl|libssl3 openssl|CVE-2024-0003|affected|||",
                       "openssl|libssl3 openssl|CVE-2024-0004|withdrawn|the publisher has taken the advisory back||"}));
    EXPECT_EQ(columns("vulnerabilities", answer, {"advisory", "known_exploited", "exploited_since", "ransomware", "epss", "fixed_in", "fixed_on", "published", "knowledge"})[1],
              "DEBIAN-CVE-2020-1000|1|1600000000|1|0.94321|3.0.15-1||1704067200|osv");
    EXPECT_EQ(columns("vulnerabilities", answer, {"known_exploited", "exploited_since", "epss", "fixed_on"})[2], "0|||") << "no fix, so none came out";
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(Vulnerabilities, TakesOfSeveralAdvisoriesTheOneThatMendsAll) {
    struct Case { const char* name; std::vector<std::string> records; std::string_view want; };
    const auto of = [](const char* id, const char* fixed, const char* more = R"("modified": "2024-01-01")") {
        return record(id, "Debian:12", "p", fixed, fmt::format(R"("aliases": ["CVE-2024-0001"], {})", more));
    };
    const Case cases[] = {
        {"the later fix", {of("A", "2"), of("B", "3")}, "B|3|affected"},
        {"the later fix, told first", {of("A", "10"), of("B", "9")}, "A|10|affected"},
        {"what still stands", {of("A", "3", R"("withdrawn": "2024-01-01")"), of("B", "2")}, "B|2|affected"},
        {"what still stands, told first", {of("A", "2"), of("B", "3", R"("withdrawn": "2024-01-01")")}, "A|2|affected"},
        {"both taken back", {of("A", "2", R"("withdrawn": "2024-01-01")"), of("B", "3", R"("withdrawn": "2024-01-01")")}, "B|3|withdrawn"},
        {"one without a fix, the newer", {of("A", "2"), of("B", "", R"("modified": "2025-01-01")")}, "B||affected"},
        {"one without a fix, the older", {of("A", ""), of("B", "2", R"("modified": "2025-01-01")")}, "B|2|affected"},
        {"the tracker's name of the release", {of("A", "2"), record("B", "Debian:bookworm", "p", "3", R"("aliases": ["CVE-2024-0001"])")}, "B|3|affected"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        sources.at(kNow).row("os_release", {{"id", "debian"}, {"version_id", "12"}, {"codename", "bookworm"}});
        installed(sources, "dpkg", "p", "p", "1");
        sources.advisories(database(c.records));
        EXPECT_EQ(columns("vulnerabilities", sources.parse(parse_vulnerabilities), {"advisory", "fixed_in", "state"}), Strings{std::string{c.want}});
    }
}

TEST(Vulnerabilities, TellsEachCveOfAnErratumOrItsId) {
    auto sources = host("almalinux", "9.4", "9");
    installed(sources, "rpm", "bind-libs", "bind", "9.16-1.el9");
    sources.advisories(database({record("ALSA-2024:1", "AlmaLinux:9", "bind-libs", "9.16-2.el9", R"("summary": "Important: bind", "related": ["CVE-2024-0002", "CVE-2024-0001"])"),
                                 record("ALSA-2024:2", "AlmaLinux:9", "bind-libs", "9.16-3.el9"), record("ALSA-2024:3", "AlmaLinux:9", "bind", "9.16-3.el9")}));
    EXPECT_EQ(columns("vulnerabilities", sources.parse(parse_vulnerabilities), {"source", "cve", "advisory", "severity"}),
              (Strings{"bind||ALSA-2024:2|", "bind|CVE-2024-0001|ALSA-2024:1|high", "bind|CVE-2024-0002|ALSA-2024:1|high"}));
}

TEST(Vulnerabilities, LooksAtEveryEcosystemOfAName) {
    auto sources = host("rhel", "9.4", "9");
    installed(sources, "rpm", "bind", "bind", "1-1.el9");
    const std::vector<std::string> records = {
        record("R-1", "Red Hat:enterprise_linux:9::appstream", "bind", "2-1.el9"), record("R-2", "Red Hat:enterprise_linux:9::baseos", "bind", "2-1.el9"),
        record("R-3", "Red Hat:enterprise_linux:9", "bind", "2-1.el9"), record("R-4", "Red Hat:enterprise_linux:90::baseos", "bind", "2-1.el9"),
        record("R-5", "Red Hat:rhel_eus:9.4::baseos", "bind", "2-1.el9"), record("R-6", "Red Hat:rhel_eus:9.2::baseos", "bind", "2-1.el9"),
        record("R-7", "Red Hat:enterprise_linux:9::zzz", "other", "2-1.el9"),
    };
    sources.advisories(database(records));
    const auto answer = sources.parse(parse_vulnerabilities);
    EXPECT_EQ(columns("vulnerabilities", answer, {"advisory"}), (Strings{"R-1", "R-2", "R-3", "R-5"}));
    EXPECT_EQ(gaps_of(answer), Strings{});

    std::vector<std::string> many;
    for (int i = 0; i < 1100; ++i) many.push_back(record(fmt::format("R-{}", i), fmt::format("Red Hat:enterprise_linux:9::{:04}", i), "bind", "2-1.el9"));
    sources.advisories(database(many));
    const auto cut = sources.parse(parse_vulnerabilities);
    EXPECT_EQ(cut.rows.rows.size(), 1000U);
    EXPECT_EQ(gaps_of(cut), Strings{":0 over_limit"});
}

TEST(Vulnerabilities, TakesNoWildcardFromTheHost) {
    for (const char* odd : {"*", "12*", "1 2", "{codename}", "12:x", "\xff", "{version}"}) {
        Sources sources;
        sources.at(kNow).row("os_release", {{"id", "debian"}, {"version_id", odd}, {"codename", odd}});
        installed(sources, "dpkg", "p", "p", "1");
        sources.advisories(database({record("A", "Debian:12", "p")}));
        const auto answer = sources.parse(parse_vulnerabilities);
        EXPECT_EQ(answer.rows.rows.size(), 0U) << odd;
        EXPECT_EQ(gaps_of(answer), Strings{":0 unsupported"}) << odd;
    }
}

TEST(Vulnerabilities, JudgesSoftwareThatNoPackageBrought) {
    auto sources = host("debian", "12");
    installed(sources, "dpkg", "p", "p", "1");
    const auto software = [&](const char* ecosystem, const char* name, const char* version, const char* path, const char* package) {
        if (*package != '\0') sources.row("software", {{"ecosystem", ecosystem}, {"name", name}, {"version", version}, {"path", path}, {"package", package}});
        else sources.row("software", {{"ecosystem", ecosystem}, {"name", name}, {"version", version}, {"path", path}});
    };
    software("PyPI", "Flask", "1.0", "/opt/a/METADATA", "");
    software("PyPI", "Flask", "1.0", "/opt/a/METADATA", "");
    software("PyPI", "flask", "1.0", "/opt/b/METADATA", "");
    software("PyPI", "flask", "1.0", "/usr/lib/METADATA", "python3-flask");
    software("Go", "stdlib", "v1.20.0", "/opt/program", "");
    software("PyPI", "flask", "", "/opt/c/METADATA", "");
    software("Strange", "flask", "1", "/opt/d", "");
    sources.advisories(database({record("A-1", "Debian:12", "p", "2"), record("A-2", "PyPI", "FLASK", "2.0", R"("aliases": ["CVE-2024-0001"])"),
                                 R"({"id": "GO-1", "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.20.1"}]}]}]})"}));
    const auto answer = sources.parse(parse_vulnerabilities);
    EXPECT_EQ(columns("vulnerabilities", answer, {"ecosystem", "manager", "package", "packages", "source", "version", "path", "advisory", "fixed_in"}),
              (Strings{"Debian:12|dpkg|p|p|p|1|/db|A-1|2", "PyPI||flask|Flask||1.0|/opt/a/METADATA|A-2|2.0", "PyPI||flask|flask||1.0|/opt/b/METADATA|A-2|2.0",
                       "Go||stdlib|stdlib||v1.20.0|/opt/program|GO-1|1.20.1"}));
    EXPECT_EQ(gaps_of(answer), Strings{});
}

TEST(Vulnerabilities, SaysWhatItCannotTell) {
    const auto why = [](const wire::ParseAnswer& answer) {
        Strings all;
        for (const auto& gap : answer.rows.gaps) all.push_back(gap.why);
        return all;
    };
    EXPECT_EQ(why(Sources{}.parse(parse_vulnerabilities)), Strings{"no advisories are on this machine: `ward update` fetches them"});
    EXPECT_EQ(Sources{}.advisories({1, 2, 3}).parse(parse_vulnerabilities).rows.gaps.size(), 1U);

    const auto with = [&](Sources sources, const char* manager, Buffer bytes) {
        installed(sources, manager, "p", "p", "one!");
        sources.advisories(std::move(bytes));
        return why(sources.parse(parse_vulnerabilities));
    };
    const std::string debian = record("A", "Debian:12", "p", "2");
    EXPECT_EQ(with(host("debian", "12"), "dpkg", database({debian})), Strings{"version one! of p cannot be compared with those of A"});
    EXPECT_EQ(with(host("debian", "13"), "dpkg", database({debian})), Strings{"no source has advisories for Debian:13: `ward update --list` shows what there is"});
    EXPECT_EQ(with(host("plan9", "1"), "dpkg", database({debian})),
              (Strings{"no advisories are known for plan9"}));
    EXPECT_EQ(with(Sources{}, "dpkg", database({debian})), Strings{"no advisories are known for this system, which does not say what it is"});
    EXPECT_EQ(with(host("debian", "12"), "rpm", database({debian})), Strings{"no advisories are known for the packages of rpm on debian"});

    auto both = host("debian", "13");
    installed(both, "rpm", "p", "p", "1");
    installed(both, "dpkg", "p", "p", "1");
    both.advisories(database({debian}));
    EXPECT_EQ(why(both.parse(parse_vulnerabilities)), (Strings{"no advisories are known for the packages of rpm on debian",
                                                               "no source has advisories for Debian:13: `ward update --list` shows what there is"}));

    auto old = host("debian", "12");
    installed(old, "dpkg", "fine", "fine", "1");
    old.row("software", {{"ecosystem", "npm"}, {"name", "x"}, {"version", "1.0.0"}});
    advisories::Builder builder;
    builder.begin_source({"a", "Of long ago", {}, kNow - 9 * 86'400});
    builder.begin_source({"b", "Of today", {}, kNow});
    WARD_CHECK(builder.add(advisories::testing::advisory_of(debian)).ok());
    builder.begin_source({"c", "Of nobody knows when"});
    old.advisories(advisories::testing::finished(std::move(builder)));
    EXPECT_EQ(why(old.parse(parse_vulnerabilities)),
              (Strings{"Of long ago is 9 days old: `ward update` fetches it again", "nobody knows how old Of nobody knows when is: `ward update` fetches it again",
                       "no catalogue of known exploited vulnerabilities is here: `ward update` fetches it", "no source has advisories for npm: `ward update --list` shows what there is"}));

    auto kernel = host("debian", "12");
    installed(kernel, "dpkg", "linux-image-6.1.0-20-amd64", "linux-signed-amd64", "6.1.85-1");
    kernel.advisories(database({debian}));
    EXPECT_EQ(why(kernel.parse(parse_vulnerabilities)), Strings{"no source has advisories about the kernel of Debian:12"});
}

TEST(Vulnerabilities, GivesNoMarksWithoutACatalogue) {
    auto sources = host("debian", "12");
    installed(sources, "dpkg", "p", "p", "1");
    sources.advisories(database_of({record("A", "Debian:12", "p", "2", R"("aliases": ["CVE-2024-0001"])")}, {"osv", "OSV", {}, kNow}));
    EXPECT_EQ(columns("vulnerabilities", sources.parse(parse_vulnerabilities), {"known_exploited", "ransomware", "epss", "cvss", "severity"}), Strings{"||||"});
}

TEST(Vulnerabilities, NamesSusesProductsByServicePack) {
    struct Case { const char* version; const char* ecosystem; };
    const Case cases[] = {
        {"15.5", "SUSE:Linux Enterprise Module for Basesystem 15 SP5"}, {"15.4", "SUSE:Linux Enterprise Server 15 SP4-LTSS"}, {"12.5", "SUSE:Linux Enterprise Server 12 SP5"},
        {"15", "SUSE:Linux Enterprise Server 15"}, {"12.0", "SUSE:Linux Enterprise Server 12"}, {"16.0", "SUSE:Linux Enterprise Server 16.0"},
    };
    for (const auto& c : cases) {
        auto sources = host("sles", c.version);
        installed(sources, "rpm", "xz", "xz", "1-1");
        sources.advisories(database({record("A-1", c.ecosystem, "xz", "2-1", R"("aliases": ["CVE-2020-0001"])")}));
        EXPECT_EQ(states(sources), Strings{"xz|1-1|CVE-2020-0001|affected"}) << c.version;
    }
}

// Every distribution that we know, with all places filled.
TEST(Vulnerabilities, KnowsEachDistributionOfItsList) {
    const char* const source = std::getenv("WARD_SOURCE");
    std::ifstream file{std::string{source == nullptr ? "../../.." : source} + "/data/knowledge/ecosystems.toml"};
    const std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    const auto known = read_toml(text, "ecosystems.toml");
    ASSERT_TRUE(known.ok());
    std::size_t distributions = 0;
    for (const auto& node : known->find("distribution")->items) {
        const auto id = node.text("id");
        const auto names = node.text("names");
        const auto ecosystems = node.texts_or_none("ecosystems");
        ASSERT_TRUE(id && names && ecosystems && !ecosystems->empty());
        SCOPED_TRACE(*id);
        ++distributions;
        EXPECT_TRUE(*names == "source" || *names == "binary" || *names == "both") << *names;
        const bool by_source = *names != "binary";
        const bool by_binary = *names != "source";
        std::vector<std::string> records;
        for (std::string name : *ecosystems) {
            const auto scheme = advisories::scheme_of(name);
            ASSERT_FALSE(scheme.empty()) << name;
            EXPECT_EQ(scheme, advisories::scheme_of(ecosystems->front()));
            for (const auto& [mark, value] : {std::pair{"{version}", "1.2"}, std::pair{"{release}", "1"}, std::pair{"{codename}", "one"}, std::pair{"{service_pack}", "1 SP2"}}) {
                if (const auto at = name.find(mark); at != std::string::npos) name.replace(at, std::string_view{mark}.size(), value);
            }
            EXPECT_EQ(name.find_first_of("{}"), std::string::npos) << name;
            if (name.ends_with('*')) name.back() = 'x';
            for (const char* package : {"the-source", "the-binary"}) records.push_back(record(fmt::format("A-{}", records.size()), name, package, "9.1"));
        }
        Sources sources;
        sources.at(kNow).row("os_release", {{"id", *id}, {"version_id", "1.2"}, {"release", "1"}, {"codename", "one"}});
        const auto scheme = advisories::scheme_of(ecosystems->front());
        installed(sources, scheme == "debian" ? "dpkg" : scheme == "rpm" ? "rpm" : "apk", "the-binary", "the-source", "1.1");
        sources.advisories(database(records));
        const auto answer = sources.parse(parse_vulnerabilities);
        EXPECT_EQ(answer.rows.rows.size(), ecosystems->size() * (static_cast<std::size_t>(by_source) + static_cast<std::size_t>(by_binary)));
        EXPECT_EQ(gaps_of(answer), Strings{});
    }
    EXPECT_GE(distributions, 17U);
}

TEST(Advisories, TellsWhatIsSaidOfAPackage) {
    const auto bytes = database({R"({"id": "A-1", "summary": "S", "aliases": ["CVE-2020-1000", "CVE-2020-1001"], "affected": [{"package": {"ecosystem": "PyPI", "name": "a-b"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1"}, {"introduced": "2"}, {"last_affected": "3"}]}], "versions": ["9"]}]})",
                                 record("A-2", "Debian:12", "A_b")});
    const auto asked = [&](const char* name) {
        return columns("advisories", Sources{}.with("package", name).advisories(bytes).parse(parse_advisories), {"package", "ecosystem", "advisory", "cve", "affected", "known_exploited"});
    };
    EXPECT_EQ(asked("A_b"), (Strings{"A_b|Debian:12|A-2||all versions|0", "A_b|PyPI|A-1|CVE-2020-1000|before 1; from 2 up to 3, 9|1", "A_b|PyPI|A-1|CVE-2020-1001|before 1; from 2 up to 3, 9|0"}));
    EXPECT_EQ(asked("nothing"), Strings{});
    EXPECT_EQ(Sources{}.parse(parse_advisories).rows.gaps.size(), 1U);
}

TEST(Knowledge, TellsOfEachSource) {
    const auto bytes = database_of({record("A-2", "Debian:12", "p")}, {"osv", "OSV", "abcd", kNow - 2 * 86'400, 5, 0, 3});
    EXPECT_EQ(testing::lines_of(Sources{}.at(kNow).advisories(bytes).parse(parse_knowledge).rows), Strings{fmt::format("osv|OSV|{}|5|2|1|3|abcd", kNow - 2 * 86'400)});
    EXPECT_EQ(Sources{}.parse(parse_knowledge).rows, RowSet{});
    EXPECT_EQ(Sources{}.parse(parse_end_of_life).rows, RowSet{});
}

TEST(EndOfLife, IsOverByWordOrByDay) {
    advisories::Builder builder;
    builder.begin_source({"eol", "EOL"});
    for (const auto& [name, ends, over] : {std::tuple{"a", kNow - 1, false}, std::tuple{"b", kNow + 1, false}, std::tuple{"c", std::int64_t{0}, true}, std::tuple{"d", std::int64_t{0}, false}})
        WARD_CHECK(builder.add(advisories::LifeCycle{"nginx", name, "", 0, 0, ends, over}).ok());
    const auto answer = Sources{}.at(kNow).advisories(advisories::testing::finished(std::move(builder))).parse(parse_end_of_life);
    Strings over;
    for (const auto& row : answer.rows.rows) over.push_back(to_text(row[1]) + to_text(row.back()));
    EXPECT_EQ(over, (Strings{"a1", "b0", "c1", "d0"}));
}

// By the system that the claim's ecosystem is a part of; another ecosystem, another CVE, what was taken back and another version deny nothing.
TEST(Vulnerabilities, TakesAPublishersWordThatItIsNotAffected) {
    const auto denial = [](const char* ecosystem, const char* package, const char* cve, std::int64_t withdrawn = 0) {
        advisories::Advisory advisory;
        advisory.id = fmt::format("VEX-{}-{}", package, cve);
        advisory.cves = {cve};
        advisory.withdrawn = withdrawn;
        advisory.modified = advisories::parse_time("2024-01-01");
        advisories::Affected affected;
        affected.ecosystem = ecosystem;
        affected.name = package;
        affected.note = "component_not_present";
        affected.denied = true;
        affected.ranges = {{false, {{advisories::Event::Kind::introduced, "0"}, {advisories::Event::Kind::fixed, "5"}}}};
        advisory.affected = {affected};
        return advisory;
    };
    advisories::Builder builder;
    builder.begin_source({"osv", "OSV", {}, kNow});
    int number = 0;
    for (const char* package : {"xz", "bash", "zlib", "curl", "vim", "xz-libs"}) {
        ++number;
        const std::string text = record(fmt::format("A-{}", number), "Red Hat:enterprise_linux:9::baseos", package, "9", R"("aliases": ["CVE-2020-0001"])");
        WARD_CHECK(builder.add(advisories::testing::advisory_of(text)).ok());
    }
    // What came out before the denial, and what came out after it.
    for (const auto& [id, published] : {std::pair{"B-1", "2023-12-31"}, std::pair{"B-2", "2024-01-02"}}) {
        const std::string text = record(id, "Red Hat:enterprise_linux:9::baseos", id, "9", fmt::format(R"("aliases": ["CVE-2020-0001"], "published": "{}", "modified": "2025-01-01")", published));
        WARD_CHECK(builder.add(advisories::testing::advisory_of(text)).ok());
        WARD_CHECK(builder.add(denial("Red Hat:enterprise_linux:9", id, "CVE-2020-0001")).ok());
    }
    WARD_CHECK(builder.add(denial("Red Hat:enterprise_linux:9", "xz", "CVE-2020-0001")).ok());
    WARD_CHECK(builder.add(denial("Red Hat:enterprise_linux:9::appstream", "bash", "CVE-2020-0001")).ok());
    WARD_CHECK(builder.add(denial("Red Hat:enterprise_linux:9", "zlib", "CVE-2020-0002")).ok());
    WARD_CHECK(builder.add(denial("Red Hat:enterprise_linux:9", "curl", "CVE-2020-0001", 1)).ok());
    WARD_CHECK(builder.add(denial("Red Hat:enterprise_linux:9", "vim", "CVE-2020-0001")).ok());
    auto sources = host("rhel", "9.4", "9");
    for (const char* package : {"B-1", "B-2", "bash", "curl", "xz", "zlib"}) installed(sources, "rpm", package, package, "1-1");
    installed(sources, "rpm", "vim", "vim", "6-1");
    installed(sources, "rpm", "xz-libs", "xz", "1-1");
    sources.advisories(advisories::testing::finished(std::move(builder)));
    EXPECT_EQ(states(sources), (Strings{"B-1|1-1|CVE-2020-0001|not_affected", "B-2|1-1|CVE-2020-0001|affected", "bash|1-1|CVE-2020-0001|affected", "curl|1-1|CVE-2020-0001|affected", "vim|6-1|CVE-2020-0001|affected",
                                        "xz xz-libs|1-1|CVE-2020-0001|not_affected", "xz-libs|1-1|CVE-2020-0001|not_affected", "zlib|1-1|CVE-2020-0001|affected"}));
    EXPECT_EQ(columns("vulnerabilities", sources.parse(parse_vulnerabilities), {"reason"})[5],
              "VEX-xz-CVE-2020-0001 says that Red Hat:enterprise_linux:9 does not have it: component_not_present");
}

}  // namespace
}  // namespace ward::facts
