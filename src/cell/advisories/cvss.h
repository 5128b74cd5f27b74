// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::advisories {

// The base score of a CVSS vector, 0 to 10 in tenths: versions 4.0 ("CVSS:4.0/AV:N/...", specification document 8), 3.0 and 3.1
// ("CVSS:3.1/AV:N/...", specification document 7.1) and 2.0 ("AV:N/AC:L/Au:N/...", guide 3.2.1). Metrics of the temporal, threat and
// environmental groups do not count. Nothing for a vector that lacks a base metric, has an unknown value, or is of another version.
std::optional<double> cvss_base_score(std::string_view vector);

}  // namespace ward::advisories
