// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/lz4.h"

#include "core/cursor.h"

namespace ward::facts {
namespace {

constexpr std::uint32_t kFrame = 0x184D2204;
constexpr std::uint32_t kSkippable = 0x184D2A50;  // and the 15 numbers after it
constexpr std::uint8_t kVersionMask = 0xC0, kVersion = 0x40, kBlockChecksum = 0x10, kContentSize = 0x08,
                       kContentChecksum = 0x04, kDictionary = 0x01;
constexpr std::uint32_t kStored = 0x80000000;     // top bit of a block's size
constexpr std::size_t kShortestMatch = 4;

// A length of 15 goes on in bytes of 255 until a smaller one.
Result<std::uint64_t> read_length(Cursor& in, std::uint64_t start) {
    std::uint64_t length = start;
    if (start != 15) return length;
    for (;;) {
        const std::uint8_t more = WARD_TRY(in.u8());
        length += more;
        if (more != 255) return length;
    }
}

// One block (LZ4 block format): literals and copies of what came out before, up to 64 KiB back, also from earlier blocks.
Status unpack_block(Bytes block, std::size_t frame_start, std::uint64_t most_bytes, Buffer& out) {
    Cursor in{block};
    while (!in.at_end()) {
        const std::uint8_t token = WARD_TRY(in.u8());
        const Bytes literals = WARD_TRY(in.take(WARD_TRY(read_length(in, token >> 4))));
        if (literals.size() > most_bytes - out.size()) return fail(Code::over_limit, "unpacks to more than {} bytes", most_bytes);
        out.insert(out.end(), literals.begin(), literals.end());
        if (in.at_end()) return done();  // the last sequence has no copy
        const std::size_t back = WARD_TRY(in.u16le());
        if (back == 0 || back > out.size() - frame_start) return fail(Code::malformed, "a copy from before the start");
        const std::uint64_t length = WARD_TRY(read_length(in, token & 15)) + kShortestMatch;
        if (length > most_bytes - out.size()) return fail(Code::over_limit, "unpacks to more than {} bytes", most_bytes);
        const std::size_t from = out.size() - back;
        const std::size_t start = out.size();
        out.resize(start + static_cast<std::size_t>(length));
        // Byte by byte, because a copy may reach into itself.
        for (std::size_t i = 0; i < length; ++i) out[start + i] = out[from + i];
    }
    return done();
}

Status unpack_frame(Cursor& in, std::uint64_t most_bytes, Buffer& out) {
    const std::size_t frame_start = out.size();
    const std::uint8_t flags = WARD_TRY(in.u8());
    if ((flags & kVersionMask) != kVersion) return fail(Code::unsupported, "an LZ4 frame of another version");
    if ((flags & kDictionary) != 0) return fail(Code::unsupported, "an LZ4 frame with a dictionary");
    WARD_TRY(in.skip(1 + ((flags & kContentSize) != 0 ? 8 : 0) + 1));  // block size, content size, header checksum
    for (;;) {
        const std::uint32_t size = WARD_TRY(in.u32le());
        if (size == 0) break;
        const Bytes block = WARD_TRY(in.take(size & ~kStored));
        if ((size & kStored) != 0) {
            if (block.size() > most_bytes - out.size()) return fail(Code::over_limit, "unpacks to more than {} bytes", most_bytes);
            out.insert(out.end(), block.begin(), block.end());
        } else {
            WARD_TRY(unpack_block(block, frame_start, most_bytes, out));
        }
        if ((flags & kBlockChecksum) != 0) WARD_TRY(in.skip(4));
    }
    if ((flags & kContentChecksum) != 0) WARD_TRY(in.skip(4));
    return done();
}

}  // namespace

Result<Buffer> unpack_lz4(Bytes packed, std::uint64_t most_bytes) {
    Buffer out;
    Cursor in{packed};
    do {
        const std::uint32_t magic = WARD_TRY(in.u32le());
        if (magic >= kSkippable && magic <= kSkippable + 15) {
            const std::uint32_t size = WARD_TRY(in.u32le());
            WARD_TRY(in.skip(size));
        } else if (magic == kFrame) {
            WARD_TRY(unpack_frame(in, most_bytes, out));
        } else {
            return fail(Code::malformed, "no LZ4 frame at byte {}", in.offset() - 4);
        }
    } while (!in.at_end());
    return out;
}

}  // namespace ward::facts
