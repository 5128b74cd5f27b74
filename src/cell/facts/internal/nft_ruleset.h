// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace ward::facts {

// The rules of nftables as the kernel dumps them (linux/netfilter/nf_tables.h). Views into the dump.
struct NftRuleset {
    struct Table {
        std::uint8_t family = 0;
        std::string_view name;
        bool dormant = false;
    };
    struct Chain {
        std::uint8_t family = 0;
        std::string_view table;
        std::string_view name;
        bool is_base = false;  // packets enter here; else others jump to it
        std::uint32_t hook = 0;
        std::int32_t priority = 0;
        std::uint32_t policy = 0;  // 0 drop, 1 accept
        std::string_view type;
        std::string_view device;
    };
    struct Rule {
        std::uint8_t family = 0;
        std::string_view table;
        std::string_view chain;
        std::uint64_t handle = 0;
        Bytes expressions;
        std::string_view comment;
    };
    std::vector<Table> tables;
    std::vector<Chain> chains;
    std::vector<Rule> rules;  // of each chain in the order in which they are tried

    const Chain* find_chain(const Rule& rule) const;
    bool is_dormant(const Chain& chain) const;
};

Result<NftRuleset> read_ruleset(Bytes dump);

// An element of a set, and what it maps to.
struct NftElement {
    Bytes key;
    Bytes key_end;   // of a set of concatenated ranges
    Bytes data;      // the attributes of NFTA_SET_ELEM_DATA; empty when the set is no map
    bool ends_interval = false;
};
Result<std::vector<NftElement>> read_set_elements(Bytes dump);

// "inet" for 1 and so on; the number itself for one that is not known.
std::string nft_family_name(std::uint8_t family);
std::string nft_hook_name(std::uint8_t family, std::uint32_t hook);

}  // namespace ward::facts
