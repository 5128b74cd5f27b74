// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/collector.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward::facts {

// One row of the table `packages`, from whichever manager. Views, which live as long as the call that adds it.
struct PackageRow {
    std::string_view manager;  // dpkg, rpm, apk
    std::string_view name;
    std::string_view version;
    std::string_view architecture;
    std::string_view source;          // the name itself where this is empty
    std::string_view source_version;
    std::string_view status = "installed";
    std::string_view want;
    bool broken = false;
    bool essential = false;
    std::string_view section;
    std::string_view priority;
    std::string_view maintainer;
    std::string_view summary;
    std::optional<std::uint64_t> installed_kib;
    std::string_view path;
    std::string_view vendor;
    std::optional<std::uint64_t> installed;  // seconds since 1970
};
void add_package(const PackageRow& package, Collector& out);

// The packages of apk's /lib/apk/db/installed (apk-tools, apk_db_fdb_read): lines of a letter, a colon and a value, and an
// empty line behind each package. What its files are stands there too, and is passed over.
void read_apk(const Source& source, Collector& out);

}  // namespace ward::facts
