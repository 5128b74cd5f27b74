// SPDX-License-Identifier: Apache-2.0
// The tables that come from netlink dumps. Those in testdata/netlink were taken from a kernel 6.18.
#include "cell/facts/internal/address.h"
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/sources.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using Lines = std::vector<std::string>;

const std::string kData = "testdata/netlink/";

TEST(Address, IsWrittenAsPeopleDo) {
    struct Case { const char* hex; const char* text; bool loopback; };
    const Case cases[] = {
        {"7f000001", "127.0.0.1", true},
        {"c0000207", "192.0.2.7", false},
        {"00000000000000000000000000000000", "::", false},
        {"00000000000000000000000000000001", "::1", true},
        {"20010db8000000000000000000000001", "2001:db8::1", false},
        {"20010db8000000010000000000000001", "2001:db8:0:1::1", false},
        {"20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1", false},
        {"20010000000100000001000000000000", "2001:0:1:0:1::", false},
        {"00000000000000000000ffff7f000001", "::ffff:127.0.0.1", true},
        {"7f0000", "", false},
        {"", "", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.hex);
        Buffer bytes;
        ASSERT_TRUE(from_hex(c.hex, bytes));
        EXPECT_EQ(address_text(bytes), c.text);
        EXPECT_EQ(is_loopback(bytes), c.loopback);
    }
}

TEST(Interfaces, ReadsLinksAndAddresses) {
    const auto answer = testing::Sources{}.hex("netlink:link", kData + "link.hex").hex("netlink:addr", kData + "addr.hex").parse(parse_interfaces);
    EXPECT_EQ(testing::lines_of(answer.rows), (Lines{
        "lo|1|loopback|00:00:00:00:00:00|65536|1|1|0||ipv4|127.0.0.1|8|host",
        "lo|1|loopback|00:00:00:00:00:00|65536|1|1|0||ipv6|::1|128|host",
        "br0|2|bridge|02:00:00:00:00:01|1500|1|1|0||ipv4|192.0.2.7|24|global",
        "br0|2|bridge|02:00:00:00:00:01|1500|1|1|0||ipv6|fe80::ff:fe00:1|64|link",
        "peer0|3|veth|02:00:00:00:00:03|1500|1|1|1||ipv6|fe80::ff:fe00:3|64|link",
        "eth0|4|veth|02:00:00:00:00:02|1500|1|1|0|br0|ipv6|fe80::ff:fe00:2|64|link",
    }));
    EXPECT_TRUE(answer.rows.gaps.empty());
    const auto bare = testing::Sources{}.hex("netlink:link", kData + "link.hex").parse(parse_interfaces);
    EXPECT_EQ(bare.rows.rows.size(), 4u);
}

TEST(Routes, ReadsWaysOut) {
    const auto answer = testing::Sources{}.hex("netlink:link", kData + "link.hex").hex("netlink:route", kData + "route.hex").parse(parse_routes);
    EXPECT_EQ(testing::lines_of(answer.rows), (Lines{
        "ipv4|0.0.0.0|0|192.0.2.1|br0|||254|unicast",
        "ipv4|10.8.0.0|16|192.0.2.2|br0|||254|unicast",
        "ipv4|10.8.0.0|16|192.0.2.3|br0|||254|unicast",
        "ipv4|10.9.0.0|16||||7|254|blackhole",
        "ipv4|192.0.2.0|24||br0|192.0.2.7||254|unicast",
        "ipv6|fe80::|64||peer0||256|254|unicast",
        "ipv6|fe80::|64||eth0||256|254|unicast",
        "ipv6|fe80::|64||br0||256|254|unicast",
    }));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

// What nft was given:
//
//     table inet filter {
//       set allowed { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.7 } }
//       chain input {
//         type filter hook input priority 0; policy drop;
//         ct state established,related accept
//         ct state invalid drop
//         iif lo accept
//         iifname "eth*" tcp dport 22 counter accept comment "ssh for all"
//         tcp dport { 80, 443, 8000-8010 } accept
//         udp dport 5000-5010 accept
//         ip saddr @allowed tcp dport 5432 accept
//         ip saddr 10.0.0.0/8 accept
//         ip6 saddr fe80::/10 accept
//         icmp type echo-request limit rate 5/second accept
//         meta l4proto icmpv6 accept
//         ct state vmap { new : jump other, invalid : drop }
//         ip saddr . tcp dport { 10.1.1.1 . 25, 10.1.1.2 . 587 } accept
//         tcp dport != 1-1024 log prefix "x" drop
//         meta mark 0x10 accept
//         fib daddr type local accept
//         reject with icmpx type admin-prohibited
//       }
//       chain other { tcp flags syn / fin,syn,rst,ack return; goto input2; }
//       chain input2 { }
//     }
//     table ip nat {
//       chain pre { type nat hook prerouting priority -100; tcp dport 8080 dnat to 10.0.0.5:80; }
//       chain post { type nat hook postrouting priority 100; oifname "eth0" masquerade; }
//     }
//     table arp a {
//       chain in { type filter hook input priority 0; policy accept; drop
//       }
//     }
//     table netdev n {
//       chain i { type filter hook ingress device "lo" priority 0; ip saddr 1.2.3.4 drop
//       }
//     }
//     table ip sleeping {
//       flags dormant;
//       chain in { type filter hook input priority 0; policy drop; }
//     }
testing::Sources firewall() {
    testing::Sources sources;
    sources.hex("netlink:nftables", kData + "nftables.hex").hex("netlink:link", kData + "link.hex");
    return sources;
}

TEST(FirewallChains, TellsWhereADefaultDenyIs) {
    const auto answer = firewall().parse(parse_firewall_chains);
    EXPECT_EQ(testing::lines_of(answer.rows), (Lines{
        "inet|filter|input|filter|input|0|drop||17|1|0",
        "ip|nat|pre|nat|prerouting|-100|accept||1|0|0",
        "ip|nat|post|nat|postrouting|100|accept||1|0|0",
        "arp|a|in|filter|input|0|accept||1|1|0",
        "netdev|n|i|filter|ingress|0|accept|lo|1|0|0",
        "ip|sleeping|in|filter|input|0|drop||0|1|1",
    }));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(FirewallRules, WritesThemNearToNft) {
    testing::Sources sources = firewall();
    EXPECT_EQ(sources.parse(parse_firewall_rules).wants,
              (Lines{"netlink:nftset/1/filter/__set0", "netlink:nftset/1/filter/allowed", "netlink:nftset/1/filter/__map0",
                     "netlink:nftset/1/filter/__set1"}));
    const auto answer = sources.hex("netlink:nftset/1/filter/__set0", kData + "set_ports.hex")
                            .hex("netlink:nftset/1/filter/allowed", kData + "set_allowed.hex")
                            .hex("netlink:nftset/1/filter/__map0", kData + "map_states.hex")
                            .hex("netlink:nftset/1/filter/__set1", kData + "set_pairs.hex")
                            .parse(parse_firewall_rules);
    EXPECT_EQ(testing::lines_of(answer.rows), (Lines{
        "inet|filter|input|input|drop|1|5|ct state established,related accept|accept||||",
        "inet|filter|input|input|drop|2|6|ct state invalid drop|drop||||",
        "inet|filter|input|input|drop|3|7|iif \"lo\" accept|accept|||lo|",
        "inet|filter|input|input|drop|4|8|iifname \"eth*\" tcp dport 22 accept|accept|tcp|22|eth*|ssh for all",
        "inet|filter|input|input|drop|5|10|tcp dport { 80, 443, 8000-8010 } accept|accept|tcp|80,443,8000-8010||",
        "inet|filter|input|input|drop|6|11|udp dport 5000-5010 accept|accept|udp|5000-5010||",
        "inet|filter|input|input|drop|7|12|ip saddr @allowed tcp dport 5432 accept|accept|tcp|5432||",
        "inet|filter|input|input|drop|8|13|ip saddr 10.0.0.0/8 accept|accept||||",
        "inet|filter|input|input|drop|9|14|ip6 saddr fe80::/10 accept|accept||||",
        "inet|filter|input|input|drop|10|15|meta nfproto ipv4 icmp type 8 limit accept|accept|icmp|||",
        "inet|filter|input|input|drop|11|16|meta l4proto icmpv6 accept|accept|icmpv6|||",
        "inet|filter|input|input|drop|12|18|ct state vmap { invalid : drop, new : jump other }|vmap||||",
        "inet|filter|input|input|drop|13|20|meta nfproto ipv4 ip saddr . tcp dport { 10.1.1.1 . 25, 10.1.1.2 . 587 } accept|accept|tcp|||",
        "inet|filter|input|input|drop|14|21|tcp dport != 1-1024 log drop|drop|tcp|||",
        "inet|filter|input|input|drop|15|22|meta mark 0x10 accept|accept||||",
        "inet|filter|input|input|drop|16|23|<fib> 0x02000000 accept|accept||||",
        "inet|filter|input|input|drop|17|24|reject|reject||||",
        "inet|filter|other|||1|25|tcp flags & 0x17 == 0x02 return|return|tcp|||",
        "inet|filter|other|||2|26|goto input2|goto input2||||",
        "ip|nat|pre|prerouting|accept|1|3|tcp dport 8080 dnat to 10.0.0.5:80||tcp|8080||",
        "ip|nat|post|postrouting|accept|1|4|oifname \"eth0\" masquerade|||||",
        "arp|a|in|input|accept|1|2|drop|drop||||",
        "netdev|n|i|ingress|accept|1|2|meta protocol 2048 ip saddr 1.2.3.4 drop|drop||||",
    }));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(FirewallRules, KnowsWhatIptablesMakesOfItsRules) {
    const auto answer = testing::Sources{}.hex("netlink:nftables", kData + "iptables.hex").parse(parse_firewall_rules);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (Lines{
                  "ip|filter|INPUT|input|accept|1|2|iifname \"lo\" accept|accept|||lo|",
                  "ip|filter|INPUT|input|accept|2|3|ct state established,related accept|accept||||",
                  "ip|filter|INPUT|input|accept|3|4|tcp dport 22 accept|accept|tcp|22||ssh",
                  "ip|filter|INPUT|input|accept|4|5|tcp dport { 80,443 } accept|accept|tcp|80,443||",
                  "ip|filter|INPUT|input|accept|5|6|meta l4proto udp ip saddr 10.0.0.0/8 udp dport 53-55 accept|accept|udp|53-55||",
                  "ip|filter|INPUT|input|accept|6|7|meta l4proto icmp accept|accept|icmp|||",
                  "ip|filter|INPUT|input|accept|7|9|jump mine|jump mine||||",
                  "ip|filter|INPUT|input|accept|8|11|reject|reject||||",
                  "ip|filter|INPUT|input|accept|9|12|iifname \"eth*\" tcp dport != 1-1024 drop|drop|tcp||eth*|",
                  "ip|filter|mine|||1|10|limit log|||||",
              }));
}

TEST(FirewallRules, NamesSetsWhoseElementsAreNotKnown) {
    const auto lines = testing::lines_of(firewall().parse(parse_firewall_rules).rows);
    EXPECT_EQ(lines.at(4), "inet|filter|input|input|drop|5|10|tcp dport @__set0 accept|accept|tcp|||");
}

TEST(FirewallRules, SaysThatLegacyRulesAreNotRead) {
    for (const Parser parser : {parse_firewall_rules, parse_firewall_chains}) {
        const auto answer = firewall().file("/proc/net/ip_tables_names", "filter\nnat\n").file("/proc/net/ip6_tables_names", "").parse(parser);
        ASSERT_EQ(answer.rows.gaps.size(), 1u);
        EXPECT_EQ(answer.rows.gaps[0].code, Code::unsupported);
        EXPECT_EQ(answer.rows.gaps[0].where.path, "/proc/net/ip_tables_names");
    }
}

TEST(Netlink, MakesAGapOfADumpThatBreaksOff) {
    struct Case { const char* name; const char* hex; };
    const Case cases[] = {
        {"a header that is cut", "2000000010"},
        {"a message shorter than its header", "0800000010000000 0000000000000000"},
        {"a message longer than the dump", "0001000010000000 0000000000000000"},
        {"a message without its fixed part", "1000000010000000 0000000000000000"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes;
        ASSERT_TRUE(from_hex(c.hex, bytes));
        const auto answer = testing::Sources{}.bytes("netlink:link", bytes).parse(parse_interfaces);
        EXPECT_TRUE(answer.rows.rows.empty());
        ASSERT_EQ(answer.rows.gaps.size(), 1u);
        EXPECT_EQ(answer.rows.gaps[0].where.path, "netlink:link");
    }
}

}  // namespace
}  // namespace ward::facts
