// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gate/cells.h"
#include "walks/host_tables.h"

#include <memory>
#include <string>
#include <vector>

namespace ward::walks {

// SQL over a host: the tables' descriptions, the cell that parses their sources and the one that runs the SQL, put together.
//
//     auto host = WARD_TRY(HostDatabase::open(host::share_folder() + "/tables", {.root = "/mnt"}));
//     const auto answer = WARD_TRY(host->query("SELECT name FROM users WHERE uid = 0", {}));
//
// The cells start at the first query and serve all that follow. One thread.
class HostDatabase {
public:
    struct Answer {
        QueryResult result;
        std::vector<Gap> gaps;                // of what the query read: what its rows do not know
        std::vector<std::string> incomplete;  // the tables that have them
    };

    static Result<std::unique_ptr<HostDatabase>> open(const std::string& spec_folder, HostTablesSetup setup);

    // The error is the SQL's, a limit's, or that of a table whose required column is not fixed.
    Result<Answer> query(const std::string& sql, const QueryLimits& limits);

    // Reads every table that can be read as a whole, so that the recording holds what later queries may ask for. Gaps of all.
    std::vector<Gap> read_all();

    const std::vector<tables::TableSpec>& specs() const { return specs_; }
    HostTables& tables() { return *tables_; }

private:
    HostDatabase() = default;

    std::vector<tables::TableSpec> specs_;
    gate::FactsCell facts_;
    std::optional<HostTables> tables_;
    std::optional<gate::SqlCell> sql_;
};

}  // namespace ward::walks
