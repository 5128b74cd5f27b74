// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/collector.h"

#include <optional>
#include <string_view>

namespace ward::facts {

// What Ward wants to know of a header of rpm (rpm.org, "Format of the header"). Views into the header; empty or nothing where
// it holds no such tag.
struct RpmHeader {
    std::string_view name;
    std::string_view version;
    std::string_view release;
    std::string_view summary;
    std::string_view vendor;
    std::string_view packager;
    std::string_view architecture;
    std::string_view source_rpm;             // "bash-5.1.8-6.el9.src.rpm"
    std::optional<std::uint64_t> epoch;
    std::optional<std::uint64_t> bytes;      // of all its files
    std::optional<std::uint64_t> installed;  // seconds since 1970
};

// A header as the databases hold it: without the magic number that it has in a package.
Result<RpmHeader> read_rpm_header(Bytes header);

// Adds the packages of all databases of rpm among the sources, and asks for those in /var/lib/rpm where that is a place of
// its own. A database of an older format beside a newer is not read, and a gap.
void read_rpm(const Request& request, Collector& out);

}  // namespace ward::facts
