// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>
#include <vector>

namespace ward::gate {

// One forbidden thing, and how the wall answered on this machine, now.
struct Attempted {
    std::string name;      // "open a file"
    bool refused = false;  // by an error or by the end of the cell
    std::string how;       // "the cell was ended", "Operation not permitted"
};

// Tries every forbidden thing that the probe cell knows, each in a cell of its own, sealed like every other. An error means
// that no cell could be started.
Result<std::vector<Attempted>> try_forbidden_things();

}  // namespace ward::gate
