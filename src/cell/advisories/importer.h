// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/builder.h"
#include "cell/formats/store.h"
#include "core/limits.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ward::advisories {

// Reads what publishers give out into a Builder. What a file is, its content decides:
//
// - OSV records (one, one behind the other, JSON lines, or an array);
// - documents of CSAF 2.0 and 2.1, the profile VEX included;
// - CISA's catalogue of known exploited vulnerabilities (JSON); FIRST's EPSS scores (CSV);
// - the Debian security tracker's JSON; endoflife.date's API, version 1;
// - any of these packed by zip, gzip, xz, zstd, bzip2 or tar, and one of these inside another.
//
//     Importer importer{builder, store};
//     importer.add({"osv-debian", "Debian, by OSV"}, bytes);
//     for (const Fault& fault : importer.faults()) ...
//
// A record that cannot be used is left out and counted (SourceNote::refused); the first kMaxFaults of a source say why.
class Importer {
public:
    struct Fault {
        std::string source;
        std::string where;  // a member of an archive; empty for the file itself
        Error error;
    };
    static constexpr std::size_t kMaxFaults = 20;

    // The limits of one source: dumps of OSV unpack to 3 GB, tens of thousands of files to an archive.
    static Limits limits();

    Importer(Builder& builder, formats::Store& store) : builder_{builder}, store_{store} {}
    void add(SourceNote note, Bytes bytes);
    const std::vector<Fault>& faults() const { return faults_; }

private:
    void open(std::string_view where, Bytes bytes, formats::Budget& budget, std::uint32_t depth);
    void read(std::string_view where, std::string_view text);
    void read_value(std::string_view where, std::string_view value);
    void read_osv_record(std::string_view where, std::string_view text);
    void read_csaf_document(std::string_view where, std::string_view text);
    void read_exploited(std::string_view where, std::string_view text);
    void read_forecast(std::string_view where, std::string_view text);
    void read_tracker(std::string_view where, std::string_view text);
    void read_life_cycles(std::string_view where, std::string_view text);
    void fault(std::string_view where, Error error);
    void fault_of_source(Error error);
    void refuse(std::string_view where, Error error);
    bool take(const Status& added, std::string_view where);

    Builder& builder_;
    formats::Store& store_;
    std::vector<Fault> faults_;
    std::size_t faults_of_source_ = 0;
    bool full_ = false;
};

}  // namespace ward::advisories
