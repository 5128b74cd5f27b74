// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ward::host {

// Where the files that ship with Ward lie (rules, tables, checks): `../share/ward` from the running program, so that a build
// folder works as it is, else /usr/share/ward. Nothing else is looked at, so nobody else can put knowledge under us.
std::string share_folder();

}  // namespace ward::host
