// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/view.h"

#include <string_view>

namespace ward::advisories {

enum class Standing {
    not_affected,
    affected,
    unknown,  // a version that the ecosystem's order does not read
};

struct Judgement {
    Standing standing = Standing::not_affected;
    std::string_view fixed_in;  // the first version of the range without the fault; empty when there is none yet
};

// Is this version of a package among those that an advisory calls affected? OSV schema, "Evaluation": it is when the list of versions
// names it, or when a range holds it. `scheme` orders versions (scheme_of), "" when nobody knows how: then only the list decides.
//
// Packages of a module of Red Hat's (".module" in the release) and those outside are built side by side, so an advisory for the one says
// nothing of the other.
Judgement judge(const View& view, const View::Said& said, std::string_view scheme, std::string_view version);

}  // namespace ward::advisories
