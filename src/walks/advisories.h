// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"
#include "model/gap.h"
#include "model/messages.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ward::walks {

// A file of what a publisher says, as `ward update` keeps it.
struct AdvisorySource {
    std::string name;          // "osv-debian"
    std::string title;         // "Debian, by OSV"
    std::string path;
    std::int64_t fetched = 0;  // seconds since 1970: how old what it says may be
};

struct BuiltSource {
    std::string name;
    std::uint64_t records = 0;
    std::uint64_t refused = 0;
};

struct BuiltAdvisories {
    wire::AdvisoryInfo info;
    std::vector<BuiltSource> sources;
    std::vector<Gap> gaps;             // records and files that could not be used; of a file as a whole when it names no member
};

// Compiles the sources into `state`/advisories.warddb (docs/advisories.md), in a cell. The database is replaced whole or not at all. A
// source that cannot be read, or that ends the cell, is a gap, and the others stand; so is each record that is broken. One at a time in a
// folder, which the caller sees to.
Result<BuiltAdvisories> build_advisories(std::span<const AdvisorySource> sources, const std::string& state);

// The database, open for reading: that of this state folder, else the system's, which an administrator keeps for all users. Without
// one nothing is open, and the tables say so. Code::denied and others when one is there that cannot be opened.
Result<host::Descriptor> open_advisories(const std::string& state);

inline constexpr const char* kAdvisoriesName = "advisories.warddb";

}  // namespace ward::walks
