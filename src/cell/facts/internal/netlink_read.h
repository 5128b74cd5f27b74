// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cursor.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward::facts {

// A dump of netlink messages as the host wrote it down: nlmsghdr and body, one after the other, aligned to four bytes
// (linux/netlink.h; numbers are the CPU's own, which is little-endian on all that Ward runs on).
//
//     NetlinkMessages messages{bytes};
//     while (auto message = WARD_TRY(messages.next())) use(message->type, message->body);
class NetlinkMessages {
public:
    struct Message {
        std::uint16_t type = 0;
        Bytes body;
    };
    explicit NetlinkMessages(Bytes bytes) : cursor_{bytes} {}
    Result<std::optional<Message>> next();

private:
    Cursor cursor_;
};

// The attributes of a message, or inside one. What does not fit ends them: the kernel writes none such, a recording may.
class NetlinkAttributes {
public:
    struct Attribute {
        std::uint16_t type = 0;  // without the flags for nesting and byte order
        Bytes value;
    };
    explicit NetlinkAttributes(Bytes bytes) : cursor_{bytes} {}
    std::optional<Attribute> next();

private:
    Cursor cursor_;
};

// The value of the first attribute of that type; empty when there is none.
Bytes find_attribute(Bytes attributes, std::uint16_t type);
std::string_view attribute_text(Bytes value);                 // without the zero byte at its end
std::optional<std::uint32_t> attribute_u32(Bytes value);      // the CPU's order, as rtnetlink has it
std::optional<std::uint32_t> attribute_be32(Bytes value);     // network order, as nftables has it
std::optional<std::uint64_t> attribute_be64(Bytes value);

}  // namespace ward::facts
