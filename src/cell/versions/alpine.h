// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two Alpine versions, number{.number}{letter}{_suffix{number}}{~hash}{-r#} (apk-package(5),
// field `version`, as apk-tools 3 reads it): -1, 0 or 1; nothing when either does not fit that.
// Numbers behind the first that begin with 0 are compared as texts, as Gentoo's PMS 3.3 has
// it: 1.02 is before 1.1, and 1.0 before 1.00, which apk-tools 2 had the other way round. Linear, no
// allocation.
std::optional<int> compare_alpine_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
