// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/rpm_databases.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::uint32_t kFileMagic = 0x506d7052;  // "RpmP"
constexpr std::uint32_t kSlotMagic = 0x746f6c53;  // "Slot"
constexpr std::uint32_t kHeadMagic = 0x53626c42;  // "BlbS"
constexpr std::uint32_t kTailMagic = 0x45626c42;  // "BlbE"
constexpr std::uint64_t kHeaderBytes = 32;
constexpr std::uint64_t kSlotBytes = 16;
constexpr std::uint64_t kBlockBytes = 16;
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kHeadBytes = 16;
constexpr std::uint64_t kTailBytes = 12;

// Head, header, filling, tail. The checksum in the tail is for writers: rpm does not compare it when it reads.
Result<Bytes> header_in(Bytes blob, std::uint32_t number) {
    Cursor head{blob};
    const std::uint32_t magic = WARD_TRY(head.u32le());
    const std::uint32_t own_number = WARD_TRY(head.u32le());
    WARD_TRY(head.skip(4));  // when it was written
    const std::uint32_t size = WARD_TRY(head.u32le());
    if (blob.size() < kHeadBytes + kTailBytes || size > blob.size() - kHeadBytes - kTailBytes) {
        return fail(Code::malformed, "package {} of {} bytes in {}", number, size, blob.size());
    }
    Cursor tail{blob.last(kTailBytes)};
    WARD_TRY(tail.skip(4));
    const std::uint32_t size_again = WARD_TRY(tail.u32le());
    const std::uint32_t tail_magic = WARD_TRY(tail.u32le());
    if (magic != kHeadMagic || tail_magic != kTailMagic || own_number != number || size_again != size) {
        return fail(Code::malformed, "package {} is not where its slot says", number);
    }
    return head.take(size);
}

}  // namespace

void read_rpm_ndb(Bytes bytes, const UseRpmHeader& use, const BrokenRpm& broken) {
    Cursor cursor{bytes};
    const auto head = cursor.peek(kHeaderBytes);
    if (!head) return broken(head.error());
    const std::uint32_t magic = cursor.u32le().value_or(0);
    const std::uint32_t version = cursor.u32le().value_or(0);
    (void)cursor.skip(4);  // how often it was written
    const std::uint32_t slot_pages = cursor.u32le().value_or(0);
    if (magic != kFileMagic) return broken(fail(Code::malformed, "is no database of rpm's ndb format"));
    if (version != 0) return broken(fail(Code::unsupported, "version {} of rpm's ndb format", version));
    const std::uint64_t slots_end = std::min<std::uint64_t>(slot_pages * kPageBytes, bytes.size());
    if (slots_end < slot_pages * kPageBytes) broken(fail(Code::truncated, "{} pages of slots in {} bytes", slot_pages, bytes.size()));
    std::uint64_t left = bytes.size();  // what blobs may have together, since they lie side by side
    for (std::uint64_t at = kHeaderBytes; at + kSlotBytes <= slots_end; at += kSlotBytes) {
        const std::uint32_t slot_magic = u32le_at(bytes, at).value_or(0);
        const std::uint32_t number = u32le_at(bytes, at + 4).value_or(0);
        const std::uint64_t offset = u32le_at(bytes, at + 8).value_or(0) * kBlockBytes;
        const std::uint64_t size = u32le_at(bytes, at + 12).value_or(0) * kBlockBytes;
        if (slot_magic != kSlotMagic) {
            broken(fail(Code::malformed, "what is at {} is no slot", at));
            continue;
        }
        if (offset == 0) {  // free, and then all is 0
            if (number != 0 || size != 0) broken(fail(Code::malformed, "package {} lies nowhere", number));
            continue;
        }
        const auto blob = slice(bytes, offset, size);
        if (!blob) {
            broken(fail(Code::truncated, "package {} lies behind the end", number));
            continue;
        }
        if (size > left) return broken(fail(Code::over_limit, "packages that are larger together than the file"));
        left -= size;
        const auto header = header_in(*blob, number);
        if (header) use(number, *header);
        else broken(header.error());
    }
}

}  // namespace ward::facts
