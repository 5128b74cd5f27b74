// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/cpio.h"

#include "cell/formats/internal/long_reads.h"
#include "core/cursor.h"
#include "core/text.h"

#include <algorithm>
#include <numeric>

namespace ward::formats {

namespace {

using namespace std::string_view_literals;

constexpr auto kPortable = "070707"sv;
constexpr auto kSvr4 = "070701"sv;
constexpr auto kSvr4Sums = "070702"sv;
constexpr std::uint16_t kOldMagic = 070707;
constexpr auto kEndName = "TRAILER!!!"sv;
constexpr std::uint64_t kMaxNameBytes = 4096;   // PATH_MAX of Linux, whose kernel refuses longer ones
constexpr std::uint64_t kKindMask = 0170000;
constexpr std::uint64_t kRegular = 0100000;

// Where the numbers stand in the text of a header.
struct Field {
    std::size_t offset;
    std::size_t digits;
};

std::optional<std::uint64_t> number(std::string_view header, Field field, int base) {
    return parse_unsigned(header.substr(field.offset, field.digits), base);
}

std::uint64_t round_up(std::uint64_t count, std::uint64_t align) { return (count + align - 1) / align * align; }

}  // namespace

std::optional<CpioReader::Header> CpioReader::read_header(Bytes bytes) {
    const auto text = as_text(bytes);
    Header header;
    std::optional<std::uint64_t> mode, size, name_bytes;
    if (text.starts_with(kSvr4) || text.starts_with(kSvr4Sums)) {
        header.bytes = 110;
        header.align = 4;
        if (text.size() < header.bytes) return std::nullopt;
        mode = number(text, {14, 8}, 16);
        header.links = number(text, {38, 8}, 16).value_or(1);
        size = number(text, {54, 8}, 16);
        name_bytes = number(text, {94, 8}, 16);
        if (text.starts_with(kSvr4Sums)) {
            header.sum = number(text, {102, 8}, 16);
            if (!header.sum) return std::nullopt;
        }
    } else if (text.starts_with(kPortable)) {
        header.bytes = 76;
        if (text.size() < header.bytes) return std::nullopt;
        mode = number(text, {18, 6}, 8);
        name_bytes = number(text, {59, 6}, 8);
        size = number(text, {65, 11}, 8);
    } else {
        header.bytes = 26;
        header.align = 2;
        if (text.size() < header.bytes) return std::nullopt;
        Cursor little{bytes};
        Cursor big{bytes};
        const bool is_big = big.u16be().value() == kOldMagic;
        if (!is_big && little.u16le().value() != kOldMagic) return std::nullopt;
        const auto word = [&](std::uint64_t offset) -> std::uint64_t {
            Cursor cursor{bytes};
            if (!cursor.seek(offset)) return 0;
            return is_big ? cursor.u16be().value_or(0) : cursor.u16le().value_or(0);
        };
        mode = word(6);
        name_bytes = word(20);
        // The upper half stands first, whatever the byte order: so the PDP-11 had it.
        size = word(22) << 16 | word(24);
    }
    if (!mode || !size || !name_bytes || *name_bytes == 0 || *name_bytes > kMaxNameBytes) return std::nullopt;
    header.mode = *mode;
    header.size = *size;
    header.name_bytes = *name_bytes;
    return header;
}

bool CpioReader::looks_like_cpio(Bytes bytes) {
    const auto header = read_header(bytes);
    if (!header) return false;
    const auto name = slice(bytes, header->bytes, header->name_bytes);
    return name && name->back() == 0;
}

void CpioReader::skip(std::uint64_t count) { at_ += std::min<std::uint64_t>(count, bytes_.size() - at_); }

bool CpioReader::next(Member& member, Sink& sink) {
    member.clear();
    while (at_ < bytes_.size()) {
        if (!sink.budget().time(64)) return false;
        if (between_) {
            at_ = find_filled(bytes_, at_, sink.budget());
            if (at_ == bytes_.size()) return false;
        }
        const Bytes rest = bytes_.subspan(static_cast<std::size_t>(at_));
        const auto header = read_header(rest);
        const auto name = header ? slice(rest, header->bytes, header->name_bytes) : Result<Bytes>{fail(Code::malformed, "no header")};
        if (!name) {
            if (!between_) {
                const bool cut = header.has_value() || rest.size() < 110;
                fault(fail(cut ? Code::truncated : Code::malformed, "the cpio header at {} is {}", at_, cut ? "cut off" : "broken"));
            }
            member.name = "trailing data";
            member.content = rest;
            at_ = bytes_.size();
            return true;
        }
        between_ = false;
        skip(round_up(header->bytes + header->name_bytes, header->align));
        const auto text = as_text(*name);
        const auto as_stored = text.substr(0, text.find('\0'));
        if (as_stored == kEndName) {
            between_ = true;
            continue;
        }
        const std::uint64_t left = bytes_.size() - at_;
        const std::uint64_t here = std::min(header->size, left);
        const Bytes content = bytes_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(here));
        skip(round_up(here, header->align));
        // Folders and devices are names alone; so are, in SVR4's form, all hard links of a file but the last.
        if (header->size == 0 && ((header->mode & kKindMask) != kRegular || header->links > 1)) continue;
        member.name = std::string{as_stored};
        member.content = content;
        if (here < header->size) {
            member.faults.push_back(fail(Code::truncated, "{} bytes of {} are there", here, header->size));
        } else if (header->sum && (header->mode & kKindMask) == kRegular) {
            if (!sink.budget().time(here)) return false;
            // At most 4 GiB: the size has 32 bits.
            const auto sum = std::accumulate(content.begin(), content.end(), std::uint32_t{0});
            if (sum != *header->sum) member.faults.push_back(fail(Code::malformed, "the checksum is wrong"));
        }
        return true;
    }
    if (!between_) fault(fail(Code::truncated, "the cpio archive ends without an end mark"));
    between_ = true;
    return false;
}

}  // namespace ward::formats
