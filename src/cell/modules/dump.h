// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/module.h"

#include <cstdint>
#include <string>

namespace ward::modules {

// All that a module knows of its file, every part filled, as `yara -D` prints it: a line a field, tabs for depth, the fields of
// a structure from the last to the first, YR_UNDEFINED where there is nothing, and nothing for such items of arrays.
// Keys of dictionaries are escaped as texts are; yara prints them as they stand in the file.
// It ends once it has more than `most` bytes, by how many is not said, and at the deadline.
std::string dump(Instance& in, std::size_t most = SIZE_MAX);

// Every field that a module declares and its type: "pe.sections[].name text", "pe.version_info{} text", "pe.rva_to_offset(i) integer".
std::string declared(const Declaration& declaration);

}  // namespace ward::modules
