// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward` alone: the state of this machine in one screen, from what earlier runs noted. Starts no cell and reads nothing else.
extern const Verb kStatusVerb;

}  // namespace ward::doors
