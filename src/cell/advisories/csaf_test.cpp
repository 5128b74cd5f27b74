// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/csaf.h"

#include "cell/advisories/importer.h"
#include "cell/advisories/internal/product.h"
#include "cell/advisories/testing/database.h"
#include "cell/advisories/view.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ward::advisories {
namespace {

using Strings = std::vector<std::string>;

// "Red Hat:enterprise_linux:9::baseos xz [0, 5.2.5-8.el9_0)"; `!` stands before what is denied.
std::string line_of(const Affected& affected) {
    std::string line = (affected.denied ? "!" : "") + affected.ecosystem + " " + affected.name;
    for (const auto& range : affected.ranges) {
        for (std::size_t i = 0; i < range.events.size(); ++i) {
            const auto& event = range.events[i];
            switch (event.kind) {
                case Event::Kind::introduced: line += " [" + event.version; break;
                case Event::Kind::fixed: line += ", " + event.version + ")"; break;
                case Event::Kind::last_affected: line += ", " + event.version + "]"; break;
                case Event::Kind::limit: line += " ?"; break;
            }
        }
    }
    for (const auto& version : affected.versions) line += " =" + version;
    if (affected.level != Level::none) line += fmt::format(" {}", name_of(affected.level));
    if (!affected.note.empty()) line += " (" + affected.note + ")";
    return line;
}

Strings lines_of(const Result<CsafDocument>& document) {
    if (!document) return {document.error().text};
    Strings lines;
    for (const auto& advisory : document->advisories) {
        for (const auto& affected : advisory.affected) lines.push_back(line_of(affected));
    }
    return lines;
}

std::string replaced(std::string text) {
    for (char& c : text) {
        if (c == '\'') c = '"';
    }
    return text;
}

// In the shape of Red Hat's files: systems by CPE, packages by URL, and each package on each system as a relationship. Quotes are single.
std::string red_hat(std::string_view statuses, std::string_view more = {}, std::string_view id = "RHSA-2024:1") {
    return replaced(fmt::format(R"({{'document': {{'category': 'csaf_security_advisory', 'csaf_version': '2.0', 'title': 'Red Hat Security Advisory: xz',
      'aggregate_severity': {{'text': 'Important'}}, 'publisher': {{'name': 'Red Hat Product Security', 'namespace': 'https://www.redhat.com'}},
      'references': [{{'category': 'self', 'url': 'https://access.example/{0}.json'}}, {{'category': 'self', 'url': 'https://access.example/errata/{0}'}}],
      'tracking': {{'id': '{0}', 'initial_release_date': '2024-01-02T00:00:00+00:00', 'current_release_date': '2024-03-04T00:00:00Z'}}}},
    'product_tree': {{'branches': [{{'category': 'vendor', 'name': 'Red Hat', 'branches': [
        {{'category': 'product_family', 'name': 'Red Hat Enterprise Linux', 'branches': [
          {{'category': 'product_name', 'name': 'BaseOS (v. 9)', 'product': {{'name': 'BaseOS (v. 9)', 'product_id': 'B9',
            'product_identification_helper': {{'cpe': 'cpe:/o:redhat:enterprise_linux:9::baseos'}}}}}},
          {{'category': 'product_name', 'name': 'RHEL 9', 'product': {{'name': 'RHEL 9', 'product_id': 'R9',
            'product_identification_helper': {{'cpe': 'cpe:/o:redhat:enterprise_linux:9'}}}}}}]}},
        {{'category': 'architecture', 'name': 'x86_64', 'branches': [
          {{'category': 'product_version', 'name': 'xz-0:5.2.5-8.el9_0.x86_64', 'product': {{'name': 'xz', 'product_id': 'xz-8',
            'product_identification_helper': {{'purl': 'pkg:rpm/redhat/xz@5.2.5-8.el9_0?arch=x86_64'}}}}}},
          {{'category': 'product_version', 'name': 'xz-0:5.2.5-8.el9_0.src', 'product': {{'name': 'xz', 'product_id': 'xz-8s',
            'product_identification_helper': {{'purl': 'pkg:rpm/redhat/xz@5.2.5-8.el9_0?arch=src'}}}}}},
          {{'category': 'product_version', 'name': 'bind-32:9.16.23-1.el9.x86_64', 'product': {{'name': 'bind', 'product_id': 'bind-1',
            'product_identification_helper': {{'purl': 'pkg:rpm/redhat/bind@9.16.23-1.el9?arch=x86_64&epoch=32'}}}}}},
          {{'category': 'product_version', 'name': 'xz', 'product': {{'name': 'xz', 'product_id': 'xz'}}}},
          {{'category': 'product_version', 'name': 'nodejs-1', 'product': {{'name': 'n', 'product_id': 'node16',
            'product_identification_helper': {{'purl': 'pkg:rpm/redhat/nodejs@16.20.2-3.module%2Bel9.2?arch=x86_64&epoch=1'}}}}}},
          {{'category': 'product_version', 'name': 'nodejs-2', 'product': {{'name': 'n', 'product_id': 'node18',
            'product_identification_helper': {{'purl': 'pkg:rpm/redhat/nodejs@18.17.1-1.module%2Bel9.2?arch=x86_64&epoch=1'}}}}}},
          {{'category': 'product_version', 'name': 'nodejs:18', 'product': {{'name': 'm', 'product_id': 'nodejs:18',
            'product_identification_helper': {{'purl': 'pkg:rpmmod/redhat/nodejs@18'}}}}}},
          {{'category': 'product_version', 'name': 'k', 'product': {{'name': 'k', 'product_id': 'kernel-284', 'product_identification_helper': {{'purl': 'pkg:rpm/redhat/kernel@5.14.0-284.30.1.el9_2'}}}}}},
          {{'category': 'product_version', 'name': 'k', 'product': {{'name': 'k', 'product_id': 'kernel-285', 'product_identification_helper': {{'purl': 'pkg:rpm/redhat/kernel@5.14.0-285.1.1.el9_2'}}}}}},
          {{'category': 'product_version', 'name': 'k', 'product': {{'name': 'k', 'product_id': 'kernel-427', 'product_identification_helper': {{'purl': 'pkg:rpm/redhat/kernel@5.14.0-427.13.1.el9_4'}}}}}},
          {{'category': 'product_version', 'name': 'x', 'product': {{'name': 'x', 'product_id': 'xz-9', 'product_identification_helper': {{'purl': 'pkg:rpm/redhat/xz@5.2.5-9.el9_1'}}}}}},
          {{'category': 'product_version', 'name': 'm', 'product': {{'name': 'm', 'product_id': 'm18', 'product_identification_helper': {{'purl': 'pkg:rpm/redhat/nodejs?arch=src&rpmmod=nodejs:18'}}}}}},
          {{'category': 'product_version', 'name': 'nodejs:18/nodejs', 'product': {{'name': 'm', 'product_id': 'nodejs:18/nodejs', 'product_identification_helper': {{'purl': 'pkg:rpm/redhat/nodejs'}}}}}},
          {{'category': 'product_version', 'name': 'image', 'product': {{'name': 'i', 'product_id': 'image',
            'product_identification_helper': {{'purl': 'pkg:oci/toolbox?tag=1'}}}}}},
          {{'category': 'product_version', 'name': 'lodash', 'product': {{'name': 'l', 'product_id': 'lodash',
            'product_identification_helper': {{'purl': 'pkg:npm/lodash@4.17.20'}}}}}}]}}]}}],
      'relationships': [{1}]}},
    'vulnerabilities': [{2}{3}]}})",
                                id,
                                [] {
                                    std::string list;
                                    for (const auto& [part, whole] : std::vector<std::pair<std::string, std::string>>{
                                             {"xz-8", "B9"}, {"xz-8s", "B9"}, {"bind-1", "B9"}, {"xz", "R9"}, {"node16", "B9"}, {"nodejs:18", "B9"}, {"node18", "B9:nodejs:18"}, {"image", "B9"}, {"kernel-284", "B9"}, {"kernel-285", "B9"}, {"kernel-427", "B9"}, {"xz-9", "B9"}, {"m18", "R9"}, {"nodejs:18/nodejs", "R9"}, {"lodash", "B9"}}) {
                                        list += fmt::format("{}{{'category': 'default_component_of', 'full_product_name': {{'name': 'n', 'product_id': '{}:{}'}}, 'product_reference': '{}', 'relates_to_product_reference': '{}'}}",
                                                            list.empty() ? "" : ", ", whole, part, part, whole);
                                    }
                                    return list;
                                }(),
                                statuses, more));
}

std::string vulnerability(std::string_view statuses, std::string_view more = {}, std::string_view cve = "CVE-2024-1000") {
    return fmt::format("{{'cve': '{}', 'product_status': {{{}}}{}{}}}", cve, statuses, more.empty() ? "" : ", ", more);
}

TEST(Csaf, ReadsWhatIsSaidOfPackagesOnSystems) {
    struct Case { const char* name; std::string vulnerabilities; Strings want; };
    const Case cases[] = {
        {"a fix: all before it are affected", vulnerability("'fixed': ['B9:xz-8', 'B9:xz-8s']"), {"Red Hat:enterprise_linux:9::baseos xz [0, 5.2.5-8.el9_0)"}},
        {"an epoch", vulnerability("'fixed': ['B9:bind-1']"), {"Red Hat:enterprise_linux:9::baseos bind [0, 32:9.16.23-1.el9)"}},
        {"no fix: all versions", vulnerability("'known_affected': ['R9:xz']"), {"Red Hat:enterprise_linux:9 xz [0"}},
        {"and why there is none", vulnerability("'known_affected': ['R9:xz']", "'remediations': [{'category': 'no_fix_planned', 'details': 'Will not fix', 'product_ids': ['R9:xz']}]"),
         {"Red Hat:enterprise_linux:9 xz [0 (no_fix_planned: Will not fix)"}},
        {"a fix counts before known_affected", vulnerability("'fixed': ['B9:xz-8'], 'known_affected': ['B9:xz-8s']"), {"Red Hat:enterprise_linux:9::baseos xz [0, 5.2.5-8.el9_0)"}},
        {"not affected", vulnerability("'known_not_affected': ['R9:xz']", "'flags': [{'label': 'vulnerable_code_not_present', 'product_ids': ['R9:xz']}]"),
         {"!Red Hat:enterprise_linux:9 xz [0 (vulnerable_code_not_present)"}},
        {"of a version only that one is not", vulnerability("'known_not_affected': ['B9:xz-8']"), {"!Red Hat:enterprise_linux:9::baseos xz =5.2.5-8.el9_0"}},
        {"what is looked into says nothing", vulnerability("'under_investigation': ['R9:xz']"), {}},
        {"the publisher's word for the product", vulnerability("'known_affected': ['R9:xz']", "'threats': [{'category': 'impact', 'details': 'Moderate', 'product_ids': ['R9:xz']}, {'category': 'exploit_status', 'details': 'critical', 'product_ids': ['R9:xz']}]"),
         {"Red Hat:enterprise_linux:9 xz [0 medium"}},
        {"each line of modules has its fix, one of them by way of the module", vulnerability("'fixed': ['B9:node16', 'B9:nodejs:18:node18']"), {"Red Hat:enterprise_linux:9::baseos nodejs [0, 1:16.20.2-3.module+el9.2) [1:18, 1:18.17.1-1.module+el9.2)"}},
        {"each line of builds has its fix", vulnerability("'fixed': ['B9:kernel-427', 'B9:kernel-284', 'B9:kernel-285']"),
         {"Red Hat:enterprise_linux:9::baseos kernel [0, 5.14.0-284.30.1.el9_2) [5.14.0-285, 5.14.0-285.1.1.el9_2) [5.14.0-427, 5.14.0-427.13.1.el9_4)"}},
        {"later builds of a version have the fix of the first", vulnerability("'fixed': ['B9:xz-8', 'B9:xz-9']"), {"Red Hat:enterprise_linux:9::baseos xz [0, 5.2.5-8.el9_0)"}},
        {"all versions of a module's stream are nothing that can be told", vulnerability("'known_affected': ['R9:nodejs:18/nodejs', 'R9:m18'], 'known_not_affected': ['R9:nodejs:18/nodejs']"), {}},
        {"images, and what is in them, are no packages here", vulnerability("'known_affected': ['B9:image', 'B9:lodash']"), {}},
        {"a system is no package", vulnerability("'known_affected': ['R9']"), {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(lines_of(read_csaf(red_hat(c.vulnerabilities))), c.want);
    }
    // The relationship's id of a package of a module is made from both.
    const auto modules = read_csaf(red_hat(vulnerability("'fixed': ['B9:node16', 'B9:nodejs:18:node18']")));
    ASSERT_TRUE(modules.ok());
    EXPECT_EQ(modules->unknown_products, 0U);
}

TEST(Csaf, TellsWhatTheDocumentIs) {
    const auto document = read_csaf(red_hat(vulnerability("'fixed': ['B9:xz-8']", "'scores': [{'products': ['B9:xz-8'], 'cvss_v3': {'baseScore': 9.8, 'vectorString': 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'version': '3.1'}}]"
        ", 'remediations': [{'category': 'vendor_fix', 'date': '2024-02-03T00:00:00Z', 'product_ids': ['B9:xz-8']}], 'ids': [{'system_name': 'Bugzilla', 'text': '17'}, {'system_name': 'GitHub', 'text': 'GHSA-1'}]")));
    ASSERT_TRUE(document.ok());
    ASSERT_EQ(document->advisories.size(), 1U);
    const Advisory& advisory = document->advisories[0];
    EXPECT_EQ(advisory.id, "RHSA-2024:1");
    EXPECT_EQ(advisory.summary, "Red Hat Security Advisory: xz");
    EXPECT_EQ(advisory.url, "https://access.example/errata/RHSA-2024:1");
    EXPECT_EQ(advisory.cves, (Strings{"CVE-2024-1000"}));
    EXPECT_EQ(advisory.aliases, (Strings{"GHSA-1"}));
    EXPECT_EQ(advisory.score, 9.8);
    EXPECT_EQ(advisory.vector, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    EXPECT_EQ(advisory.level, Level::critical);
    EXPECT_EQ(advisory.published, parse_time("2024-01-02"));
    EXPECT_EQ(advisory.modified, parse_time("2024-03-04"));
    EXPECT_EQ(advisory.affected[0].fixed_on, parse_time("2024-02-03"));
    // Its CVE is the id of many publishers' documents.
    const auto vex = read_csaf(red_hat(vulnerability("'fixed': ['B9:xz-8']"), {}, "CVE-2024-1000"));
    ASSERT_TRUE(vex.ok());
    EXPECT_EQ(vex->advisories[0].id, "REDHAT-CVE-2024-1000");
    EXPECT_EQ(vex->advisories[0].level, Level::high);  // of the document
}

TEST(Csaf, PutsVulnerabilitiesOfTheSamePackagesTogether) {
    const auto same = read_csaf(red_hat(vulnerability("'fixed': ['B9:xz-8']", "'threats': [{'category': 'impact', 'details': 'Low', 'product_ids': ['B9:xz-8']}]") + ", " +
                                        vulnerability("'fixed': ['B9:xz-8s']", "'threats': [{'category': 'impact', 'details': 'Critical', 'product_ids': ['B9:xz-8s']}]", "CVE-2024-0999")));
    ASSERT_TRUE(same.ok());
    ASSERT_EQ(same->advisories.size(), 1U);
    EXPECT_EQ(same->advisories[0].id, "RHSA-2024:1");
    EXPECT_EQ(same->advisories[0].cves, (Strings{"CVE-2024-0999", "CVE-2024-1000"}));
    EXPECT_EQ(same->advisories[0].affected[0].level, Level::critical);
    const auto other = read_csaf(red_hat(vulnerability("'fixed': ['B9:xz-8']") + ", " + vulnerability("'fixed': ['B9:bind-1']", {}, "CVE-2024-2000")));
    ASSERT_TRUE(other.ok());
    ASSERT_EQ(other->advisories.size(), 2U);
    EXPECT_EQ(other->advisories[0].id, "RHSA-2024:1/CVE-2024-1000");
    EXPECT_EQ(other->advisories[1].id, "RHSA-2024:1/CVE-2024-2000");
}

// A document about products by full name, each with this identification; the statuses name them p0, p1, ...
std::string plain(const std::vector<std::string>& helpers, std::string_view statuses, std::string_view more = {}) {
    std::string names;
    for (std::size_t i = 0; i < helpers.size(); ++i) {
        names += fmt::format("{}{{'name': 'n', 'product_id': 'p{}', 'product_identification_helper': {{{}}}}}", i == 0 ? "" : ", ", i, helpers[i]);
    }
    return replaced(fmt::format("{{'document': {{'csaf_version': '2.1', 'tracking': {{'id': 'V-1'}}}}, 'product_tree': {{'full_product_names': [{}]{}}}, 'vulnerabilities': [{{'cve': 'CVE-2024-1', 'product_status': {{{}}}}}]}}",
                                names, more, statuses));
}

std::string url(std::string_view purl) { return fmt::format("'purl': '{}'", purl); }

TEST(Csaf, ReadsVersionsOfLanguagesPackages) {
    struct Case { const char* name; std::vector<std::string> helpers; std::string_view statuses; Strings want; };
    const Case cases[] = {
        {"each is named", {url("pkg:npm/%40a/b@1.0.0"), url("pkg:npm/@a/b@1.0.1")}, "'known_affected': ['p0', 'p1']", {"npm @a/b =1.0.0 =1.0.1"}},
        {"up to the fix", {url("pkg:npm/b@1.2.0"), url("pkg:npm/b@1.2.9")}, "'known_affected': ['p0'], 'fixed': ['p1']", {"npm b [1.2.0, 1.2.9) =1.2.0"}},
        {"each line has its fix", {url("pkg:npm/b@1.2.9"), url("pkg:npm/b@2.0.4"), url("pkg:npm/b@2.1.0")}, "'fixed': ['p0', 'p1', 'p2']", {"npm b [0, 1.2.9) [2.0.0, 2.0.4) [2.1.0, 2.1.0)"}},
        {"from the first to the last", {url("pkg:pypi/A_b@1"), url("pkg:pypi/a.b@3")}, "'first_affected': ['p0'], 'last_affected': ['p1']", {"PyPI a-b [1, 3]"}},
        {"first fixed", {url("pkg:golang/example.com/m@1.5.0")}, "'first_fixed': ['p0']", {"Go example.com/m [0, 1.5.0)"}},
        {"what is recommended is no fix", {url("pkg:maven/org.a/b@2")}, "'recommended': ['p0']", {}},
        {"2.1 has lists of URLs", {"'purls': ['pkg:cargo/c@1']"}, "'known_affected': ['p0']", {"crates.io c =1"}},
        {"not affected", {url("pkg:composer/A/B@1"), url("pkg:gem/g")}, "'known_not_affected': ['p0', 'p1']", {"!Packagist a/b =1", "!RubyGems g [0"}},
        {"a claim counts before its denial", {url("pkg:gem/g@1"), url("pkg:gem/g@2")}, "'known_affected': ['p0'], 'known_not_affected': ['p1']", {"RubyGems g =1"}},
        {"Debian's by release", {url("pkg:deb/debian/xz-utils@5.4.1-0.2?arch=source&distro=debian-12"), url("pkg:deb/debian/liblzma5@5.2?distro=bullseye&upstream=xz-utils")},
         "'fixed': ['p0'], 'known_affected': ['p1']", {"Debian:12 xz-utils [0, 5.4.1-0.2)", "Debian:bullseye xz-utils [0"}},
        {"Ubuntu's and Alpine's", {url("pkg:deb/ubuntu/xz@5?distro=ubuntu-22.04"), url("pkg:apk/alpine/xz@5-r1?distro=alpine-3.19.1"), url("pkg:deb/ubuntu/xz@6?distro=ubuntu-23.10")},
         "'fixed': ['p0', 'p1', 'p2']", {"Alpine:v3.19 xz [0, 5-r1)", "Ubuntu:22.04:LTS xz [0, 5)", "Ubuntu:23.10 xz [0, 6)"}},
        {"of no release it is of none", {url("pkg:deb/debian/xz@5"), url("pkg:rpm/redhat/xz@5"), url("pkg:generic/xz@5"), "'cpe': 'cpe:/a:x:y:1'"}, "'fixed': ['p0', 'p1', 'p2', 'p3']", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(lines_of(read_csaf(plain(c.helpers, c.statuses))), c.want);
    }
}

TEST(Csaf, ReadsRangesOfVersions) {
    struct Case { const char* name; std::string_view range; std::string_view status; Strings want; };
    const Case cases[] = {
        {"two bounds", "vers:npm/>=1.0.0|<1.5.3", "known_affected", {"npm b [1.0.0, 1.5.3)"}},
        {"an upper one", "<=1.5.3", "known_affected", {"npm b [0, 1.5.3]"}},
        {"two ranges and a version", "vers:npm/0.1|>=1|<2|>=3|<4", "known_affected", {"npm b [1, 2) [3, 4) =0.1"}},
        {"all", "vers:npm/*", "known_affected", {"npm b [0"}},
        {"from a fix on", "vers:npm/>=2", "fixed", {"npm b [0, 2)"}},
        {"not affected", "vers:npm/<2", "known_not_affected", {"!npm b [0, 2)"}},
        {"words are all versions, where there is a fault", "older ones, all builds", "known_affected", {"npm b [0"}},
        {"and none where there is no fault", "older ones, all builds", "known_not_affected", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const std::string tree = fmt::format(", 'branches': [{{'category': 'product_version_range', 'name': '{}', 'product': {{'name': 'n', 'product_id': 'r', 'product_identification_helper': {{'purl': 'pkg:npm/b'}}}}}}]", c.range);
        EXPECT_EQ(lines_of(read_csaf(plain({}, fmt::format("'{}': ['r']", c.status), tree))), c.want);
    }
}

// In the shape of SUSE's files: packages by the names of their files, and what is recommended is the fix.
TEST(Csaf, ReadsPackagesByTheNamesOfTheirFiles) {
    const std::string document = replaced(R"({'document': {'csaf_version': '2.0', 'publisher': {'namespace': 'https://www.suse.com/'}, 'tracking': {'id': 'CVE-2024-1000'}},
      'product_tree': {'branches': [{'category': 'vendor', 'name': 'SUSE', 'branches': [
        {'category': 'product_name', 'name': 'SUSE Linux Enterprise Server 15 SP5', 'product': {'name': 'SUSE Linux Enterprise Server 15 SP5', 'product_id': 'S', 'product_identification_helper': {'cpe': 'cpe:/o:suse:sles:15:sp5'}}},
        {'category': 'product_name', 'name': 'openSUSE Leap 15.5', 'product': {'name': 'openSUSE Leap 15.5', 'product_id': 'O', 'product_identification_helper': {'cpe': 'cpe:/o:opensuse:leap:15.5'}}},
        {'category': 'product_version', 'name': 'liblzma5-32bit-5.2.3-150000.4.7.1.x86_64', 'product': {'name': 'x', 'product_id': 'l'}},
        {'category': 'product_version', 'name': 'xz', 'product': {'name': 'x', 'product_id': 'x'}}]}],
       'relationships': [
        {'category': 'default_component_of', 'full_product_name': {'name': 'n', 'product_id': 'S:l'}, 'product_reference': 'l', 'relates_to_product_reference': 'S'},
        {'category': 'default_component_of', 'full_product_name': {'name': 'n', 'product_id': 'O:l'}, 'product_reference': 'l', 'relates_to_product_reference': 'O'},
        {'category': 'default_component_of', 'full_product_name': {'name': 'n', 'product_id': 'S:x'}, 'product_reference': 'x', 'relates_to_product_reference': 'S'}]},
      'vulnerabilities': [{'cve': 'CVE-2024-1000', 'product_status': {'recommended': ['S:l', 'O:l'], 'known_affected': ['S:x']}}]})");
    EXPECT_EQ(lines_of(read_csaf(document)), (Strings{"SUSE:Linux Enterprise Server 15 SP5 liblzma5-32bit [0, 5.2.3-150000.4.7.1)", "SUSE:Linux Enterprise Server 15 SP5 xz [0",
                                                      "openSUSE:Leap 15.5 liblzma5-32bit [0, 5.2.3-150000.4.7.1)"}));
    EXPECT_EQ(read_csaf(document)->advisories[0].id, "SUSE-CVE-2024-1000");
}

TEST(Csaf, RefusesWhatIsNoDocumentOrBeyondALimit) {
    std::string deep = "'branches': []";
    for (int i = 0; i < 40; ++i) deep = fmt::format("'branches': [{{{}}}]", deep);
    std::string loop = "'relationships': [{'full_product_name': {'product_id': 'a'}, 'product_reference': 'b', 'relates_to_product_reference': 'b'}, "
                       "{'full_product_name': {'product_id': 'b'}, 'product_reference': 'a', 'relates_to_product_reference': 'a'}]";
    const auto of_tree = [](const std::string& tree) { return replaced("{'document': {'csaf_version': '2.0', 'tracking': {'id': 'V'}}, 'product_tree': {" + tree + "}, 'vulnerabilities': [{'product_status': {'fixed': ['a']}}]}"); };
    struct Case { const char* name; std::string text; const char* want; };
    const Case cases[] = {
        {"no id", replaced("{'document': {'csaf_version': '2.0'}}"), "a document without an id"},
        {"broken head", replaced("{'document': {'csaf_version': 2.0.0}}"), "malformed"},
        {"deep branches", of_tree(deep), "branches in branches more than 30 deep"},
        {"relationships in a circle", of_tree(loop), "1 unknown"},
        {"a product that is not there", of_tree(""), "1 unknown"},
        {"other types", of_tree("'branches': 1, 'relationships': {'a': 1}, 'full_product_names': ['a', 1, {}]"), "1 unknown"},
        {"nothing", replaced("{'document': {'csaf_version': '2.0', 'tracking': {'id': 'V'}}}"), "0 unknown"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto read = read_csaf(c.text);
        if (read) {
            EXPECT_TRUE(read->advisories.empty());
            EXPECT_EQ(fmt::format("{} unknown", read->unknown_products), c.want);
        } else if (std::string_view{c.want} != "malformed") {
            EXPECT_EQ(read.error().text, c.want);
        }
    }
}

TEST(Csaf, IsKnownByItsVersion) {
    Builder builder;
    formats::Store store = formats::Store::open(-1).value();
    Importer importer{builder, store};
    const std::string two = red_hat(vulnerability("'fixed': ['B9:xz-8']")) + "\n" + red_hat(vulnerability("'known_not_affected': ['R9:xz', 'R9:gone']", {}, "CVE-2024-2000"), {}, "CVE-2024-2000") + "\n";
    importer.add({"csaf", "CSAF"}, as_bytes(two));
    EXPECT_EQ(builder.source().records, 2U);
    EXPECT_EQ(builder.source().refused, 0U);
    ASSERT_EQ(importer.faults().size(), 1U);
    EXPECT_EQ(importer.faults()[0].error.text, "speaks of 1 products that it does not describe");
    const Buffer bytes = testing::finished(std::move(builder));
    const auto view = View::open(bytes);
    ASSERT_TRUE(view.ok());
    const auto fixed = view->find("Red Hat:enterprise_linux:9::baseos", "xz");
    ASSERT_EQ(fixed.count, 1U);
    EXPECT_FALSE(view->affected(fixed.first).denied);
    const auto denied = view->find("Red Hat:enterprise_linux:9", "xz");
    ASSERT_EQ(denied.count, 1U);
    EXPECT_TRUE(view->affected(denied.first).denied);
}

TEST(Platforms, HaveOsvsNames) {
    struct Case { std::string_view cpe, name, want; };
    const Case cases[] = {
        {"cpe:/a:redhat:enterprise_linux:9::appstream", "", "Red Hat:enterprise_linux:9::appstream"},
        {"cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:*:*:*:*:*", "", "Red Hat:enterprise_linux:9::appstream"},
        {"cpe:/a:redhat:rhel_eus:9.2::appstream", "", "Red Hat:rhel_eus:9.2::appstream"},
        {"cpe:/o:suse:sles:15:sp5", "SUSE Linux Enterprise Server 15 SP5", "SUSE:Linux Enterprise Server 15 SP5"},
        {"", "openSUSE Tumbleweed", "openSUSE:Tumbleweed"},
        {"cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*", "", "Debian:12"},
        {"cpe:2.3:o:canonical:ubuntu_linux:22.04:*:*:*:lts:*:*:*", "", "Ubuntu:22.04:LTS"},
        {"cpe:/o:alpinelinux:alpine_linux:3.19.1", "", "Alpine:v3.19"},
        {"cpe:/o:almalinux:almalinux:9.4", "", "AlmaLinux:9"},
        {"cpe:/a:oracle:linux:9:3:baseos_latest", "", "Oracle Linux:9"},
        {"cpe:/a:openEuler:openEuler:22.03-LTS-SP1", "", "openEuler:22.03-LTS-SP1"},
        {"cpe:/o:debian:debian_linux", "", ""},
        {"cpe:/o:x:y:1", "X 1", ""},
        {"cpe:/", "", ""},
        {"cpe:2.3:o:", "", ""},
        {"redhat", "", ""},
    };
    for (const auto& c : cases) EXPECT_EQ(ecosystem_of_platform(c.cpe, c.name), c.want) << c.cpe;
}

TEST(RpmNames, AreCutIntoNameAndVersion) {
    struct Case { std::string_view file, name, version; };
    const Case cases[] = {
        {"xz-0:5.2.5-8.el9_0.src", "xz", "5.2.5-8.el9_0"},     {"bind-32:9.16-1.el9.x86_64", "bind", "32:9.16-1.el9"},
        {"liblzma5-32bit-5.2.3-1.1.x86_64.rpm", "liblzma5-32bit", "5.2.3-1.1"},
        {"libopenssl1_1-1.1.0h-lp150.2.1", "libopenssl1_1", "1.1.0h-lp150.2.1"}, {"openssl-3.1.4-slfo.1.1_1.2", "openssl", "3.1.4-slfo.1.1_1.2"},
        {"xz-5.2-", "xz-5.2-", ""},                            {"java-1.8.0-openjdk", "java-1.8.0-openjdk", ""},
        {"kernel-rt", "kernel-rt", ""},                        {"java-11-openjdk", "java-11-openjdk", ""},
        {"nodejs:18/nodejs", "", ""},                    {"rhel9/toolbox", "", ""},
        {"-1-1", "-1-1", ""},                                  {"", "", ""},
    };
    for (const auto& c : cases) {
        const Package package = package_of_rpm(c.file, "Red Hat:enterprise_linux:9");
        EXPECT_EQ(package.name, c.name) << c.file;
        EXPECT_EQ(package.version, c.version) << c.file;
    }
    EXPECT_EQ(package_of_rpm("xz-1-1.src", "Debian:12").ecosystem, "");
}

// A document is not read as JSON as a whole, so what stands in it may be no UTF-8, and control characters as they are.
TEST(ReadCsaf, TakesNoTextsThatJsonDoesNotHave) {
    const auto with = [](const std::string& version, const std::string& label, const std::string& aliases) {
        return replaced(fmt::format(R"({{'document': {{'csaf_version': '2.0', 'title': 'x', 'tracking': {{'id': 'A', 'aliases': [{}]}}}},
          'product_tree': {{'full_product_names': [{{'product_id': 'p', 'name': 'x', 'product_identification_helper': {{'purl': 'pkg:npm/x@{}'}}}}]}},
          'vulnerabilities': [{{'cve': 'CVE-2024-0001', 'flags': [{{'label': '{}', 'product_ids': ['p']}}], 'product_status': {{'known_affected': ['p']}}}}]}})",
                                    aliases, version, label));
    };
    EXPECT_EQ(lines_of(read_csaf(with("1.0.0", "note", ""))), Strings{"npm x =1.0.0 (note)"});
    EXPECT_EQ(lines_of(read_csaf(with("1.0.0", "no\xffte", ""))), Strings{"npm x =1.0.0"});
    EXPECT_EQ(lines_of(read_csaf(with("1.0.0", "\x1b[2J", ""))), Strings{"npm x =1.0.0"});
    EXPECT_EQ(lines_of(read_csaf(with("1\xff", "", ""))), Strings{});
    EXPECT_EQ(lines_of(read_csaf(with("1%1b", "", ""))), Strings{});
    std::string aliases = "'a'";
    for (int i = 0; i < 1000; ++i) aliases += fmt::format(",'a{}'", i);
    const auto document = read_csaf(with("1.0.0", "", aliases));
    ASSERT_TRUE(document.ok());
    EXPECT_EQ(document->advisories.at(0).aliases.size(), 100U);
}

}  // namespace
}  // namespace ward::advisories
