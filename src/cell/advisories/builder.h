// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/advisory.h"
#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ward::advisories {

// Where records came from, as reports name it.
struct SourceNote {
    std::string name;              // "osv-debian"
    std::string title;             // "Debian, by OSV"
    std::string digest;            // SHA-256 of the file, hex
    std::int64_t fetched = 0;      // when the publisher was asked last
    std::int64_t newest = 0;       // the newest record, or what the file says of itself
    std::uint64_t records = 0;
    std::uint64_t refused = 0;     // that could not be used
};

// Puts records together to an advisory database (docs/advisories.md).
//
//     Builder builder;
//     builder.begin_source({"osv-debian", "Debian, by OSV"});
//     builder.add(advisory);
//     const Buffer database = WARD_TRY(std::move(builder).finish());
//
// The same sources in the same order give the same bytes, whatever the order of the records in them. Of records with the same id the
// one that was modified last counts, of several such the first source's. Memory grows with what is kept, not with what was read.
class Builder {
public:
    void begin_source(SourceNote note);
    SourceNote& source() { return sources_.back(); }
    const std::vector<SourceNote>& sources() const { return sources_; }

    // Code::over_limit when there is no room for more; the database can still be finished.
    Status add(const Advisory& advisory);
    Status add(const KnownExploited& known);
    Status add(const Exploitability& forecast);
    Status add(const LifeCycle& cycle);

    Result<Buffer> finish() &&;

    static constexpr std::size_t kMaxRecords = 8'000'000;         // all of OSV had 600,000 in 2026
    static constexpr std::size_t kMaxEntries = 64'000'000;        // of any other list
    static constexpr std::uint64_t kMaxTextBytes = 2'000'000'000;

private:
    // Texts by number, in the order of their coming.
    using Text = std::uint32_t;
    struct EventEntry {
        std::uint32_t bits;
        Text version;
    };
    struct AffectedEntry {
        Text ecosystem, name, note;
        std::uint32_t record;
        std::uint32_t first_event, events, first_version, versions;
        Level level;
        std::int64_t fixed_on;
        bool denied;
    };
    struct Record {
        Text id, summary, url, vector;
        std::uint32_t score;  // in tenths, or kNoScore
        Level level;
        std::int64_t published, modified, withdrawn;
        std::uint32_t first_name, cves, aliases;
        std::uint32_t first_affected, affected;
        std::uint32_t source;
    };
    struct Cve {
        std::uint32_t flags = 0;
        Text name = 0;
        std::int64_t added = 0, due = 0;
        std::uint32_t score, percentile;
        Cve();
    };
    struct Cycle {
        Text product, cycle, latest;
        std::uint32_t over;
        std::int64_t released, support_ends, fixes_end;
    };

    Text intern(std::string_view text);
    bool has_room() const;
    Cve& cve(std::string_view name);

    std::vector<SourceNote> sources_;
    std::deque<std::string> texts_;  // never moved: the index points into them
    std::unordered_map<std::string_view, Text> text_numbers_;
    std::uint64_t text_bytes_ = 0;
    std::vector<Record> records_;
    std::vector<Text> names_;
    std::vector<AffectedEntry> affected_;
    std::vector<EventEntry> events_;
    std::vector<Text> versions_;
    std::unordered_map<Text, Cve> cves_;
    std::vector<Cycle> cycles_;
};

}  // namespace ward::advisories
