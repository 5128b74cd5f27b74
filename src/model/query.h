// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/row.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ward {

// What SQL sees of a table; the full specification is tables/spec.h.
struct TableShape {
    struct Column {
        std::string name;
        std::string type;  // "text", "integer" or "real"
        bool operator==(const Column&) const = default;
    };
    std::string name;
    std::vector<Column> columns;
    std::vector<std::string> required;  // columns that a query must fix with `=` (or IN), because reading everything is no answer

    bool operator==(const TableShape&) const = default;
};

// `column = value`, as a query asks it of a table.
struct Constraint {
    std::string column;
    Value value;
    bool operator==(const Constraint&) const = default;
};

// A query that hits a limit fails with Code::over_limit; it never gives a short answer.
struct QueryLimits {
    std::chrono::milliseconds max_time{30'000};  // a join over all package files takes 4 s
    std::uint64_t max_rows = 1'000'000;          // of the answer
};

// A table as a query read it: the same table with another constraint is another reading, with gaps of its own.
struct TableRead {
    std::string table;
    std::vector<Constraint> constraints;  // on its required columns
    bool operator==(const TableRead&) const = default;
};

struct QueryResult {
    std::vector<std::string> columns;
    std::vector<Row> rows;
    std::vector<TableRead> reads;  // in the order of their first reading, each once

    bool operator==(const QueryResult&) const = default;
};

}  // namespace ward
