// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/nft_ruleset.h"

#include <functional>

namespace ward::facts {

// A rule in words near to those of nft(8).
struct NftRuleText {
    std::string expression;
    std::string verdict;    // empty when the rule decides nothing
    std::string protocol;   // these three only where one comparison fixes them
    std::string ports;      // destination
    std::string interface;  // incoming
    std::string comment;    // that stands among the expressions, as iptables puts it
    bool conditional = false;  // it does not hold for every packet
};

struct NftContext {
    // The elements of a named set of the rule's table; nothing when they are not known (yet).
    std::function<const std::vector<NftElement>*(std::string_view set)> elements;
    // "lo" for 1.
    std::function<std::string(std::uint32_t index)> interface_name;
};

NftRuleText describe_rule(const NftRuleset::Rule& rule, const NftContext& context);

// The sets that a rule looks into.
std::vector<std::string_view> sets_of(const NftRuleset::Rule& rule);

}  // namespace ward::facts
