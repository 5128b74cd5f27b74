// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward check [PATH...]`: audit and malware together, one report.
extern const Verb kCheckVerb;

}  // namespace ward::doors
