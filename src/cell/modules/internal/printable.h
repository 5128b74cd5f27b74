// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ward::modules {

// Bytes other than printable ASCII as \xNN, as yara prints the texts of a file.
std::string printable(std::string_view text);

}  // namespace ward::modules
