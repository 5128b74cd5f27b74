// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward sbom`: the software on this host as CycloneDX or SPDX.
extern const Verb kSbomVerb;

}  // namespace ward::doors
