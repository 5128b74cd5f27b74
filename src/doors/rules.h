// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward rules build|check|info`.
extern const Verb kRulesVerb;

}  // namespace ward::doors
