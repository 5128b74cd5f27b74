// SPDX-License-Identifier: Apache-2.0
// The tables `firewall_chains` and `firewall_rules`.
#include "cell/facts/live_parsers.h"

#include "cell/facts/internal/links.h"
#include "cell/facts/internal/nft_rule.h"
#include "cell/facts/values.h"
#include "core/text.h"

#include <linux/netfilter.h>

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::string_view kDump = "netlink:nftables";

// Tables that the old iptables has made in the kernel: their rules are in no dump of nftables.
void note_legacy(const Request& request, RowSet& out) {
    for (const std::string_view file : {"/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"}) {
        if (trim(as_text(request.bytes_of(file))).empty()) continue;
        out.gaps.push_back(
            gap(file, 0, Code::unsupported, "rules of the old iptables (legacy) may be in force, and are not read"));
    }
}

// The dump, read once for either table, with what was asked for beside it.
struct Firewall {
    NftRuleset ruleset;
    std::map<std::uint32_t, Link> links;
    std::map<std::string, std::vector<NftElement>, std::less<>> elements;  // by the name of their source
};

std::string set_source(const NftRuleset::Rule& rule, std::string_view set) {
    return fmt::format("netlink:nftset/{}/{}/{}", rule.family, rule.table, set);
}

Firewall read_firewall(const Request& request, RowSet& out) {
    Firewall firewall;
    note_legacy(request, out);
    auto ruleset = read_ruleset(request.bytes_of(kDump));
    if (ruleset) {
        firewall.ruleset = *std::move(ruleset);
    } else {
        out.gaps.push_back(gap(kDump, 0, ruleset.error().code, ruleset.error().text));
    }
    if (const auto links = read_links(request.bytes_of("netlink:link"), firewall.links); !links) {
        out.gaps.push_back(gap("netlink:link", 0, links.error().code, links.error().text));
    }
    for (const auto& source : request.sources) {
        const bool whole = source.about.state == wire::SourceBytes::State::whole;
        if (!whole || !source.about.name.starts_with("netlink:nftset/")) continue;
        auto elements = read_set_elements(source.bytes);
        if (elements) {
            firewall.elements.emplace(source.about.name, *std::move(elements));
        } else {
            out.gaps.push_back(gap(source.about.name, 0, elements.error().code, elements.error().text));
        }
    }
    return firewall;
}

NftRuleText describe(const Firewall& firewall, const NftRuleset::Rule& rule) {
    return describe_rule(rule, {
        .elements = [&](std::string_view set) -> const std::vector<NftElement>* {
            const auto found = firewall.elements.find(set_source(rule, set));
            return found == firewall.elements.end() ? nullptr : &found->second;
        },
        .interface_name = [&](std::uint32_t index) {
            const auto found = firewall.links.find(index);
            return found == firewall.links.end() ? std::to_string(index) : found->second.name;
        },
    });
}

std::string_view policy_name(const NftRuleset::Chain& chain) { return chain.policy == NF_DROP ? "drop" : "accept"; }

}  // namespace

wire::ParseAnswer parse_firewall_chains(const Request& request) {
    wire::ParseAnswer answer;
    const Firewall firewall = read_firewall(request, answer.rows);
    for (const auto& chain : firewall.ruleset.chains) {
        if (!chain.is_base) continue;
        std::uint64_t count = 0;
        const NftRuleset::Rule* last = nullptr;
        for (const auto& rule : firewall.ruleset.rules) {
            if (firewall.ruleset.find_chain(rule) != &chain) continue;
            ++count;
            last = &rule;
        }
        bool denies = chain.policy == NF_DROP;
        if (last != nullptr && !denies) {
            const NftRuleText text_of_last = describe(firewall, *last);
            denies = !text_of_last.conditional && (text_of_last.verdict == "drop" || text_of_last.verdict == "reject");
        }
        answer.rows.rows.push_back({text(nft_family_name(chain.family)), text(chain.table), text(chain.name), text(chain.type),
                                    text(nft_hook_name(chain.family, chain.hook)), number(chain.priority),
                                    text(policy_name(chain)), text_or_null(chain.device), number(count), flag(denies),
                                    flag(firewall.ruleset.is_dormant(chain))});
    }
    return answer;
}

wire::ParseAnswer parse_firewall_rules(const Request& request) {
    wire::ParseAnswer answer;
    const Firewall firewall = read_firewall(request, answer.rows);
    std::map<const NftRuleset::Chain*, std::int64_t> positions;
    for (const auto& rule : firewall.ruleset.rules) {
        for (const auto set : sets_of(rule)) {
            std::string source = set_source(rule, set);
            const bool wanted = std::find(answer.wants.begin(), answer.wants.end(), source) != answer.wants.end();
            if (!wanted) answer.wants.push_back(std::move(source));
        }
        const NftRuleset::Chain* chain = firewall.ruleset.find_chain(rule);
        const NftRuleText words = describe(firewall, rule);
        const std::string_view comment = rule.comment.empty() ? words.comment : rule.comment;
        const bool is_base = chain != nullptr && chain->is_base;
        answer.rows.rows.push_back({text(nft_family_name(rule.family)), text(rule.table), text(rule.chain),
                                    is_base ? text(nft_hook_name(rule.family, chain->hook)) : null(),
                                    is_base ? text(policy_name(*chain)) : null(), number(++positions[chain]), number(rule.handle),
                                    text(words.expression), text_or_null(words.verdict), text_or_null(words.protocol),
                                    text_or_null(words.ports), text_or_null(words.interface), text_or_null(comment)});
    }
    return answer;
}

}  // namespace ward::facts
