// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/query.h"

#include <string>
#include <string_view>
#include <vector>

namespace ward::tables {

// A table as data/tables/NAME.toml describes it (docs/facts.md). The manual and `.schema` are made from this.
struct TableSpec {
    struct Column {
        std::string name;
        std::string type;         // "text", "integer" or "real"
        std::string description;  // may be empty when the name says it
        std::string unit;
        std::string example;
    };
    struct Example {
        std::string title;
        std::string query;
    };
    std::string name;
    std::string title;
    std::string description;
    std::vector<Column> columns;
    std::vector<std::string> required;  // columns that a query must fix
    std::vector<std::string> sources;   // names and globs, read before the parser is called
    std::vector<std::string> may_read;  // globs: what the parser may ask for beyond them
    std::vector<std::string> from;      // tables that it is made from; their gaps are its own
    std::vector<std::string> from_live; // the same, but without gap where the running system cannot be seen
    bool advisories = false;            // reads the advisory database
    bool live = false;                  // about the running system, so a tree of files does not tell it
    bool needs_root = false;
    std::vector<Example> examples;

    TableShape shape() const;
    // As CREATE TABLE, with descriptions and units as comments.
    std::string schema() const;
};

// One file of data/tables; `file` is its name in messages.
Result<TableSpec> parse_spec(std::string_view text, std::string_view file);
// All *.toml of a folder, sorted by name. One broken file is an error: the data came with the program.
Result<std::vector<TableSpec>> load_specs(const std::string& folder);
// Nothing when there is no such table. `specs` are sorted by name.
const TableSpec* find_spec(const std::vector<TableSpec>& specs, std::string_view name);

}  // namespace ward::tables
