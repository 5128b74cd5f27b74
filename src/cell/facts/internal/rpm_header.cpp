// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/rpm.h"

#include "core/cursor.h"

namespace ward::facts {

namespace {

// rpm refuses more too (lib/header.c: hdrchkTags, hdrchkData).
constexpr std::uint32_t kMaxEntries = 0xffff;
constexpr std::uint32_t kMaxDataBytes = 0x0fffffff;
constexpr std::uint32_t kEntryBytes = 16;

enum Type : std::uint32_t { kInt32 = 4, kInt64 = 5, kString = 6, kStringArray = 8, kI18nString = 9 };

struct Entry {
    std::uint32_t tag;
    std::uint32_t type;
    std::uint32_t offset;
    std::uint32_t count;
};

// The first string: a translated one has the untranslated first.
Result<std::string_view> text_of(const Entry& entry, Bytes data) {
    if (entry.type != kString && entry.type != kStringArray && entry.type != kI18nString) {
        return fail(Code::malformed, "tag {} is of type {}, no text", entry.tag, entry.type);
    }
    if (entry.count == 0) return std::string_view{};
    if (entry.offset > data.size()) return fail(Code::malformed, "tag {} lies outside of the header", entry.tag);
    const std::string_view rest = as_text(data.subspan(entry.offset));
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return fail(Code::malformed, "the text of tag {} has no end", entry.tag);
    return rest.substr(0, end);
}

Result<std::optional<std::uint64_t>> number_of(const Entry& entry, Bytes data) {
    if (entry.type != kInt32 && entry.type != kInt64) {
        return fail(Code::malformed, "tag {} is of type {}, no number", entry.tag, entry.type);
    }
    if (entry.count == 0) return std::optional<std::uint64_t>{};
    Cursor cursor{data};
    WARD_TRY(cursor.seek(entry.offset));
    if (entry.type == kInt64) return std::optional<std::uint64_t>{WARD_TRY(cursor.u64be())};
    return std::optional<std::uint64_t>{WARD_TRY(cursor.u32be())};
}

}  // namespace

Result<RpmHeader> read_rpm_header(Bytes header) {
    Cursor cursor{header};
    const std::uint32_t entries = WARD_TRY(cursor.u32be());
    const std::uint32_t data_bytes = WARD_TRY(cursor.u32be());
    if (entries > kMaxEntries || data_bytes > kMaxDataBytes) {
        return fail(Code::over_limit, "a header of {} entries and {} bytes", entries, data_bytes);
    }
    Cursor index{WARD_TRY(cursor.take(std::uint64_t{entries} * kEntryBytes))};
    const Bytes data = WARD_TRY(cursor.take(data_bytes));
    if (!cursor.at_end()) return fail(Code::malformed, "{} bytes behind the header", cursor.left());
    RpmHeader out;
    while (!index.at_end()) {
        Entry entry{};
        entry.tag = WARD_TRY(index.u32be());
        entry.type = WARD_TRY(index.u32be());
        entry.offset = WARD_TRY(index.u32be());
        entry.count = WARD_TRY(index.u32be());
        // A later entry wins: what was changed since the package was built stands behind the region that was signed.
        switch (entry.tag) {
            case 1000: out.name = WARD_TRY(text_of(entry, data)); break;
            case 1001: out.version = WARD_TRY(text_of(entry, data)); break;
            case 1002: out.release = WARD_TRY(text_of(entry, data)); break;
            case 1003: out.epoch = WARD_TRY(number_of(entry, data)); break;
            case 1004: out.summary = WARD_TRY(text_of(entry, data)); break;
            case 1008: out.installed = WARD_TRY(number_of(entry, data)); break;
            case 1009:  // SIZE; LONGSIZE where that is too small
            case 5009: out.bytes = WARD_TRY(number_of(entry, data)); break;
            case 1011: out.vendor = WARD_TRY(text_of(entry, data)); break;
            case 1015: out.packager = WARD_TRY(text_of(entry, data)); break;
            case 1022: out.architecture = WARD_TRY(text_of(entry, data)); break;
            case 1044: out.source_rpm = WARD_TRY(text_of(entry, data)); break;
            default: break;
        }
    }
    if (out.name.empty()) return fail(Code::malformed, "a header that names no package");
    return out;
}

}  // namespace ward::facts
