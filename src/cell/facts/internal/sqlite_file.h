// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

namespace ward::facts {

// Reads the rows of one table out of the bytes of a database of SQLite 3 (https://www.sqlite.org/fileformat2.html).
//
//     SqliteFile file = WARD_TRY(SqliteFile::open(bytes));
//     const std::uint32_t root = WARD_TRY(file.find_table("Packages"));
//     file.each_row(root, [&](std::int64_t id, Bytes record) { ... }, [&](Error error) { ... });
//
// Only tables with a row id are read, by walking their b-tree: no SQL, no schema and no index of the file is acted on, so a
// view, a trigger or an expression in it does nothing. Pages that were committed to a write-ahead log beside the file stand for
// the file's own (section 4); what else the log holds does not count, as for SQLite.
// Bounded by both files: a page is visited once, and all records together are no larger than they are.
// Keeps views into `bytes` and the log, which the caller keeps alive.
class SqliteFile {
public:
    using UseRow = std::function<void(std::int64_t id, Bytes record)>;  // the record lives for the call
    using Broken = std::function<void(Error error)>;                    // what could not be read; the rest is

    static Result<SqliteFile> open(Bytes bytes);

    // Once, before the tables are asked for.
    Status add_log(Bytes log);
    // The first page of the table of that name; Code::not_found when the schema has none.
    Result<std::uint32_t> find_table(std::string_view name);
    // In the order of row ids.
    void each_row(std::uint32_t root, const UseRow& use, const Broken& broken);

private:
    SqliteFile(Bytes bytes, std::uint32_t page_bytes, std::uint32_t usable)
        : bytes_{bytes}, page_bytes_{page_bytes}, usable_{usable}, pages_{(bytes.size() + page_bytes - 1) / page_bytes},
          all_bytes_{bytes.size()} {}
    Status claim(std::uint32_t number);        // each page once in a walk
    Result<Bytes> page(std::uint32_t number) const;
    Status leaf(Bytes page, std::size_t header, const UseRow& use, const Broken& broken);
    Status read_cell(Bytes page, std::uint64_t at, const UseRow& use);

    Bytes bytes_;
    std::uint32_t page_bytes_;
    std::uint32_t usable_;            // of a page; the rest is reserved for extensions
    std::map<std::uint32_t, Bytes> newer_;  // pages from the log
    std::uint64_t pages_ = 0;         // in both
    std::uint64_t all_bytes_ = 0;     // of both files
    std::vector<bool> visited_;       // by page number - 1, in one walk
    std::uint64_t left_to_read_ = 0;  // bytes of records, in one walk
};

struct SqliteValue {
    enum class Kind : std::uint8_t { null, integer, real, text, blob };
    Kind kind = Kind::null;
    std::int64_t integer = 0;
    Bytes bytes;  // of text and blob
};
// The columns of a record, at most 64 of them.
Result<std::vector<SqliteValue>> read_sqlite_record(Bytes record);

}  // namespace ward::facts
