// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

#include <limits>

namespace ward::facts {
namespace {

using testing::columns;
using testing::Sources;
using testing::Strings;

constexpr std::int64_t kNow = 1'750'000'000;
constexpr std::int64_t kDay = 86'400;
constexpr const char* kStatus = "/var/lib/dpkg/status";

using Cells = std::vector<Sources::Cell>;

// A fault of openssl's, with what the test wants to be different.
Sources& fault(Sources& sources, const char* cve, const Cells& other = {}) {
    Cells cells = {{"ecosystem", "Debian:12"}, {"manager", "dpkg"},  {"package", "openssl"}, {"packages", "libssl3 openssl"}, {"source", "openssl"}, {"version", "3.0.14-1"},
                   {"path", kStatus},          {"cve", cve},         {"advisory", "A-1"},    {"known_exploited", 0},          {"fixed_in", "3.0.15-1"}, {"state", "affected"},
                   {"severity", "medium"}};
    for (const auto& cell : other) {
        const auto known = std::find_if(cells.begin(), cells.end(), [&](const auto& had) { return had.column == cell.column; });
        if (known == cells.end()) cells.push_back(cell);
        else known->value = cell.value;
    }
    return sources.row("vulnerabilities", cells);
}

Sources& update(Sources& sources, const char* name, const char* security, const char* candidate, const char* installed = "3.0.14-1", const char* source = "openssl") {
    Cells cells = {{"name", name}, {"source", source}, {"installed_version", installed}, {"candidate_version", candidate}};
    if (*security != '\0') cells.emplace_back("security_version", security);
    return sources.row("package_updates", cells);
}

Strings fixes(const Sources& sources, const Strings& names) { return columns("fixes", sources.parse(parse_fixes), names); }

TEST(Fixes, PutsTogetherWhatOneInstallationMends) {
    Sources sources;
    fault(sources, "CVE-2024-0001", {{"cvss", 5.0}, {"epss", 0.1}});
    fault(sources, "CVE-2024-0002", {{"severity", "high"}, {"fixed_in", "3.0.16-1"}, {"cvss", 8.1}});
    fault(sources, "CVE-2024-0003", {{"severity", "low"}, {"known_exploited", 1}, {"ransomware", 1}});
    fault(sources, "CVE-2024-0004", {{"state", "fixed"}});
    fault(sources, "CVE-2024-0005", {{"state", "not_running"}});
    fault(sources, "CVE-2024-0006", {{"fixed_in", ""}});
    fault(sources, "CVE-2024-0001", {{"version", "3.0.9-1"}, {"packages", "libssl3-old"}});
    fault(sources, "", {{"manager", ""}, {"ecosystem", "PyPI"}, {"source", ""}, {"package", "flask"}, {"packages", "flask"}, {"path", "/opt/a"}, {"version", "1"}, {"fixed_in", "2"}});
    fault(sources, "", {{"manager", ""}, {"ecosystem", "PyPI"}, {"source", ""}, {"package", "flask"}, {"packages", "flask"}, {"path", "/opt/b"}, {"version", "1"}, {"fixed_in", "2"}});
    EXPECT_EQ(fixes(sources, {"manager", "ecosystem", "source", "packages", "path", "installed", "fixed_in", "cves", "cve_count", "exploited", "ransomware", "severity", "cvss", "epss"}),
              (Strings{"|PyPI|flask|flask|/opt/a|1|2|A-1|1||0|medium||", "|PyPI|flask|flask|/opt/b|1|2|A-1|1||0|medium||",
                       "dpkg|Debian:12|openssl|libssl3 libssl3-old openssl|/var/lib/dpkg/status|3.0.9-1|3.0.16-1|CVE-2024-0003 CVE-2024-0002 CVE-2024-0001|3|CVE-2024-0003|1|high|8.1|0.1"}));
    EXPECT_EQ(fixes(Sources{}, {"source"}), Strings{});
}

TEST(Fixes, CallsSeriousWhatTheRuleDoes) {
    struct Case { const char* name; Cells cells; const char* want; };
    const Case cases[] = {
        {"medium", {{"severity", "medium"}}, "0"},
        {"high", {{"severity", "high"}}, "1"},
        {"a score of 7", {{"severity", "low"}, {"cvss", 7.0}}, "1"},
        {"a score below", {{"severity", "low"}, {"cvss", 6.9}}, "0"},
        {"neither word nor score", {{"severity", ""}}, "1"},
        {"no word, but a score", {{"severity", ""}, {"cvss", 2.0}}, "0"},
        {"exploited", {{"severity", "low"}, {"known_exploited", 1}}, "1"},
        {"a word that nobody knows", {{"severity", "so-so"}}, "1"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        EXPECT_EQ(fixes(fault(sources, "CVE-2024-0001", c.cells), {"serious"}), Strings{c.want});
    }
}

TEST(Fixes, CountsTheDaysThatAreLeft) {
    struct Case { const char* name; std::int64_t fixed_on; std::string want; };
    const Case cases[] = {
        {"today", kNow, "14"},
        {"thirteen days ago", kNow - 13 * kDay, "1"},
        {"two weeks ago", kNow - 14 * kDay, "0"},
        {"late", kNow - 20 * kDay, "-6"},
        {"nobody tells", 0, ""},
        {"before there was time", -5, ""},
        {"as early as a number goes", std::numeric_limits<std::int64_t>::min(), ""},
        {"as late as a number goes", std::numeric_limits<std::int64_t>::max(), fmt::format("{}", 14 - (kNow - std::numeric_limits<std::int64_t>::max()) / kDay)},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        sources.at(kNow);
        EXPECT_EQ(fixes(fault(sources, "CVE-2024-0001", {{"fixed_on", c.fixed_on}}), {"days_left"}), Strings{c.want});
    }
    Sources sources;
    sources.at(kNow);
    fault(sources, "CVE-2024-0001", {{"fixed_on", kNow - kDay}});
    fault(sources, "CVE-2024-0002", {{"fixed_on", kNow - 3 * kDay}});
    fault(sources, "CVE-2024-0003");
    EXPECT_EQ(fixes(sources, {"days_left"}), Strings{"11"}) << "the earliest counts";
}

TEST(Fixes, CountsFromWhenAFixWasSeenFirst) {
    struct Case { const char* name; std::int64_t fixed_on, seen; int at_first_look; const char* want; };  // days ago, 0 for not known
    const Case cases[] = {
        {"seen between two looks", 0, 4, 0, "10"},
        {"the publisher's day is earlier", 20, 4, 0, "-6"},
        {"seen earlier than the publisher says", 2, 4, 0, "10"},
        {"there at the first look: nobody knows", 0, 4, 1, ""},
        {"there at the first look, and late by now", 0, 15, 1, "-1"},
        {"there at the first look, and the publisher says when", 9, 4, 1, "5"},
        {"never seen", 0, 0, 0, ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        sources.at(kNow);
        fault(sources, "CVE-2024-0001", c.fixed_on == 0 ? Cells{} : Cells{{"fixed_on", kNow - c.fixed_on * kDay}});
        if (c.seen != 0) sources.row("fixes_seen", {{"manager", "dpkg"}, {"source", "openssl"}, {"installed", "3.0.14-1"}, {"seen", kNow - c.seen * kDay}, {"at_first_look", c.at_first_look}});
        sources.row("fixes_seen", {{"manager", "dpkg"}, {"source", "openssl"}, {"installed", "3.0.13-1"}, {"seen", kNow - 40 * kDay}, {"at_first_look", 0}});
        EXPECT_EQ(fixes(sources, {"days_left"}), Strings{c.want});
    }
}

TEST(Fixes, HoldsAptsListsAgainstAdvisories) {
    struct Case { const char* name; const char* security; const char* candidate; const char* installed; const char* want; };  // fixed_in|on_offer
    const Case cases[] = {
        {"the fix is on offer", "3.0.15-1", "3.0.15-1", "3.0.14-1", "3.0.15-1|1"},
        {"a later one is", "3.0.16-1", "3.0.16-1", "3.0.14-1", "3.0.16-1|1"},
        {"an older fix is not this one", "3.0.14-2", "3.0.14-2", "3.0.14-1", "3.0.15-1|0"},
        {"no suite of security fixes has it, but another one", "", "3.0.15-1", "3.0.14-1", "3.0.15-1|1"},
        {"nothing is on offer that mends it", "", "3.0.14-2", "3.0.14-1", "3.0.15-1|0"},
        {"a version of the binary package's own", "2:1.5", "2:1.5", "2:1.4", "3.0.15-1|1"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Sources sources;
        fault(sources, "CVE-2024-0001");
        update(sources, "libssl3", c.security, c.candidate, c.installed);
        EXPECT_EQ(fixes(sources, {"fixed_in", "on_offer"}), Strings{c.want});
    }
    Sources alone;
    update(alone, "libssl3", "3.0.15-1", "3.0.15-1");
    update(alone, "openssl", "3.0.15-1", "3.0.15-1");
    update(alone, "bash", "", "6", "5", "bash");
    EXPECT_EQ(fixes(alone, {"manager", "ecosystem", "source", "packages", "installed", "fixed_in", "on_offer", "cves", "cve_count", "severity", "serious", "days_left"}),
              Strings{"dpkg||openssl|libssl3 openssl|3.0.14-1|3.0.15-1|1||0||1|"});
    Sources nobody;
    EXPECT_EQ(fixes(fault(nobody, "CVE-2024-0001"), {"on_offer"}), Strings{"0"});
    Sources rpm;
    EXPECT_EQ(fixes(fault(rpm, "CVE-2024-0001", {{"manager", "rpm"}, {"ecosystem", "AlmaLinux:9"}}), {"on_offer", "running"}), Strings{"|"});
}

TEST(Fixes, SaysWhatIsHeld) {
    for (const auto& [name, held, want] : {std::tuple{"libssl3", 1, "1"}, std::tuple{"libssl3", 0, "0"}, std::tuple{"other", 1, "0"}}) {
        Sources sources;
        fault(sources, "CVE-2024-0001").row("packages", {{"name", name}, {"held", held}});
        EXPECT_EQ(fixes(sources, {"held"}), Strings{want}) << name;
    }
    Sources software;
    fault(software, "CVE-2024-0001", {{"manager", ""}, {"source", ""}, {"ecosystem", "npm"}}).row("packages", {{"name", "libssl3"}, {"held", 1}});
    EXPECT_EQ(fixes(software, {"manager", "held"}), Strings{"|0"}) << "a library of the name of a package that is held";
}

TEST(Fixes, SaysWhatRunsAndWhoCanReachIt) {
    const auto running = [](Sources& sources, const char* package, int pid, const char* unit) { sources.row("process_packages", {{"package", package}, {"pid", pid}, {"unit", unit}}); };
    const auto socket = [](Sources& sources, int pid, int port, int exposed, int own) {
        sources.row("listening_sockets", {{"pid", pid}, {"protocol", "tcp"}, {"port", port}, {"exposed", exposed}, {"own_network", own}});
    };
    Sources sources;
    fault(sources, "CVE-2024-0001");
    running(sources, "libssl3:amd64", 7, "nginx.service");
    running(sources, "openssl", 8, "session-1.scope");
    running(sources, "libc6:amd64", 9, "other.service");
    socket(sources, 7, 443, 1, 1);
    socket(sources, 7, 80, 1, 1);
    socket(sources, 7, 81, 0, 1);
    socket(sources, 7, 82, 1, 0);
    socket(sources, 9, 83, 1, 1);
    EXPECT_EQ(fixes(sources, {"running", "exposed", "restarts"}), Strings{"1|tcp/443 tcp/80|nginx.service"});
    Sources idle;
    running(fault(idle, "CVE-2024-0001"), "bash", 1, "");
    EXPECT_EQ(fixes(idle, {"running", "exposed", "restarts"}), Strings{"0||"});
    Sources unseen;
    EXPECT_EQ(fixes(fault(unseen, "CVE-2024-0001"), {"running", "exposed", "restarts"}), Strings{"||"});
    Sources kernel;
    fault(kernel, "CVE-2024-0001", {{"packages", "linux-image-6.1.0-20-amd64"}, {"source", "linux"}});
    EXPECT_EQ(fixes(kernel, {"restarts"}), Strings{"the whole machine"});
}

}  // namespace
}  // namespace ward::facts
