// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "doors/arguments.h"
#include "model/severity.h"
#include "report/report.h"
#include "walks/host_tables.h"

#include <string_view>

namespace ward::doors {

// How a report was asked for.
struct ReportChoice {
    report::Format format = report::Format::text;
    report::Style style;
    Severity fail_on = Severity::low;
    bool strict = false;
};
Result<ReportChoice> report_choice(const Arguments& arguments);

// Colour, width and talkativeness of text on standard output (or in -o FILE: then plain unless --color always).
Result<report::Style> text_style(const Arguments& arguments);

// Puts an answer where it belongs: standard output, or -o FILE, which is replaced whole or not at all. A reader that went
// away is a normal end, not an error.
Status write_answer(const Arguments& arguments, std::string_view text);

// Renders and writes a report, and says how the command ends.
ExitCode deliver(const Arguments& arguments, const ReportChoice& choice, const report::Report& report);

// The host that --root and --facts name, this machine without them; and the advisories that the state folder keeps.
Result<walks::HostTablesSetup> host_setup(const Arguments& arguments);

// Says on standard error what an answer does not know, a line each.
void tell_gaps(const std::vector<Gap>& gaps);

// Says on standard error why nothing could be done, and gives ExitCode::not_done.
ExitCode not_done(const Error& error);

}  // namespace ward::doors
