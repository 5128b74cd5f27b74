// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/report.h"

#include <string>

namespace ward::report {

std::string as_text_report(const Report& report, const Style& style);
std::string as_json(const Report& report);
std::string as_json_lines(const Report& report);
std::string as_sarif(const Report& report);
std::string as_junit(const Report& report);
std::string as_html(const Report& report);
std::string as_csv(const Report& report);

// A finding's evidence in words: "$a at 7, 68 bytes" or "key = value, ...". Not escaped.
std::string evidence_text(const Evidence& evidence);
// "1 file", "2 files".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
// "critical 1, high 3"; "nothing found" when there are none.
std::string severity_counts(const std::vector<Finding>& findings);
// The line of an area: "16 checks, 3 failed", "1,200 files, 0.9 MiB, nothing found", "not looked at".
std::string area_line(const Report& report, Area area);
std::string_view area_title(Area area);

}  // namespace ward::report
