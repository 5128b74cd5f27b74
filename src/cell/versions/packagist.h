// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two versions of PHP packages: normalised as composer/semver's VersionParser::normalize
// does it (Composer's "Versions and constraints", "Tags" and "Branches"), then compared as PHP's
// version_compare: -1, 0 or 1. Stability orders dev < alpha < beta < RC < release < patch; build
// metadata does not count; `1.2.x-dev` is its branch's last, 1.2.9999999-dev. Nothing for what
// normalize refuses, and for two named branches (dev-main, dev-fix) that differ: Composer compares
// them with releases, which are later, but not with each other. Linear.
std::optional<int> compare_packagist_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
