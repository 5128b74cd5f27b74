// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "report/sbom.h"
#include "walks/audit.h"

namespace ward::walks {

// The software on a host, from the tables `packages`, `software` and `os_release`: what there is, sorted, each with all places
// that tell of it, and a gap for what could not be read. Packages of which only the configuration is left are not software, and
// the keys that rpm keeps as packages are none. A table that cannot be asked is a gap; the error of the first when no table could
// be. The times are left to the caller.
//
//     auto host = WARD_TRY(HostDatabase::open(host::share_folder() + "/tables", setup));
//     const auto sbom = WARD_TRY(inventory([&](const std::string& sql) { return host->query(sql, {}); }, true));
Result<report::Sbom> inventory(const Ask& ask, bool sees_everything);

// Adds what advisories say of its components, from the table `vulnerabilities`, and that table's gaps. An error of the table is a gap too.
void add_faults(report::Sbom& sbom, const Ask& ask);

}  // namespace ward::walks
