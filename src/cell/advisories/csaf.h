// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/advisory.h"
#include "core/result.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace ward::advisories {

// A document of the Common Security Advisory Framework (OASIS, CSAF 2.0 and 2.1; the profile VEX included).
//
//     const CsafDocument document = WARD_TRY(read_csaf(text));
//     for (const auto& advisory : document.advisories) builder.add(advisory);
//
// A document is one advisory, unless its vulnerabilities are of different packages: then one of each group that is of the same. What
// its products are, package URLs and platforms' CPEs tell; those that OSV has no ecosystem for are left out, as no version here can be
// held against them. Read piece by piece, so that a document of 200 MB needs no tree of it; a limit fails with Code::over_limit.
struct CsafDocument {
    std::vector<Advisory> advisories;
    std::size_t unknown_products = 0;  // mentioned, but not in the product tree
};

Result<CsafDocument> read_csaf(std::string_view text);

// Is this object, whose members begin at `value`, a `document` of CSAF's?
bool is_csaf(std::string_view value);

}  // namespace ward::advisories
