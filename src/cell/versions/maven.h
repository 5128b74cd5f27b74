// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// Orders two Maven versions (POM Reference, "Version Order Specification", and where that page is
// silent or wrong, as its own discussions say of a few examples, what ComparableVersion of
// Maven 3.9 does): -1, 0 or 1; nothing only for an empty text, since Maven reads any other. Letters
// have case nowhere; only ASCII digits make numbers. Linear.
//
// The order has a flaw, which is Maven's: with a zero before a qualifier it runs in a circle (1 <
// 1-sp < 1-0.alpha.1 < 1).
std::optional<int> compare_maven_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
