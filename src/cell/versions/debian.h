// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two Debian versions, [epoch:]upstream[-revision] (Debian Policy 5.6.12): -1, 0 or 1; nothing when either is no
// version (empty, an epoch that is no number up to 2^31-1, an empty upstream part, a character that the policy does not
// allow). Linear, no allocation.
std::optional<int> compare_debian_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
