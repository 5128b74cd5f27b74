// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/query.h"
#include "model/row.h"

#include <span>
#include <string_view>
#include <vector>

namespace ward::tables {

// Where the rows of a query come from. `walks::HostTables` is the one that reads a host.
class RowSource {
public:
    virtual ~RowSource() = default;

    // All rows of a table, in the order of its columns. The constraints are those on its required columns. What could not be
    // read is in the gaps; an error means that there is no such table, or that a required column is not fixed.
    virtual Result<RowSet> rows(std::string_view table, std::span<const Constraint> constraints) = 0;

    // What could not be read of it. Empty for what was read whole or not at all.
    virtual std::vector<Gap> gaps_of(const TableRead& read) const = 0;
};

}  // namespace ward::tables
