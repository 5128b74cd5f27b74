// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "walks/audit.h"

#include <cstdint>
#include <string>

namespace ward::walks {

// Writes down what waits here now (the table `fixes`) into `state`/fixes-seen, from where the table `fixes_seen` has it at the next look.
// What was there keeps its day; what does not wait any more is dropped, unless this look has gaps. What is new waits since now, if whoever tells of it (advisories,
// apt's lists) could have told at the look before; else nobody knows since when. Nothing is written when the table cannot be asked.
Status remember_fixes(const std::string& state, const Ask& ask, std::int64_t now);

}  // namespace ward::walks
