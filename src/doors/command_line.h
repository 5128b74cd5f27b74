// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"

#include <span>

namespace ward::doors {

// Every verb there is, in the order in which `ward --help` lists them.
std::span<const Verb* const> verbs();

// The whole of the command line: picks the verb, prints help and versions, runs it. Gives the exit status.
int run_command_line(int argc, char** argv);

}  // namespace ward::doors
