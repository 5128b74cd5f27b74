// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/check.h"
#include "model/row.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ward::judge {

// An example of a check: given these rows of these tables, and none of any other, the query finds so many.
struct CheckCase {
    using NamedRow = std::vector<std::pair<std::string, Value>>;  // columns that are not named are NULL
    std::string name;
    std::vector<std::pair<std::string, std::vector<NamedRow>>> rows;  // table and its rows
    std::uint64_t finds = 0;  // rows of the answer
    bool answered = true;     // false when they do not suffice to say that all is well (Check::answerable)
    std::uint32_t line = 0;   // in the file
};

struct CheckFile {
    Check check;
    std::vector<CheckCase> cases;
};

// One file of data/checks (docs/checks.md). Whatever it says that is not known here is an error with file and line. `file` is
// its name in messages.
Result<CheckFile> parse_check(std::string_view text, std::string_view file);

// All *.toml of a folder, by rank and then by id. One broken file is an error: the data came with the program.
Result<std::vector<CheckFile>> load_check_files(const std::string& folder);
Result<std::vector<Check>> load_checks(const std::string& folder);

}  // namespace ward::judge
