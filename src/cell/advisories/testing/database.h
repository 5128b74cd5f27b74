// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/builder.h"
#include "cell/advisories/osv.h"
#include "core/bytes.h"
#include "core/json_read.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ward::advisories::testing {

// A database of OSV records, from one source:
//
//     const Buffer bytes = database_of({R"({"id": "A-1", "affected": [...]})"});
inline Advisory advisory_of(std::string_view json) {
    const auto node = read_json(json);
    WARD_CHECK(node.ok());
    auto advisory = read_osv(*node);
    WARD_CHECK(advisory.ok());
    return *std::move(advisory);
}

inline Buffer finished(Builder builder) {
    auto database = std::move(builder).finish();
    WARD_CHECK(database.ok());
    return *std::move(database);
}

inline Buffer database_of(const std::vector<std::string>& records, SourceNote note = {"osv", "OSV"}) {
    Builder builder;
    builder.begin_source(std::move(note));
    for (const auto& record : records) WARD_CHECK(builder.add(advisory_of(record)).ok());
    return finished(std::move(builder));
}

}  // namespace ward::advisories::testing
