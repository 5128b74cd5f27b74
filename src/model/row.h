// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/gap.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ward {

// A cell of a table; monostate is NULL: not recorded, or it does not apply.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;
// Values in the order of the table's columns.
using Row = std::vector<Value>;

// Rows of one table, and what could not be read on the way to them.
struct RowSet {
    std::vector<Row> rows;
    std::vector<Gap> gaps;

    bool operator==(const RowSet&) const = default;
};

// NULL as "", numbers in plain decimal.
std::string to_text(const Value& value);

}  // namespace ward
