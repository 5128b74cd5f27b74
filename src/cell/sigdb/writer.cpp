// SPDX-License-Identifier: Apache-2.0
#include "cell/sigdb/writer.h"

#include "cell/sigdb/internal/layout.h"
#include "core/hash.h"
#include "core/result.h"

#include <algorithm>

namespace ward::sigdb {

void put_u8(Buffer& out, std::uint8_t value) { out.push_back(value); }

void put_u16(Buffer& out, std::uint16_t value) {
    put_u8(out, static_cast<std::uint8_t>(value & 0xff));
    put_u8(out, static_cast<std::uint8_t>(value >> 8));
}

void put_u32(Buffer& out, std::uint32_t value) {
    put_u16(out, static_cast<std::uint16_t>(value & 0xffff));
    put_u16(out, static_cast<std::uint16_t>(value >> 16));
}

void put_u64(Buffer& out, std::uint64_t value) {
    put_u32(out, static_cast<std::uint32_t>(value & 0xffff'ffff));
    put_u32(out, static_cast<std::uint32_t>(value >> 32));
}

void put_bytes(Buffer& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void pad_to(Buffer& out, std::size_t multiple) {
    while (out.size() % multiple != 0) out.push_back(0);
}

void Writer::add(SectionId id, Buffer content) {
    WARD_CHECK(sections_.size() < kMaxSections);
    for (const auto& section : sections_) WARD_CHECK(section.first != id);
    sections_.emplace_back(id, std::move(content));
}

Buffer Writer::finish() && {
    std::sort(sections_.begin(), sections_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });

    // The table comes behind the header, and each section on the next cache line.
    Buffer table;
    Buffer content;
    const std::size_t table_end = kHeaderBytes + sections_.size() * kEntryBytes;
    const std::size_t first = (table_end + kAlignment - 1) / kAlignment * kAlignment;
    for (const auto& [id, bytes] : sections_) {
        put_u32(table, static_cast<std::uint32_t>(id));
        put_u32(table, 0);
        put_u64(table, first + content.size());
        put_u64(table, bytes.size());
        put_bytes(content, bytes);
        pad_to(content, kAlignment);
    }

    Buffer hashed = std::move(table);
    pad_to(hashed, kAlignment);
    put_bytes(hashed, content);
    WARD_CHECK(hashed.size() + kHeaderBytes == first + content.size());

    Buffer out;
    out.reserve(kHeaderBytes + hashed.size());
    put_bytes(out, as_bytes(kDatabaseMagic));
    put_u32(out, kDatabaseVersion);
    put_u32(out, static_cast<std::uint32_t>(sections_.size()));
    put_u64(out, kHeaderBytes + hashed.size());
    pad_to(out, kDigestOffset);
    put_bytes(out, sha256(hashed));
    WARD_CHECK(out.size() == kHeaderBytes);
    put_bytes(out, hashed);
    return out;
}

}  // namespace ward::sigdb
