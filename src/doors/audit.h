// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward audit [AREA...]`: every check of data/checks over this machine, a tree, or recorded facts.
extern const Verb kAuditVerb;

}  // namespace ward::doors
