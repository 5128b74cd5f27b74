// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <string>

namespace ward::fetch {

// A file of the system's configuration. Only for use before sealing; afterwards nothing can be opened.
Result<std::string> read_whole(const std::string& path, std::uint64_t max_bytes);

}  // namespace ward::fetch
