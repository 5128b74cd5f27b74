// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/links.h"

#include "cell/facts/internal/netlink_read.h"

#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace ward::facts {

namespace {

std::string link_type_name(std::uint16_t type) {
    switch (type) {
        case ARPHRD_ETHER: return "ether";
        case ARPHRD_LOOPBACK: return "loopback";
        case ARPHRD_NONE: return "none";
        default: return std::to_string(type);
    }
}

std::string mac_text(Bytes address) {
    std::string out;
    for (const auto byte : address) out += fmt::format("{}{:02x}", out.empty() ? "" : ":", byte);
    return out;
}

// struct ifinfomsg: u8 family, u8, u16 type, i32 index, u32 flags, u32 change.
Status add_link(Bytes body, std::map<std::uint32_t, Link>& links) {
    Cursor in{body};
    WARD_TRY(in.skip(2));
    const std::uint16_t type = WARD_TRY(in.u16le());
    const std::uint32_t index = WARD_TRY(in.u32le());
    Link link;
    link.flags = WARD_TRY(in.u32le());
    WARD_TRY(in.skip(4));
    link.kind = link_type_name(type);
    NetlinkAttributes attributes{in.rest()};
    while (const auto attribute = attributes.next()) {
        switch (attribute->type) {
            case IFLA_IFNAME: link.name = attribute_text(attribute->value); break;
            case IFLA_ADDRESS: link.mac = mac_text(attribute->value); break;
            case IFLA_MTU: link.mtu = attribute_u32(attribute->value); break;
            case IFLA_MASTER: link.master = attribute_u32(attribute->value); break;
            case IFLA_LINKINFO: {
                const auto kind = attribute_text(find_attribute(attribute->value, IFLA_INFO_KIND));
                if (!kind.empty()) link.kind = kind;
                break;
            }
            default: break;
        }
    }
    links[index] = std::move(link);
    return done();
}

}  // namespace

Status read_links(Bytes dump, std::map<std::uint32_t, Link>& links) {
    NetlinkMessages messages{dump};
    while (const auto message = WARD_TRY(messages.next())) {
        if (message->type == RTM_NEWLINK) WARD_TRY(add_link(message->body, links));
    }
    return done();
}

}  // namespace ward::facts
