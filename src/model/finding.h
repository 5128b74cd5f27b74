// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/row.h"
#include "model/severity.h"
#include "model/where.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ward {

// One reason to believe the finding: a pattern seen at an offset, facts from a row, or a further place.
struct PatternEvidence {
    std::string pattern;
    std::uint64_t offset = 0;  // bytes, in the object that `where` names
    std::uint64_t length = 0;
    bool address = false;      // of a process's memory, not an offset in a file
    bool operator==(const PatternEvidence&) const = default;
};
struct FactEvidence {
    std::vector<std::pair<std::string, Value>> facts;  // column and value, in the order to show them
    bool operator==(const FactEvidence&) const = default;
};
using Evidence = std::variant<PatternEvidence, FactEvidence, Where>;

// Something wrong, with how we know and what to do. Born in judge and nowhere else.
struct Finding {
    std::string id;    // stable fingerprint: the same fault on the same place has the same id in the next report
    std::string rule;  // of the check or the malware rule
    Area area = Area::malware;
    Severity severity = Severity::medium;
    std::string title;
    std::string why;
    Where where;       // an empty path: the host as a whole
    std::vector<Evidence> evidence;
    std::string fix;
    std::vector<std::string> commands;
    std::vector<std::string> refs;

    bool operator==(const Finding&) const = default;
};

}  // namespace ward
