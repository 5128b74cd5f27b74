// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/advisory.h"
#include "core/json_read.h"
#include "core/result.h"

namespace ward::advisories {

// A record of OSV (schema 1.7, https://ossf.github.io/osv-schema/). Packages that are named only by commits of a repository are
// left out: no version of a package can be held against them. Code::malformed with what is wrong for a record that cannot be
// used at all.
Result<Advisory> read_osv(const JsonNode& record);

// The order of versions in an ecosystem of OSV's by the name that `versions::version_scheme` takes; "" when we know none. Of Go it is npm's
// reading of Semantic Versioning, to which the "v" that advisories leave out does not matter.
std::string_view scheme_of(std::string_view ecosystem);
// A package's name as the ecosystem compares names (PEP 503 of PyPI).
std::string normal_name(std::string_view ecosystem, std::string_view name);

// Longer texts are cut: they are for people, and a record that has megabytes of them is none.
inline constexpr std::size_t kMaxSummaryBytes = 300;
inline constexpr std::size_t kMaxNameBytes = 1024;       // of ids, packages, versions; Go's longest path has 180
inline constexpr std::size_t kMaxListed = 100'000;       // packages, versions, names of one record

// What may be the name of an advisory, a package, an ecosystem or a version: UTF-8 of at most kMaxNameBytes without control characters.
bool is_name(std::string_view text);
// At most so many bytes of UTF-8, not through the middle of a character.
std::string shorten(std::string_view text, std::size_t most);

}  // namespace ward::advisories
