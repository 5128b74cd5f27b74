// SPDX-License-Identifier: Apache-2.0
// The tables `interfaces` and `routes`, from rtnetlink(7).
#include "cell/facts/live_parsers.h"

#include "cell/facts/internal/address.h"
#include "cell/facts/internal/links.h"
#include "cell/facts/internal/netlink_read.h"
#include "cell/facts/values.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <map>

namespace ward::facts {

namespace {

std::string scope_name(std::uint8_t scope) {
    switch (scope) {
        case RT_SCOPE_UNIVERSE: return "global";
        case RT_SCOPE_SITE: return "site";
        case RT_SCOPE_LINK: return "link";
        case RT_SCOPE_HOST: return "host";
        case RT_SCOPE_NOWHERE: return "nowhere";
        default: return std::to_string(scope);
    }
}

std::string route_type_name(std::uint8_t type) {
    switch (type) {
        case RTN_UNICAST: return "unicast";
        case RTN_BLACKHOLE: return "blackhole";
        case RTN_UNREACHABLE: return "unreachable";
        case RTN_PROHIBIT: return "prohibit";
        default: return std::to_string(type);
    }
}

Value family_name(std::uint8_t family) {
    if (family == AF_INET) return text("ipv4");
    if (family == AF_INET6) return text("ipv6");
    return null();
}

struct Address {
    std::uint8_t family = 0;
    std::uint8_t prefix = 0;
    std::uint8_t scope = 0;
    std::string text;
};

// struct ifaddrmsg: u8 family, u8 prefix, u8 flags, u8 scope, u32 index.
Status add_address(Bytes body, std::multimap<std::uint32_t, Address>& addresses) {
    Cursor in{body};
    Address address;
    address.family = WARD_TRY(in.u8());
    address.prefix = WARD_TRY(in.u8());
    WARD_TRY(in.skip(1));
    address.scope = WARD_TRY(in.u8());
    const std::uint32_t index = WARD_TRY(in.u32le());
    // IFA_LOCAL is our own end where the two differ (point to point).
    Bytes own = find_attribute(in.rest(), IFA_LOCAL);
    if (own.empty()) own = find_attribute(in.rest(), IFA_ADDRESS);
    address.text = address_text(own);
    if (address.text.empty()) return fail(Code::malformed, "an address of {} bytes", own.size());
    addresses.emplace(index, std::move(address));
    return done();
}

// Calls `use` with the body of each message of that type; the error is the first one.
template <class Use>
Status each_message(Bytes dump, std::uint16_t type, Use use) {
    NetlinkMessages messages{dump};
    while (const auto message = WARD_TRY(messages.next())) {
        if (message->type == type) WARD_TRY(use(message->body));
    }
    return done();
}

void note(const Status& status, std::string_view source, RowSet& out) {
    if (!status) out.gaps.push_back(gap(source, 0, status.error().code, status.error().text));
}

// The main attributes of struct rtmsg: u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags.
Status add_route(Bytes body, const std::map<std::uint32_t, Link>& links, RowSet& out) {
    Cursor in{body};
    const std::uint8_t family = WARD_TRY(in.u8());
    const std::uint8_t prefix = WARD_TRY(in.u8());
    WARD_TRY(in.skip(2));
    const std::uint8_t small_table = WARD_TRY(in.u8());
    WARD_TRY(in.skip(2));
    const std::uint8_t type = WARD_TRY(in.u8());
    WARD_TRY(in.skip(4));
    const std::uint32_t table = attribute_u32(find_attribute(in.rest(), RTA_TABLE)).value_or(small_table);
    if ((family != AF_INET && family != AF_INET6) || table == RT_TABLE_LOCAL) return done();
    std::string destination = address_text(find_attribute(in.rest(), RTA_DST));
    if (destination.empty()) destination = family == AF_INET ? "0.0.0.0" : "::";
    const auto add = [&](Bytes gateway, std::optional<std::uint32_t> index) {
        const auto link = index ? links.find(*index) : links.end();
        out.rows.push_back({family_name(family), text(destination), number(prefix), text_or_null(address_text(gateway)),
                            link == links.end() ? null() : text(link->second.name),
                            text_or_null(address_text(find_attribute(in.rest(), RTA_PREFSRC))),
                            number(attribute_u32(find_attribute(in.rest(), RTA_PRIORITY))), number(table),
                            text(route_type_name(type))});
    };
    // Several ways: a list of struct rtnexthop (u16 length, u8 flags, u8 hops, i32 interface) with attributes.
    Cursor hops{find_attribute(in.rest(), RTA_MULTIPATH)};
    if (hops.at_end()) {
        add(find_attribute(in.rest(), RTA_GATEWAY), attribute_u32(find_attribute(in.rest(), RTA_OIF)));
        return done();
    }
    while (!hops.at_end()) {
        const std::uint16_t size = WARD_TRY(hops.u16le());
        if (size < 8) return fail(Code::malformed, "a way of {} bytes in a route", size);
        WARD_TRY(hops.skip(2));
        const std::uint32_t index = WARD_TRY(hops.u32le());
        const Bytes attributes = WARD_TRY(hops.take(size - 8U));
        add(find_attribute(attributes, RTA_GATEWAY), index);
    }
    return done();
}

std::map<std::uint32_t, Link> links_of(const Request& request, RowSet& out) {
    std::map<std::uint32_t, Link> links;
    note(read_links(request.bytes_of("netlink:link"), links), "netlink:link", out);
    return links;
}

}  // namespace

wire::ParseAnswer parse_interfaces(const Request& request) {
    wire::ParseAnswer answer;
    const auto links = links_of(request, answer.rows);
    std::multimap<std::uint32_t, Address> addresses;
    note(each_message(request.bytes_of("netlink:addr"), RTM_NEWADDR, [&](Bytes body) { return add_address(body, addresses); }),
         "netlink:addr", answer.rows);
    for (const auto& [index, link] : links) {
        const auto master = link.master ? links.find(*link.master) : links.end();
        const Row common{text(link.name), number(index), text(link.kind), text_or_null(link.mac), number(link.mtu),
                         flag((link.flags & IFF_UP) != 0), flag((link.flags & IFF_RUNNING) != 0),
                         flag((link.flags & IFF_PROMISC) != 0),
                         master == links.end() ? null() : text(master->second.name)};
        const auto [first, last] = addresses.equal_range(index);
        if (first == last) {
            Row row = common;
            row.insert(row.end(), 4, null());
            answer.rows.rows.push_back(std::move(row));
        }
        for (auto item = first; item != last; ++item) {
            Row row = common;
            row.insert(row.end(), {family_name(item->second.family), text(item->second.text), number(item->second.prefix),
                                   text(scope_name(item->second.scope))});
            answer.rows.rows.push_back(std::move(row));
        }
    }
    return answer;
}

wire::ParseAnswer parse_routes(const Request& request) {
    wire::ParseAnswer answer;
    const auto links = links_of(request, answer.rows);
    const auto add = [&](Bytes body) { return add_route(body, links, answer.rows); };
    note(each_message(request.bytes_of("netlink:route"), RTM_NEWROUTE, add), "netlink:route", answer.rows);
    return answer;
}

}  // namespace ward::facts
