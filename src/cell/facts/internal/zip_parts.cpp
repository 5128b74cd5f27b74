// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/zip_parts.h"

#include "cell/facts/internal/unpack.h"
#include "core/cursor.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {

namespace {

using namespace std::string_view_literals;

constexpr auto kEndMark = "PK\x05\x06"sv;         // 4.3.16
constexpr auto kLocatorMark = "PK\x06\x07"sv;     // 4.3.15
constexpr auto kEnd64Mark = "PK\x06\x06"sv;       // 4.3.14
constexpr auto kDirectoryMark = "PK\x01\x02"sv;   // 4.3.12
constexpr auto kLocalMark = "PK\x03\x04"sv;       // 4.3.7
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kLocatorBytes = 20;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kMaxCommentBytes = 65'535;
constexpr std::uint32_t kIn64 = 0xffffffff;
constexpr std::uint16_t kExtra64 = 1;

struct Directory {
    std::uint64_t at = 0;    // in the file
    std::uint64_t bytes = 0;
    std::uint64_t base = 0;  // of the archive in the file: something may stand in front of it, as a script does
};

Result<Directory> find_directory(FileParts& file) {
    if (file.size() < kEndBytes) return fail(Code::malformed, "is no zip archive");
    // First where an end record without a comment stands.
    std::uint64_t end_at = file.size() - kEndBytes;
    if (!as_text(WARD_TRY(file.at(end_at, kEndBytes))).starts_with(kEndMark)) {
        const std::uint64_t tail = std::min(file.size(), kEndBytes + kMaxCommentBytes);
        const auto found = as_text(WARD_TRY(file.at(file.size() - tail, tail))).rfind(kEndMark, tail - kEndBytes);
        if (found == std::string_view::npos) return fail(Code::malformed, "is no zip archive, or one that is cut off");
        end_at = file.size() - tail + found;
    }
    Cursor end{WARD_TRY(file.at(end_at, kEndBytes))};
    WARD_TRY(end.skip(12));
    Directory directory;
    directory.bytes = WARD_TRY(end.u32le());
    std::uint64_t told = WARD_TRY(end.u32le());
    if (end_at >= kLocatorBytes + kEnd64Bytes) {
        // The 64-bit record stands right before its locator, whatever stands before the archive.
        const Bytes before = WARD_TRY(file.at(end_at - kLocatorBytes - kEnd64Bytes, kLocatorBytes + kEnd64Bytes));
        if (as_text(before).starts_with(kEnd64Mark) && as_text(before.subspan(kEnd64Bytes)).starts_with(kLocatorMark)) {
            Cursor record{before};
            WARD_TRY(record.skip(40));
            directory.bytes = WARD_TRY(record.u64le());
            told = WARD_TRY(record.u64le());
            end_at -= kLocatorBytes + kEnd64Bytes;
        }
    }
    if (directory.bytes > end_at) return fail(Code::malformed, "a zip directory of {} bytes", directory.bytes);
    directory.at = end_at - directory.bytes;
    if (told > directory.at) return fail(Code::malformed, "a zip directory that is not where it says");
    directory.base = directory.at - told;
    return directory;
}

// 4.5.3: the values that did not fit, in this order, and only those.
void read_extra64(Bytes extra, ZipEntry& entry) {
    Cursor cursor{extra};
    for (;;) {
        const auto id = cursor.u16le();
        const auto size = id ? cursor.u16le() : id;
        if (!size) return;
        const auto body = cursor.take(*size);
        if (!body) return;
        if (*id != kExtra64) continue;
        Cursor values{*body};
        for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.header_at}) {
            if (*value == kIn64) *value = values.u64le().value_or(*value);
        }
        return;
    }
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip_directory(FileParts& file) {
    const Directory directory = WARD_TRY(find_directory(file));
    if (directory.bytes > kMaxZipDirectoryBytes) return fail(Code::over_limit, "a zip directory of {}", human_bytes(directory.bytes));
    Cursor cursor{WARD_TRY(file.at(directory.at, directory.bytes))};
    std::vector<ZipEntry> entries;
    while (!cursor.at_end()) {
        if (as_text(WARD_TRY(cursor.take(kDirectoryMark.size()))) != kDirectoryMark) return fail(Code::malformed, "the zip directory breaks off");
        ZipEntry entry;
        WARD_TRY(cursor.skip(4));
        entry.flags = WARD_TRY(cursor.u16le());
        entry.method = WARD_TRY(cursor.u16le());
        WARD_TRY(cursor.skip(8));
        entry.packed = WARD_TRY(cursor.u32le());
        entry.size = WARD_TRY(cursor.u32le());
        const std::uint16_t name_bytes = WARD_TRY(cursor.u16le());
        const std::uint16_t extra_bytes = WARD_TRY(cursor.u16le());
        const std::uint16_t comment_bytes = WARD_TRY(cursor.u16le());
        WARD_TRY(cursor.skip(8));
        entry.header_at = WARD_TRY(cursor.u32le());
        entry.name = as_text(WARD_TRY(cursor.take(name_bytes)));
        read_extra64(WARD_TRY(cursor.take(extra_bytes)), entry);
        WARD_TRY(cursor.skip(comment_bytes));
        if (entry.header_at > file.size() - directory.base) return fail(Code::malformed, "a member behind the end of the zip archive");
        entry.header_at += directory.base;
        entries.push_back(entry);
    }
    return entries;
}

namespace {

// `header` begins with the local header at `at`.
Result<std::uint64_t> data_behind(Bytes header, std::uint64_t at) {
    Cursor cursor{header};
    if (as_text(WARD_TRY(cursor.take(kLocalMark.size()))) != kLocalMark) return fail(Code::malformed, "a member of the zip archive is not where it says");
    WARD_TRY(cursor.skip(22));
    const std::uint64_t name_bytes = WARD_TRY(cursor.u16le());
    return at + kLocalBytes + name_bytes + WARD_TRY(cursor.u16le());
}

}  // namespace

Result<std::uint64_t> zip_data_at(FileParts& file, const ZipEntry& entry) {
    return data_behind(WARD_TRY(file.at(entry.header_at, kLocalBytes)), entry.header_at);
}

Result<Buffer> unpack_zip_member(FileParts& file, const ZipEntry& entry, std::uint64_t most) {
    if ((entry.flags & 1) != 0) return fail(Code::unsupported, "a member of the zip archive is encrypted");
    if (entry.size > most || entry.packed > most) return fail(Code::over_limit, "a member of the zip archive of {}", human_bytes(std::max(entry.size, entry.packed)));
    if (entry.header_at > file.size()) return fail(Code::truncated, "a member behind the end of the zip archive");
    // Header and content in one go: the name is as long as the directory says, and other fields are short, or it is asked for once more.
    constexpr std::uint64_t kUsualExtraBytes = 64;
    const std::uint64_t guess = std::min(file.size() - entry.header_at, kLocalBytes + entry.name.size() + kUsualExtraBytes + entry.packed);
    const Bytes block = WARD_TRY(file.at(entry.header_at, guess));
    const std::uint64_t data_at = WARD_TRY(data_behind(block, 0));
    Bytes packed;
    if (data_at + entry.packed <= guess) packed = WARD_TRY(slice(block, data_at, entry.packed));
    else packed = WARD_TRY(file.at(entry.header_at + data_at, entry.packed));
    if (entry.method == 0) return Buffer{packed.begin(), packed.end()};
    if (entry.method != 8) return fail(Code::unsupported, "a member of the zip archive is packed by method {}", entry.method);
    return unpack_deflate(packed, most);
}

}  // namespace ward::facts
