// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

namespace ward {

// Reads bytes that may lie. Each read either gives the value and moves on, or gives Code::truncated and stays.
//
//     Cursor cursor{bytes};
//     const std::uint32_t magic = WARD_TRY(cursor.u32le());
//     const Bytes name = WARD_TRY(cursor.take(length));     // a view into `bytes`
//
// Keeps a view; the caller keeps the bytes alive. Copying is cheap and gives an independent position.
class Cursor {
public:
    explicit Cursor(Bytes bytes) : bytes_{bytes} {}

    std::uint64_t offset() const { return offset_; }
    std::uint64_t left() const { return bytes_.size() - offset_; }
    bool at_end() const { return left() == 0; }
    Bytes rest() const { return bytes_.subspan(static_cast<std::size_t>(offset_)); }

    Status seek(std::uint64_t offset);  // from the start of the bytes; the end itself is allowed
    Status skip(std::uint64_t count);
    Result<Bytes> take(std::uint64_t count);
    Result<Bytes> peek(std::uint64_t count) const;

    Result<std::uint8_t> u8();
    Result<std::uint16_t> u16le();
    Result<std::uint32_t> u32le();
    Result<std::uint64_t> u64le();
    Result<std::uint16_t> u16be();
    Result<std::uint32_t> u32be();
    Result<std::uint64_t> u64be();

private:
    Bytes bytes_;
    std::uint64_t offset_ = 0;  // invariant: at most bytes_.size()
};

// The same reads at a fixed place, for formats that point around; nothing when it does not fit.
Result<std::uint16_t> u16le_at(Bytes bytes, std::uint64_t offset);
Result<std::uint32_t> u32le_at(Bytes bytes, std::uint64_t offset);
Result<std::uint64_t> u64le_at(Bytes bytes, std::uint64_t offset);
// The part [offset, offset + count), or Code::truncated.
Result<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t count);

}  // namespace ward
