// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::facts {

// An IPv4 (4 bytes) or IPv6 (16 bytes) address in network order as text, the latter as RFC 5952 wants it. Empty for other sizes.
std::string address_text(Bytes address);
// 127.0.0.0/8, ::1, and the former inside ::ffff:0:0/96.
bool is_loopback(Bytes address);
// "192.0.2.1" or "2001:db8::1" (RFC 4291, section 2.2) as 4 or 16 bytes; nothing for anything else, zones included.
std::optional<Buffer> parse_address(std::string_view text);

// Addresses with the same first bits: "192.0.2.0/24", or one address with all its bits.
struct Network {
    Buffer address;
    std::uint32_t bits = 0;

    bool contains(const Network& other) const;
};
std::optional<Network> parse_network(std::string_view text);

}  // namespace ward::facts
