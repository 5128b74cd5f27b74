// SPDX-License-Identifier: Apache-2.0
#include "doors/check.h"

#include "core/text.h"
#include "doors/answer.h"
#include "doors/progress.h"
#include "doors/scan.h"
#include "host/share.h"
#include "host/state.h"
#include "judge/checks.h"
#include "walks/check.h"

#include <unistd.h>

#include <vector>

namespace ward::doors {

namespace {

std::span<const Option> options() {
    static const std::vector<Option> all = [] {
        std::vector<Option> list{
            {"budget", 0, "TIME", "time for the whole check; what is left over is listed (2m; 0 for no end)"},
            {"root", 0, "DIR", "check the system below it (a mounted disk, an unpacked image) instead of this machine"},
        };
        list.insert(list.end(), scan_options().begin(), scan_options().end());
        return list;
    }();
    return all;
}

Result<ExitCode> check(const Arguments& arguments) {
    const ReportChoice choice = WARD_TRY(report_choice(arguments));
    Settings settings = WARD_TRY(load_settings());
    WARD_TRY(apply(arguments, settings));
    settings.budget = WARD_TRY(arguments.time("budget", settings.budget));
    const std::string state = WARD_TRY(host::state_folder(arguments.text("state")));
    if (arguments.has("root") && !arguments.operands().empty()) {
        return fail(Code::malformed, "check takes paths or --root, not both");
    }
    const std::string share = host::share_folder();
    walks::ScanProgress progress;
    const StopOnSignal signals{progress.stop};
    const auto checks = WARD_TRY(judge::load_checks(share + "/checks"));
    auto rules = WARD_TRY(open_rules(settings, state));

    walks::CheckRequest request;
    request.root = arguments.text("root");
    request.paths = arguments.operands();
    request.share = share;
    request.state = state;
    request.checks = checks;
    request.scan = scan_request(settings, rules, state);
    if (settings.budget.count() > 0) request.budget = settings.budget;
    progress.budget = settings.budget;
    request.command = "ward check";
    if (request.root) request.command += " --root " + shell_quote(*request.root);
    for (const auto& path : request.paths) request.command += " " + shell_quote(path);
    const bool progress_wanted = !arguments.has("quiet") && ::isatty(STDERR_FILENO) == 1;
    request.scan.count_ahead = progress_wanted;

    report::Report report;
    report.run = walks::begin_run("check");
    if (const auto root = arguments.text("root")) report.run.host = *root;
    report.run.rules_id = rules.id;
    report.gaps = std::move(rules.gaps);
    Result<walks::LookedAgain> looked_again = walks::LookedAgain{};
    {
        const ProgressLine line{progress, progress_wanted};
        looked_again = walks::check(std::move(request), progress, report);
    }
    if (!looked_again) return std::move(looked_again).error();
    // Only this machine has a past and a state.
    if (!arguments.has("root") && arguments.operands().empty()) walks::remember(report, state, {}, *looked_again);
    return deliver(arguments, choice, report);
}

ExitCode run(const Arguments& arguments) {
    const auto code = check(arguments);
    return code ? *code : not_done(code.error());
}

}  // namespace

const Verb kCheckVerb{
    "check", "[PATH...]", "look at everything and say what to do first",
    "  sudo ward check                        this machine: malware, updates, network, credentials, supply chain\n"
    "  sudo ward check --budget 20m           with more time to look for malware\n"
    "  ward check --root /mnt                 a system on a mounted disk or in an unpacked image\n"
    "  ward check ~/checkout                  a folder, looked through whole\n"
    "  ward check --format html -o r.html     the report as one page",
    "Settings, packages and accounts are asked first, which takes seconds. Then malware is looked for where it would sit:\n"
    "running programs, what starts by itself, temporary and web folders, homes, and what was installed by hand; what changed\n"
    "in the last week before all else. What the time did not suffice for is listed with the command that goes on.",
    options(), true, run};

}  // namespace ward::doors
