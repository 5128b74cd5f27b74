// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/advisories/view.h"
#include "cell/facts/facts.h"

#include <optional>

namespace ward::facts {

// The request's advisory database; nothing where there is none or it cannot be used, and then `answer` has the gap that says why.
std::optional<advisories::View> open_advisories(const Request& request, wire::ParseAnswer& answer);

}  // namespace ward::facts
