// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/rpm_databases.h"

#include "core/cursor.h"

#include <bit>
#include <vector>

namespace ward::facts {

namespace {

constexpr std::uint32_t kHashMagic = 0x00061561;
constexpr std::size_t kPageHeaderBytes = 26;
constexpr std::size_t kOffPageBytes = 12;
enum PageType : std::uint8_t { kUnsortedHash = 2, kOverflow = 7, kHashMeta = 8, kHash = 13 };
enum ItemType : std::uint8_t { kKeyData = 1, kOffPage = 3 };

class HashFile {
public:
    HashFile(Bytes bytes, const UseRpmHeader& use, const BrokenRpm& broken) : bytes_{bytes}, use_{use}, broken_{broken} {}

    Status read() {
        Cursor meta{bytes_};
        WARD_TRY(meta.seek(12));
        const std::uint32_t magic = WARD_TRY(meta.u32le());
        big_endian_ = magic == __builtin_bswap32(kHashMagic);
        if (magic != kHashMagic && !big_endian_) return fail(Code::unsupported, "is no hash of Berkeley DB");
        const std::uint32_t version = WARD_TRY(u32(bytes_, 16));
        if (version < 8 || version > 10) return fail(Code::unsupported, "version {} of Berkeley DB's hash", version);
        page_bytes_ = WARD_TRY(u32(bytes_, 20));
        if (page_bytes_ < 512 || page_bytes_ > 65536 || !std::has_single_bit(page_bytes_)) {
            return fail(Code::malformed, "pages of {} bytes", page_bytes_);
        }
        const Bytes kinds = WARD_TRY(slice(bytes_, 24, 2));
        if (kinds[0] != 0) return fail(Code::unsupported, "is encrypted");
        if (kinds[1] != kHashMeta) return fail(Code::malformed, "a first page of kind {}", kinds[1]);
        const std::uint32_t last_bucket = WARD_TRY(u32(bytes_, 72));
        const std::uint64_t pages = (bytes_.size() + page_bytes_ - 1) / page_bytes_;
        visited_.assign(pages, false);
        visited_[0] = true;
        for (std::uint64_t bucket = 0; bucket <= last_bucket; ++bucket) {
            if (bucket >= pages) return fail(Code::truncated, "{} buckets in {} pages", last_bucket + std::uint64_t{1}, pages);
            // Each doubling of the table has its pages elsewhere.
            const auto doubling = static_cast<std::uint64_t>(std::bit_width(bucket));
            const std::uint64_t first = bucket + WARD_TRY(u32(bytes_, 96 + 4 * doubling));
            if (auto read = read_bucket(first); !read) broken_(read.error());
        }
        return done();
    }

private:
    Result<std::uint32_t> u32(Bytes bytes, std::uint64_t at) const {
        const std::uint32_t value = WARD_TRY(u32le_at(bytes, at));
        return big_endian_ ? __builtin_bswap32(value) : value;
    }
    Result<std::uint16_t> u16(Bytes bytes, std::uint64_t at) const {
        const std::uint16_t value = WARD_TRY(u16le_at(bytes, at));
        return big_endian_ ? __builtin_bswap16(value) : value;
    }

    Result<Bytes> page(std::uint64_t number) {
        if (number >= visited_.size()) return fail(Code::truncated, "page {} is behind the end, page {}", number, visited_.size());
        if (visited_[number]) return fail(Code::malformed, "page {} is in use twice", number);
        visited_[number] = true;
        const Bytes content = WARD_TRY(slice(bytes_, number * page_bytes_, page_bytes_));
        const std::uint32_t own_number = WARD_TRY(u32(content, 8));
        if (own_number != number) return fail(Code::malformed, "page {} says that it is page {}", number, own_number);
        return content;
    }

    Status read_bucket(std::uint64_t number) {
        while (number != 0) {
            const Bytes content = WARD_TRY(page(number));
            if (content[25] != kHash && content[25] != kUnsortedHash) {
                return fail(Code::malformed, "page {} of kind {} in a bucket", number, content[25]);
            }
            if (auto read = read_pairs(content); !read) broken_(read.error());
            number = WARD_TRY(u32(content, 16));
        }
        return done();
    }

    // Items lie from the end of the page downwards, so each ends where the one before begins.
    Status read_pairs(Bytes content) {
        const std::uint16_t items = WARD_TRY(u16(content, 20));
        std::size_t end = content.size();
        const auto item = [&](std::size_t index) -> Result<Bytes> {
            const std::size_t at = WARD_TRY(u16(content, kPageHeaderBytes + 2 * index));
            if (at < kPageHeaderBytes || at >= end) return fail(Code::malformed, "an item at {} of a page, before one at {}", at, end);
            const Bytes bytes = content.subspan(at, end - at);
            end = at;
            return bytes;
        };
        for (std::size_t i = 0; i + 1 < items; i += 2) {
            const Bytes key = WARD_TRY(item(i));
            const Bytes data = WARD_TRY(item(i + 1));
            if (key[0] != kKeyData || key.size() != 5) return fail(Code::malformed, "a key that is no number");
            const std::uint32_t number = WARD_TRY(u32(key, 1));
            if (number == 0) continue;  // holds the highest number so far
            if (auto read = read_header(number, data); !read) {
                broken_(fail(read.error().code, "package {}: {}", number, read.error().text));
            }
        }
        return done();
    }

    Status read_header(std::uint32_t number, Bytes data) {
        if (data[0] == kKeyData) {
            use_(number, data.subspan(1));
            return done();
        }
        if (data[0] != kOffPage || data.size() != kOffPageBytes) return fail(Code::malformed, "an item of kind {}", data[0]);
        std::uint32_t next = WARD_TRY(u32(data, 4));
        const std::uint32_t size = WARD_TRY(u32(data, 8));
        if (size > bytes_.size()) return fail(Code::malformed, "a header of {} bytes", size);
        Buffer header;
        header.reserve(size);
        while (header.size() < size) {
            const Bytes content = WARD_TRY(page(next));
            const std::uint16_t count = WARD_TRY(u16(content, 22));
            if (content[25] != kOverflow || count > size - header.size()) {
                return fail(Code::malformed, "page {} does not continue it", next);
            }
            const Bytes part = WARD_TRY(slice(content, kPageHeaderBytes, count));
            header.insert(header.end(), part.begin(), part.end());
            next = WARD_TRY(u32(content, 16));
        }
        use_(number, header);
        return done();
    }

    Bytes bytes_;
    const UseRpmHeader& use_;
    const BrokenRpm& broken_;
    bool big_endian_ = false;
    std::uint32_t page_bytes_ = 0;
    std::vector<bool> visited_;  // by page number
};

}  // namespace

void read_rpm_bdb(Bytes bytes, const UseRpmHeader& use, const BrokenRpm& broken) {
    if (auto read = HashFile{bytes, use, broken}.read(); !read) broken(read.error());
}

}  // namespace ward::facts
