// SPDX-License-Identifier: Apache-2.0
#include "doors/answer.h"

#include "core/log.h"
#include "core/text.h"
#include "host/state.h"
#include "host/write_file.h"
#include "walks/advisories.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ward::doors {

namespace {

bool wants_colour(std::string_view when, bool to_file) {
    if (when == "always") return true;
    if (when == "never" || to_file) return false;
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    if (no_colour != nullptr && *no_colour != '\0') return false;
    if (terminal != nullptr && std::string_view{terminal} == "dumb") return false;
    return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace

Result<report::Style> text_style(const Arguments& arguments) {
    const std::string when = arguments.text("color").value_or("auto");
    if (when != "auto" && when != "always" && when != "never") {
        return fail(Code::malformed, "--color wants auto, always or never, not {}", shell_quote(when));
    }
    report::Style style;
    style.colour = wants_colour(when, arguments.has("output"));
    style.quiet = arguments.has("quiet");
    style.verbose = arguments.has("verbose");
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
        // Longer lines are hard to read.
        style.width = std::min<std::uint32_t>(size.ws_col, 120);
    }
    return style;
}

Result<ReportChoice> report_choice(const Arguments& arguments) {
    ReportChoice choice;
    choice.style = WARD_TRY(text_style(arguments));
    if (const auto name = arguments.text("format")) {
        const auto format = report::format_from_name(*name);
        if (!format) return fail(Code::malformed, "--format {} is not known; there is {}", shell_quote(*name), report::format_names());
        choice.format = *format;
    }
    if (const auto name = arguments.text("fail-on")) {
        const auto severity = severity_from_name(*name);
        if (!severity) {
            return fail(Code::malformed, "--fail-on {} is not known; there is info, low, medium, high, critical", shell_quote(*name));
        }
        choice.fail_on = *severity;
    }
    choice.strict = arguments.has("strict");
    return choice;
}

Status write_answer(const Arguments& arguments, std::string_view text) {
    if (const auto file = arguments.text("output"); file && *file != "-") return host::replace_file(*file, text, 0644);
    while (!text.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EPIPE) return done();
        if (count < 0) return fail(Code::io, "standard output cannot be written: {}", std::strerror(errno));
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return done();
}

ExitCode deliver(const Arguments& arguments, const ReportChoice& choice, const report::Report& report) {
    if (auto written = write_answer(arguments, report::render(report, choice.format, choice.style)); !written) {
        return not_done(written.error());
    }
    if (report.summary.interrupted) return ExitCode::interrupted;
    const bool found = std::any_of(report.findings.begin(), report.findings.end(),
                                   [&](const Finding& finding) { return finding.severity >= choice.fail_on; });
    if (found) return ExitCode::found;
    return choice.strict && !report.gaps.empty() ? ExitCode::gaps : ExitCode::nothing_found;
}

Result<walks::HostTablesSetup> host_setup(const Arguments& arguments) {
    walks::HostTablesSetup setup;
    setup.root = arguments.text("root");
    if (const auto file = arguments.text("facts")) setup.facts = WARD_TRY(host::Recording::load(*file));
    // Without a place for state there are no advisories, which the tables say.
    if (const auto state = host::state_folder(arguments.text("state"))) {
        setup.advisories = WARD_TRY(walks::open_advisories(*state));
        if (!setup.root && !setup.facts) setup.state = *state;
    }
    return setup;
}

void tell_gaps(const std::vector<Gap>& gaps) {
    for (const auto& gap : gaps) {
        const std::string line = gap.where.line != 0 ? fmt::format(":{}", gap.where.line) : "";
        const std::string place = gap.where.path.empty() ? "" : fmt::format("{}{}: ", gap.where.path, line);
        log(LogLevel::warning, "not read: {}{}", place, gap.why);
    }
}

ExitCode not_done(const Error& error) {
    log(LogLevel::error, "{}", error.text);
    return ExitCode::not_done;
}

}  // namespace ward::doors
