// SPDX-License-Identifier: Apache-2.0
#include "walks/remember.h"

#include "core/log.h"
#include "core/version.h"
#include "host/state.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <unordered_set>

namespace ward::walks {

namespace {

Status keep(report::Report& report, const std::string& state, const std::string& scope, const LookedAgain& looked_again) {
    auto history = WARD_TRY(host::History::open(state));
    if (const auto last = WARD_TRY(history.last(report.run.command, scope))) {
        report.comparison = compare(last->findings, last->started, report, looked_again);
    }
    // An interrupted run would make the next one call everything new.
    if (!report.summary.interrupted) {
        WARD_TRY(history.record(report.run.command, scope, report.run.started, report.summary.seconds, report.findings));
    }
    host::StatusNote note;
    note.command = report.run.command;
    note.ended = static_cast<std::int64_t>(std::time(nullptr));
    for (const auto& finding : report.findings) ++note.findings[static_cast<std::size_t>(finding.severity)];
    note.gaps = report.gaps.size();
    if (!report.findings.empty()) {
        note.worst = report.findings.front().title;
        note.worst_id = report.findings.front().rule;
    }
    note.rules_id = report.run.rules_id;
    note.rules = report.run.rules_count;
    note.interrupted = report.summary.interrupted;
    return host::write_status(state, note);
}

}  // namespace

report::Comparison compare(const std::vector<Finding>& old, std::int64_t previous, const report::Report& now,
                           const LookedAgain& looked_again) {
    report::Comparison out;
    out.previous = previous;
    std::unordered_set<std::string> ids;
    for (const auto& finding : now.findings) ids.insert(finding.id);
    for (const auto& finding : old) {
        out.known.push_back(finding.id);
        if (!ids.contains(finding.id) && looked_again(finding)) out.fixed.push_back(finding);
    }
    return out;
}

report::Run begin_run(std::string command) {
    report::Run run;
    run.command = std::move(command);
    run.started = static_cast<std::int64_t>(std::time(nullptr));
    run.version = kVersion;
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) run.host = name.data();
    return run;
}

void remember(report::Report& report, const std::string& state, const std::string& scope, const LookedAgain& looked_again) {
    if (auto kept = keep(report, state, scope, looked_again); !kept) {
        log(LogLevel::warning, "this run is not remembered: {}", kept.error().text);
    }
}

}  // namespace ward::walks
