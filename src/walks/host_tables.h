// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"
#include "host/recording.h"
#include "host/source_reader.h"
#include "model/messages.h"
#include "tables/row_source.h"
#include "tables/spec.h"

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace ward::walks {

struct HostTablesSetup {
    std::optional<std::string> root;        // --root; "/" when it is not given and there are no recorded facts
    std::optional<host::Recording> facts;   // --facts: answers before the root does
    host::SourceLimits limits;
    std::string state;                      // what Ward remembers of this machine; empty for a tree that it looks at once
    host::Descriptor advisories;            // the advisory database, open for reading; none where there is none
};

// The rows of a host: reads a table's sources unseen, has them parsed behind the wall, and keeps what could not be read.
//
//     gate::FactsCell cell;
//     auto tables = WARD_TRY(HostTables::open(specs, setup, [&](const auto& request, Bytes bytes, int advisories) {
//         return cell.parse(request, bytes, advisories);
//     }));
//     const RowSet users = WARD_TRY(tables.rows("users", {}));
//
// Each source is read once in the life of this object, so all tables tell of the same host at the same time; only when more
// than kMaxKeptBytes were read (hashes of a whole disk) are further ones forgotten after use. A parser may ask
// for more; it gets only what lies below the root and what the table's description allows, all else is a gap. What the parser
// answers is checked against the description. `specs` are kept by the caller. One thread.
class HostTables : public tables::RowSource {
public:
    using Parse = std::function<Result<wire::ParseAnswer>(const wire::ParseRequest&, Bytes, int advisories)>;

    static Result<HostTables> open(const std::vector<tables::TableSpec>& specs, HostTablesSetup setup, Parse parse);

    // Begins to read the slow sources of these tables, so that they are there when they are asked for. Tables that are not there
    // are passed over.
    void read_ahead(std::span<const std::string> tables);

    Result<RowSet> rows(std::string_view table, std::span<const Constraint> constraints) override;
    std::vector<Gap> gaps_of(const TableRead& read) const override;

    // All tables, for gate::SqlCell.
    std::vector<TableShape> shapes() const;
    static constexpr std::uint64_t kMaxKeptBytes = 768 * kMiB;  // a recording must stay below 1 GiB

    // Every source that was read and kept so far.
    const host::Recording& recording() const { return seen_; }

private:
    struct Work;
    // A source on its way. One that nobody asks for any more ends early.
    class Ahead {
    public:
        Ahead(const host::SourceReader& reader, const std::string& name);
        ~Ahead() { stop_.request_stop(); }
        Ahead(Ahead&&) = default;
        Ahead& operator=(Ahead&&) = default;
        host::Source take() { return source_.get(); }

    private:
        std::stop_source stop_;
        std::future<host::Source> source_;  // whose end is waited for by its destructor
    };

    HostTables(const std::vector<tables::TableSpec>& specs, HostTablesSetup setup, Parse parse)
        : specs_{&specs}, parse_{std::move(parse)}, limits_{setup.limits}, advisories_{std::move(setup.advisories)}, facts_{std::move(setup.facts)} {}

    RowSet read_table(const tables::TableSpec& spec, std::span<const Constraint> constraints);
    // The same, parsed once in the life of this object: for tables that are made from others, and those that they are made from.
    const RowSet& read_once(const tables::TableSpec& spec);
    bool is_kept(const tables::TableSpec& spec) const;
    void add_sources(const std::string& pattern, bool asked_by_parser, Work& work);
    void add_source(const std::string& name, Work& work);
    void add_input(const std::string& table, bool if_live, Work& work);
    const host::Recording::Glob& expand(const std::string& pattern);
    std::shared_ptr<const host::Source> read(const std::string& name);
    bool lives_elsewhere(const tables::TableSpec& spec) const;
    Result<wire::ParseAnswer> parse(const Work& work);

    const std::vector<tables::TableSpec>* specs_;
    Parse parse_;
    host::SourceLimits limits_;
    host::Descriptor advisories_;
    std::unique_ptr<const host::SourceReader> reader_;  // none when only recorded facts are asked
    std::optional<host::Recording> facts_;
    host::Recording seen_;
    std::uint64_t kept_bytes_ = 0;
    std::vector<std::pair<TableRead, std::vector<Gap>>> gaps_;  // of what was not read whole: few
    std::map<std::string, RowSet> kept_rows_;                   // by table
    std::map<std::string, Ahead> ahead_;                        // by source, until it is asked for
};

}  // namespace ward::walks
