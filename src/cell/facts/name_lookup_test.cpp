// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

TEST(EtcHosts, HasARowForEachName) {
    struct Case { std::string_view text; Strings rows; };
    const Case cases[] = {
        {"127.0.0.1 localhost", {"127.0.0.1|localhost|1"}},
        {"# none\n\n  ::1\tip6-localhost  ip6-loopback # and more\n", {"::1|ip6-localhost|3", "::1|ip6-loopback|3"}},
        {"0.0.0.0\fsecurity.debian.org\v\r\n", {"0.0.0.0|security.debian.org|1"}},
        {"192.0.2.1#name\n192.0.2.2 a#b c", {"192.0.2.2|a|2"}},
        {"", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto answer = Sources{}.file("/etc/hosts", c.text).parse(parse_etc_hosts);
        EXPECT_EQ(columns("etc_hosts", answer, {"address", "name", "line"}), c.rows);
        EXPECT_TRUE(answer.rows.gaps.empty());
    }
}

TEST(EtcHosts, MakesGapsOfWhatIsNoAddress) {
    const auto answer = Sources{}
        .file("/etc/hosts", "localhost 127.0.0.1\n127.1 a\nfe80::1%lo b\n" + std::string("1.2.3.4 a\0b\n", 12) + std::string(1'000'000, 'x') +
                            "\n192.0.2.1 end")
        .parse(parse_etc_hosts);
    EXPECT_EQ(columns("etc_hosts", answer, {"name", "file"}), (Strings{"end|/etc/hosts"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/hosts:1 malformed", "/etc/hosts:2 malformed", "/etc/hosts:3 malformed",
                                        "/etc/hosts:4 malformed", "/etc/hosts:5 over_limit"}));
    EXPECT_TRUE(Sources{}.parse(parse_etc_hosts).rows.rows.empty());
}

TEST(ResolvConf, HasARowForEachWordThatCounts) {
    struct Case { std::string_view text; Strings rows; };
    const Case cases[] = {
        {"nameserver 192.0.2.53", {"nameserver|192.0.2.53|1"}},
        {"nameserver\t::1#53\nnameserver 1.1.1.1 8.8.8.8 ; x\n", {"nameserver|::1|1", "nameserver|1.1.1.1|2"}},
        {"search a.example  b.example\r\noptions edns0 trust-ad\n",
         {"search|a.example|1", "search|b.example|1", "options|edns0|2", "options|trust-ad|2"}},
        {"domain a.example b.example", {"domain|a.example|1"}},
        {"sortlist 192.0.2.0/24", {"sortlist|192.0.2.0/24|1"}},
        {"search", {}},
        {" nameserver 192.0.2.53\n#nameserver 192.0.2.53\n;nameserver 192.0.2.53\nNameserver 1.1.1.1\nlookup file\n", {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto answer = Sources{}.file("/etc/resolv.conf", c.text).parse(parse_resolv_conf);
        EXPECT_EQ(columns("resolv_conf", answer, {"keyword", "value", "line"}), c.rows);
        EXPECT_TRUE(answer.rows.gaps.empty());
    }
    const auto hostile = Sources{}.file("/etc/resolv.conf", std::string("search \0\n", 9) + "search " + std::string(70'000, ' ')).parse(parse_resolv_conf);
    EXPECT_EQ(gaps_of(hostile), (Strings{"/etc/resolv.conf:1 malformed", "/etc/resolv.conf:2 over_limit"}));
}

}  // namespace
}  // namespace ward::facts
