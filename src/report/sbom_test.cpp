// SPDX-License-Identifier: Apache-2.0
#include "report/sbom.h"

#include "core/json_read.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

namespace ward::report {
namespace {

using Kind = SbomComponent::Kind;

const std::string kHostile{"a\"\\\n\x1b[31m\0<b>\xff \xe2\x80\xae(x)", 20};

// One of everything, hostile texts included.
Sbom sample() {
    Sbom sbom;
    sbom.system = {"debian", "12", "bookworm"};
    sbom.system_name = "Debian GNU/Linux 12 (bookworm)";
    sbom.host = "web1";
    sbom.created = 1795514400;
    sbom.observed = 1795428000;
    sbom.ward = "0.1.0";

    SbomComponent library;
    library.keeper = "dpkg";
    library.name = "libssl3";
    library.version = "3.0.15-1~deb12u1";
    library.architecture = "amd64";
    library.source = "openssl";
    library.source_version = "3.0.15-1~deb12u1";
    library.section = "libs";
    library.status = "installed";
    library.maintainer = "Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>";
    library.summary = "Secure Sockets Layer toolkit - shared libraries";
    library.paths = {"/var/lib/dpkg/status"};
    SbomComponent again = library;  // the same in another database
    again.paths = {"/var/lib/dpkg/status.d/libssl3"};

    SbomComponent package;
    package.keeper = "rpm";
    package.name = "bind";
    package.version = "32:9.16-2.el9";
    package.architecture = "x86_64";
    package.status = "installed";
    package.vendor = "Example (Holding)";
    package.maintainer = "Build <build@example.org>";
    package.paths = {"/usr/lib/sysimage/rpm/rpmdb.sqlite"};

    SbomComponent module;
    module.kind = Kind::software;
    module.keeper = "npm";
    module.name = "@babel/core";
    module.version = "7.0.0";
    module.license = "MIT";
    module.brought_by = "node-babel7";
    module.paths = {"/srv/a/node_modules/@babel/core/package.json", "/srv/b/node_modules/@babel/core/package.json"};
    SbomComponent wanted = module;
    wanted.locked = true;
    wanted.license = "(MIT OR Apache-2.0)";
    wanted.brought_by.clear();
    wanted.paths = {"/srv/a/package-lock.json"};

    SbomComponent hostile;
    hostile.kind = Kind::software;
    hostile.keeper = "PyPI";
    hostile.name = kHostile;
    hostile.version = std::string(1500, '9');
    hostile.license = "whatever\nyou like";
    hostile.maintainer = kHostile + " <not an address>";
    hostile.summary = kHostile;
    hostile.paths = {"/tmp/" + kHostile};
    SbomComponent unknown = hostile;  // an ecosystem without package URLs
    unknown.keeper = "CPAN";
    unknown.version = "1";
    sbom.components = {library, again, package, module, wanted, hostile, unknown};
    sbom.gaps = {{{"/srv/" + kHostile, 3, {}}, Code::malformed, "is no JSON"}, {{}, Code::denied, "table software: only root sees it all"}};
    return sbom;
}

std::string read(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

TEST(Sbom, LooksAsTheGoldenFilesSay) {
    struct Case { SbomFormat format; const char* file; };
    for (const auto& c : {Case{SbomFormat::cyclonedx, "cyclonedx.json"}, Case{SbomFormat::spdx, "spdx.json"}}) {
        SCOPED_TRACE(c.file);
        const std::string got = render(sample(), c.format);
        const std::string path = std::string{"testdata/sbom/"} + c.file;
        if (std::getenv("WARD_BLESS") != nullptr) std::ofstream{path, std::ios::binary} << got;
        EXPECT_EQ(got, read(path));
        EXPECT_TRUE(read_json(got)) << "it is JSON, whatever names hold";
    }
}

std::string name_of(const std::string& document, const char* key) {
    const auto root = read_json(document);
    const auto* value = root ? root->find(key) : nullptr;
    return value != nullptr && value->text() != nullptr ? *value->text() : "";
}

TEST(Sbom, NamesEachDocumentByWhatItHolds) {
    for (const auto& [format, key] : {std::pair{SbomFormat::cyclonedx, "serialNumber"}, std::pair{SbomFormat::spdx, "documentNamespace"}}) {
        const std::string name = name_of(render(sample(), format), key);
        EXPECT_EQ(name.substr(0, 9), "urn:uuid:");
        EXPECT_EQ(name.size(), 9u + 36u);
        EXPECT_EQ(name.at(9 + 14), '5') << "a name-based UUID";
        EXPECT_EQ(name_of(render(sample(), format), key), name);
        Sbom other = sample();
        ++other.created;
        EXPECT_NE(name_of(render(other, format), key), name);
        other = sample();
        other.components.back().paths = {"/elsewhere"};
        EXPECT_NE(name_of(render(other, format), key), name);
    }
}

TEST(Sbom, SaysHowMuchItKnows) {
    Sbom sbom = sample();
    EXPECT_NE(render(sbom, SbomFormat::cyclonedx).find("\"aggregate\": \"incomplete\""), std::string::npos);
    EXPECT_NE(render(sbom, SbomFormat::spdx).find("Incomplete. Not read:"), std::string::npos);
    sbom.gaps.clear();
    for (const auto format : {SbomFormat::cyclonedx, SbomFormat::spdx}) {
        const std::string document = render(sbom, format);
        EXPECT_EQ(document.find("complete\""), std::string::npos) << "never complete: not all software is recorded";
        EXPECT_EQ(document.find("Not read"), std::string::npos);
        EXPECT_EQ(document.find("annotations"), std::string::npos);
    }
}

TEST(Sbom, TellsOfAHostOfWhichNothingIsKnown) {
    for (const auto format : {SbomFormat::cyclonedx, SbomFormat::spdx}) {
        const auto root = read_json(render({}, format));
        ASSERT_TRUE(root);
        const auto* packages = root->find(format == SbomFormat::spdx ? "packages" : "components");
        ASSERT_NE(packages, nullptr);
        EXPECT_EQ(packages->items().size(), format == SbomFormat::spdx ? 1u : 0u);
    }
}

TEST(Sbom, SaysOfEachFaultWhatSpeaksAgainstIt) {
    struct Case { const char* state; const char* want; const char* justification; };
    const Case cases[] = {
        {"affected", "in_triage", ""},
        {"fixed", "resolved", ""},
        {"not_running", "not_affected", "code_not_reachable"},
        {"not_affected", "not_affected", ""},
        {"withdrawn", "false_positive", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.state);
        Sbom sbom = sample();
        SbomFault fault;
        fault.id = "CVE-2024-5535";
        fault.advisory = "DEBIAN-CVE-2024-5535";
        fault.fixed_in = "3.0.15-1";
        fault.state = c.state;
        if (std::string_view{c.state} != "affected") fault.reason = kHostile;
        fault.components = {0, 1};
        sbom.faults = {fault};
        const auto document = read_json(render(sbom, SbomFormat::cyclonedx));
        ASSERT_TRUE(document.ok());
        const auto& faults = document->find("vulnerabilities")->items();
        ASSERT_EQ(faults.size(), 1U);
        const JsonNode& analysis = *faults[0].find("analysis");
        EXPECT_EQ(*analysis.find("state")->text(), c.want);
        EXPECT_EQ(analysis.find("justification") != nullptr ? *analysis.find("justification")->text() : "", c.justification);
        EXPECT_EQ(analysis.find("response") != nullptr, std::string_view{c.state} == "affected");
        EXPECT_EQ(faults[0].find("affects")->items().size(), 2U);
    }
    EXPECT_EQ(render(sample(), SbomFormat::cyclonedx).find("vulnerabilities"), std::string::npos);
}

TEST(Sbom, KnowsItsFormats) {
    EXPECT_EQ(sbom_format("cyclonedx"), SbomFormat::cyclonedx);
    EXPECT_EQ(sbom_format("spdx"), SbomFormat::spdx);
    EXPECT_EQ(sbom_format("SPDX"), std::nullopt);
    EXPECT_EQ(sbom_format("json"), std::nullopt);
}

TEST(Sbom, GivesEachOfManyItsOwnId) {
    Sbom sbom = sample();
    for (int i = 0; i < 10'000; ++i) {
        SbomComponent component = sbom.components.front();
        component.name = "package" + std::to_string(i % 9'000);
        sbom.components.push_back(std::move(component));
    }
    for (const auto& [format, list, key] : {std::tuple{SbomFormat::cyclonedx, "components", "bom-ref"}, std::tuple{SbomFormat::spdx, "packages", "SPDXID"}}) {
        const auto start = std::chrono::steady_clock::now();
        const std::string document = render(sbom, format);
        // 0.1 s here; a sanitized build is ten times as slow.
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
        const auto root = read_json(document);
        ASSERT_TRUE(root);
        std::set<std::string> ids;
        for (const auto& item : root->find(list)->items()) EXPECT_TRUE(ids.insert(*item.find(key)->text()).second) << *item.find(key)->text();
        EXPECT_GE(ids.size(), sbom.components.size());
    }
}

}  // namespace
}  // namespace ward::report
