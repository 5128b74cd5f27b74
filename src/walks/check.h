// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/check.h"
#include "report/report.h"
#include "walks/remember.h"
#include "walks/scan.h"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ward::walks {

struct CheckRequest {
    // What to look at: this machine when both are empty.
    std::optional<std::string> root;                   // a tree that is taken for a whole machine: its telling places
    std::vector<std::string> paths;                    // folders and files, looked through whole for malware; a folder that
                                                       // holds a system is audited too
    std::string share;                                 // the folder of tables/
    std::string state;                                 // the folder with the advisories
    std::span<const Check> checks;
    ScanRequest scan;                                  // with the database and limits, without anything to look at
    std::optional<std::chrono::milliseconds> budget;   // of the whole check; what is left over is one gap
    std::string command;                               // that ran, without its budget, for the gap to name
};

// The checkup: audits first, for they take seconds, then looks for malware where it would sit: running programs, what starts
// by itself, temporary and web folders, homes; what changed in the last week before all else. Fills findings, gaps, passed
// checks and summary of the report. Answers what `remember` needs: whether an old finding's place was looked at again. An
// error means that nothing of use can be told.
Result<LookedAgain> check(CheckRequest request, ScanProgress& progress, report::Report& report);

}  // namespace ward::walks
