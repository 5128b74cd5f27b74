// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/errno_text.h"
#include "model/gap.h"

#include <string>
#include <string_view>

namespace ward::host {

// What an errno means for the caller: denied, not_found, over_limit (descriptors, memory, names) or io.
Code code_of_errno(int error);
// "cannot be opened: permission denied", as a gap of `path`.
Gap system_gap(std::string path, int error, std::string_view what);
Error system_fail(int error, std::string_view what);

}  // namespace ward::host
