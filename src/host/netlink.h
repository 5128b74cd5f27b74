// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/source_reader.h"

#include <string_view>

namespace ward::host {

// The sources `netlink:WHAT`: the kernel's answers to dump requests, one message after the other, without the closing ones.
// WHAT is link, addr, route, nftables, or nftset/FAMILY/TABLE/SET for the elements of one set (FAMILY as a number).
void dump_netlink(std::string_view what, std::uint64_t max_bytes, Source& out);

}  // namespace ward::host
