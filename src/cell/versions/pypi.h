// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two Python versions (PEP 440, "Summary of permitted suffixes and relative ordering",
// "Local version identifiers", and "Normalization" for the spellings that are read: Appendix B has
// the grammar): -1, 0 or 1; nothing when either is no version of it, as the ones that packages had
// before PEP 440 may be. Linear, no allocation.
std::optional<int> compare_pypi_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
