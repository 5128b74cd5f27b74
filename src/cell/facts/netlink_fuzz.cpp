// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/fuzz_parser.h"

// The same bytes as every dump that these tables read, also as the sets that rules ask for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    using namespace ward::facts;
    testing::fuzz_parser(parse_interfaces, {"netlink:link", "netlink:addr"}, bytes);
    testing::fuzz_parser(parse_routes, {"netlink:link", "netlink:route"}, bytes);
    testing::fuzz_parser(parse_firewall_chains, {"netlink:nftables", "netlink:link"}, bytes);
    testing::fuzz_parser(parse_firewall_rules, {"netlink:nftables", "netlink:link"}, bytes);
    return 0;
}
