// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two RPM versions, [epoch:]version[-release] (rpm-version(7), "Comparing"; rpm's
// tests/rpmvercmp.at for `~` and `^`): -1, 0 or 1. Nothing when either has an epoch that is no
// number, an empty version or release, or a character that the page does not allow. A missing epoch
// is 0; a missing release comes before every release. Linear, no allocation.
std::optional<int> compare_rpm_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
