// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <string>

namespace ward::facts {

// An IPv4 (4 bytes) or IPv6 (16 bytes) address in network order as text, the latter as RFC 5952 wants it. Empty for other sizes.
std::string address_text(Bytes address);
// 127.0.0.0/8, ::1, and the former inside ::ffff:0:0/96.
bool is_loopback(Bytes address);

}  // namespace ward::facts
