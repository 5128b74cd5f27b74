// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/zip.h"

#include "cell/formats/internal/long_reads.h"
#include "cell/formats/internal/zip_crypto.h"
#include "core/cursor.h"
#include "core/text.h"

#include <libdeflate.h>

#include <algorithm>
#include <numeric>

namespace ward::formats {

namespace {

using namespace std::string_view_literals;

// Section numbers are APPNOTE 6.3.10's.
constexpr auto kLocalMark = "PK\x03\x04"sv;           // 4.3.7
constexpr auto kDescriptorMark = "PK\x07\x08"sv;      // 4.3.9.3
constexpr auto kDirectoryMark = "PK\x01\x02"sv;       // 4.3.12
constexpr auto kEnd64Mark = "PK\x06\x06"sv;           // 4.3.14
constexpr auto kLocatorMark = "PK\x06\x07"sv;         // 4.3.15
constexpr auto kEndMark = "PK\x05\x06"sv;             // 4.3.16
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kDirectoryEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kMaxCommentBytes = 65'535;
constexpr std::size_t kMaxEndRecords = 8;              // a comment may hold others; some readers take the first, some the last
constexpr std::uint32_t kIn64 = 0xffffffff;            // the true value stands in the zip64 extra field (4.5.3)
constexpr std::uint16_t kExtra64 = 0x0001;
constexpr std::uint16_t kExtraAes = 0x9901;
constexpr std::uint32_t kMaxRefusedPasswords = 8;      // of AES, where each try costs a millisecond
constexpr std::size_t kMaxDescriptors = 1'000'000;     // ten for each member there may be
constexpr int kMaxDescriptorTries = 64;                // content of a member may look like one

// 4.4.4
enum Flag : std::uint16_t { kEncrypted = 1, kLzmaEndMark = 2, kSizesBehind = 8, kStrong = 0x40, kMaskedHeaders = 0x2000 };

// 4.4.5
enum Method : std::uint16_t { kStored = 0, kDeflate = 8, kDeflate64 = 9, kBzip2 = 12, kLzma = 14, kOldZstd = 20, kZstd = 93, kXz = 95, kAes = 99 };

struct MethodName {
    std::uint16_t number;
    std::string_view name;
};
constexpr MethodName kUnreadMethods[] = {
    {1, "shrink"}, {2, "reduce"}, {3, "reduce"}, {4, "reduce"}, {5, "reduce"}, {6, "implode"}, {10, "PKWARE implode"},
    {16, "IBM CMPSC"}, {18, "IBM TERSE"}, {19, "LZ77"}, {94, "MP3"}, {96, "JPEG variant"}, {97, "WavPack"}, {98, "PPMd"},
};

std::string_view unread_method_name(std::uint16_t method) {
    const auto* const known = std::find_if(std::begin(kUnreadMethods), std::end(kUnreadMethods),
                                           [&](const MethodName& item) { return item.number == method; });
    return known == std::end(kUnreadMethods) ? ""sv : known->name;
}

bool is_known_method(std::uint16_t method) {
    constexpr std::uint16_t kRead[] = {kStored, kDeflate, kDeflate64, kBzip2, kLzma, kOldZstd, kZstd, kXz, kAes};
    return std::find(std::begin(kRead), std::end(kRead), method) != std::end(kRead) || !unread_method_name(method).empty();
}

bool has_mark(Bytes bytes, std::uint64_t at, std::string_view mark) {
    const auto here = slice(bytes, at, mark.size());
    return here && as_text(*here) == mark;
}

// The body of an extra field (4.5.1); empty when it is not there.
Bytes find_extra(Bytes extra, std::uint16_t wanted) {
    Cursor cursor{extra};
    while (true) {
        const auto id = cursor.u16le();
        const auto size = id ? cursor.u16le() : id;
        const auto body = size ? cursor.take(*size) : Result<Bytes>{fail(Code::truncated, "no more")};
        if (!body) return {};
        if (*id == wanted) return *body;
    }
}

// 4.5.3: the values that did not fit, in this order, and only those.
void read_extra64(Bytes extra, std::uint64_t& size, std::uint64_t& packed, std::uint64_t* header_at) {
    Cursor cursor{find_extra(extra, kExtra64)};
    if (size == kIn64) size = cursor.u64le().value_or(size);
    if (packed == kIn64) packed = cursor.u64le().value_or(packed);
    if (header_at != nullptr && *header_at == kIn64) *header_at = cursor.u64le().value_or(*header_at);
}

}  // namespace

// Behind the last bytes that may hold an end record, from the end backwards.
std::vector<std::uint64_t> ZipReader::find_end_marks(Bytes bytes) {
    std::vector<std::uint64_t> marks;
    if (bytes.size() < kEndBytes) return marks;
    const std::uint64_t from = bytes.size() - std::min(bytes.size(), kEndBytes + kMaxCommentBytes);
    const auto tail = as_text(bytes.subspan(static_cast<std::size_t>(from)));
    for (auto at = tail.find(kEndMark); at != tail.npos && at + kEndBytes <= tail.size(); at = tail.find(kEndMark, at + 1)) {
        if (marks.size() == kMaxEndRecords) marks.erase(marks.begin() + 1);  // the first and the last ones count
        marks.push_back(from + at);
    }
    std::reverse(marks.begin(), marks.end());
    return marks;
}

Result<ZipReader::EndRecord> ZipReader::read_end_record(Bytes bytes, std::uint64_t at) {
    Cursor cursor{bytes};
    WARD_TRY(cursor.seek(at + kEndMark.size()));
    EndRecord end;
    end.at = at;
    end.disk = WARD_TRY(cursor.u16le());
    end.directory_disk = WARD_TRY(cursor.u16le());
    WARD_TRY(cursor.skip(2));
    end.entries = WARD_TRY(cursor.u16le());
    end.directory_bytes = WARD_TRY(cursor.u32le());
    end.directory_at = WARD_TRY(cursor.u32le());
    if (at < kLocatorBytes || !has_mark(bytes, at - kLocatorBytes, kLocatorMark)) return end;

    // The locator tells where the 64-bit record is; with something in front of the archive it is wrong, and the record
    // stands right before the locator.
    const std::uint64_t told = WARD_TRY(u64le_at(bytes, at - kLocatorBytes + 8));
    std::uint64_t record = told;
    if (!has_mark(bytes, record, kEnd64Mark)) {
        if (at < kLocatorBytes + kEnd64Bytes) return end;
        record = at - kLocatorBytes - kEnd64Bytes;
        if (!has_mark(bytes, record, kEnd64Mark)) return end;
    }
    WARD_TRY(cursor.seek(record + 16));
    end.disk = WARD_TRY(cursor.u32le());
    end.directory_disk = WARD_TRY(cursor.u32le());
    WARD_TRY(cursor.skip(8));
    end.entries = WARD_TRY(cursor.u64le());
    end.directory_bytes = WARD_TRY(cursor.u64le());
    end.directory_at = WARD_TRY(cursor.u64le());
    end.at = record;
    return end;
}

bool ZipReader::directory_begins_at(Bytes bytes, std::uint64_t at) { return has_mark(bytes, at, kDirectoryMark); }

std::uint64_t ZipReader::comment_end(Bytes bytes, std::uint64_t at) {
    return at + kEndBytes + u16le_at(bytes, at + kEndBytes - 2).value_or(0);
}

bool ZipReader::ends_with_archive(Bytes bytes, bool exactly) {
    for (const std::uint64_t at : find_end_marks(bytes)) {
        if (exactly && comment_end(bytes, at) != bytes.size()) continue;
        const auto end = read_end_record(bytes, at);
        if (!end || end->directory_bytes > end->at || end->directory_bytes < kDirectoryEntryBytes) continue;
        if (directory_begins_at(bytes, end->at - end->directory_bytes)) return true;
    }
    return false;
}

ZipReader::ZipReader(Bytes bytes, const Limits& limits)
    : bytes_{bytes}, begins_as_zip_{bytes.size() >= 2 && bytes[0] == 'P' && bytes[1] == 'K'} {
    read_directories(limits);
    find_overlaps();
}

void ZipReader::read_directories(const Limits& limits) {
    bool found = false;
    std::vector<Span> archives;
    for (const std::uint64_t at : find_end_marks(bytes_)) {
        const auto end = read_end_record(bytes_, at);
        if (!end) continue;
        // An end record inside an archive belongs to one that is stored in it, and is read when that is opened; unless its
        // comment takes us to the very end, for then some readers take it for the outer one.
        const bool inside = std::any_of(archives.begin(), archives.end(), [&](const Span& span) { return at >= span.begin && at < span.end; });
        if (inside && comment_end(bytes_, at) != bytes_.size()) continue;
        if (end->entries == 0 && end->directory_bytes == 0) {
            found = true;
            continue;
        }
        if (end->disk != 0 && end->disk != 0xffff) {
            fault(fail(Code::unsupported, "this is part {} of a split archive; members in other parts are not read", end->disk + 1));
        }
        // Where it must end, or where it is said to begin: they differ when something was put in front, or when somebody
        // wants two readers to see two archives.
        std::uint64_t starts[2] = {bytes_.size(), bytes_.size()};
        if (end->directory_bytes <= end->at) starts[0] = end->at - end->directory_bytes;
        starts[1] = end->directory_at;
        bool any = false;
        for (int i = 0; i < 2; ++i) {
            if (i == 1 && starts[1] == starts[0]) break;
            if (!directory_begins_at(bytes_, starts[i])) continue;
            any = true;
            const std::uint64_t base = starts[i] >= end->directory_at ? starts[i] - end->directory_at : 0;
            archives.push_back({base, starts[i]});
            const std::uint64_t count = read_directory(starts[i], base, *end, limits);
            // Old programs store the count modulo 65,536.
            if ((count & 0xffff) < (end->entries & 0xffff) && count < end->entries) {
                fault(fail(Code::malformed, "the zip directory promises {} members and names {}", end->entries, count));
            }
        }
        if (any) found = true;
    }
    if (!found) fault(fail(Code::truncated, "the zip archive has no central directory; members are read by their local headers"));
}

// Gives the number of its entries.
std::uint64_t ZipReader::read_directory(std::uint64_t at, std::uint64_t base, const EndRecord& end, const Limits& limits) {
    std::uint64_t count = 0;
    while (has_mark(bytes_, at, kDirectoryMark)) {
        const auto read = [&]() -> Status {
            Cursor cursor{bytes_};
            WARD_TRY(cursor.seek(at + 8));
            Entry entry;
            entry.flags = WARD_TRY(cursor.u16le());
            entry.method = WARD_TRY(cursor.u16le());
            entry.time = WARD_TRY(cursor.u16le());
            WARD_TRY(cursor.skip(2));
            entry.crc = WARD_TRY(cursor.u32le());
            entry.packed = WARD_TRY(cursor.u32le());
            entry.size = WARD_TRY(cursor.u32le());
            const std::uint16_t name_bytes = WARD_TRY(cursor.u16le());
            const std::uint16_t extra_bytes = WARD_TRY(cursor.u16le());
            const std::uint16_t comment_bytes = WARD_TRY(cursor.u16le());
            const std::uint16_t disk = WARD_TRY(cursor.u16le());
            WARD_TRY(cursor.skip(6));
            entry.header_at = WARD_TRY(cursor.u32le());
            entry.name = WARD_TRY(cursor.take(name_bytes));
            entry.extra = WARD_TRY(cursor.take(extra_bytes));
            WARD_TRY(cursor.skip(comment_bytes));
            read_extra64(entry.extra, entry.size, entry.packed, &entry.header_at);
            // A directory at another place than it says means that all is shifted.
            entry.header_at = entry.header_at > UINT64_MAX - base ? UINT64_MAX : entry.header_at + base;
            at = cursor.offset();
            ++count;
            const bool elsewhere = end.disk != 0 && end.disk != 0xffff && disk != end.disk && disk != 0xffff;
            if (!elsewhere) entries_.push_back(entry);
            return done();
        };
        if (entries_.size() > limits.max_members) {
            fault(fail(Code::over_limit, "the zip directory lists more than {} members (max_members)", limits.max_members));
            break;
        }
        if (auto status = read(); !status) {
            fault(fail(Code::truncated, "the zip directory is cut off after {} members", count));
            break;
        }
    }
    return count;
}

std::uint64_t ZipReader::data_at(std::uint64_t header_at) const {
    const auto name_bytes = u16le_at(bytes_, header_at + 26);
    const auto extra_bytes = u16le_at(bytes_, header_at + 28);
    return header_at + kLocalBytes + name_bytes.value_or(0) + extra_bytes.value_or(0);
}

void ZipReader::find_overlaps() {
    std::vector<std::size_t> order(entries_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t i) {
        const Entry& e = entries_[i];
        return std::tuple{e.header_at, e.packed, e.method, e.flags, e.size, e.crc, i};
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    std::size_t widest = entries_.size();  // of those before, the one that reaches furthest
    std::uint64_t widest_end = 0;
    for (std::size_t n = 0; n < order.size(); ++n) {
        Entry& entry = entries_[order[n]];
        if (n > 0) {
            const Entry& before = entries_[order[n - 1]];
            entry.duplicate = before.header_at == entry.header_at && before.packed == entry.packed &&
                              before.method == entry.method && before.flags == entry.flags && before.size == entry.size &&
                              before.crc == entry.crc;
        }
        if (entry.duplicate || !has_mark(bytes_, entry.header_at, kLocalMark)) continue;
        const std::uint64_t begin = data_at(entry.header_at);
        const std::uint64_t end = entry.packed > UINT64_MAX - begin ? UINT64_MAX : begin + entry.packed;
        if (widest < entries_.size() && entry.header_at < widest_end) {
            entry.overlaps = true;
            entries_[widest].overlaps = true;
        }
        if (widest == entries_.size() || end > widest_end) {
            widest = order[n];
            widest_end = end;
        }
    }
}

Result<ZipReader::Entry> ZipReader::read_local(std::uint64_t at) const {
    if (!has_mark(bytes_, at, kLocalMark)) return fail(Code::malformed, "there is no local header at {}", at);
    Cursor cursor{bytes_};
    WARD_TRY(cursor.seek(at + 6));
    Entry entry;
    entry.header_at = at;
    entry.flags = WARD_TRY(cursor.u16le());
    entry.method = WARD_TRY(cursor.u16le());
    entry.time = WARD_TRY(cursor.u16le());
    WARD_TRY(cursor.skip(2));
    entry.crc = WARD_TRY(cursor.u32le());
    entry.packed = WARD_TRY(cursor.u32le());
    entry.size = WARD_TRY(cursor.u32le());
    const std::uint16_t name_bytes = WARD_TRY(cursor.u16le());
    const std::uint16_t extra_bytes = WARD_TRY(cursor.u16le());
    entry.name = WARD_TRY(cursor.take(name_bytes));
    entry.extra = WARD_TRY(cursor.take(extra_bytes));
    read_extra64(entry.extra, entry.size, entry.packed, nullptr);
    // Bit 3: sizes and CRC follow the data (4.4.4); programs that know them all the same write them in both places.
    entry.sizes_known = (entry.flags & kSizesBehind) == 0 || entry.packed != 0;
    return entry;
}

// Is this really a local header? In a program that can read zip, its mark stands alone.
bool ZipReader::is_plausible(const Entry& local) const {
    if (local.name.empty() || local.name.size() > 4096 || !is_known_method(local.method) || (local.flags & 0xc000) != 0) return false;
    if (begins_as_zip_) return true;
    const std::uint16_t version = u16le_at(bytes_, local.header_at + 4).value_or(0xffff);
    return (version & 0xff) <= 63 && (version >> 8) <= 30 &&
           std::find(local.name.begin(), local.name.end(), std::uint8_t{0}) == local.name.end();
}

// Every descriptor, in one search: a thousand members of unknown length would else make a thousand through the whole archive.
void ZipReader::list_descriptors(Budget& budget) {
    if (descriptors_listed_) return;
    descriptors_listed_ = true;
    std::uint64_t at = find_text(bytes_, 0, kDescriptorMark, budget);
    while (at < bytes_.size() && descriptors_.size() < kMaxDescriptors) {
        descriptors_.push_back(at);
        at = find_text(bytes_, at + 1, kDescriptorMark, budget);
    }
}

// Where data of unknown length end: at a descriptor that counts them rightly, else at the next header of any kind.
std::uint64_t ZipReader::find_data_end(std::uint64_t at, Budget& budget) {
    list_descriptors(budget);
    auto descriptor = std::lower_bound(descriptors_.begin(), descriptors_.end(), at);
    for (int tries = 0; descriptor != descriptors_.end() && tries < kMaxDescriptorTries; ++tries, ++descriptor) {
        const std::uint64_t count = *descriptor - at;
        const auto short_count = u32le_at(bytes_, *descriptor + 8);
        const auto long_count = u64le_at(bytes_, *descriptor + 8);
        if ((short_count && *short_count == count) || (long_count && *long_count == count)) return *descriptor;
    }
    const std::uint64_t local = find_text(bytes_, at, kLocalMark, budget);
    // The directory stands behind all members, so only the way to the next of them is searched for it.
    const Bytes before = bytes_.first(static_cast<std::size_t>(std::min<std::uint64_t>(local + kDirectoryMark.size(), bytes_.size())));
    return std::min(local, find_text(before, at, kDirectoryMark, budget));
}

// 4.3.9: the mark is optional, the sizes have four or eight bytes.
void ZipReader::check_descriptor(std::uint64_t at, std::uint32_t crc, Member& member) const {
    if (has_mark(bytes_, at, kDescriptorMark)) at += kDescriptorMark.size();
    const auto stored = u32le_at(bytes_, at);
    if (!stored) member.faults.push_back(fail(Code::truncated, "the archive ends before the member's checksum"));
    else if (*stored != crc) member.faults.push_back(fail(Code::malformed, "the checksum is wrong"));
}

// Gives how many packed bytes were used.
std::uint64_t ZipReader::decode(const Entry& entry, std::uint16_t method, Bytes packed, Member& member, Sink& sink) {
    Unpacked result;
    sink.begin();
    sink.start_crc();
    switch (method) {
        case kStored:
            member.content = packed;
            if (entry.sizes_known && entry.size != packed.size()) {
                member.faults.push_back(fail(Code::malformed, "{} bytes are stored, {} are declared", packed.size(), entry.size));
            }
            return packed.size();
        case kDeflate: result = inflater_.run(packed, sink, entry.sizes_known ? entry.size : 0); break;
        case kDeflate64: result = unpack_deflate64(packed, sink); break;
        case kBzip2: result = unpack_bzip2(packed, sink); break;
        case kLzma: result = unpack_zip_lzma(packed, sink, entry.size, (entry.flags & kLzmaEndMark) != 0 || !entry.sizes_known); break;
        case kOldZstd:
        case kZstd: result = zstd_.run(packed, sink); break;
        case kXz: result = unpack_xz(packed, sink); break;
        default: {
            const auto name = unread_method_name(method);
            result.fault = fail(Code::unsupported, "packed by method {}{}{}, which nothing here unpacks", method, name.empty() ? "" : ", ", name);
            result.used = packed.size();
            result.stopped = true;
        }
    }
    auto content = sink.finish();
    if (content) member.content = *content;
    else member.faults.push_back(std::move(content).error());
    if (result.fault) {
        member.faults.push_back(std::move(*result.fault));
    } else if (entry.sizes_known && member.content.size() != entry.size) {
        member.faults.push_back(fail(Code::malformed, "{} bytes came out, {} are declared", member.content.size(), entry.size));
    }
    return result.stopped ? packed.size() : result.used;
}

void ZipReader::decrypt(const Entry& entry, Bytes packed, Member& member, Sink& sink) {
    if ((entry.flags & (kStrong | kMaskedHeaders)) != 0) {
        member.faults.push_back(fail(Code::unsupported, "encrypted by PKWARE's strong encryption"));
        return;
    }
    std::uint16_t method = entry.method;
    int strength = 0;
    bool with_crc = true;
    if (method == kAes) {
        const Bytes extra = find_extra(entry.extra, kExtraAes);
        const auto inner = u16le_at(extra, 5);
        if (!inner || extra[4] < 1 || extra[4] > 3) {
            member.faults.push_back(fail(Code::malformed, "encrypted by AES, but how is not said"));
            return;
        }
        with_crc = extra[0] == 1;  // AE-2 leaves the CRC out
        strength = extra[4];
        method = *inner;
    } else if (packed.size() < kTraditionalHeaderBytes) {
        member.faults.push_back(fail(Code::truncated, "the encrypted data are cut off"));
        return;
    }
    // 6.1.6: the last byte of the header is the high byte of the CRC, or of the time when the CRC was not known yet.
    const auto check = static_cast<std::uint8_t>((entry.flags & kSizesBehind) != 0 ? entry.time >> 8 : entry.crc >> 24);
    constexpr std::size_t kPasswords = std::size(kUsualPasswords);
    for (std::size_t i = 0; i < kPasswords && refused_passwords_ < kMaxRefusedPasswords; ++i) {
        // The one that opened the member before is the likeliest.
        const std::size_t choice = (known_password_ + i) % kPasswords;
        if (!sink.budget().time(packed.size())) return;
        auto plain = strength != 0 ? decrypt_aes(packed, kUsualPasswords[choice], strength, sink)
                                   : decrypt_traditional(packed, kUsualPasswords[choice], check, sink);
        if (!plain) continue;
        if (!*plain) {
            member.faults.push_back(std::move(*plain).error());
            return;
        }
        Member opened;
        decode(entry, method, plain->value(), opened, sink);
        const bool checked = !with_crc || !entry.sizes_known ||
                             ::libdeflate_crc32(0, opened.content.data(), opened.content.size()) == entry.crc;
        // One byte fits by chance for one password in 256; AES has proved itself already.
        if (strength == 0 && (!checked || !opened.faults.empty())) continue;
        member.content = opened.content;
        member.faults = std::move(opened.faults);
        if (!checked) member.faults.push_back(fail(Code::malformed, "the checksum is wrong"));
        known_password_ = choice;
        refused_passwords_ = 0;
        return;
    }
    if (strength != 0) ++refused_passwords_;
    member.faults.push_back(fail(Code::unsupported, "encrypted, and no usual password opens it"));
}

std::uint64_t ZipReader::unpack(const Entry& entry, std::uint64_t at, Member& member, Sink& sink) {
    member.name = to_string(entry.name);
    const bool encrypted = (entry.flags & kEncrypted) != 0;
    const std::uint64_t left = at < bytes_.size() ? bytes_.size() - at : 0;
    std::uint64_t count = entry.packed;
    // Without a length, a packed stream tells its end by itself.
    if (!entry.sizes_known) count = encrypted || entry.method == kStored ? find_data_end(at, sink.budget()) - at : left;
    if (count > left) {
        member.faults.push_back(fail(Code::truncated, "{} packed bytes of {} are there", left, count));
        count = left;
    }
    const Bytes packed = left == 0 ? Bytes{} : bytes_.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count));
    if (entry.overlaps) member.faults.push_back(fail(Code::malformed, "shares packed bytes with another member"));
    if (encrypted) {
        decrypt(entry, packed, member, sink);
        return at + count;
    }
    const std::size_t faults = member.faults.size();
    const std::uint64_t used = decode(entry, entry.method, packed, member, sink);
    const bool whole = member.faults.size() == faults;
    if (whole) {
        const std::uint32_t crc = entry.method == kStored ? crc32_of(member.content, sink.budget()) : sink.crc();
        if (sink.budget().end()) return at + used;
        if (!entry.sizes_known) check_descriptor(at + used, crc, member);
        else if (crc != entry.crc) member.faults.push_back(fail(Code::malformed, "the checksum is wrong"));
    }
    return at + used;
}

bool ZipReader::next(Member& member, Sink& sink) {
    member.clear();
    if (second_reading_) {
        const Entry local = *second_reading_;
        second_reading_.reset();
        member.orphan = true;
        // What only the longer reading covers may hold a member of its own.
        const std::uint64_t end = unpack(local, data_at(local.header_at), member, sink);
        covered_.push_back({local.header_at, std::min(end, first_reading_end_)});
        return true;
    }
    while (next_entry_ < entries_.size()) {
        Entry entry = entries_[next_entry_++];
        if (!sink.budget().time(64)) return false;
        if (entry.duplicate) continue;
        const auto local = read_local(entry.header_at);
        const bool folder = !entry.name.empty() && entry.name.back() == '/' && entry.packed == 0;
        if (!local) {
            if (folder) continue;
            member.name = to_string(entry.name);
            member.faults.push_back(local.error());
            return true;
        }
        const bool other = local->method != entry.method || ((local->flags ^ entry.flags) & kEncrypted) != 0 ||
                           (local->sizes_known && local->packed != entry.packed);
        if (other) second_reading_ = *local;
        if (folder && !other) {
            covered_.push_back({entry.header_at, data_at(entry.header_at)});
            continue;
        }
        // Only the local extra field is sure to be there for AES; the directory's may differ.
        if (find_extra(entry.extra, kExtraAes).empty()) entry.extra = local->extra;
        const std::uint64_t end = unpack(entry, data_at(entry.header_at), member, sink);
        if (other) first_reading_end_ = end;
        else covered_.push_back({entry.header_at, end});
        return true;
    }
    return next_orphan(member, sink);
}

bool ZipReader::next_orphan(Member& member, Sink& sink) {
    if (!directory_done_) {
        directory_done_ = true;
        std::sort(covered_.begin(), covered_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
    }
    while (true) {
        if (!sink.budget().time(64)) return false;
        orphan_at_ = find_text(bytes_, orphan_at_, kLocalMark, sink.budget());
        if (orphan_at_ >= bytes_.size()) return false;
        bool inside = false;
        while (orphan_span_ < covered_.size() && covered_[orphan_span_].begin <= orphan_at_) {
            if (orphan_at_ < covered_[orphan_span_].end) {
                orphan_at_ = covered_[orphan_span_].end;
                inside = true;
                break;
            }
            ++orphan_span_;
        }
        if (inside) continue;
        const auto local = read_local(orphan_at_);
        if (!local || !is_plausible(*local)) {
            ++orphan_at_;
            continue;
        }
        const std::uint64_t at = data_at(orphan_at_);
        if (local->name.back() == '/' && local->packed == 0) {
            orphan_at_ = at;
            continue;
        }
        member.orphan = true;
        orphan_at_ = std::max(unpack(*local, at, member, sink), at);
        return true;
    }
}

}  // namespace ward::formats
