// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/testing/database.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

#include <array>

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

}  // namespace
}  // namespace ward::facts
