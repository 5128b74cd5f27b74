// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/finding.h"
#include "model/object.h"
#include "model/verdict.h"

#include <vector>

namespace ward::judge {

// The findings of a scanned object: one for each rule and innermost object. The rule's meta gives severity (`severity`, else
// high), title (`title`, else `description`, else the rule's name), `why`, `fix` and references (`reference`, `refs`,
// `url`). Names from a rule may be anybody's words: they are escaped where they are printed.
std::vector<Finding> weigh(const Object& object, const Verdict& verdict);

}  // namespace ward::judge
