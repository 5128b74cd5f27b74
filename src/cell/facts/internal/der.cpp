// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/der.h"

namespace ward::facts {

bool Der::is_next(std::uint8_t tag) const {
    const auto first = cursor_.peek(1);
    return first && (*first)[0] == tag;
}

Result<Der::Value> Der::next() {
    constexpr std::uint8_t kLong = 0x80;
    const std::uint8_t tag = WARD_TRY(cursor_.u8());
    std::uint64_t length = WARD_TRY(cursor_.u8());
    if (length >= kLong) {
        const std::uint64_t count = length - kLong;
        if (count == 0 || count > 4) return fail(Code::malformed, "a length of {} bytes", count);
        length = 0;
        for (std::uint64_t i = 0; i < count; ++i) length = length << 8 | WARD_TRY(cursor_.u8());
    }
    return Value{tag, WARD_TRY(cursor_.take(length))};
}

Result<Bytes> Der::take(std::uint8_t tag) {
    const Value value = WARD_TRY(next());
    if (value.tag != tag) return fail(Code::malformed, "a value of kind {:#x} in place of {:#x}", value.tag, tag);
    return value.body;
}

}  // namespace ward::facts
