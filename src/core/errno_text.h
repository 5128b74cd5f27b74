// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ward {

// "no such file or directory": in our form, lower case at the start.
std::string errno_text(int error);

}  // namespace ward
