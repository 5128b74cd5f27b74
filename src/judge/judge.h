// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/check.h"
#include "model/finding.h"
#include "model/object.h"
#include "model/query.h"
#include "model/verdict.h"

#include <vector>

namespace ward::judge {

// The findings of a scanned object: one for each rule and innermost object. The rule's meta gives severity (`severity`, else
// high), title (`title`, else `description`, else the rule's name), `why`, `fix` (else a general one, with commands) and
// references (`reference`, `refs`, `url`). Names from a rule may be anybody's words: they are escaped where they are printed.
std::vector<Finding> weigh(const Object& object, const Verdict& verdict);

// The findings of a check that was asked: one for each row, except that rows with the same file and the same values in the
// check's `identity` columns are one finding with an evidence each. Identity is what the next report knows it by, so line
// numbers, process ids and sizes are no part of it. Code::malformed when the check names a column that the answer lacks.
Result<std::vector<Finding>> weigh(const Check& check, const QueryResult& answer);

// What the check answers for whom: "Cyber Essentials: firewalls", "CIS Debian 12, 4.2.7".
std::vector<std::string> mappings(const Check& check);

// The commands of a check with every {column} replaced by the row's value, as one quoted word of a shell, and every {column...} by the
// words of the value that can be names of packages, each quoted; a command whose {column...} has no word is left out.
Result<std::vector<std::string>> fill_commands(const Check& check, const std::vector<std::string>& columns, const Row& row);

}  // namespace ward::judge
