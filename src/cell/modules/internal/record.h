// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>

namespace ward::modules {

// The numbers of a record in the byte order of its file; a word is as wide as the file's addresses.
//
//     const Record section{WARD_TRY(slice(bytes, offset, 40)), big_endian, is_64};
//     section.word(8);
//
// Whoever makes one has checked that the record is there as a whole; a number outside of it is our own mistake.
class Record {
public:
    Record(Bytes bytes, bool big_endian, bool is_64) : bytes_{bytes}, big_endian_{big_endian}, is_64_{is_64} {}

    Bytes bytes() const { return bytes_; }
    std::uint16_t u16(std::size_t offset) const { return static_cast<std::uint16_t>(number(offset, 2)); }
    std::uint32_t u32(std::size_t offset) const { return static_cast<std::uint32_t>(number(offset, 4)); }
    std::uint64_t u64(std::size_t offset) const { return number(offset, 8); }
    std::uint64_t word(std::size_t offset) const { return is_64_ ? u64(offset) : u32(offset); }

private:
    std::uint64_t number(std::size_t offset, std::size_t bytes) const;

    Bytes bytes_;
    bool big_endian_;
    bool is_64_;
};

}  // namespace ward::modules
