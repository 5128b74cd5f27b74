// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"
#include "model/check.h"

#include <string>

namespace ward::doors {

// `ward explain ID`: what a check looks at, why, and what to do; of a finding of an earlier report also where it was.
extern const Verb kExplainVerb;

// A check for people: lines of at most `width` columns, but for its query and commands, which are to be copied.
std::string explain_text(const Check& check, std::size_t width);
std::string explain_json(const Check& check);

}  // namespace ward::doors
