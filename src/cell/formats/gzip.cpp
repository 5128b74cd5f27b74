// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/gzip.h"

#include "core/cursor.h"

#include <libdeflate.h>

#include <algorithm>

namespace ward::formats {

namespace {

// RFC 1952, section 2.3.1
enum Flag : std::uint8_t { kHeaderCrc = 2, kExtra = 4, kName = 8, kComment = 16, kReserved = 0xe0 };

constexpr std::size_t kTrailerBytes = 8;  // CRC-32 and length

// Up to a zero byte, which is taken too.
Result<Bytes> take_text(Cursor& cursor) {
    const Bytes rest = cursor.rest();
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (end == rest.end()) return fail(Code::truncated, "a text of the gzip header has no end");
    const Bytes text = WARD_TRY(cursor.take(static_cast<std::uint64_t>(end - rest.begin())));
    WARD_TRY(cursor.skip(1));
    return text;
}

}  // namespace

Result<GzipReader::Header> GzipReader::read_header(Bytes bytes) {
    Cursor cursor{bytes};
    const Bytes magic = WARD_TRY(cursor.take(3));
    if (magic[0] != 0x1f || magic[1] != 0x8b || magic[2] != 8) return fail(Code::malformed, "not a gzip header");
    const std::uint8_t flags = WARD_TRY(cursor.u8());
    if ((flags & kReserved) != 0) return fail(Code::unsupported, "the gzip header has flags {:#x}, which nobody defined", flags);
    WARD_TRY(cursor.skip(6));  // time, compression level, system
    Header header;
    if ((flags & kExtra) != 0) WARD_TRY(cursor.skip(WARD_TRY(cursor.u16le())));
    if ((flags & kName) != 0) header.name = to_string(WARD_TRY(take_text(cursor)));
    if ((flags & kComment) != 0) WARD_TRY(take_text(cursor));
    if ((flags & kHeaderCrc) != 0) {
        const Bytes before = bytes.first(static_cast<std::size_t>(cursor.offset()));
        const std::uint32_t crc = ::libdeflate_crc32(0, before.data(), before.size());
        header.checked = WARD_TRY(cursor.u16le()) == (crc & 0xffff);
    }
    header.bytes = cursor.offset();
    return header;
}

bool GzipReader::begins(Bytes rest) const {
    return rest.size() >= 3 && rest[0] == 0x1f && rest[1] == 0x8b && rest[2] == 8;
}

Unpacked GzipReader::unpack(Bytes rest, Sink& sink, std::uint64_t base, Member& member) {
    auto header = read_header(rest);
    if (!header) return {rest.size(), std::move(header).error(), false};
    if (member.name.empty()) member.name = std::move(header->name);
    if (!header->checked) member.faults.push_back(fail(Code::malformed, "the checksum of the gzip header is wrong"));

    const Bytes packed = rest.subspan(static_cast<std::size_t>(header->bytes));
    // The length stands at the very end, so it is known before unpacking when there is one member only; a wrong one does no harm.
    const std::uint32_t expected = packed.size() >= 4 ? u32le_at(packed, packed.size() - 4).value_or(0) : 0;
    const std::uint64_t before = sink.size();
    sink.start_crc();
    Unpacked done = inflater_.run(packed, sink, expected, base + header->bytes);
    const std::uint64_t trailer_at = done.used;
    done.used += header->bytes;
    if (done.fault) return done;

    const auto crc = u32le_at(packed, trailer_at);
    const auto length = u32le_at(packed, trailer_at + 4);
    if (!crc || !length) {
        done.used = rest.size();
        done.fault = fail(Code::truncated, "the gzip checksum is cut off");
        return done;
    }
    done.used += kTrailerBytes;
    const std::uint64_t count = sink.size() - before;
    if (*length != static_cast<std::uint32_t>(count)) {
        member.faults.push_back(fail(Code::malformed, "the gzip length tells {}, {} bytes came out", *length, count));
    }
    if (sink.crc() != *crc) member.faults.push_back(fail(Code::malformed, "the gzip checksum is wrong"));
    return done;
}

}  // namespace ward::formats
