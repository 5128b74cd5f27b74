// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two versions of Ruby gems (Gem::Version, "How Software Changes" and `<=>` of its manual):
// -1, 0 or 1; nothing when either does not fit what Gem::Version.correct? asks for. A hyphen reads
// as `.pre.`; zeros at the end of the numbers and at the end of the whole do not count; words come
// before numbers, and so before nothing at all, which is 0. Unlike Gem::Version, which reads "" as
// 0, we take nothing for no version. Linear, no allocation.
std::optional<int> compare_gem_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
