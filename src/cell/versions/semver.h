// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ward::versions {

// The orders that come of Semantic Versioning: -1, 0 or 1; nothing when either is no version of its
// scheme. Numbers have any length, though most programs stop at 2^53, 2^63 or 2^64. Linear, no
// allocation.

// Semantic Versioning 2.0.0: grammar of items 2, 9 and 10, precedence of item 11. Build metadata
// does not count.
std::optional<int> compare_semver_versions(std::string_view a, std::string_view b);

// node-semver 7, "Versions" of its manual: SemVer, with blanks around it and `v` and `=` before it
// taken off.
std::optional<int> compare_npm_versions(std::string_view a, std::string_view b);

// Go Modules Reference, "Versions", as golang.org/x/mod/semver reads it: `v` must lead; v1 and v1.2
// are v1.0.0 and v1.2.0. Pseudo-versions are pre-releases and so need no rule of their own;
// +incompatible is build metadata and does not count.
std::optional<int> compare_go_versions(std::string_view a, std::string_view b);

// The Cargo Book, "The version field", and the crate semver, Version::cmp_precedence: SemVer, no
// build metadata in it. (The crate's `Ord` breaks ties by build metadata too, so that sorting is
// stable; neither requirements nor advisories do.)
std::optional<int> compare_cargo_versions(std::string_view a, std::string_view b);

// Elixir's Version, "Versions" of its manual, which Hex asks for: SemVer, build metadata does not
// count.
std::optional<int> compare_hex_versions(std::string_view a, std::string_view b);

// Dart's pub_semver, "Semantics": build metadata counts, a version with some is later than one
// without, and it is compared as pre-releases are. Numbers may have leading zeros.
std::optional<int> compare_pub_versions(std::string_view a, std::string_view b);

// NuGet, "Package versioning", "Normalized version numbers" and "Semantic Versioning 2.0.0": one to
// four numbers, those that are missing are 0, leading zeros allowed; labels of pre-releases
// regardless of case; build metadata does not count.
std::optional<int> compare_nuget_versions(std::string_view a, std::string_view b);

}  // namespace ward::versions
