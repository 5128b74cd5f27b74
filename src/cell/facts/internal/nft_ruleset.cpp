// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/nft_ruleset.h"

#include "cell/facts/internal/netlink_read.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace ward::facts {

namespace {

constexpr std::uint8_t kCommentType = 0;  // of rules' user data, as libnftnl lays it out: type, length, value

std::string_view comment_of(Bytes user_data) {
    Cursor in{user_data};
    while (in.left() >= 2) {
        const auto type = in.u8();
        const auto size = in.u8();
        const auto value = in.take(*size);
        if (!value) break;
        if (*type == kCommentType) return attribute_text(*value);
    }
    return {};
}

NftRuleset::Chain read_chain(std::uint8_t family, Bytes attributes) {
    NftRuleset::Chain chain;
    chain.family = family;
    chain.table = attribute_text(find_attribute(attributes, NFTA_CHAIN_TABLE));
    chain.name = attribute_text(find_attribute(attributes, NFTA_CHAIN_NAME));
    chain.type = attribute_text(find_attribute(attributes, NFTA_CHAIN_TYPE));
    chain.policy = attribute_be32(find_attribute(attributes, NFTA_CHAIN_POLICY)).value_or(NF_ACCEPT);
    const Bytes hook = find_attribute(attributes, NFTA_CHAIN_HOOK);
    if (const auto number = attribute_be32(find_attribute(hook, NFTA_HOOK_HOOKNUM))) {
        chain.is_base = true;
        chain.hook = *number;
        chain.priority = static_cast<std::int32_t>(attribute_be32(find_attribute(hook, NFTA_HOOK_PRIORITY)).value_or(0));
        chain.device = attribute_text(find_attribute(hook, NFTA_HOOK_DEV));
    }
    return chain;
}

NftRuleset::Rule read_rule(std::uint8_t family, Bytes attributes) {
    NftRuleset::Rule rule;
    rule.family = family;
    rule.table = attribute_text(find_attribute(attributes, NFTA_RULE_TABLE));
    rule.chain = attribute_text(find_attribute(attributes, NFTA_RULE_CHAIN));
    rule.handle = attribute_be64(find_attribute(attributes, NFTA_RULE_HANDLE)).value_or(0);
    rule.expressions = find_attribute(attributes, NFTA_RULE_EXPRESSIONS);
    rule.comment = comment_of(find_attribute(attributes, NFTA_RULE_USERDATA));
    return rule;
}

// The nftables message number, or nothing for one of another subsystem.
std::optional<std::uint8_t> message_number(std::uint16_t type) {
    if (type >> 8 != NFNL_SUBSYS_NFTABLES) return std::nullopt;
    return static_cast<std::uint8_t>(type & 0xff);
}

}  // namespace

const NftRuleset::Chain* NftRuleset::find_chain(const Rule& rule) const {
    for (const auto& chain : chains) {
        if (chain.family == rule.family && chain.table == rule.table && chain.name == rule.chain) return &chain;
    }
    return nullptr;
}

bool NftRuleset::is_dormant(const Chain& chain) const {
    for (const auto& table : tables) {
        if (table.family == chain.family && table.name == chain.table) return table.dormant;
    }
    return false;
}

Result<NftRuleset> read_ruleset(Bytes dump) {
    NftRuleset ruleset;
    NetlinkMessages messages{dump};
    while (const auto message = WARD_TRY(messages.next())) {
        const auto number = message_number(message->type);
        if (!number) continue;
        Cursor in{message->body};
        const std::uint8_t family = WARD_TRY(in.u8());
        WARD_TRY(in.skip(3));
        const Bytes attributes = in.rest();
        if (*number == NFT_MSG_NEWTABLE) {
            const auto flags = attribute_be32(find_attribute(attributes, NFTA_TABLE_FLAGS)).value_or(0);
            ruleset.tables.push_back({family, attribute_text(find_attribute(attributes, NFTA_TABLE_NAME)),
                                      (flags & NFT_TABLE_F_DORMANT) != 0});
        } else if (*number == NFT_MSG_NEWCHAIN) {
            ruleset.chains.push_back(read_chain(family, attributes));
        } else if (*number == NFT_MSG_NEWRULE) {
            ruleset.rules.push_back(read_rule(family, attributes));
        }
    }
    return ruleset;
}

Result<std::vector<NftElement>> read_set_elements(Bytes dump) {
    std::vector<NftElement> elements;
    NetlinkMessages messages{dump};
    while (const auto message = WARD_TRY(messages.next())) {
        if (message_number(message->type) != NFT_MSG_NEWSETELEM) continue;
        Cursor in{message->body};
        WARD_TRY(in.skip(4));
        NetlinkAttributes list{find_attribute(in.rest(), NFTA_SET_ELEM_LIST_ELEMENTS)};
        while (const auto item = list.next()) {
            const auto flags = attribute_be32(find_attribute(item->value, NFTA_SET_ELEM_FLAGS)).value_or(0);
            elements.push_back({find_attribute(find_attribute(item->value, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE),
                                find_attribute(find_attribute(item->value, NFTA_SET_ELEM_KEY_END), NFTA_DATA_VALUE),
                                find_attribute(item->value, NFTA_SET_ELEM_DATA), (flags & NFT_SET_ELEM_INTERVAL_END) != 0});
        }
    }
    return elements;
}

std::string nft_family_name(std::uint8_t family) {
    switch (family) {
        case NFPROTO_INET: return "inet";
        case NFPROTO_IPV4: return "ip";
        case NFPROTO_IPV6: return "ip6";
        case NFPROTO_ARP: return "arp";
        case NFPROTO_BRIDGE: return "bridge";
        case NFPROTO_NETDEV: return "netdev";
        default: return std::to_string(family);
    }
}

std::string nft_hook_name(std::uint8_t family, std::uint32_t hook) {
    static constexpr std::string_view kInet[] = {"prerouting", "input", "forward", "output", "postrouting", "ingress"};
    static constexpr std::string_view kArp[] = {"input", "output", "forward"};
    static constexpr std::string_view kNetdev[] = {"ingress", "egress"};
    const auto name = [&](const auto& names) {
        return hook < std::size(names) ? std::string{names[hook]} : std::to_string(hook);
    };
    if (family == NFPROTO_ARP) return name(kArp);
    if (family == NFPROTO_NETDEV) return name(kNetdev);
    return name(kInet);
}

}  // namespace ward::facts
