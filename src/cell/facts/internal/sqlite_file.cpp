// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/sqlite_file.h"

#include "core/cursor.h"

#include <algorithm>
#include <bit>

namespace ward::facts {

namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::uint32_t kFileHeaderBytes = 100;  // at the start of the first page
constexpr std::uint8_t kInterior = 5;            // kinds of pages of a table's b-tree (section 1.6)
constexpr std::uint8_t kLeaf = 13;

// Big-endian in groups of seven bits; a ninth byte gives all eight.
Result<std::uint64_t> varint(Cursor& cursor) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
        const std::uint8_t byte = WARD_TRY(cursor.u8());
        value = value << 7 | (byte & 0x7f);
        if ((byte & 0x80) == 0) return value;
    }
    const std::uint8_t last = WARD_TRY(cursor.u8());
    return value << 8 | last;
}

}  // namespace

Result<SqliteFile> SqliteFile::open(Bytes bytes) {
    Cursor cursor{bytes};
    if (as_text(WARD_TRY(cursor.take(kMagic.size()))) != kMagic) return fail(Code::malformed, "is no SQLite database");
    const std::uint32_t stored = WARD_TRY(cursor.u16be());
    const std::uint32_t page_bytes = stored == 1 ? 65536 : stored;
    const std::uint8_t write_version = WARD_TRY(cursor.u8());
    const std::uint8_t read_version = WARD_TRY(cursor.u8());
    const std::uint8_t reserved = WARD_TRY(cursor.u8());
    if (page_bytes < 512 || !std::has_single_bit(page_bytes)) return fail(Code::malformed, "SQLite pages of {} bytes", page_bytes);
    if (page_bytes - reserved < 480) return fail(Code::malformed, "SQLite pages with {} bytes reserved", reserved);
    if (read_version > 2) return fail(Code::unsupported, "version {} of the SQLite format ({} to write)", read_version, write_version);
    WARD_TRY(cursor.seek(56));
    // 0 stands in a database that holds nothing yet.
    const std::uint32_t encoding = WARD_TRY(cursor.u32be());
    if (encoding > 1) return fail(Code::unsupported, "an SQLite database whose texts are not UTF-8");
    WARD_TRY(cursor.seek(kFileHeaderBytes));
    return SqliteFile{bytes, page_bytes, page_bytes - reserved};
}

namespace {

// Section 4.2: over pairs of numbers in the byte order that the log's magic number tells.
struct LogSum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    bool operator==(const LogSum&) const = default;

    Status add(Bytes bytes, bool big_endian) {
        Cursor cursor{bytes};
        while (!cursor.at_end()) {
            first += WARD_TRY(big_endian ? cursor.u32be() : cursor.u32le()) + second;
            second += WARD_TRY(big_endian ? cursor.u32be() : cursor.u32le()) + first;
        }
        return done();
    }
};

}  // namespace

Status SqliteFile::add_log(Bytes log) {
    constexpr std::uint64_t kLogHeaderBytes = 32;
    constexpr std::uint64_t kSummed = 24;      // of the header
    constexpr std::uint64_t kFrameSummed = 8;  // of a frame's header
    Cursor cursor{log};
    const Bytes summed = WARD_TRY(cursor.peek(kSummed));
    const std::uint32_t magic = WARD_TRY(cursor.u32be());
    const std::uint32_t version = WARD_TRY(cursor.u32be());
    const std::uint32_t page_bytes = WARD_TRY(cursor.u32be());
    WARD_TRY(cursor.skip(4));
    const std::uint64_t salt = WARD_TRY(cursor.u64be());
    const bool big_endian = (magic & 1) != 0;
    LogSum sum;
    WARD_TRY(sum.add(summed, big_endian));
    const LogSum stored{WARD_TRY(cursor.u32be()), WARD_TRY(cursor.u32be())};
    if ((magic & ~1U) != 0x377f0682 || stored != sum) return fail(Code::malformed, "is no write-ahead log of SQLite");
    if (version != 3'007'000) return fail(Code::unsupported, "a write-ahead log of version {}", version);
    if (page_bytes != page_bytes_) return fail(Code::malformed, "a write-ahead log with pages of {} bytes", page_bytes);
    WARD_TRY(cursor.seek(kLogHeaderBytes));
    std::map<std::uint32_t, Bytes> open;  // of the transaction that is not committed so far
    constexpr std::uint64_t kFrameHeaderBytes = 24;
    while (cursor.left() >= kFrameHeaderBytes + page_bytes_) {
        const Bytes head = WARD_TRY(cursor.peek(kFrameSummed));
        const std::uint32_t number = WARD_TRY(cursor.u32be());
        const std::uint32_t pages = WARD_TRY(cursor.u32be());  // of the database, in the last frame of a transaction
        const std::uint64_t own_salt = WARD_TRY(cursor.u64be());
        const LogSum own{WARD_TRY(cursor.u32be()), WARD_TRY(cursor.u32be())};
        const Bytes content = WARD_TRY(cursor.take(page_bytes_));
        WARD_TRY(sum.add(head, big_endian));
        WARD_TRY(sum.add(content, big_endian));
        if (own_salt != salt || own != sum || number == 0) break;  // left over from before the log was begun anew
        open[number] = content;
        if (pages == 0) continue;
        for (const auto& [page_number, bytes] : open) newer_[page_number] = bytes;
        open.clear();
        pages_ = pages;
    }
    // A number of pages that neither file has is no reason for more memory.
    pages_ = std::min<std::uint64_t>(pages_, (bytes_.size() + log.size()) / page_bytes_ + 1);
    all_bytes_ = bytes_.size() + log.size();
    return done();
}

Status SqliteFile::claim(std::uint32_t number) {
    if (number == 0) return fail(Code::malformed, "page 0 is pointed to");
    if (number > pages_) return fail(Code::truncated, "page {} is behind the end, page {}", number, pages_);
    if (visited_[number - 1]) return fail(Code::malformed, "page {} is in use twice", number);
    visited_[number - 1] = true;
    return done();
}

Result<Bytes> SqliteFile::page(std::uint32_t number) const {
    if (const auto found = newer_.find(number); found != newer_.end()) return found->second;
    return slice(bytes_, std::uint64_t{number - 1} * page_bytes_, page_bytes_);
}

void SqliteFile::each_row(std::uint32_t root, const UseRow& use, const Broken& broken) {
    visited_.assign(static_cast<std::size_t>(pages_), false);
    left_to_read_ = all_bytes_;
    std::vector<std::uint32_t> open;  // the next is the last; each page at most once
    if (auto claimed = claim(root); !claimed) return broken(claimed.error());
    open.push_back(root);
    const auto visit = [&](std::uint32_t number) -> Status {
        const Bytes content = WARD_TRY(page(number));
        const std::size_t header = number == 1 ? kFileHeaderBytes : 0;
        Cursor cursor{content};
        WARD_TRY(cursor.seek(header));
        const std::uint8_t kind = WARD_TRY(cursor.u8());
        if (kind == kLeaf) return leaf(content, header, use, broken);
        if (kind != kInterior) return fail(Code::malformed, "page {} of kind {} in a table", number, kind);
        WARD_TRY(cursor.skip(2));
        const std::uint16_t cells = WARD_TRY(cursor.u16be());
        WARD_TRY(cursor.skip(3));
        const std::uint32_t last = WARD_TRY(cursor.u32be());
        std::vector<std::uint32_t> children;
        for (std::uint16_t i = 0; i < cells; ++i) {
            Cursor cell{content};
            WARD_TRY(cell.seek(WARD_TRY(cursor.u16be())));
            children.push_back(WARD_TRY(cell.u32be()));
        }
        children.push_back(last);
        const std::size_t before = open.size();
        for (const std::uint32_t child : children) {
            if (auto claimed = claim(child); claimed) open.push_back(child);
            else broken(claimed.error());
        }
        std::reverse(open.begin() + static_cast<std::ptrdiff_t>(before), open.end());
        return done();
    };
    while (!open.empty()) {
        const std::uint32_t number = open.back();
        open.pop_back();
        if (auto read = visit(number); !read) {
            broken(read.error());
            if (read.error().code == Code::over_limit) return;
        }
    }
}

Status SqliteFile::leaf(Bytes content, std::size_t header, const UseRow& use, const Broken& broken) {
    Cursor cursor{content};
    WARD_TRY(cursor.seek(header + 3));
    const std::uint16_t cells = WARD_TRY(cursor.u16be());
    WARD_TRY(cursor.skip(3));
    for (std::uint16_t i = 0; i < cells; ++i) {
        const std::uint16_t at = WARD_TRY(cursor.u16be());
        auto read = read_cell(content, at, use);
        if (read) continue;
        if (read.error().code == Code::over_limit) return read;
        broken(read.error());
    }
    return done();
}

// Section 1.6: how much of a record lies in the cell, and how much in a chain of overflow pages.
Status SqliteFile::read_cell(Bytes content, std::uint64_t at, const UseRow& use) {
    Cursor cell{content.first(usable_)};
    WARD_TRY(cell.seek(at));
    const std::uint64_t size = WARD_TRY(varint(cell));
    const auto id = static_cast<std::int64_t>(WARD_TRY(varint(cell)));
    if (size > all_bytes_) return fail(Code::malformed, "a record of {} bytes", size);
    if (size > left_to_read_) return fail(Code::over_limit, "records that are larger together than the file");
    left_to_read_ -= size;
    const std::uint64_t most = usable_ - 35;
    if (size <= most) {
        use(id, WARD_TRY(cell.take(size)));
        return done();
    }
    const std::uint64_t least = (usable_ - 12) * 32 / 255 - 23;
    const std::uint64_t fitting = least + (size - least) % (usable_ - 4);
    const Bytes local = WARD_TRY(cell.take(fitting <= most ? fitting : least));
    Buffer record{local.begin(), local.end()};
    record.reserve(static_cast<std::size_t>(size));
    std::uint32_t next = WARD_TRY(cell.u32be());
    while (record.size() < size) {
        WARD_TRY(claim(next));
        Cursor overflow{WARD_TRY(page(next)).first(usable_)};
        next = WARD_TRY(overflow.u32be());
        const Bytes part = WARD_TRY(overflow.take(std::min<std::uint64_t>(overflow.left(), size - record.size())));
        record.insert(record.end(), part.begin(), part.end());
    }
    use(id, record);
    return done();
}

Result<std::uint32_t> SqliteFile::find_table(std::string_view name) {
    std::uint32_t root = 0;
    Error error{Code::not_found, fmt::format("the database has no table {}", name)};
    each_row(
        1,
        [&](std::int64_t, Bytes record) {
            // type, name, tbl_name, rootpage, sql (section 2.6)
            const auto values = read_sqlite_record(record);
            if (!values || values->size() < 4) return;
            if (as_text((*values)[0].bytes) != "table" || as_text((*values)[1].bytes) != name) return;
            const std::int64_t page_number = (*values)[3].integer;
            if (page_number > 0 && page_number <= UINT32_MAX) root = static_cast<std::uint32_t>(page_number);
        },
        [&](Error broken) { error = std::move(broken); });
    if (root == 0) return error;
    return root;
}

Result<std::vector<SqliteValue>> read_sqlite_record(Bytes record) {
    constexpr std::size_t kMaxColumns = 64;
    Cursor cursor{record};
    const std::uint64_t header_bytes = WARD_TRY(varint(cursor));
    if (header_bytes < cursor.offset()) return fail(Code::malformed, "a record's header of {} bytes", header_bytes);
    Cursor types{WARD_TRY(slice(record, 0, header_bytes))};
    WARD_TRY(types.seek(cursor.offset()));
    WARD_TRY(cursor.seek(header_bytes));
    std::vector<SqliteValue> values;
    while (!types.at_end()) {
        if (values.size() == kMaxColumns) return fail(Code::over_limit, "more than {} columns", kMaxColumns);
        const std::uint64_t type = WARD_TRY(varint(types));
        SqliteValue value;
        if (type >= 12) {
            value.kind = type % 2 == 0 ? SqliteValue::Kind::blob : SqliteValue::Kind::text;
            value.bytes = WARD_TRY(cursor.take((type - 12) / 2));
        } else if (type == 7) {
            value.kind = SqliteValue::Kind::real;
            WARD_TRY(cursor.skip(8));
        } else if (type == 8 || type == 9) {
            value.kind = SqliteValue::Kind::integer;
            value.integer = static_cast<std::int64_t>(type - 8);
        } else if (type >= 10) {
            return fail(Code::malformed, "a value of the reserved kind {}", type);
        } else if (type != 0) {
            constexpr std::size_t kBytes[] = {0, 1, 2, 3, 4, 6, 8};
            value.kind = SqliteValue::Kind::integer;
            const Bytes digits = WARD_TRY(cursor.take(kBytes[type]));
            std::uint64_t number = (digits.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
            for (const std::uint8_t byte : digits) number = number << 8 | byte;
            value.integer = static_cast<std::int64_t>(number);
        }
        values.push_back(value);
    }
    return values;
}

}  // namespace ward::facts
