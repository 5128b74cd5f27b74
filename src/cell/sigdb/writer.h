// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/sections.h"
#include "core/bytes.h"

#include <string_view>
#include <utility>
#include <vector>

namespace ward::sigdb {

// Puts sections together to a database (docs/warddb.md). The same sections give the same bytes on every machine.
//
//     Writer writer;
//     writer.add(SectionId::pattern_atoms, std::move(atoms));
//     const Buffer database = std::move(writer).finish();
class Writer {
public:
    void add(SectionId id, Buffer content);  // each id once
    Buffer finish() &&;

private:
    std::vector<std::pair<SectionId, Buffer>> sections_;
};

// Little-endian numbers at the end of a section that is being made.
void put_u8(Buffer& out, std::uint8_t value);
void put_u16(Buffer& out, std::uint16_t value);
void put_u32(Buffer& out, std::uint32_t value);
void put_u64(Buffer& out, std::uint64_t value);
void put_bytes(Buffer& out, Bytes bytes);
void pad_to(Buffer& out, std::size_t multiple);  // with zeros

}  // namespace ward::sigdb
