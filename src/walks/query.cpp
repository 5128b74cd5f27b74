// SPDX-License-Identifier: Apache-2.0
#include "walks/query.h"

#include <algorithm>

namespace ward::walks {

Result<std::unique_ptr<HostDatabase>> HostDatabase::open(const std::string& spec_folder, HostTablesSetup setup) {
    auto database = std::unique_ptr<HostDatabase>{new HostDatabase};
    database->specs_ = WARD_TRY(tables::load_specs(spec_folder));
    gate::FactsCell& facts = database->facts_;
    const auto parse = [&facts](const wire::ParseRequest& request, Bytes bytes, int advisories) {
        return facts.parse(request, bytes, advisories);
    };
    database->tables_.emplace(WARD_TRY(HostTables::open(database->specs_, std::move(setup), parse)));
    HostTables& tables = *database->tables_;
    // The SQL cell has no use for gaps: they stay here, by reading.
    const auto pull = [&tables](const std::string& table, const std::vector<Constraint>& constraints) -> Result<RowSet> {
        RowSet rows = WARD_TRY(tables.rows(table, constraints));
        rows.gaps.clear();
        return rows;
    };
    database->sql_.emplace(tables.shapes(), pull);
    return database;
}

Result<HostDatabase::Answer> HostDatabase::query(const std::string& sql, const QueryLimits& limits) {
    Answer answer{WARD_TRY(sql_->query(sql, limits)), {}, {}};
    const auto add_once = [](auto& list, auto item) {
        if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
    };
    for (const auto& read : answer.result.reads) {
        auto gaps = tables_->gaps_of(read);
        if (!gaps.empty()) add_once(answer.incomplete, read.table);
        for (auto& gap : gaps) add_once(answer.gaps, std::move(gap));
    }
    return answer;
}

std::vector<Gap> HostDatabase::read_all() {
    std::vector<Gap> gaps;
    for (const auto& spec : specs_) {
        if (!spec.required.empty()) continue;
        const auto rows = tables_->rows(spec.name, {});
        if (!rows) {
            gaps.push_back({{}, rows.error().code, rows.error().text});
            continue;
        }
        for (const auto& gap : rows->gaps) {
            if (std::find(gaps.begin(), gaps.end(), gap) == gaps.end()) gaps.push_back(gap);
        }
    }
    return gaps;
}

}  // namespace ward::walks
