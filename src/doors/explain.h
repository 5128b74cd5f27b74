// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"
#include "model/check.h"
#include "model/finding.h"

#include <string>

namespace ward::doors {

// `ward explain ID`: what a check or a malware rule of Ward's own is about, why it matters, and what to do; of a finding of an
// earlier report also where it was.
extern const Verb kExplainVerb;

// A check for people: lines of at most `width` columns, but for its query and commands, which are to be copied.
std::string explain_text(const Check& check, std::size_t width);
std::string explain_json(const Check& check);
// A malware rule as its findings tell it; of the finding only what is the rule's is used.
std::string explain_rule_text(const Finding& rule, std::size_t width);
std::string explain_rule_json(const Finding& rule);

}  // namespace ward::doors
