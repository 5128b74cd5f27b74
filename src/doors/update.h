// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"
#include "update/source.h"

#include <string>
#include <vector>

namespace ward::doors {

struct UpdateSettings;

// `ward update`: public knowledge from its publishers, or from a folder; the only command that connects to other machines, and it
// does so through ward-fetch alone.
extern const Verb kUpdateVerb;

// The sources of this machine: what ships with Ward, changed as the configuration says.
Result<std::vector<update::SourceSpec>> sources_of(const UpdateSettings& settings);

// fetch.jsonl for people, newest last: one line a request. Lines that are damaged are counted, not shown.
std::string request_log_text(std::string_view log);

}  // namespace ward::doors
