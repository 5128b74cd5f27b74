// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

namespace ward::facts {

// /proc/modules: "name size references users state address (taint)". The last two may be missing.
wire::ParseAnswer parse_kernel_modules(const Request& request);

}  // namespace ward::facts
