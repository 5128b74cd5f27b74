// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

namespace ward::facts {

// Deflate (RFC 1951) alone, at most `most` bytes of it.
Result<Buffer> unpack_deflate(Bytes packed, std::uint64_t most);
// A zlib stream (RFC 1950), at most `most` bytes of it.
Result<Buffer> unpack_zlib(Bytes packed, std::uint64_t most);

}  // namespace ward::facts
