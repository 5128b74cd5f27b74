// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/bytes.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace ward::facts {

// A network interface, as `netlink:link` tells it.
struct Link {
    std::string name;
    std::string kind;  // what made it, else its type
    std::string mac;
    std::optional<std::uint32_t> mtu;
    std::optional<std::uint32_t> master;
    std::uint32_t flags = 0;
};

// By number. What comes before an error is kept in `links`.
Status read_links(Bytes dump, std::map<std::uint32_t, Link>& links);

}  // namespace ward::facts
