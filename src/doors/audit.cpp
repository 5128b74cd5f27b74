// SPDX-License-Identifier: Apache-2.0
#include "doors/audit.h"

#include "core/log.h"
#include "core/text.h"
#include "doors/answer.h"
#include "doors/progress.h"
#include "host/share.h"
#include "host/state.h"
#include "judge/checks.h"
#include "walks/audit.h"
#include "walks/fixes_seen.h"
#include "walks/remember.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace ward::doors {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Option kOptions[] = {
    {"root", 0, "DIR", "look at the tree below it (a mounted disk, an unpacked image) instead of this machine"},
    {"facts", 0, "FILE", "look at facts that `ward query --save` has recorded"},
};

Result<std::vector<Area>> areas_of(const Arguments& arguments) {
    std::vector<Area> areas;
    for (const auto& word : arguments.operands()) {
        const auto area = area_from_name(word);
        if (!area || *area == Area::malware) {
            return fail(Code::malformed, "{} is no area; there is updates, network, credentials, supply", shell_quote(word));
        }
        areas.push_back(*area);
    }
    std::sort(areas.begin(), areas.end());
    areas.erase(std::unique(areas.begin(), areas.end()), areas.end());
    return areas;
}

// Only this machine has a past that a report can be compared with.
void remember(report::Report& report, const std::string& state, const std::vector<Area>& areas,
              const std::vector<std::string>& unanswered) {
    std::string scope;
    for (const Area area : areas) scope += std::string{area_name(area)} + '\n';
    walks::remember(report, state, scope, [&](const Finding& finding) {
        if (report.summary.interrupted) return false;
        return std::find(unanswered.begin(), unanswered.end(), finding.rule) == unanswered.end();
    });
}

Result<ExitCode> audit(const Arguments& arguments) {
    const ReportChoice choice = WARD_TRY(report_choice(arguments));
    const auto areas = WARD_TRY(areas_of(arguments));
    const std::string state = WARD_TRY(host::state_folder(arguments.text("state")));
    auto setup = WARD_TRY(host_setup(arguments));
    const bool this_machine = !setup.root && !setup.facts;
    const auto start = Clock::now();
    const auto checks = WARD_TRY(judge::load_checks(host::share_folder() + "/checks"));
    const auto host = WARD_TRY(walks::HostDatabase::open(host::share_folder() + "/tables", std::move(setup)));

    report::Report report;
    report.run = walks::begin_run("audit");
    if (const auto root = arguments.text("root")) report.run.host = *root;
    std::atomic<bool> stop = false;
    const StopOnSignal signals{stop};
    const walks::AuditRequest request{.areas = areas, .sees_everything = !this_machine || ::geteuid() == 0};
    walks::read_ahead(host->tables(), checks, request);
    auto outcome = WARD_TRY(walks::audit(
        checks, request, [&](const std::string& sql) { return host->query(sql, {}); }, &stop));
    const std::vector<std::string> unanswered = outcome.unanswered;
    walks::add_to(report, std::move(outcome));
    report.summary.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report::sort(report.findings);
    if (this_machine) {
        remember(report, state, areas, unanswered);
        const bool asked = areas.empty() || std::find(areas.begin(), areas.end(), Area::updates) != areas.end();
        if (asked && !stop) {
            const auto kept = walks::remember_fixes(state, [&](const std::string& sql) { return host->query(sql, {}); }, std::time(nullptr));
            if (!kept) log(LogLevel::warning, "what waits could not be written down: {}", kept.error().text);
        }
    }
    return deliver(arguments, choice, report);
}

ExitCode run(const Arguments& arguments) {
    const auto code = audit(arguments);
    return code ? *code : not_done(code.error());
}

}  // namespace

const Verb kAuditVerb{
    "audit", "[AREA...]", "look for what is set up badly: updates, network, credentials, supply",
    "  sudo ward audit                      all four areas of this machine\n"
    "  sudo ward audit network credentials  two of them\n"
    "  ward audit --root /mnt               a disk that is mounted there\n"
    "  ward audit --facts web1.facts        a machine whose facts were recorded with `ward query --save`\n"
    "  ward audit --fail-on high            end with 1 only for findings that are at least high",
    "An ordinary user sees less than root: what could not be read is listed with the checks that it leaves unanswered, and\n"
    "they do not count as passed. `ward explain ID` tells what a check looks at and why.",
    kOptions, true, run};

}  // namespace ward::doors
