// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/collector.h"

#include <optional>
#include <vector>

namespace ward::facts {

inline constexpr std::string_view kDpkgStatus = "/var/lib/dpkg/status";

// A package as dpkg's database has it. Views into the request's sources.
struct DpkgPackage {
    std::string_view name;
    std::string_view version;
    std::string_view architecture;
    std::string_view source;
    std::string_view source_version;
    std::string_view want;
    std::string_view status;
    bool reinstall = false;  // dpkg says that it must be installed again
    bool essential = false;
    std::string_view section;
    std::string_view priority;
    std::string_view maintainer;
    std::string_view summary;
    std::optional<std::uint64_t> installed_kib;
    std::string_view path;

    bool present() const { return status != "config-files" && !version.empty(); }
};

// All packages of /var/lib/dpkg/status and status.d/*, also those of which only configuration files are left.
std::vector<DpkgPackage> read_dpkg(const Request& request, Collector& out);

}  // namespace ward::facts
