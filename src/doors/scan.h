// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"
#include "doors/settings.h"
#include "walks/rules.h"
#include "walks/scan.h"

namespace ward::doors {

extern const Verb kScanVerb;

// The rules that settings name, opened or compiled; what is wrong with them stands on standard error.
Result<walks::RuleSet> open_rules(const Settings& settings, const std::string& state);

// A scan as the settings want it, without roots. `rules` stay open while it runs.
walks::ScanRequest scan_request(const Settings& settings, const walks::RuleSet& rules, const std::string& state);

}  // namespace ward::doors
