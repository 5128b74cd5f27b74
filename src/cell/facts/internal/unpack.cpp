// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/unpack.h"

#include "cell/formats/codec.h"
#include "core/cursor.h"

namespace ward::facts {

namespace {

constexpr std::chrono::milliseconds kMaxTime{10'000};

std::uint32_t adler32(Bytes bytes) {
    constexpr std::uint32_t kBase = 65'521;
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (const std::uint8_t byte : bytes) {
        a = (a + byte) % kBase;
        b = (b + a) % kBase;
    }
    return b << 16 | a;
}

// `used` is how many packed bytes there were of it.
Result<Buffer> inflate(Bytes packed, std::uint64_t most, std::uint64_t& used) {
    Limits limits;
    limits.max_unpacked_bytes = most;
    limits.max_member_bytes = most;
    Deadline deadline{kMaxTime};
    formats::Budget budget{limits, packed.size(), deadline};
    formats::Store store = WARD_TRY(formats::Store::open(-1));
    formats::Sink sink{store, budget};
    sink.begin();
    formats::Unpacked unpacked = formats::Inflater{}.run(packed, sink, 0);
    if (unpacked.fault) return std::move(*unpacked.fault);
    const Bytes content = WARD_TRY(sink.finish());
    used = unpacked.used;
    return Buffer{content.begin(), content.end()};
}

}  // namespace

Result<Buffer> unpack_deflate(Bytes packed, std::uint64_t most) {
    std::uint64_t used = 0;
    return inflate(packed, most, used);
}

Result<Buffer> unpack_zlib(Bytes packed, std::uint64_t most) {
    Cursor cursor{packed};
    const std::uint16_t head = WARD_TRY(cursor.u16be());
    // Deflate; a sum that is right; no dictionary.
    if ((head >> 8 & 0xf) != 8 || head % 31 != 0 || (head & 0x20) != 0) return fail(Code::malformed, "is no zlib stream");
    std::uint64_t used = 0;
    Buffer content = WARD_TRY(inflate(cursor.rest(), most, used));
    WARD_TRY(cursor.skip(used));
    if (WARD_TRY(cursor.u32be()) != adler32(content)) return fail(Code::malformed, "the checksum of a zlib stream is wrong");
    return content;
}

}  // namespace ward::facts
