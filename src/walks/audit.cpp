// SPDX-License-Identifier: Apache-2.0
#include "walks/audit.h"

#include "judge/judge.h"

#include <algorithm>
#include <iterator>

namespace ward::walks {

namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

// One audit in work.
class Work {
public:
    Work(const AuditRequest& request, const Ask& ask) : request_{request}, ask_{ask} {}

    void look(const Check& check) {
        auto& tally = outcome_.areas[static_cast<std::size_t>(check.area)];
        tally.ran = true;
        ++tally.checks;
        std::vector<Gap> gaps;
        const std::size_t found = answer(check, gaps);
        if (check.needs_root && !request_.sees_everything) gaps.push_back({{}, Code::denied, "only root sees it all"});
        if (found > 0) ++tally.failed;
        if (!gaps.empty()) {
            ++tally.gaps;
            outcome_.unanswered.push_back(check.id);
            for (auto& gap : gaps) keep(std::move(gap), check.id);
        } else if (found == 0) {
            outcome_.passed.push_back({check.area, check.id, check.title});
        }
    }

    Result<AuditOutcome> finish() && {
        if (answered_ == 0 && first_error_) return std::move(*first_error_);
        for (auto& [gap, checks] : gaps_) {
            gap.why += "; so not answered: " + joined(checks);
            outcome_.gaps.push_back(std::move(gap));
        }
        return std::move(outcome_);
    }

    AuditOutcome& outcome() { return outcome_; }

private:
    // How many findings; what was in the way goes into `gaps`.
    std::size_t answer(const Check& check, std::vector<Gap>& gaps) {
        auto answer = ask_(check.query);
        auto findings = answer ? judge::weigh(check, answer->result) : Result<std::vector<Finding>>{answer.error()};
        if (!findings) {
            if (!first_error_) first_error_ = findings.error();
            gaps.push_back({{}, findings.error().code, findings.error().text});
            return 0;
        }
        ++answered_;
        gaps = std::move(answer->gaps);
        const bool guesses = std::any_of(check.whole.begin(), check.whole.end(), [&](const std::string& table) {
            return std::find(answer->incomplete.begin(), answer->incomplete.end(), table) != answer->incomplete.end();
        });
        if (guesses) return 0;
        const std::size_t found = findings->size();
        if (found == 0 && gaps.empty() && !check.answerable.empty()) see_whether_answerable(check, gaps);
        std::move(findings->begin(), findings->end(), std::back_inserter(outcome_.findings));
        return found;
    }

    // Silence may mean that there was nothing to look at.
    void see_whether_answerable(const Check& check, std::vector<Gap>& gaps) {
        auto answer = ask_(check.answerable);
        if (!answer) {
            gaps.push_back({{}, answer.error().code, answer.error().text});
            return;
        }
        std::move(answer->gaps.begin(), answer->gaps.end(), std::back_inserter(gaps));
        if (answer->result.rows.empty()) gaps.push_back({{}, Code::not_found, check.unanswerable});
    }

    // The same gap in the way of ten checks is one gap.
    void keep(Gap gap, const std::string& check) {
        auto known = std::find_if(gaps_.begin(), gaps_.end(), [&](const auto& item) { return item.first == gap; });
        if (known == gaps_.end()) known = gaps_.insert(gaps_.end(), {std::move(gap), {}});
        if (known->second.empty() || known->second.back() != check) known->second.push_back(check);
    }

    const AuditRequest& request_;
    const Ask& ask_;
    AuditOutcome outcome_;
    std::vector<std::pair<Gap, std::vector<std::string>>> gaps_;
    std::size_t answered_ = 0;
    std::optional<Error> first_error_;
};

bool is_asked(const Check& check, const AuditRequest& request) {
    return request.areas.empty() || std::find(request.areas.begin(), request.areas.end(), check.area) != request.areas.end();
}

// The words of a query in small letters, as tables are named; these and much else.
void add_words(std::string_view sql, std::vector<std::string>& words) {
    const auto in_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    for (std::size_t at = 0; at < sql.size();) {
        std::size_t end = at;
        while (end < sql.size() && in_word(sql[end])) ++end;
        if (end > at) words.emplace_back(sql.substr(at, end - at));
        at = end + 1;
    }
}

}  // namespace

void read_ahead(HostTables& tables, std::span<const Check> checks, const AuditRequest& request) {
    std::vector<std::string> words;
    for (const auto& check : checks) {
        if (is_asked(check, request)) add_words(check.query, words);
    }
    tables.read_ahead(words);
}

Result<AuditOutcome> audit(std::span<const Check> checks, const AuditRequest& request, const Ask& ask,
                           const std::atomic<bool>* stop) {
    Work work{request, ask};
    for (const auto& check : checks) {
        if (!is_asked(check, request)) continue;
        if (stop != nullptr && *stop) {
            work.outcome().interrupted = true;
            break;
        }
        work.look(check);
    }
    return std::move(work).finish();
}

void add_to(report::Report& report, AuditOutcome&& outcome) {
    std::move(outcome.findings.begin(), outcome.findings.end(), std::back_inserter(report.findings));
    std::move(outcome.gaps.begin(), outcome.gaps.end(), std::back_inserter(report.gaps));
    std::move(outcome.passed.begin(), outcome.passed.end(), std::back_inserter(report.passed));
    for (const Area area : kAreas) {
        const auto& tally = outcome.areas[static_cast<std::size_t>(area)];
        if (!tally.ran) continue;
        auto& all = report.summary.of(area);
        all.ran = true;
        all.checks += tally.checks;
        all.failed += tally.failed;
        all.gaps += tally.gaps;
    }
    report.summary.interrupted = report.summary.interrupted || outcome.interrupted;
}

}  // namespace ward::walks
