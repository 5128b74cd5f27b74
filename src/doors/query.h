// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// `ward query [SQL]`: one query, or a shell over the tables.
extern const Verb kQueryVerb;

}  // namespace ward::doors
