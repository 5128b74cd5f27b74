// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/testing/archives.h"

#include "core/deadline.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

namespace ward::formats::testing {

namespace {

void put(Buffer& out, std::string_view text) {
    const Bytes bytes = as_bytes(text);
    out.insert(out.end(), bytes.begin(), bytes.end());
}
void put(Buffer& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
void put16(Buffer& out, std::uint64_t value) {
    out.push_back(static_cast<std::uint8_t>(value));
    out.push_back(static_cast<std::uint8_t>(value >> 8));
}
void put32(Buffer& out, std::uint64_t value) {
    put16(out, value);
    put16(out, value >> 16);
}

std::uint32_t crc_of(std::string_view content) { return ::libdeflate_crc32(0, content.data(), content.size()); }

std::vector<std::string> texts_of(const std::vector<Error>& errors) {
    std::vector<std::string> out;
    for (const auto& error : errors) out.push_back(std::string{code_name(error.code)} + ": " + error.text);
    return out;
}

}  // namespace

std::string noise(std::size_t bytes, std::uint32_t seed) {
    std::mt19937 random{seed};
    std::string out(bytes, '\0');
    for (char& c : out) c = static_cast<char>(random());
    return out;
}

Buffer deflated(std::string_view content) {
    libdeflate_compressor* compressor = ::libdeflate_alloc_compressor(6);
    Buffer out(::libdeflate_deflate_compress_bound(compressor, content.size()));
    out.resize(::libdeflate_deflate_compress(compressor, content.data(), content.size(), out.data(), out.size()));
    ::libdeflate_free_compressor(compressor);
    return out;
}

Buffer gzipped(std::string_view content, std::string_view name) {
    Buffer out{0x1f, 0x8b, 8, static_cast<std::uint8_t>(name.empty() ? 0 : 8), 0, 0, 0, 0, 0, 3};
    if (!name.empty()) {
        put(out, name);
        out.push_back(0);
    }
    put(out, Bytes{deflated(content)});
    put32(out, crc_of(content));
    put32(out, content.size());
    return out;
}

Buffer xz_packed(std::string_view content) {
    Buffer out(::lzma_stream_buffer_bound(content.size()));
    std::size_t used = 0;
    EXPECT_EQ(::lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, as_bytes(content).data(), content.size(), out.data(), &used, out.size()), LZMA_OK);
    out.resize(used);
    return out;
}

Buffer zstd_packed(std::string_view content) {
    Buffer out(::ZSTD_compressBound(content.size()));
    ZSTD_CCtx* context = ::ZSTD_createCCtx();
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    out.resize(::ZSTD_compress2(context, out.data(), out.size(), content.data(), content.size()));
    ::ZSTD_freeCCtx(context);
    return out;
}

Buffer bzip2_packed(std::string_view content) {
    std::string copy{content};
    Buffer out(content.size() + content.size() / 100 + 1000);
    auto size = static_cast<unsigned>(out.size());
    EXPECT_EQ(::BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &size, copy.data(), static_cast<unsigned>(copy.size()), 9, 0, 0), BZ_OK);
    out.resize(size);
    return out;
}

Buffer gzip_of_zeros(std::uint64_t mebibytes) {
    // A block that ends on a byte and looks back at nothing before it can be repeated.
    const std::string zeros(kMiB, '\0');
    z_stream stream{};
    EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    Buffer block(64 * kKiB);
    stream.next_in = const_cast<Bytef*>(as_bytes(zeros).data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    EXPECT_EQ(::deflate(&stream, Z_FULL_FLUSH), Z_OK);
    block.resize(block.size() - stream.avail_out);
    ::deflateEnd(&stream);
    Buffer out{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    for (std::uint64_t i = 0; i < mebibytes; ++i) put(out, Bytes{block});
    put(out, std::string_view{"\x03\x00", 2});  // a last, empty block
    put32(out, 0);
    put32(out, mebibytes * kMiB);
    return out;
}

Buffer zipped(const std::vector<ZipMember>& members, const ZipShape& shape) {
    Buffer out;
    put(out, shape.front);
    Buffer directory;
    std::size_t entries = 0;
    std::size_t header_at = 0;
    for (const auto& member : members) {
        Buffer packed;
        if (member.packed) packed = *member.packed;
        else if (member.method == 8) packed = deflated(member.content);
        else put(packed, member.content);
        const std::uint32_t crc = member.crc.value_or(crc_of(member.content));
        const bool behind = (member.flags & 8) != 0;
        if (member.local) {
            header_at = out.size() - shape.front.size();
            const std::string& name = member.local_name ? *member.local_name : member.name;
            put(out, "PK\x03\x04");
            put16(out, 20);
            put16(out, member.flags);
            put16(out, member.local_method.value_or(member.method));
            put32(out, 0);
            put32(out, behind ? 0 : crc);
            put32(out, member.local_packed_bytes.value_or(behind ? 0 : static_cast<std::uint32_t>(packed.size())));
            put32(out, behind ? 0 : member.content.size());
            put16(out, name.size());
            put16(out, 0);
            put(out, name);
            put(out, Bytes{packed});
            if (behind) {
                put(out, "PK\x07\x08");
                put32(out, crc);
                put32(out, packed.size());
                put32(out, member.content.size());
            }
        }
        if (!member.in_directory) continue;
        ++entries;
        put(directory, "PK\x01\x02");
        put16(directory, 20);
        put16(directory, 20);
        put16(directory, member.flags);
        put16(directory, member.method);
        put32(directory, 0);
        put32(directory, crc);
        put32(directory, member.declared_packed_bytes.value_or(static_cast<std::uint32_t>(packed.size())));
        put32(directory, member.declared_bytes.value_or(static_cast<std::uint32_t>(member.content.size())));
        put16(directory, member.name.size());
        put16(directory, member.extra.size());
        put16(directory, 0);
        put16(directory, shape.disk);
        put16(directory, 0);
        put32(directory, 0);
        put32(directory, member.declared_header_at.value_or(static_cast<std::uint32_t>(header_at)));
        put(directory, member.name);
        put(directory, member.extra);
    }
    const std::size_t directory_at = out.size() - shape.front.size();
    put(out, Bytes{directory});
    if (!shape.end_record) return out;
    put(out, "PK\x05\x06");
    put16(out, shape.disk);
    put16(out, shape.disk);
    put16(out, entries);
    put16(out, entries);
    put32(out, directory.size());
    put32(out, directory_at);
    put16(out, shape.comment.size());
    put(out, shape.comment);
    return out;
}

namespace {

// A local header (APPNOTE 4.3.7) of a deflated member, and its entry in the directory (4.3.12).
Buffer zip_local(std::string_view name, std::uint32_t crc, std::uint64_t packed, std::uint64_t size) {
    Buffer out;
    put(out, "PK\x03\x04");
    put16(out, 20), put16(out, 0), put16(out, 8), put32(out, 0), put32(out, crc), put32(out, packed), put32(out, size);
    put16(out, name.size()), put16(out, 0);
    put(out, name);
    return out;
}
Buffer zip_entry(std::string_view name, std::uint32_t crc, std::uint64_t packed, std::uint64_t size, std::uint64_t header_at) {
    Buffer out;
    put(out, "PK\x01\x02");
    put16(out, 20), put16(out, 20), put16(out, 0), put16(out, 8), put32(out, 0), put32(out, crc), put32(out, packed), put32(out, size);
    put16(out, name.size()), put16(out, 0), put16(out, 0), put16(out, 0), put16(out, 0), put32(out, 0), put32(out, header_at);
    put(out, name);
    return out;
}
Buffer zip_end(std::size_t entries, std::uint64_t directory_bytes, std::uint64_t directory_at) {
    Buffer out;
    put(out, "PK\x05\x06");
    put16(out, 0), put16(out, 0), put16(out, entries), put16(out, entries), put32(out, directory_bytes), put32(out, directory_at), put16(out, 0);
    return out;
}

// Deflate (RFC 1951) in pieces that begin and end on a byte.
Buffer operator+(Buffer left, const Buffer& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// The header of a stored block: prints the `count` bytes that follow.
Buffer print_next(std::size_t count) {
    Buffer out{0};
    put16(out, count), put16(out, ~count);
    return out;
}

class BitWriter {
public:
    void bits(std::uint32_t value, unsigned count) {  // the lowest first
        for (unsigned i = 0; i < count; ++i, ++used_) {
            if (used_ % 8 == 0) out_.push_back(0);
            out_.back() = static_cast<std::uint8_t>(out_.back() | ((value >> i & 1U) << used_ % 8));
        }
    }
    void code(std::uint32_t value, unsigned count) {  // the highest first, as Huffman codes stand
        for (unsigned i = count; i-- > 0;) bits(value >> i & 1U, 1);
    }
    bool aligned() const { return used_ % 8 == 0; }
    Buffer take() && { return std::move(out_); }

private:
    Buffer out_;
    std::size_t used_ = 0;
};

// A match in the fixed code (RFC 1951, 3.2.5 and 3.2.6), of 3 to 257 bytes.
void match(BitWriter& out, std::uint32_t length, std::uint32_t distance) {
    std::uint32_t symbol = 257;
    std::uint32_t base = 3;
    unsigned extra = 0;
    for (unsigned in_step = 0; length >= base + (1U << extra); ++symbol) {
        base += 1U << extra;
        if (++in_step == (extra == 0 ? 8U : 4U)) in_step = 0, ++extra;
    }
    if (symbol < 280) out.code(symbol - 256, 7);
    else out.code(symbol - 280 + 0xc0, 8);
    out.bits(length - base, extra);
    std::uint32_t code = 0;
    base = 1;
    extra = 0;
    for (unsigned in_step = 0; distance >= base + (1U << extra); ++code) {
        base += 1U << extra;
        if (++in_step == (extra == 0 ? 4U : 2U)) in_step = 0, ++extra;
    }
    out.code(code, 5);
    out.bits(distance - base, extra);
}

// Prints again `count` of the last `distance` bytes. `lengths` says in which pieces; `blanks` empty blocks of 10 bits follow,
// then, unless that ends on a byte, an empty stored block of whose header the rest of the byte is part.
Buffer print_again(const std::vector<std::uint32_t>& lengths, std::uint32_t distance, unsigned blanks = 0, bool last = false) {
    BitWriter out;
    out.bits(last ? 3 : 2, 3);
    for (const auto length : lengths) match(out, length, distance);
    out.code(0, 7);
    for (unsigned i = 0; i < blanks; ++i) out.bits(2, 3), out.code(0, 7);
    if (last || out.aligned()) return std::move(out).take();
    out.bits(0, 3);
    return std::move(out).take() + Buffer{0, 0, 0xff, 0xff};
}

// `count` in pieces that one match can print.
std::vector<std::uint32_t> pieces(std::size_t count) {
    std::vector<std::uint32_t> out;
    for (; count > 250; count -= 200) out.push_back(200);
    out.push_back(static_cast<std::uint32_t>(count));
    return out;
}

// The archive that holds itself, with that checksum in it. After R. Cox, "Zip Files All The Way Down": a program of two
// operations, to print what follows and to print again what was printed, whose output is the program with what stands
// around it. Comments give by how much the output is behind the program: what it still has to print of itself.
Buffer zip_of_itself(std::uint32_t crc, std::size_t packed, std::size_t size) {
    constexpr std::string_view kName = "r.zip";
    const Buffer front = zip_local(kName, crc, packed, size);
    const Buffer entry = zip_entry(kName, crc, packed, size, 0);
    const Buffer back = entry + zip_end(1, entry.size(), front.size() + packed);

    const Buffer again20 = print_again({10, 10}, 20);                     // exactly five bytes, as print_next() has
    const Buffer next20 = print_next(20);
    const Buffer first = front + print_next(front.size() + 5);
    Buffer program = print_next(front.size() + 5) + first;
    const Buffer again_first = print_again(pieces(first.size()), static_cast<std::uint32_t>(first.size()));
    program = program + again_first;                                      // behind by: again_first
    const Buffer next_again = print_next(again_first.size());
    program = program + next_again + again_first;                         // next_again again_first
    program = program + print_next(5) + next_again;                       // again_first print_next(5) next_again
    const Buffer lag = again_first + print_next(5) + next_again;
    const Buffer block = lag + print_next(lag.size() + 5);
    program = program + print_next(block.size()) + block;                 // block
    // In two pieces and with four blanks it has fifteen bytes, so that with next20 it has twenty.
    const auto block_bytes = static_cast<std::uint32_t>(block.size());
    const Buffer again_block = print_again({10, block_bytes - 10}, block_bytes, 4);
    EXPECT_EQ(again_block.size(), 15U);
    program = program + again_block;                                      // again_block
    program = program + next20 + again_block + next20;                    // again_block next20
    program = program + again20;                                          // again20
    program = program + next20 + again20 + next20 + again20 + next20 + again20;  // ahead by next20
    Buffer end{0};
    for (int tries = 0; tries < 8; ++tries) {  // its own length is part of what it prints
        const std::size_t all = end.size() + back.size();
        end = print_again(pieces(all), static_cast<std::uint32_t>(all), 0, true);
    }
    const Buffer next_end = print_next(end.size() + back.size());
    const Buffer again_next = print_again({13}, 20);                      // eight bytes; with next_end thirteen
    program = program + next20 + again_next + next_end + Buffer(7, 0);             // not behind
    program = program + again_next;                                       // ahead by next_end
    program = program + next_end + end + back + end;                      // ahead by back, which follows
    return front + program + back;
}

}  // namespace

Buffer zip_of_quoted_headers(std::size_t members, std::uint64_t kernel) {
    Buffer data = deflated(std::string(kernel * kMiB, '\0'));
    std::uint64_t size = kernel * kMiB;
    std::vector<Buffer> directory;
    std::vector<std::uint64_t> from_end;  // of the data, where each header begins
    // From the last to the first; each header goes before what the ones behind it hold.
    for (std::size_t i = members; i-- > 0;) {
        const std::string name = std::to_string(i);
        const Buffer header = zip_local(name, 0, data.size(), size);
        directory.push_back(zip_entry(name, 0, data.size(), size, 0));
        data = header + data;
        from_end.push_back(data.size());
        if (i == 0) break;
        data = print_next(header.size()) + data;
        size += header.size();
    }
    const std::uint64_t directory_at = data.size();
    std::uint64_t directory_bytes = 0;
    for (std::size_t i = directory.size(); i-- > 0;) {
        const std::uint64_t at = directory_at - from_end[i];
        for (unsigned byte = 0; byte < 4; ++byte) directory[i][42 + byte] = static_cast<std::uint8_t>(at >> (8 * byte));
        directory_bytes += directory[i].size();
        data = data + directory[i];
    }
    return data + zip_end(members, directory_bytes, directory_at);
}

Buffer zip_of_itself() {
    const std::size_t size = zip_of_itself(0, 0, 0).size();
    const std::size_t around = zip_local("r.zip", 0, 0, 0).size() + zip_entry("r.zip", 0, 0, 0, 0).size() + zip_end(0, 0, 0).size();
    const auto crc_with = [&](std::uint32_t crc) {
        const Buffer bytes = zip_of_itself(crc, size - around, size);
        return ::libdeflate_crc32(0, bytes.data(), bytes.size());
    };
    // A checksum's bits are sums of the content's bits, so what crc_with() gives is a constant and one column for each bit
    // that is set. The checksum that names itself solves 32 equations: crc_with(x) + x = 0, all sums modulo 2.
    const std::uint32_t constant = crc_with(0);
    std::uint64_t rows[32];
    for (unsigned row = 0; row < 32; ++row) rows[row] = std::uint64_t{constant >> row & 1U} << 32;
    for (unsigned column = 0; column < 32; ++column) {
        const std::uint32_t bit = 1U << column;
        const std::uint32_t sums = crc_with(bit) ^ constant ^ bit;
        for (unsigned row = 0; row < 32; ++row) rows[row] |= std::uint64_t{sums >> row & 1U} << column;
    }
    for (unsigned column = 0; column < 32; ++column) {
        auto* const pivot = std::find_if(rows + column, rows + 32, [&](std::uint64_t row) { return (row >> column & 1U) != 0; });
        EXPECT_NE(pivot, rows + 32) << "no checksum names itself";
        if (pivot == rows + 32) return {};
        std::swap(*pivot, rows[column]);
        for (unsigned row = 0; row < 32; ++row) {
            if (row != column && (rows[row] >> column & 1U) != 0) rows[row] ^= rows[column];
        }
    }
    std::uint32_t crc = 0;
    for (unsigned row = 0; row < 32; ++row) crc |= static_cast<std::uint32_t>(rows[row] >> 32 & 1U) << row;
    return zip_of_itself(crc, size - around, size);
}

Buffer tar_block(const TarMember& member) {
    std::string header(512, '\0');
    const auto set = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
    set(0, std::string_view{member.name}.substr(0, 100));
    set(100, "0000644");
    set(124, member.size_field ? *member.size_field : fmt::format("{:011o}", member.content.size()));
    set(136, "00000000000");
    set(156, std::string_view{&member.kind, 1});
    set(257, member.magic);
    set(345, member.prefix);
    set(148, "        ");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    if (!member.good_checksum) ++sum;
    set(148, fmt::format("{:06o}", sum));
    header[154] = '\0';
    Buffer out;
    put(out, header);
    put(out, member.content);
    while (out.size() % 512 != 0) out.push_back(0);
    return out;
}

Buffer tarred(const std::vector<TarMember>& members, bool end_mark) {
    Buffer out;
    for (const auto& member : members) put(out, Bytes{tar_block(member)});
    if (end_mark) out.resize(out.size() + 1024);
    return out;
}

Buffer ar_packed(const std::vector<ArMember>& members, std::string_view mark) {
    Buffer out;
    put(out, mark);
    for (const auto& member : members) {
        put(out, fmt::format("{:16}{:12}{:6}{:6}{:8}{:10}", member.name, 0, 0, 0, "100644",
                             member.size_field ? *member.size_field : std::to_string(member.content.size())));
        put(out, member.end);
        put(out, member.content);
        if (out.size() % 2 != 0) out.push_back('\n');
    }
    return out;
}

Buffer cpio_packed(const std::vector<CpioMember>& members, CpioForm form, bool end_mark) {
    auto all = members;
    if (end_mark) all.push_back({.name = "TRAILER!!!", .mode = 0});
    Buffer out;
    const auto fill = [&](std::size_t align) {
        while (out.size() % align != 0) out.push_back(0);
    };
    for (const auto& member : all) {
        const std::size_t name_bytes = member.name.size() + 1;
        const std::uint32_t size = member.declared_bytes.value_or(static_cast<std::uint32_t>(member.content.size()));
        std::uint32_t sum = 0;
        for (const char c : member.content) sum += static_cast<unsigned char>(c);
        std::size_t align = 1;
        if (form == CpioForm::portable) {
            put(out, fmt::format("070707{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:011o}{:06o}{:011o}", 0, 1, member.mode, 0, 0, 1, 0, 0, name_bytes, size));
        } else if (form == CpioForm::svr4 || form == CpioForm::svr4_sums) {
            align = 4;
            const bool sums = form == CpioForm::svr4_sums;
            put(out, fmt::format("{}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", sums ? "070702" : "070701", 1, member.mode,
                                 0, 0, member.links, 0, size, 0, 0, 0, 0, name_bytes, sums ? member.sum.value_or(sum) : 0));
        } else {
            align = 2;
            for (const std::size_t word : {std::size_t{070707}, std::size_t{0}, std::size_t{1}, std::size_t{member.mode}, std::size_t{0}, std::size_t{0}, std::size_t{1},
                                           std::size_t{0}, std::size_t{0}, std::size_t{0}, name_bytes, std::size_t{size >> 16}, std::size_t{size & 0xffff}}) {
                const auto low = static_cast<std::uint8_t>(word);
                const auto high = static_cast<std::uint8_t>(word >> 8);
                out.push_back(form == CpioForm::old_big ? high : low);
                out.push_back(form == CpioForm::old_big ? low : high);
            }
        }
        put(out, member.name);
        out.push_back(0);
        fill(align);
        put(out, member.content);
        fill(align);
    }
    return out;
}

const Seen* Listing::find(std::string_view name) const {
    const auto at = std::find_if(members.begin(), members.end(), [&](const Seen& seen) { return seen.name == name; });
    return at == members.end() ? nullptr : &*at;
}

bool Listing::has_fault() const {
    return end || !faults.empty() ||
           std::any_of(members.begin(), members.end(), [](const Seen& seen) { return !seen.faults.empty(); });
}

Listing read_all(Type type, Bytes bytes, const Limits& limits, int spool) {
    Listing listing;
    auto store = Store::open(spool);
    EXPECT_TRUE(store);
    Deadline deadline{limits.max_time};
    Budget budget{limits, bytes.size(), deadline};
    Sink sink{*store, budget};
    const auto container = open_container(type, bytes, limits);
    if (!container) return listing;
    const Store::Mark mark = store->mark();
    Member member;
    while (!budget.end() && container->next(member, sink)) {
        if (!budget.end() && !budget.member()) break;
        listing.members.push_back({member.name, to_string(member.content), texts_of(member.faults), member.orphan});
        store->release(mark);
    }
    listing.faults = texts_of(container->faults());
    if (budget.end()) listing.end = budget.end()->text;
    return listing;
}

Buffer read_hex(const std::string& path) {
    std::ifstream file{path};
    EXPECT_TRUE(file) << path;
    std::string digits;
    std::string line;
    while (std::getline(file, line)) digits += line.substr(0, line.find('#')) + " ";
    Buffer out;
    EXPECT_TRUE(from_hex(digits, out)) << path;
    return out;
}

void expect_honest_when_cut(Type type, Bytes archive, std::string_view content) {
    for (std::size_t cut = 0; cut < archive.size(); ++cut) {
        SCOPED_TRACE(cut);
        const Listing listing = read_all(type, archive.first(cut));
        ASSERT_GE(listing.members.size(), 1U);
        EXPECT_TRUE(content.starts_with(listing.members[0].content));
        EXPECT_TRUE(listing.has_fault());
    }
}

void expect_honest_when_flipped(Type type, Bytes archive, std::string_view content, std::size_t bytes) {
    Buffer copy{archive.begin(), archive.end()};
    for (std::size_t bit = 0; bit < std::min(bytes, copy.size()) * 8; ++bit) {
        SCOPED_TRACE(bit);
        copy[bit / 8] = static_cast<std::uint8_t>(copy[bit / 8] ^ (1U << bit % 8));
        const Listing listing = read_all(type, copy);
        const bool right = !listing.members.empty() && listing.members[0].content == content;
        EXPECT_TRUE(right || listing.has_fault());
        copy[bit / 8] = archive[bit / 8];
    }
}

}  // namespace ward::formats::testing
