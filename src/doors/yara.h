// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

namespace ward::doors {

// The yara command, 4.2 to 4.5: its options, its output, its exit codes (docs/yara-command.md). Rules are compiled and files
// are scanned in cells, as by `ward scan`; but a file is looked at as it is, and nothing in it is opened.
extern const Verb kYaraVerb;

}  // namespace ward::doors
