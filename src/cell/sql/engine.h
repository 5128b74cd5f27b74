// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/query.h"

#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace ward::sql {

// Asks for the rows of a table. The constraints are those on the table's required columns. Called while a query runs.
using Pull = std::function<Result<RowSet>(std::string_view table, std::span<const Constraint>)>;

// Runs SQL over tables whose rows are pulled when a query touches them.
//
//     auto engine = WARD_TRY(Engine::open(shapes, pull));       // before the process is sealed
//     const QueryResult answer = WARD_TRY(engine->run("SELECT name FROM users WHERE uid = 0", {}));
//
// Queries are one SELECT (or WITH, VALUES, EXPLAIN-less): whatever writes, attaches, loads or sets is refused. Rows of one
// table and constraint are pulled once in the engine's life, so every check of a run sees the same host. The gaps of a pull
// stay with whoever answered it. One thread.
class Engine {
public:
    static Result<std::unique_ptr<Engine>> open(std::vector<TableShape> shapes, Pull pull);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Code::malformed for SQL that SQLite refuses (with its words), Code::denied for a query that would do more than read,
    // Code::over_limit for time, rows or memory, and the pull's own error when a table could not be had.
    Result<QueryResult> run(std::string_view sql, const QueryLimits& limits);

private:
    struct Impl;
    explicit Engine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::sql
