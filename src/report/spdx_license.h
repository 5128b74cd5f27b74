// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ward::report {

// The list that the ids below are from.
inline constexpr std::string_view kSpdxLicenseList = "3.28";

struct SpdxLicense {
    std::string text;  // an SPDX license expression with the ids as SPDX's list spells them
    bool is_id;        // it is one id and nothing else
};

// What a package says of its license, when that is an SPDX license expression (SPDX 2.3, annex D) of ids on SPDX's list; nothing
// when it is anything else: most software says it in words of its own, and to guess would put words in its mouth.
std::optional<SpdxLicense> spdx_license(std::string_view said);

}  // namespace ward::report
