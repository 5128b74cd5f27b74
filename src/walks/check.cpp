// SPDX-License-Identifier: Apache-2.0
#include "walks/check.h"

#include "core/text.h"
#include "walks/advisories.h"
#include "walks/audit.h"
#include "walks/fixes_seen.h"
#include "walks/places.h"
#include "walks/query.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <unordered_set>

namespace ward::walks {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// What changed since then is looked at first.
constexpr std::int64_t kRecent = 7 * 86'400;
// A longer command in a gap helps nobody.
constexpr std::size_t kMaxPlacesNamed = 40;

// Homes of those who can log in; their malware starts with their session.
constexpr const char* kHomes = "SELECT DISTINCT home FROM users WHERE interactive = 1 OR uid = 0";

bool holds_system(const std::string& folder) {
    std::error_code ignored;
    return fs::exists(folder + "/etc/os-release", ignored) || fs::exists(folder + "/usr/lib/os-release", ignored);
}

bool lies_in(const std::string& path, const std::string& root) {
    return path == root || (path.starts_with(root) && (root.back() == '/' || path[root.size()] == '/'));
}

class Work {
public:
    Work(CheckRequest request, ScanProgress& progress, report::Report& report)
        : request_{std::move(request)}, progress_{progress}, report_{report}, start_{Clock::now()} {}

    Result<LookedAgain> run() {
        ScanRequest scan = std::move(request_.scan);
        if (request_.paths.empty()) {
            WARD_TRY(audit_system(request_.root, &homes_));
            scan.walk.roots = telling_places(request_.root.value_or("/"), homes_);
            scan.walk.recent_first = static_cast<std::int64_t>(std::time(nullptr)) - kRecent;
            if (!request_.root) add_running_programs(scan);
        } else {
            for (const auto& path : request_.paths) WARD_TRY(audit_path(path));
            scan.walk.roots = request_.paths;
        }
        if (request_.budget) scan.stop_at = start_ + *request_.budget;
        auto outcome = WARD_TRY(walks::scan(std::move(scan), progress_));
        not_reached_ = outcome.not_reached;
        const bool out_of_time = outcome.out_of_time && !outcome.interrupted;
        if (!request_.paths.empty() && outcome.roots_failed > 0 && outcome.files == 0) {
            return fail(Code::not_found, "{}: {}", outcome.gaps.front().where.path, outcome.gaps.front().why);
        }
        walks::add_to(report_, std::move(outcome));
        if (out_of_time) add_left_over();
        finish();
        return looked_again();
    }

private:
    // With `homes`, asks for those too.
    Status audit_system(const std::optional<std::string>& root, std::vector<std::string>* homes) {
        progress_.set_current("settings, packages and accounts");
        auto advisories = open_advisories(request_.state);
        if (!advisories) report_.gaps.push_back(Gap{{}, advisories.error().code, advisories.error().text});
        HostTablesSetup setup{.root = root, .facts = {}, .limits = {}, .state = root ? std::string{} : request_.state, .advisories = {}};
        if (advisories) setup.advisories = *std::move(advisories);
        const auto host = WARD_TRY(HostDatabase::open(request_.share + "/tables", std::move(setup)));
        const AuditRequest request{.areas = {}, .sees_everything = root || ::geteuid() == 0};
        read_ahead(host->tables(), request_.checks, request);
        auto outcome = WARD_TRY(walks::audit(
            request_.checks, request, [&](const std::string& sql) { return host->query(sql, {}); }, &progress_.stop));
        unanswered_.insert(outcome.unanswered.begin(), outcome.unanswered.end());
        walks::add_to(report_, std::move(outcome));
        if (!root && !progress_.stop) {
            const auto kept = remember_fixes(request_.state, [&](const std::string& sql) { return host->query(sql, {}); }, std::time(nullptr));
            if (!kept) report_.gaps.push_back(Gap{{}, kept.error().code, "what waits could not be written down: " + kept.error().text});
        }
        if (homes == nullptr) return done();
        auto answer = host->query(kHomes, {});
        if (!answer) {
            report_.gaps.push_back(Gap{{}, answer.error().code, "the homes of users are not known: " + answer.error().text});
            return done();
        }
        for (const auto& row : answer->result.rows) homes->push_back(to_text(row.at(0)));
        return done();
    }

    Status audit_path(const std::string& path) {
        if (holds_system(path)) return audit_system(path, nullptr);
        std::error_code ignored;
        if (!fs::exists(path, ignored)) return done();  // which the scan says
        const bool folder = fs::is_directory(path, ignored);
        report_.gaps.push_back(Gap{Where{fs::absolute(path, ignored).lexically_normal().string(), 0, {}}, Code::unsupported,
                                   folder ? "holds no operating system, so it was looked through for malware only"
                                          : "is a file, so it was looked through for malware only; a saved system is checked "
                                            "whole when it is unpacked and named as --root"});
        return done();
    }

    void add_running_programs(ScanRequest& scan) {
        auto running = running_programs();
        for (const auto& file : running.files) progress_.total_bytes.fetch_add(file.object.bytes);
        scan.files = std::move(running.files);
        scan.walk.already = std::move(running.inodes);
        std::move(running.gaps.begin(), running.gaps.end(), std::back_inserter(report_.gaps));
        report_.summary.of(Area::malware).gaps += running.gaps.size();
    }

    void add_left_over() {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*request_.budget).count();
        std::string next = fmt::format("`{} --budget {}s` begins anew and gets further", request_.command,
                                       10 * std::max<std::int64_t>(seconds, 6));
        if (not_reached_.size() <= kMaxPlacesNamed) {
            next = "`ward scan";
            for (const auto& path : not_reached_) next += " " + shell_quote(path);
            next += "` goes on";
        }
        const std::string others = not_reached_.size() == 1 ? "" : fmt::format(" and {} other places", not_reached_.size() - 1);
        // First, because it says what to do about it.
        report_.gaps.insert(report_.gaps.begin(),
                            Gap{Where{not_reached_.front(), 0, {}}, Code::over_limit,
                                fmt::format("the {} s for a check (--budget) ended before it{} had been looked through for malware; {}",
                                            seconds, others, next)});
        ++report_.summary.of(Area::malware).gaps;
    }

    void finish() {
        report::sort(report_.findings);
        report_.summary.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    }

    LookedAgain looked_again() const {
        std::unordered_set<std::string> unseen;
        for (const auto& gap : report_.gaps) unseen.insert(gap.where.path);
        return [unanswered = unanswered_, not_reached = not_reached_, unseen = std::move(unseen),
                interrupted = report_.summary.interrupted](const Finding& finding) {
            if (interrupted || unanswered.contains(finding.rule) || unseen.contains(finding.where.path)) return false;
            return std::none_of(not_reached.begin(), not_reached.end(),
                                [&](const std::string& root) { return lies_in(finding.where.path, root); });
        };
    }

    CheckRequest request_;
    ScanProgress& progress_;
    report::Report& report_;
    Clock::time_point start_;
    std::vector<std::string> homes_;
    std::unordered_set<std::string> unanswered_;  // ids of checks
    std::vector<std::string> not_reached_;
};

}  // namespace

Result<LookedAgain> check(CheckRequest request, ScanProgress& progress, report::Report& report) {
    return Work{std::move(request), progress, report}.run();
}

}  // namespace ward::walks
