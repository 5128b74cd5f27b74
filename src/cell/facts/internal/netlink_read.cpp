// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/netlink_read.h"

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::uint32_t kMessageHeaderBytes = 16;
constexpr std::uint16_t kAttributeHeaderBytes = 4;
constexpr std::uint16_t kTypeMask = 0x3fff;  // NLA_TYPE_MASK

// The gap up to the next multiple of four, as far as there are bytes.
void skip_padding(Cursor& cursor, std::uint64_t size) {
    const std::uint64_t padding = (4 - size % 4) % 4;
    static_cast<void>(cursor.skip(std::min(padding, cursor.left())));
}

}  // namespace

Result<std::optional<NetlinkMessages::Message>> NetlinkMessages::next() {
    if (cursor_.at_end()) return std::optional<Message>{};
    const std::uint32_t size = WARD_TRY(cursor_.u32le());
    if (size < kMessageHeaderBytes) return fail(Code::malformed, "a netlink message of {} bytes", size);
    Message message;
    message.type = WARD_TRY(cursor_.u16le());
    WARD_TRY(cursor_.skip(kMessageHeaderBytes - 6));  // flags, sequence, port
    message.body = WARD_TRY(cursor_.take(size - kMessageHeaderBytes));
    skip_padding(cursor_, size);
    return std::optional{message};
}

std::optional<NetlinkAttributes::Attribute> NetlinkAttributes::next() {
    const auto size = cursor_.u16le();
    const auto type = cursor_.u16le();
    if (!size || !type || *size < kAttributeHeaderBytes) return std::nullopt;
    const auto value = cursor_.take(*size - kAttributeHeaderBytes);
    if (!value) return std::nullopt;
    skip_padding(cursor_, *size);
    return Attribute{static_cast<std::uint16_t>(*type & kTypeMask), *value};
}

Bytes find_attribute(Bytes attributes, std::uint16_t type) {
    NetlinkAttributes all{attributes};
    while (const auto attribute = all.next()) {
        if (attribute->type == type) return attribute->value;
    }
    return {};
}

std::string_view attribute_text(Bytes value) {
    const std::string_view text = as_text(value);
    return text.substr(0, text.find('\0'));
}

std::optional<std::uint32_t> attribute_u32(Bytes value) {
    const auto number = Cursor{value}.u32le();
    return number ? std::optional{*number} : std::nullopt;
}
std::optional<std::uint32_t> attribute_be32(Bytes value) {
    const auto number = Cursor{value}.u32be();
    return number ? std::optional{*number} : std::nullopt;
}
std::optional<std::uint64_t> attribute_be64(Bytes value) {
    const auto number = Cursor{value}.u64be();
    return number ? std::optional{*number} : std::nullopt;
}

}  // namespace ward::facts
