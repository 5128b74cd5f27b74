// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/check.h"
#include "report/report.h"
#include "walks/query.h"

#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ward::walks {

struct AuditRequest {
    std::vector<Area> areas;       // empty for all that have checks
    bool sees_everything = true;   // false for an ordinary user who looks at a running machine
};

struct AuditOutcome {
    std::vector<Finding> findings;
    std::vector<Gap> gaps;                   // each names the checks that it leaves unanswered
    std::vector<report::Passed> passed;      // answered whole, and nothing found
    std::vector<std::string> unanswered;     // ids of checks whose silence says nothing
    std::array<report::AreaTally, 5> areas;  // in the order of kAreas
    bool interrupted = false;
};

using Ask = std::function<Result<HostDatabase::Answer>(const std::string& sql)>;

// Asks every check of the areas. Each row found is a finding even where a table could not be read whole, but then the check
// has not passed: the gap says so. Not so where the lack of a row in that table is what the check finds (Check::whole): then
// there is the gap alone. A query that fails is a gap too, and the others go on. Code::io when not one could be
// answered. `stop`, if any, ends it between two checks.
//
//     auto host = WARD_TRY(HostDatabase::open(host::share_folder() + "/tables", setup));
//     read_ahead(host->tables(), checks, {});
//     const auto outcome = WARD_TRY(audit(checks, {}, [&](const std::string& sql) { return host->query(sql, {}); }));
Result<AuditOutcome> audit(std::span<const Check> checks, const AuditRequest& request, const Ask& ask,
                           const std::atomic<bool>* stop = nullptr);

// Has the slow sources that these checks ask for read meanwhile; call it before audit().
void read_ahead(HostTables& tables, std::span<const Check> checks, const AuditRequest& request);

// Puts an outcome into a report that may hold more than an audit.
void add_to(report::Report& report, AuditOutcome&& outcome);

}  // namespace ward::walks
