// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/internal/pe.h"
#include "cell/modules/module.h"

#include <optional>

namespace ward::modules {

// What the module `pe` remembers of a file: the state of its Instance.
struct PeState {
    bool read = false;
    std::optional<PeImage> image;
};

// The headers of the file in hand, read once; null when it is no portable executable, and then all is undefined but `is_pe`.
const PeImage* pe_image(Instance& in);

}  // namespace ward::modules
