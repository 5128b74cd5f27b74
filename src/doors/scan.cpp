// SPDX-License-Identifier: Apache-2.0
#include "doors/scan.h"

#include "core/log.h"
#include "core/text.h"
#include "doors/answer.h"
#include "doors/progress.h"
#include "host/process_memory.h"
#include "host/state.h"
#include "walks/remember.h"
#include "walks/scan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unordered_set>

namespace ward::doors {

namespace {

using Clock = std::chrono::steady_clock;

// More messages than this help nobody; the report holds each as a gap.
constexpr std::size_t kMaxDiagnosticsShown = 20;

void show(const std::vector<wire::Diagnostic>& diagnostics) {
    std::size_t shown = 0;
    for (const auto& diagnostic : diagnostics) {
        if (!log_wanted(diagnostic.error ? LogLevel::warning : LogLevel::info)) continue;
        if (++shown > kMaxDiagnosticsShown) continue;
        const std::string text = walks::render(diagnostic);
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
    if (shown > kMaxDiagnosticsShown) {
        log(LogLevel::warning, "and {} more; `ward rules check` shows them all", shown - kMaxDiagnosticsShown);
    }
}

std::string scope_of(const std::vector<std::string>& roots, bool processes) {
    std::vector<std::string> absolute;
    for (const auto& root : roots) {
        std::error_code ignored;
        absolute.push_back(std::filesystem::absolute(root, ignored).lexically_normal().string());
    }
    std::sort(absolute.begin(), absolute.end());
    std::string scope;
    for (const auto& root : absolute) scope += root + '\n';
    if (processes) scope += "processes\n";
    return scope;
}

std::span<const Option> options() {
    static const std::vector<Option> all = [] {
        std::vector<Option> list{scan_options().begin(), scan_options().end()};
        list.push_back({"processes", 0, nullptr, "also the memory of all running processes that may be read"});
        return list;
    }();
    return all;
}

ExitCode run(const Arguments& arguments) {
    const auto choice = report_choice(arguments);
    if (!choice) return not_done(choice.error());
    auto settings = load_settings();
    if (!settings) return not_done(settings.error());
    if (auto applied = apply(arguments, *settings); !applied) return not_done(applied.error());
    const auto state = host::state_folder(arguments.text("state"));
    if (!state) return not_done(state.error());
    const bool processes = arguments.has("processes");
    if (arguments.operands().empty() && !processes) {
        return not_done(fail(Code::malformed, "scan wants something to look at: `ward scan PATH...`, `-` for standard input, or --processes"));
    }
    const auto start = Clock::now();
    walks::ScanProgress progress;
    const StopOnSignal signals{progress.stop};
    auto rules = open_rules(*settings, *state);
    if (!rules) return not_done(rules.error());

    walks::ScanRequest request = scan_request(*settings, *rules, *state);
    for (const auto& operand : arguments.operands()) {
        if (operand == "-") {
            request.standard_input = true;
        } else {
            request.walk.roots.push_back(operand);
        }
    }
    if (processes) {
        auto ids = host::process_ids();
        if (!ids) return not_done(ids.error());
        request.processes = std::move(*ids);
    }
    const bool progress_wanted = !arguments.has("quiet") && ::isatty(STDERR_FILENO) == 1;
    request.count_ahead = progress_wanted;

    report::Report report;
    report.run = walks::begin_run("scan");
    Result<walks::ScanOutcome> outcome = walks::ScanOutcome{};
    {
        const ProgressLine line{progress, progress_wanted};
        outcome = walks::scan(std::move(request), progress);
    }
    if (!outcome) return not_done(outcome.error());

    report.run.rules_id = rules->id;
    report.gaps = std::move(rules->gaps);
    report.summary.of(Area::malware).gaps = report.gaps.size();
    const bool whole = !outcome->interrupted && outcome->roots_failed == 0;
    const std::uint32_t roots_failed = outcome->roots_failed;
    std::unordered_set<std::string> unseen;
    for (const std::uint32_t process : outcome->processes_denied) unseen.insert(host::process_name(process));
    walks::add_to(report, std::move(*outcome));
    report.summary.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report::sort(report.findings);
    for (const auto& gap : report.gaps) unseen.insert(gap.where.path);
    walks::remember(report, *state, scope_of(arguments.operands(), processes),
                    [&](const Finding& finding) {
                        // The program of a process that could not be opened is not known.
                        const std::string& path = finding.where.path;
                        return whole && !unseen.contains(path) && !(path.starts_with("process ") && unseen.contains(path.substr(0, path.find(" ("))));
                    });
    const ExitCode code = deliver(arguments, *choice, report);
    if (roots_failed > 0 && code != ExitCode::interrupted && code != ExitCode::not_done) {
        for (const auto& gap : report.gaps) {
            const auto& roots = arguments.operands();
            std::error_code ignored;
            const bool is_root = std::any_of(roots.begin(), roots.end(), [&](const std::string& root) {
                return root == gap.where.path || std::filesystem::absolute(root, ignored) == gap.where.path ||
                       std::filesystem::weakly_canonical(root, ignored) == gap.where.path;
            });
            if (is_root) log(LogLevel::error, "{}: {}", gap.where.path, gap.why);
        }
        if (code != ExitCode::found) return ExitCode::not_done;
    }
    return code;
}

}  // namespace

Result<walks::RuleSet> open_rules(const Settings& settings, const std::string& state) {
    walks::RuleSources sources;
    sources.paths = settings.rules;
    sources.externals = settings.externals;
    sources.state = state;
    std::vector<wire::Diagnostic> faults;
    auto rules = walks::load_rules(sources, &faults);
    show(rules ? rules->diagnostics : faults);
    return rules;
}

walks::ScanRequest scan_request(const Settings& settings, const walks::RuleSet& rules, const std::string& state) {
    walks::ScanRequest request;
    for (const auto& glob : settings.exclude) {
        // Paths are absolute, so a glob that does not begin at the root would never match; it is meant at any depth.
        request.walk.exclude.push_back(glob.starts_with('/') || glob.starts_with("**") ? glob : "**/" + glob);
    }
    request.walk.cross_file_systems = settings.cross_mounts;
    request.walk.max_bytes = settings.max_filesize;
    request.threads = settings.threads;
    request.database = rules.database.get();
    request.limits = settings.limits;
    request.externals = settings.externals;
    request.spool_folder = state;
    return request;
}

const Verb kScanVerb{
    "scan", "PATH...", "look for malware in files, archives and everything inside them",
    "  ward scan ~/Downloads                 look at a folder and all below it\n"
    "  ward scan --rules my-rules/ /srv      with your own YARA rules instead of Ward's\n"
    "  ward scan --format json -o r.json /   the whole machine, as a JSON report\n"
    "  curl -s URL | ward scan -             what comes on standard input\n"
    "  sudo ward scan --processes            the memory of what runs now",
    "Symbolic links are not followed, except named ones. Files that could not be read, and archives that could not be\n"
    "opened to the end, are listed as not looked at; they are never called clean.",
    options(), true, run};

}  // namespace ward::doors
