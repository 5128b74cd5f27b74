// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace ward {

// Ward's version, as CMakeLists.txt states it.
inline constexpr std::string_view kVersion = WARD_VERSION;

}  // namespace ward
