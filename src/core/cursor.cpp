// SPDX-License-Identifier: Apache-2.0
#include "core/cursor.h"

#include <bit>
#include <cstring>

namespace ward {
namespace {

template <class T>
T load(Bytes bytes, bool big_endian) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        const std::size_t at = big_endian ? i : sizeof(T) - 1 - i;
        value = static_cast<T>(static_cast<T>(value << 8) | bytes[at]);
    }
    return value;
}

template <class T>
T load_little(Bytes bytes) {
    if constexpr (std::endian::native == std::endian::little) {
        T value;
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    } else {
        return load<T>(bytes, false);
    }
}

}  // namespace

Status Cursor::seek(std::uint64_t offset) {
    if (offset > bytes_.size()) return fail(Code::truncated, "offset {} is past the end at {}", offset, bytes_.size());
    offset_ = offset;
    return done();
}

Status Cursor::skip(std::uint64_t count) {
    if (count > left()) return fail(Code::truncated, "need {} bytes, {} left", count, left());
    offset_ += count;
    return done();
}

Result<Bytes> Cursor::peek(std::uint64_t count) const {
    if (count > left()) return fail(Code::truncated, "need {} bytes, {} left", count, left());
    return bytes_.subspan(static_cast<std::size_t>(offset_), static_cast<std::size_t>(count));
}

Result<Bytes> Cursor::take(std::uint64_t count) {
    const Bytes taken = WARD_TRY(peek(count));
    offset_ += count;
    return taken;
}

Result<std::uint8_t> Cursor::u8() { return WARD_TRY(take(1))[0]; }
Result<std::uint16_t> Cursor::u16le() { return load_little<std::uint16_t>(WARD_TRY(take(2))); }
Result<std::uint32_t> Cursor::u32le() { return load_little<std::uint32_t>(WARD_TRY(take(4))); }
Result<std::uint64_t> Cursor::u64le() { return load_little<std::uint64_t>(WARD_TRY(take(8))); }
Result<std::uint16_t> Cursor::u16be() { return load<std::uint16_t>(WARD_TRY(take(2)), true); }
Result<std::uint32_t> Cursor::u32be() { return load<std::uint32_t>(WARD_TRY(take(4)), true); }
Result<std::uint64_t> Cursor::u64be() { return load<std::uint64_t>(WARD_TRY(take(8)), true); }

Result<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t count) {
    if (offset > bytes.size() || count > bytes.size() - offset)
        return fail(Code::truncated, "need {} bytes at {}, there are {}", count, offset, bytes.size());
    return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
}

Result<std::uint16_t> u16le_at(Bytes bytes, std::uint64_t offset) {
    return load_little<std::uint16_t>(WARD_TRY(slice(bytes, offset, 2)));
}
Result<std::uint32_t> u32le_at(Bytes bytes, std::uint64_t offset) {
    return load_little<std::uint32_t>(WARD_TRY(slice(bytes, offset, 4)));
}
Result<std::uint64_t> u64le_at(Bytes bytes, std::uint64_t offset) {
    return load_little<std::uint64_t>(WARD_TRY(slice(bytes, offset, 8)));
}

}  // namespace ward
