// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/nft_rule.h"

#include "cell/facts/internal/address.h"
#include "cell/facts/internal/netlink_read.h"
#include "core/text.h"

#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include <algorithm>
#include <array>

namespace ward::facts {

namespace {

constexpr std::size_t kMaxElementsShown = 64;

// How the value in a register is written.
enum class Form { number, host_number, port, protocol, family, address, name, interface_index, ct_state, mac, bytes };

// A value that an expression has loaded: what it is called, how it is written, and the mask put over it since.
struct Loaded {
    std::string name;
    Form form = Form::bytes;
    std::size_t size = 0;
    Buffer mask;
};

std::string protocol_name(std::uint64_t number) {
    switch (number) {
        case IPPROTO_ICMP: return "icmp";
        case IPPROTO_TCP: return "tcp";
        case IPPROTO_UDP: return "udp";
        case IPPROTO_ICMPV6: return "icmpv6";
        case IPPROTO_ESP: return "esp";
        case IPPROTO_AH: return "ah";
        case IPPROTO_GRE: return "gre";
        case IPPROTO_SCTP: return "sctp";
        case IPPROTO_UDPLITE: return "udplite";
        default: return std::to_string(number);
    }
}

std::string family_text(std::uint64_t number) {
    if (number == NFPROTO_IPV4) return "ipv4";
    if (number == NFPROTO_IPV6) return "ipv6";
    return std::to_string(number);
}

std::uint64_t big_endian(Bytes value) {
    std::uint64_t number = 0;
    for (const auto byte : value.first(std::min<std::size_t>(value.size(), 8))) number = number << 8 | byte;
    return number;
}

std::uint64_t host_order(Bytes value) {
    std::uint64_t number = 0;
    for (std::size_t i = std::min<std::size_t>(value.size(), 8); i > 0; --i) number = number << 8 | value[i - 1];
    return number;
}

// nf_conntrack_common.h, NF_CT_STATE_BIT.
std::string ct_states(std::uint64_t bits) {
    static constexpr std::pair<std::uint64_t, std::string_view> kStates[] = {
        {1, "invalid"}, {2, "established"}, {4, "related"}, {8, "new"}, {64, "untracked"}};
    std::string out;
    for (const auto& [bit, name] : kStates) {
        if ((bits & bit) != 0) out += (out.empty() ? "" : ",") + std::string{name};
    }
    return out.empty() ? fmt::format("{:#x}", bits) : out;
}

bool all_zero(Bytes value) {
    return std::all_of(value.begin(), value.end(), [](auto byte) { return byte == 0; });
}

// The length of a network mask; nothing when its bits are not one run from the left.
std::optional<std::size_t> prefix_length(Bytes mask) {
    std::size_t length = 0;
    bool ended = false;
    for (const auto byte : mask) {
        for (int bit = 7; bit >= 0; --bit) {
            const bool set = (byte >> bit & 1) != 0;
            if (set && ended) return std::nullopt;
            ended = ended || !set;
            length += set ? 1 : 0;
        }
    }
    return length;
}

// The value before it, as the last one of an interval whose end is not in it.
Buffer one_less(Bytes value) {
    Buffer out{value.begin(), value.end()};
    for (std::size_t i = out.size(); i > 0; --i) {
        if (out[i - 1]-- != 0) break;
    }
    return out;
}

class Describer {
public:
    explicit Describer(const NftRuleset::Rule& rule, const NftContext& context) : rule_{rule}, context_{context} {}

    NftRuleText run() && {
        NetlinkAttributes list{rule_.expressions};
        while (const auto item = list.next()) {
            const std::string_view name = attribute_text(find_attribute(item->value, NFTA_EXPR_NAME));
            expression(name, find_attribute(item->value, NFTA_EXPR_DATA));
        }
        for (const auto& part : parts_) out_.expression += (out_.expression.empty() ? "" : " ") + part;
        return std::move(out_);
    }

private:
    // Registers 1 to 4 are four of the small ones each, which begin at 8.
    static std::uint32_t register_of(Bytes attribute) {
        const std::uint32_t number = attribute_be32(attribute).value_or(0);
        return number >= NFT_REG_1 && number <= NFT_REG_4 ? 8 + (number - 1) * 4 : number;
    }

    void expression(std::string_view name, Bytes data) {
        if (name == "meta") return meta(data);
        if (name == "payload") return payload(data);
        if (name == "ct") return connection(data);
        if (name == "cmp") return compare(data);
        if (name == "range") return range(data);
        if (name == "lookup") return lookup(data);
        if (name == "bitwise") return bitwise(data);
        if (name == "immediate") return immediate(data);
        if (name == "counter") return;
        if (name == "log") return say("log");
        if (name == "notrack") return say("notrack");
        if (name == "reject") return decide("reject");
        if (name == "queue") return decide("queue");
        if (name == "masq") return say("masquerade");
        if (name == "redir") return say("redirect");
        if (name == "nat") return nat(data);
        if (name == "match") return match(data);
        if (name == "target") return target(data);
        if (name == "fib") return load(find_attribute(data, NFTA_FIB_DREG), {"<fib>", Form::bytes, 4, {}});
        // limit, quota, socket and whatever comes: it may hold for some packets only.
        if (name == "limit") return condition("limit");
        if (name == "byteorder") return;  // the same value, turned
        condition(fmt::format("<{}>", name));
    }

    void say(std::string part) { parts_.push_back(std::move(part)); }
    void condition(std::string part) {
        out_.conditional = true;
        say(std::move(part));
    }
    void decide(std::string verdict) {
        say(verdict);
        out_.verdict = std::move(verdict);
    }

    void load(Bytes dreg, Loaded value) {
        const std::uint32_t number = register_of(dreg);
        // A concatenation is loaded piece after piece into registers that follow each other.
        if (!pending_.empty() && number <= last_register_) pending_.clear();
        last_register_ = number;
        pending_.push_back(value);
        registers_[number] = std::move(value);
    }

    const Loaded* loaded(Bytes sreg) const {
        const auto found = registers_.find(register_of(sreg));
        return found == registers_.end() ? nullptr : &found->second;
    }

    void meta(Bytes data) {
        const std::uint32_t key = attribute_be32(find_attribute(data, NFTA_META_KEY)).value_or(UINT32_MAX);
        const Loaded value = meta_value(key);
        if (find_attribute(data, NFTA_META_DREG).empty()) return say(value.name + " set");
        load(find_attribute(data, NFTA_META_DREG), value);
    }

    static Loaded meta_value(std::uint32_t key) {
        switch (key) {
            case NFT_META_PROTOCOL: return {"meta protocol", Form::number, 2, {}};
            case NFT_META_MARK: return {"meta mark", Form::host_number, 4, {}};
            case NFT_META_IIF: return {"iif", Form::interface_index, 4, {}};
            case NFT_META_OIF: return {"oif", Form::interface_index, 4, {}};
            case NFT_META_IIFNAME: return {"iifname", Form::name, 16, {}};
            case NFT_META_OIFNAME: return {"oifname", Form::name, 16, {}};
            case NFT_META_SKUID: return {"meta skuid", Form::host_number, 4, {}};
            case NFT_META_SKGID: return {"meta skgid", Form::host_number, 4, {}};
            case NFT_META_NFPROTO: return {"meta nfproto", Form::family, 1, {}};
            case NFT_META_L4PROTO: return {"meta l4proto", Form::protocol, 1, {}};
            case NFT_META_PKTTYPE: return {"meta pkttype", Form::number, 1, {}};
            default: return {fmt::format("<meta {}>", key), Form::bytes, 4, {}};
        }
    }

    void payload(Bytes data) {
        const std::uint32_t base = attribute_be32(find_attribute(data, NFTA_PAYLOAD_BASE)).value_or(0);
        const std::uint32_t offset = attribute_be32(find_attribute(data, NFTA_PAYLOAD_OFFSET)).value_or(0);
        const std::uint32_t size = attribute_be32(find_attribute(data, NFTA_PAYLOAD_LEN)).value_or(0);
        const Bytes dreg = find_attribute(data, NFTA_PAYLOAD_DREG);
        Loaded value = payload_value(base, offset, size);
        if (dreg.empty()) return say(value.name + " set");
        load(dreg, std::move(value));
    }

    Loaded payload_value(std::uint32_t base, std::uint32_t offset, std::uint32_t size) {
        if (base == NFT_PAYLOAD_TRANSPORT_HEADER) {
            const std::string protocol = out_.protocol.empty() ? "th" : out_.protocol;
            drop_part("meta l4proto " + protocol);
            if (protocol.starts_with("icmp")) {
                if (offset == 0 && size == 1) return {protocol + " type", Form::number, 1, {}};
                if (offset == 1 && size == 1) return {protocol + " code", Form::number, 1, {}};
            } else {
                if (offset == 0 && size == 2) return {protocol + " sport", Form::port, 2, {}};
                if (offset == 2 && size == 2) return {protocol + " dport", Form::port, 2, {}};
                if (protocol == "tcp" && offset == 13 && size == 1) return {"tcp flags", Form::number, 1, {}};
            }
            return {fmt::format("@th,{},{}", offset * 8, size * 8), Form::bytes, size, {}};
        }
        if (base == NFT_PAYLOAD_NETWORK_HEADER) {
            // A source or destination that is cut short belongs to a network whose mask ends with a byte.
            if (is_ip6()) {
                if (offset == 8 && size <= 16) return address("ip6 saddr", size, 16);
                if (offset == 24 && size <= 16) return address("ip6 daddr", size, 16);
                if (offset == 6 && size == 1) return {"ip6 nexthdr", Form::protocol, 1, {}};
            } else {
                if (offset == 12 && size <= 4) return address("ip saddr", size, 4);
                if (offset == 16 && size <= 4) return address("ip daddr", size, 4);
                if (offset == 9 && size == 1) return {"ip protocol", Form::protocol, 1, {}};
            }
            return {fmt::format("@nh,{},{}", offset * 8, size * 8), Form::bytes, size, {}};
        }
        if (offset == 6 && size == 6) return {"ether saddr", Form::mac, 6, {}};
        if (offset == 0 && size == 6) return {"ether daddr", Form::mac, 6, {}};
        return {fmt::format("@ll,{},{}", offset * 8, size * 8), Form::bytes, size, {}};
    }

    Loaded address(std::string_view name, std::uint32_t size, std::size_t full) {
        drop_part(is_ip6() ? "meta nfproto ipv6" : "meta nfproto ipv4");
        return {std::string{name}, Form::address, full == size ? full : size, {}};
    }

    bool is_ip6() const { return rule_.family == NFPROTO_IPV6 || nfproto_ == NFPROTO_IPV6; }

    // nft leaves out what the next part says as well.
    void drop_part(std::string_view part) {
        if (!parts_.empty() && parts_.back() == part) parts_.pop_back();
    }

    void connection(Bytes data) {
        const std::uint32_t key = attribute_be32(find_attribute(data, NFTA_CT_KEY)).value_or(UINT32_MAX);
        const Bytes dreg = find_attribute(data, NFTA_CT_DREG);
        if (dreg.empty()) return say("<ct set>");
        switch (key) {
            case NFT_CT_STATE: return load(dreg, {"ct state", Form::ct_state, 4, {}});
            case NFT_CT_MARK: return load(dreg, {"ct mark", Form::host_number, 4, {}});
            case NFT_CT_STATUS: return load(dreg, {"ct status", Form::host_number, 4, {}});
            default: return load(dreg, {fmt::format("<ct {}>", key), Form::bytes, 4, {}});
        }
    }

    std::string value_text(const Loaded& what, Bytes value) const {
        switch (what.form) {
            case Form::number:
            case Form::port: return std::to_string(big_endian(value));
            case Form::host_number: return fmt::format("{:#x}", host_order(value));
            case Form::protocol: return protocol_name(big_endian(value));
            case Form::family: return family_text(big_endian(value));
            case Form::address: return short_address(value);
            case Form::name: {
                // A name without its end stands for all that begin so.
                const std::string_view text = as_text(value);
                const auto end = text.find('\0');
                const bool is_start = end == std::string_view::npos && value.size() < IFNAMSIZ;
                return fmt::format("\"{}{}\"", text.substr(0, end), is_start ? "*" : "");
            }
            case Form::interface_index:
                return fmt::format("\"{}\"", context_.interface_name(static_cast<std::uint32_t>(host_order(value))));
            case Form::ct_state: return ct_states(host_order(value));
            case Form::mac: {
                std::string out;
                for (const auto byte : value) out += fmt::format("{}{:02x}", out.empty() ? "" : ":", byte);
                return out;
            }
            case Form::bytes: break;
        }
        return "0x" + to_hex(value);
    }

    // A value of fewer bytes than an address has is the start of a network.
    std::string short_address(Bytes value) const {
        const std::size_t full = is_ip6() ? 16 : 4;
        if (value.size() >= full) return address_text(value.first(full));
        Buffer padded{value.begin(), value.end()};
        padded.resize(full);
        return fmt::format("{}/{}", address_text(padded), value.size() * 8);
    }

    // The part of a concatenated value that belongs to each of what was loaded; each takes whole registers of four bytes.
    std::string key_text(const std::vector<Loaded>& what, Bytes key) const {
        if (what.size() == 1) return value_text(what[0], key);
        std::string out;
        for (const auto& item : what) {
            if (key.size() < item.size) break;
            out += (out.empty() ? "" : " . ") + value_text(item, key.first(item.size));
            key = key.subspan(std::min((item.size + 3) / 4 * 4, key.size()));
        }
        return out;
    }

    static std::string_view operator_text(std::uint32_t op) {
        switch (op) {
            case NFT_CMP_NEQ: return "!= ";
            case NFT_CMP_LT: return "< ";
            case NFT_CMP_LTE: return "<= ";
            case NFT_CMP_GT: return "> ";
            case NFT_CMP_GTE: return ">= ";
            default: return "";
        }
    }

    void compare(Bytes data) {
        const std::uint32_t op = attribute_be32(find_attribute(data, NFTA_CMP_OP)).value_or(NFT_CMP_EQ);
        const Bytes value = find_attribute(find_attribute(data, NFTA_CMP_DATA), NFTA_DATA_VALUE);
        const Loaded* what = loaded(find_attribute(data, NFTA_CMP_SREG));
        if (what == nullptr) return condition("<cmp>");
        if (!what->mask.empty()) return compare_masked(*what, op, value);
        // Two comparisons with one value are a range.
        if (op == NFT_CMP_LTE && !range_start_.empty() && !parts_.empty() &&
            parts_.back() == what->name + " >= " + range_start_) {
            parts_.pop_back();
            const std::string text = range_start_ + "-" + value_text(*what, value);
            condition(what->name + " " + text);
            return remember(*what, text);
        }
        const std::string text = value_text(*what, value);
        range_start_ = op == NFT_CMP_GTE ? text : "";
        condition(fmt::format("{} {}{}", what->name, operator_text(op), text));
        if (op == NFT_CMP_EQ) {
            remember(*what, text);
            if (what->form == Form::family) nfproto_ = static_cast<std::uint8_t>(big_endian(value));
        }
    }

    void compare_masked(const Loaded& what, std::uint32_t op, Bytes value) {
        if (what.form == Form::ct_state && op == NFT_CMP_NEQ && all_zero(value)) {
            return condition(what.name + " " + value_text(what, what.mask));
        }
        const auto length = prefix_length(what.mask);
        if (what.form == Form::address && length) {
            return condition(fmt::format("{} {}{}/{}", what.name, operator_text(op), value_text(what, value), *length));
        }
        condition(fmt::format("{} & 0x{} {}{}", what.name, to_hex(what.mask), op == NFT_CMP_EQ ? "== " : operator_text(op),
                              value_text({{}, Form::bytes, 0, {}}, value)));
    }

    // What a comparison with `=` fixes for the columns of the table.
    void remember(const Loaded& what, const std::string& text) {
        if (what.form == Form::protocol) out_.protocol = text;
        if (what.name.ends_with(" dport")) out_.ports = text;
        if (what.name == "iif" || what.name == "iifname") out_.interface = text.substr(1, text.size() - 2);
    }

    void range(Bytes data) {
        const Loaded* what = loaded(find_attribute(data, NFTA_RANGE_SREG));
        if (what == nullptr) return condition("<range>");
        const bool inverted = attribute_be32(find_attribute(data, NFTA_RANGE_OP)).value_or(0) == NFT_RANGE_NEQ;
        const auto bound = [&](std::uint16_t type) {
            return value_text(*what, find_attribute(find_attribute(data, type), NFTA_DATA_VALUE));
        };
        const std::string text = bound(NFTA_RANGE_FROM_DATA) + "-" + bound(NFTA_RANGE_TO_DATA);
        condition(fmt::format("{} {}{}", what->name, inverted ? "!= " : "", text));
        if (!inverted) remember(*what, text);
    }

    void bitwise(Bytes data) {
        const auto found = registers_.find(register_of(find_attribute(data, NFTA_BITWISE_SREG)));
        if (found == registers_.end()) return;
        Loaded value = found->second;
        const Bytes mask = find_attribute(find_attribute(data, NFTA_BITWISE_MASK), NFTA_DATA_VALUE);
        const Bytes flip = find_attribute(find_attribute(data, NFTA_BITWISE_XOR), NFTA_DATA_VALUE);
        if (!all_zero(flip)) {
            value.name = fmt::format("({} ^ 0x{})", value.name, to_hex(flip));
        }
        value.mask.assign(mask.begin(), mask.end());
        registers_[register_of(find_attribute(data, NFTA_BITWISE_DREG))] = std::move(value);
    }

    void lookup(Bytes data) {
        const std::string_view set = attribute_text(find_attribute(data, NFTA_LOOKUP_SET));
        const bool inverted = (attribute_be32(find_attribute(data, NFTA_LOOKUP_FLAGS)).value_or(0) & NFT_LOOKUP_F_INV) != 0;
        const Bytes dreg = find_attribute(data, NFTA_LOOKUP_DREG);
        const bool gives_verdict = !dreg.empty() && attribute_be32(dreg) == NFT_REG_VERDICT;
        std::vector<Loaded> what = pending_;
        if (const Loaded* one = loaded(find_attribute(data, NFTA_LOOKUP_SREG)); what.size() < 2 && one != nullptr) what = {*one};
        if (what.empty()) return condition(fmt::format("<lookup @{}>", set));
        std::string name;
        for (const auto& item : what) name += (name.empty() ? "" : " . ") + item.name;
        const auto* elements = context_.elements(set);
        const auto texts = elements != nullptr ? element_texts(what, *elements) : std::vector<std::string>{};
        std::string list;
        for (const auto& text : texts) list += (list.empty() ? "" : ", ") + text;
        const bool shown = set.starts_with("__") && elements != nullptr;
        const std::string right = shown ? "{ " + list + " }" : "@" + std::string{set};
        const std::string_view kind = dreg.empty() ? "" : gives_verdict ? "vmap " : "map ";
        condition(fmt::format("{} {}{}{}", name, inverted ? "!= " : "", kind, right));
        if (gives_verdict) out_.verdict = "vmap";
        if (!inverted && dreg.empty() && what.size() == 1 && elements != nullptr) {
            list.erase(std::remove(list.begin(), list.end(), ' '), list.end());
            remember_set(what[0], list, texts.size());
        }
        if (!dreg.empty() && !gives_verdict) load(dreg, {name + " map " + right, Form::bytes, 0, {}});
    }

    void remember_set(const Loaded& what, const std::string& list, std::size_t count) {
        if (what.name.ends_with(" dport")) out_.ports = list;
        if (count == 1) remember(what, list);
    }

    std::string element_text(const std::vector<Loaded>& what, const NftElement& element, Bytes last) const {
        std::string text = key_text(what, element.key);
        if (!last.empty()) {
            const std::string end = key_text(what, last);
            if (end != text) text += "-" + end;
        }
        if (!element.data.empty()) {
            const Bytes verdict = find_attribute(element.data, NFTA_DATA_VERDICT);
            const Bytes value = find_attribute(element.data, NFTA_DATA_VALUE);
            text += " : " + (verdict.empty() ? "0x" + to_hex(value) : verdict_text(verdict));
        }
        return text;
    }

    // In the order of their keys. Of a set of intervals each begins with one element and ends before the next, marked one.
    std::vector<std::string> element_texts(const std::vector<Loaded>& what, std::vector<NftElement> elements) const {
        const auto text_of = [](const NftElement& element) { return as_text(element.key); };
        std::stable_sort(elements.begin(), elements.end(), [&](const NftElement& a, const NftElement& b) {
            if (text_of(a) != text_of(b)) return text_of(a) < text_of(b);
            return a.ends_interval && !b.ends_interval;
        });
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (elements[i].ends_interval) continue;
            if (texts.size() == kMaxElementsShown) {
                texts.push_back("...");
                break;
            }
            Buffer last{elements[i].key_end.begin(), elements[i].key_end.end()};
            if (i + 1 < elements.size() && elements[i + 1].ends_interval) last = one_less(elements[i + 1].key);
            texts.push_back(element_text(what, elements[i], last));
        }
        return texts;
    }

    static std::string verdict_text(Bytes verdict) {
        const auto code = static_cast<std::int32_t>(attribute_be32(find_attribute(verdict, NFTA_VERDICT_CODE)).value_or(0));
        const std::string_view chain = attribute_text(find_attribute(verdict, NFTA_VERDICT_CHAIN));
        switch (code) {
            case NF_DROP: return "drop";
            case NF_ACCEPT: return "accept";
            case NF_QUEUE: return "queue";
            case NFT_CONTINUE: return "continue";
            case NFT_BREAK: return "break";
            case NFT_JUMP: return fmt::format("jump {}", chain);
            case NFT_GOTO: return fmt::format("goto {}", chain);
            case NFT_RETURN: return "return";
            default: return fmt::format("<verdict {}>", code);
        }
    }

    void immediate(Bytes data) {
        const Bytes value = find_attribute(data, NFTA_IMMEDIATE_DATA);
        const Bytes verdict = find_attribute(value, NFTA_DATA_VERDICT);
        if (!verdict.empty()) return decide(verdict_text(verdict));
        const Bytes bytes = find_attribute(value, NFTA_DATA_VALUE);
        const bool is_address = bytes.size() == 4 || bytes.size() == 16;
        load(find_attribute(data, NFTA_IMMEDIATE_DREG),
             {is_address ? address_text(bytes) : std::to_string(big_endian(bytes)), Form::bytes, bytes.size(), {}});
    }

    void nat(Bytes data) {
        const bool is_destination = attribute_be32(find_attribute(data, NFTA_NAT_TYPE)).value_or(0) == NFT_NAT_DNAT;
        std::string part = is_destination ? "dnat" : "snat";
        const Loaded* address = loaded(find_attribute(data, NFTA_NAT_REG_ADDR_MIN));
        const Loaded* port = loaded(find_attribute(data, NFTA_NAT_REG_PROTO_MIN));
        if (address != nullptr) part += " to " + address->name;
        if (port != nullptr) part += ":" + port->name;
        say(part);
    }

    // The extensions that iptables-nft still uses, as linux/netfilter/xt_*.h lays them out.
    void match(Bytes data) {
        const std::string name{attribute_text(find_attribute(data, NFTA_MATCH_NAME))};
        const Bytes info = find_attribute(data, NFTA_MATCH_INFO);
        const std::uint32_t revision = attribute_be32(find_attribute(data, NFTA_MATCH_REV)).value_or(0);
        if (name == "comment") {
            out_.comment = attribute_text(info);
            return;
        }
        std::optional<std::string> part;
        if (name == "tcp" || name == "udp") part = match_ports(name, info);
        if (name == "multiport" && revision == 1) part = match_multiport(info);
        if (name == "conntrack" && revision >= 2) part = match_state(info);
        condition(part ? *part : fmt::format("<xt {}>", name));
    }

    // struct xt_tcp, xt_udp: u16 source ports from and to, destination ports from and to ...
    std::optional<std::string> match_ports(const std::string& protocol, Bytes info) {
        Cursor in{info};
        const auto source_first = in.u16le();
        const auto source_last = in.u16le();
        const auto first = in.u16le();
        const auto last = in.u16le();
        if (!last || *source_first != 0 || *source_last != UINT16_MAX) return std::nullopt;
        if (*first == 0 && *last == UINT16_MAX) return std::nullopt;
        fix_ports(protocol, *first == *last ? std::to_string(*first) : fmt::format("{}-{}", *first, *last));
        return fmt::format("{} dport {}", protocol, out_.ports);
    }

    // struct xt_multiport_v1: u8 flags, u8 count, u16 ports[15], u8 whether a range begins[15], u8 invert.
    std::optional<std::string> match_multiport(Bytes info) {
        constexpr std::size_t kMaxPorts = 15;
        constexpr std::uint8_t kDestination = 1;
        constexpr std::size_t kBytes = 2 + 3 * kMaxPorts + 1;
        if (info.size() < kBytes || info[0] != kDestination || info[1] > kMaxPorts || info[kBytes - 1] != 0) return std::nullopt;
        std::string ports;
        for (std::size_t i = 0; i < info[1]; ++i) {
            const bool begins_range = info[2 + 2 * kMaxPorts + i] != 0;
            ports += std::to_string(*u16le_at(info, 2 + 2 * i)) + (begins_range ? "-" : i + 1U < info[1] ? "," : "");
        }
        fix_ports(out_.protocol, ports);
        return fmt::format("{} dport {{ {} }}", out_.protocol.empty() ? "th" : out_.protocol, ports);
    }

    // struct xt_conntrack_mtinfo2 and 3: at 146 u16 what to match, u16 what to invert, u16 states.
    static std::optional<std::string> match_state(Bytes info) {
        constexpr std::uint16_t kOnlyState = 1;
        const auto what = u16le_at(info, 146);
        const auto inverted = u16le_at(info, 148);
        const auto states = u16le_at(info, 150);
        if (!states || *what != kOnlyState || *inverted > kOnlyState) return std::nullopt;
        return fmt::format("ct state {}{}", *inverted != 0 ? "!= " : "", ct_states(*states));
    }

    void fix_ports(const std::string& protocol, std::string ports) {
        drop_part("ip protocol " + protocol);
        drop_part("meta l4proto " + protocol);
        out_.protocol = protocol;
        out_.ports = std::move(ports);
    }

    void target(Bytes data) {
        const std::string_view name = attribute_text(find_attribute(data, NFTA_TARGET_NAME));
        if (name == "REJECT") return decide("reject");
        if (name == "DROP") return decide("drop");
        if (name == "LOG") return say("log");
        if (name == "MASQUERADE") return say("masquerade");
        say(fmt::format("<xt {}>", name));
    }

    const NftRuleset::Rule& rule_;
    const NftContext& context_;
    NftRuleText out_;
    std::vector<std::string> parts_;
    std::map<std::uint32_t, Loaded> registers_;
    std::vector<Loaded> pending_;      // loaded one after the other, perhaps to be looked up as one
    std::uint32_t last_register_ = 0;
    std::string range_start_;
    std::uint8_t nfproto_ = 0;
};

}  // namespace

NftRuleText describe_rule(const NftRuleset::Rule& rule, const NftContext& context) { return Describer{rule, context}.run(); }

std::vector<std::string_view> sets_of(const NftRuleset::Rule& rule) {
    std::vector<std::string_view> sets;
    NetlinkAttributes list{rule.expressions};
    while (const auto item = list.next()) {
        if (attribute_text(find_attribute(item->value, NFTA_EXPR_NAME)) != "lookup") continue;
        const std::string_view set = attribute_text(find_attribute(find_attribute(item->value, NFTA_EXPR_DATA), NFTA_LOOKUP_SET));
        if (!set.empty()) sets.push_back(set);
    }
    return sets;
}

}  // namespace ward::facts
