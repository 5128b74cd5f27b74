// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/report.h"

#include <functional>
#include <string>

namespace ward::walks {

// Was the place of an old finding looked at again? Only then may its absence be called a fix.
using LookedAgain = std::function<bool(const Finding&)>;

// Compares the report with the last one of the same command and scope, keeps it in the history of the state folder, and
// leaves the note that `ward` alone shows. A state folder that cannot be used costs the memory and not the report: it is
// said on standard error.
void remember(report::Report& report, const std::string& state, const std::string& scope, const LookedAgain& looked_again);

// What is new and what is fixed between two runs; `previous` is when the old one was.
report::Comparison compare(const std::vector<Finding>& old, std::int64_t previous, const report::Report& now,
                           const LookedAgain& looked_again);

// The run's facts that every command shares: version, host name, start.
report::Run begin_run(std::string command);

}  // namespace ward::walks
