// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/der.h"

#include <bit>

namespace ward::formats {

bool Der::is_next(std::uint8_t tag) const {
    const auto first = cursor_.peek(1);
    return first && (*first)[0] == tag;
}

namespace {

constexpr std::uint8_t kIndefinite = 0x80;

// The length whose first byte was read.
Result<std::uint64_t> rest_of_length(std::uint8_t first, Cursor& cursor) {
    constexpr std::uint8_t kLong = 0x80;
    if (first < kLong) return first;
    const int count = first - kLong;
    if (count == 0 || count > 4) return fail(Code::malformed, "a length of {} bytes", count);
    std::uint64_t length = 0;
    for (int i = 0; i < count; ++i) length = length << 8 | WARD_TRY(cursor.u8());
    return length;
}

}  // namespace

// Behind the length. Without recursion, as the bytes say how deep it goes.
Result<Bytes> Der::take_indefinite() {
    const Bytes from = cursor_.rest();
    for (std::uint64_t open = 1;;) {
        const std::uint64_t left = cursor_.left();
        const std::uint8_t tag = WARD_TRY(cursor_.u8());
        const std::uint8_t first = WARD_TRY(cursor_.u8());
        if (tag == 0 && first == 0) {
            if (--open == 0) return from.first(from.size() - static_cast<std::size_t>(left));
        } else if ((tag & kConstructed) != 0 && first == kIndefinite) {
            ++open;
        } else {
            WARD_TRY(cursor_.skip(WARD_TRY(rest_of_length(first, cursor_))));
        }
    }
}

Result<Der::Value> Der::next() {
    const Bytes from = cursor_.rest();
    const std::uint8_t tag = WARD_TRY(cursor_.u8());
    const std::uint8_t first = WARD_TRY(cursor_.u8());
    const bool indefinite = takes_indefinite_ && (tag & kConstructed) != 0 && first == kIndefinite;
    const Bytes body = indefinite ? WARD_TRY(take_indefinite()) : WARD_TRY(cursor_.take(WARD_TRY(rest_of_length(first, cursor_))));
    return Value{tag, body, from.first(from.size() - static_cast<std::size_t>(cursor_.left()))};
}

Result<Bytes> Der::take(std::uint8_t tag) {
    const Value value = WARD_TRY(next());
    if (value.tag != tag) return fail(Code::malformed, "a value of kind {:#x} in place of {:#x}", value.tag, tag);
    return value.body;
}

Result<Buffer> join_octets(Bytes body) {
    Buffer out;
    for (Ber pieces{body}; !pieces.at_end();) {
        const Bytes piece = WARD_TRY(pieces.take(Der::kOctetString));
        out.insert(out.end(), piece.begin(), piece.end());
    }
    return out;
}

Result<std::string> object_text(Bytes body) {
    constexpr std::size_t kMaxBytes = 128;  // the longest of any certificate has 20
    if (body.empty() || body.size() > kMaxBytes) return fail(Code::malformed, "an object identifier of {} bytes", body.size());
    std::string text;
    std::uint64_t arc = 0;
    bool open = false;
    for (const std::uint8_t byte : body) {
        if (arc >> 57 != 0) return fail(Code::malformed, "an object identifier with too large a number");
        arc = arc << 7 | (byte & 0x7F);
        open = (byte & 0x80) != 0;
        if (open) continue;
        if (text.empty()) {  // the first two numbers are one: 40 of the second for each of the first, which is at most 2
            const std::uint64_t first = arc < 80 ? arc / 40 : 2;
            text = fmt::format("{}.{}", first, arc - first * 40);
        } else {
            text += fmt::format(".{}", arc);
        }
        arc = 0;
    }
    if (open) return fail(Code::truncated, "an object identifier that does not end");
    return text;
}

std::uint32_t bits_of_number(Bytes number) {
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    if (number.empty()) return 0;
    return static_cast<std::uint32_t>((number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number[0])));
}

}  // namespace ward::formats
