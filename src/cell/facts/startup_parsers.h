// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

namespace ward::facts {

// The parsers of tables about what starts by itself, one a table of the same name (data/tables).
wire::ParseAnswer parse_cron_jobs(const Request& request);
wire::ParseAnswer parse_services(const Request& request);
wire::ParseAnswer parse_start_items(const Request& request);
wire::ParseAnswer parse_timers(const Request& request);
wire::ParseAnswer parse_unit_settings(const Request& request);

}  // namespace ward::facts
