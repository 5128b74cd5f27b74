// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <optional>

namespace ward::match {

// Where a PE or ELF program begins, as an offset in the file: YARA's `entrypoint`. Nothing for anything else.
std::optional<std::uint64_t> entry_point(Bytes bytes);

}  // namespace ward::match
