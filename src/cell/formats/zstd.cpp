// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/zstd.h"

#include "core/cursor.h"

namespace ward::formats {

bool ZstdReader::begins(Bytes rest) const {
    // RFC 8878, sections 3.1.1 and 3.1.2
    const auto magic = u32le_at(rest, 0);
    return magic && (*magic == 0xfd2fb528 || (*magic & 0xfffffff0U) == 0x184d2a50);
}

Unpacked ZstdReader::unpack(Bytes rest, Sink& sink, std::uint64_t base, Member&) { return decoder_.run(rest, sink, base); }

}  // namespace ward::formats
