// SPDX-License-Identifier: Apache-2.0
#include "cell/sigdb/view.h"

#include "cell/sigdb/internal/layout.h"
#include "core/cursor.h"
#include "core/hash.h"

#include <algorithm>

namespace ward::sigdb {
namespace {

struct Entry {
    std::uint32_t id;
    std::uint64_t offset;
    std::uint64_t size;
};

Result<Entry> read_entry(Bytes bytes, std::uint64_t index) {
    Cursor cursor{WARD_TRY(slice(bytes, kHeaderBytes + index * kEntryBytes, kEntryBytes))};
    Entry entry{};
    entry.id = WARD_TRY(cursor.u32le());
    WARD_TRY(cursor.skip(4));
    entry.offset = WARD_TRY(cursor.u64le());
    entry.size = WARD_TRY(cursor.u64le());
    return entry;
}

// Read again at each use: the file may change under us.
Result<std::uint32_t> section_count(Bytes bytes) {
    const std::uint32_t count = WARD_TRY(u32le_at(bytes, kDatabaseMagic.size() + 4));
    if (count > kMaxSections)
        return fail(Code::over_limit, "database with {} sections, at most {} are read", count, kMaxSections);
    return count;
}

}  // namespace

Result<View> View::open(Bytes bytes) {
    if (bytes.size() < kHeaderBytes)
        return fail(Code::truncated, "database of {} bytes, the header alone has {}", bytes.size(), kHeaderBytes);
    if (as_text(bytes.first(kDatabaseMagic.size())) != kDatabaseMagic) return fail(Code::malformed, "not a Ward database");
    const std::uint32_t version = WARD_TRY(u32le_at(bytes, kDatabaseMagic.size()));
    if (version != kDatabaseVersion)
        return fail(Code::unsupported, "database version {}, this program reads {}", version, kDatabaseVersion);
    const std::uint64_t size = WARD_TRY(u64le_at(bytes, kDatabaseMagic.size() + 8));
    if (size != bytes.size())
        return fail(Code::truncated, "database says {} bytes, there are {}", size, bytes.size());

    std::uint64_t last_id = 0;
    const std::uint32_t count = WARD_TRY(section_count(bytes));
    for (std::uint32_t i = 0; i < count; ++i) {
        const Entry entry = WARD_TRY(read_entry(bytes, i));
        if (entry.id <= last_id)
            return fail(Code::malformed, "section {} follows section {}", entry.id, last_id);
        last_id = entry.id;
        WARD_TRY(slice(bytes, entry.offset, entry.size));
    }
    return View{bytes};
}

Result<Bytes> View::section(SectionId id) const {
    const std::uint32_t count = WARD_TRY(section_count(bytes_));
    for (std::uint32_t i = 0; i < count; ++i) {
        const Entry entry = WARD_TRY(read_entry(bytes_, i));
        if (entry.id == static_cast<std::uint32_t>(id)) return WARD_TRY(slice(bytes_, entry.offset, entry.size));
    }
    return fail(Code::not_found, "database without section {}", static_cast<std::uint32_t>(id));
}

std::uint32_t View::version() const { return u32le_at(bytes_, kDatabaseMagic.size()).value_or(0); }

// Opening has seen that there is a header.
Bytes View::digest() const { return bytes_.subspan(kDigestOffset, kHeaderBytes - kDigestOffset); }

Status View::verify() const {
    if (!std::ranges::equal(digest(), sha256(bytes_.subspan(kHeaderBytes))))
        return fail(Code::malformed, "database content does not have the digest in its header");
    return done();
}

}  // namespace ward::sigdb
