// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward trust`: NCSC's four questions about Ward itself, answered by what the kernel records now.
extern const Verb kTrustVerb;

}  // namespace ward::doors
