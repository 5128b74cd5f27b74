// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace ward::report {
namespace {

// One of everything, hostile texts included.
Report sample() {
    Report report;
    report.run = {"check", 1795514400, "0.1.0", "web1", "0123abcd", 92};
    report.summary.seconds = 3.25;
    report.summary.of(Area::malware) = {true, 1200, 900000, 1, 0, 0, 2, {.links = 3, .special = 1}};
    report.summary.of(Area::network) = {true, 0, 0, 0, 20, 1, 0, {}};

    Finding malware;
    malware.id = "m-1";
    malware.rule = "php-eval-request";
    malware.severity = Severity::high;
    malware.title = "PHP file that runs what a request sends";
    malware.why = "Whoever knows its address runs commands here.";
    malware.where = {"/srv/www/\x1b[31mred\xff<b>.zip", 0, {"a/b.php"}};
    malware.evidence = {PatternEvidence{"$eval", 17, 12}};
    malware.fix = "Move the file away, then look at how it came.";
    malware.commands = {"ward quarantine add /srv/www/x.zip"};
    malware.refs = {"https://attack.mitre.org/techniques/T1505/003/"};

    Finding check;
    check.id = "c-1";
    check.rule = "ssh-root-password-login";
    check.area = Area::network;
    check.severity = Severity::critical;
    check.title = "Root can log in over SSH with a password";
    check.why = "Root's name is known, so a guessed password is all an attacker needs.";
    check.where = {"/etc/ssh/sshd_config", 33, {}};
    check.evidence = {FactEvidence{{{"value", std::string{"yes"}}, {"port", std::int64_t{22}}, {"note", Value{}}}}};
    check.fix = "Set `PermitRootLogin no`.";
    report.findings = {check, malware};
    Finding second = malware;
    second.id = "m-2";
    second.where = {"=cmd|' /C calc'!A0", 0, {}};
    second.evidence = {Where{"/var/www/other", 2, {}}};
    report.findings.push_back(second);
    report.gaps = {{{"/x.zip", 0, {"a/b.doc"}}, Code::over_limit, "more than 16 containers in each other"},
                   {{"/etc/shadow", 0, {}}, Code::denied, "cannot be opened: permission denied"}};
    report.passed = {{Area::network, "firewall-on", "A firewall filters what comes in"}};
    report.comparison.previous = 1795428000;
    report.comparison.known = {"m-1"};
    Finding fixed;
    fixed.id = "f-1";
    fixed.rule = "empty-password";
    fixed.title = "An account has no password";
    fixed.where = {"/etc/shadow", 4, {}};
    report.comparison.fixed = {fixed};
    return report;
}

std::string read(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

TEST(Report, LooksAsTheGoldenFilesSay) {
    struct Case { Format format; const char* file; Style style; };
    const Case cases[] = {
        {Format::text, "text.txt", {}},           {Format::text, "text_verbose.txt", {.verbose = true, .width = 80}},
        {Format::text, "text_colour.txt", {.colour = true}}, {Format::text, "text_quiet.txt", {.quiet = true}},
        {Format::json, "report.json", {}},        {Format::jsonl, "report.jsonl", {}},
        {Format::sarif, "report.sarif", {}},      {Format::junit, "report.xml", {}},
        {Format::html, "report.html", {}},        {Format::csv, "report.csv", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const std::string got = render(sample(), c.format, c.style);
        const std::string path = std::string{"testdata/report/"} + c.file;
        if (std::getenv("WARD_BLESS") != nullptr) std::ofstream{path, std::ios::binary} << got;
        EXPECT_EQ(got, read(path));
    }
}

TEST(Report, SaysNothingFoundOnlyWhenThatIsAll) {
    Report report;
    report.summary.of(Area::malware).ran = true;
    const auto last_line = [&] {
        std::string text = render(report, Format::text, {});
        text.pop_back();
        return text.substr(text.rfind('\n') + 1);
    };
    EXPECT_EQ(last_line(), "nothing found in 0.0 s");
    report.gaps.push_back({{"/a", 0, {}}, Code::io, "cannot be read"});
    EXPECT_EQ(last_line(), "nothing found, 1 thing not looked at in 0.0 s");
    report.summary.interrupted = true;
    EXPECT_EQ(last_line(), "Interrupted: nothing found, 1 thing not looked at in 0.0 s");
}

TEST(Report, EscapesWhatMightSteerATerminal) {
    const std::string text = render(sample(), Format::text, {});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
}

TEST(Report, SortsWorstFirst) {
    auto findings = sample().findings;
    std::reverse(findings.begin(), findings.end());
    sort(findings);
    EXPECT_EQ(findings.at(0).id, "c-1");
    EXPECT_EQ(findings.at(1).id, "m-1");
}

TEST(Report, KnowsItsFormats) {
    EXPECT_EQ(format_from_name("sarif"), Format::sarif);
    EXPECT_EQ(format_from_name("SARIF"), std::nullopt);
    EXPECT_EQ(format_from_name("ocsf"), std::nullopt) << "not landed, so not accepted";
}

}  // namespace
}  // namespace ward::report
