// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

namespace ward::facts {

// Unpacks LZ4 frames (LZ4 frame format 1.6; apt keeps its indexes so when Acquire::GzipIndexes is on). Frames with a
// dictionary are refused; checksums are not compared, because apt has verified what it packed and a wrong index shows.
// Code::over_limit when more than `most_bytes` would come out.
Result<Buffer> unpack_lz4(Bytes packed, std::uint64_t most_bytes);

}  // namespace ward::facts
