// SPDX-License-Identifier: Apache-2.0
// JUnit XML as Jenkins' xunit plugin reads it: a suite an area, a case a check, findings as failures, gaps as skipped cases.
#include "core/text.h"
#include "report/internal/formats.h"

#include <map>

namespace ward::report {

namespace {

// XML 1.0, section 2.2: most control characters may not occur, not even as references.
std::string xml(std::string_view raw) {
    const std::string text = escape_for_terminal(raw);
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

std::string as_junit(const Report& report) {
    std::string suites;
    std::size_t all_tests = 0;
    std::size_t all_failures = 0;
    std::size_t all_skipped = 0;
    const auto write_suite = [&](std::string_view name, const std::string& cases, std::size_t tests, std::size_t failures,
                                 std::size_t skipped) {
        suites += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" "
                              "timestamp=\"{}\" hostname=\"{}\">\n{}  </testsuite>\n",
                              name, tests, failures, skipped, utc_time(report.run.started).substr(0, 19),
                              xml(report.run.host), cases);
        all_tests += tests;
        all_failures += failures;
        all_skipped += skipped;
    };
    for (const Area area : kAreas) {
        if (!report.summary.of(area).ran) continue;
        std::string cases;
        std::size_t tests = 0;
        std::size_t failures = 0;
        for (const auto& finding : report.findings) {
            if (finding.area != area) continue;
            ++tests;
            ++failures;
            const std::string where = place(finding.where);
            cases += fmt::format("    <testcase classname=\"ward.{}.{}\" name=\"{}\">\n", area_name(area), xml(finding.rule),
                                 xml(finding.title + (where.empty() ? "" : ": " + where)));
            cases += fmt::format("      <failure type=\"{}\" message=\"{}\">", severity_name(finding.severity),
                                 xml(finding.title));
            for (const auto& evidence : finding.evidence) cases += xml(evidence_text(evidence)) + "\n";
            if (!finding.fix.empty()) cases += "Fix: " + xml(finding.fix) + "\n";
            cases += "</failure>\n    </testcase>\n";
        }
        for (const auto& passed : report.passed) {
            if (passed.area != area) continue;
            ++tests;
            cases += fmt::format("    <testcase classname=\"ward.{}.{}\" name=\"{}\"/>\n", area_name(area), xml(passed.rule),
                                 xml(passed.title));
        }
        write_suite(area_name(area), cases, tests, failures, 0);
    }
    if (!report.gaps.empty()) {
        std::string cases;
        for (const auto& gap : report.gaps) {
            cases += fmt::format("    <testcase classname=\"ward.gaps.{}\" name=\"{}\">\n      <skipped message=\"{}\"/>\n"
                                 "    </testcase>\n",
                                 code_name(gap.code), xml(place(gap.where).empty() ? gap.why : place(gap.where)), xml(gap.why));
        }
        write_suite("gaps", cases, report.gaps.size(), 0, report.gaps.size());
    }
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ward {}\" tests=\"{}\" failures=\"{}\" "
                       "errors=\"0\" skipped=\"{}\" time=\"{:.3f}\">\n{}</testsuites>\n",
                       xml(report.run.command), all_tests, all_failures, all_skipped, report.summary.seconds, suites);
}

}  // namespace ward::report
