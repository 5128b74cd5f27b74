// SPDX-License-Identifier: Apache-2.0
#include "doors/trust.h"

#include "doors/answer.h"
#include "walks/trust.h"

namespace ward::doors {

namespace {

constexpr Option kOptions[] = {
    {"format", 0, "FORMAT", "text (the default) or json"},
    {"output", 'o', "FILE", "write the answer there instead of standard output"},
};

ExitCode run(const Arguments& arguments) {
    const std::string format = arguments.text("format").value_or("text");
    if (format != "text" && format != "json") return not_done(fail(Code::malformed, "--format wants text or json here"));
    const auto report = walks::trust();
    if (!report) return not_done(report.error());
    const std::string text = format == "json" ? walks::render_json(*report) : walks::render_text(*report, arguments.has("verbose"));
    if (auto written = write_answer(arguments, text); !written) return not_done(written.error());
    return ExitCode::nothing_found;
}

}  // namespace

const Verb kTrustVerb{
    "trust", "", "what Ward's programs can do here, answered by the kernel",
    "  ward trust                 which layers of the wall stand, for each process\n"
    "  ward trust -v              with every piece of evidence\n"
    "  ward trust --format json   the same for a program",
    "Starts one cell of each kind and reads the kernel's own records of it; then tries each forbidden thing in a cell of its\n"
    "own and shows what came of it. A layer that is missing is said to be missing.",
    kOptions, false, run};

}  // namespace ward::doors
