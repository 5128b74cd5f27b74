// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/schemes.h"

#include <iterator>

namespace ward::versions {

namespace {

constexpr bool entries_stand_at_their_schemes() {
    for (std::size_t i = 0; i < std::size(kVersionSchemes); ++i) {
        if (static_cast<std::size_t>(kVersionSchemes[i].scheme) != i) return false;
    }
    return true;
}
static_assert(entries_stand_at_their_schemes());

}  // namespace

std::optional<VersionScheme> version_scheme(std::string_view name) {
    for (const auto& entry : kVersionSchemes) {
        if (entry.name == name) return entry.scheme;
    }
    return std::nullopt;
}

std::string version_scheme_names() {
    std::string names;
    for (const auto& entry : kVersionSchemes) {
        if (!names.empty()) names += ", ";
        names += entry.name;
    }
    return names;
}

std::optional<int> compare_versions(VersionScheme scheme, std::string_view a, std::string_view b) {
    if (a.empty() || b.empty() || a.size() > kMaxVersionBytes || b.size() > kMaxVersionBytes)
        return std::nullopt;
    return kVersionSchemes[static_cast<std::size_t>(scheme)].compare(a, b);
}

}  // namespace ward::versions
