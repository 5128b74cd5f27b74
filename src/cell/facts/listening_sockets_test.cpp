// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"
#include "cell/facts/testing/sources.h"
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

constexpr std::string_view kHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

std::string line(std::string_view local, std::string_view state, std::string_view inode) {
    return fmt::format("   0: {} 00000000:0000 {} 00000000:00000000 00:00000000 00000000   101        0 {} 1 0000 100 0\n", local, state, inode);
}

// Two processes that hold socket 7; the first also is what a package brought.
testing::Sources host() {
    const ProcessFacts nginx{.pid = 90, .stat = "90 (nginx) S 1 1 1 0 -1 0 1 0 0 0 1 2 0 0 20 0 3 0 4200 1000 50",
                             .status = "Uid:\t33\t33\t33\t33\n", .cgroup = "0::/system.slice/nginx.service\n",
                             .exe = "/usr/sbin/nginx", .net_namespace = "net:[1]"};
    testing::Sources sources;
    sources.bytes("proc:", to_bytes(std::vector<ProcessFacts>{nginx}))
        .bytes("sockets:", to_bytes(std::vector<SocketHolder>{{95, 7}, {90, 7}}))
        .add({.name = "stat:/proc/self/ns/net", .link = "net:[1]"}, {})
        .file("/etc/passwd", "www-data:x:33:33::/var/www:/usr/sbin/nologin\n")
        .file("/var/lib/dpkg/info/nginx-common.list", "/.\n/usr\n/usr/sbin\n/usr/sbin/nginx\n");
    return sources;
}

TEST(ListeningSockets, NamesWhoHoldsThem) {
    const auto answer = host().file("/proc/net/tcp", std::string{kHead} + line("00000000:0050", "0A", "7")).parse(parse_listening_sockets);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (std::vector<std::string>{"ipv4|tcp|0.0.0.0|80||1|7|101|90|2|nginx|/usr/sbin/nginx|www-data|nginx.service|nginx-common|1"}));
    EXPECT_TRUE(answer.rows.gaps.empty());
}

TEST(ListeningSockets, KnowsWhoCanReachThem) {
    struct Case { const char* name; const char* list; const char* local; const char* state; const char* want; };
    const Case cases[] = {
        {"loopback", "tcp", "0100007F:0016", "0A", "ipv4|tcp|127.0.0.1|22||0|"},
        {"all of 127/8", "tcp", "3500007F:0035", "0A", "ipv4|tcp|127.0.0.53|53||0|"},
        {"one address", "tcp", "070200C0:1F90", "0A", "ipv4|tcp|192.0.2.7|8080||1|"},
        {"connected", "tcp", "070200C0:1F90", "01", nullptr},
        {"IPv6, all", "tcp6", "00000000000000000000000000000000:0050", "0A", "ipv6|tcp|::|80||1|"},
        {"IPv6 loopback", "tcp6", "00000000000000000000000001000000:0050", "0A", "ipv6|tcp|::1|80||0|"},
        {"IPv4 loopback inside IPv6", "tcp6", "0000000000000000FFFF00000100007F:0050", "0A", "ipv6|tcp|::ffff:127.0.0.1|80||0|"},
        {"IPv6, one address", "udp6", "B80D0120000000000000000001000000:0035", "07", "ipv6|udp|2001:db8::1|53||1|"},
        {"UDP that is connected", "udp", "070200C0:1F90", "01", nullptr},
        {"raw", "raw", "00000000:0001", "07", "ipv4|raw|0.0.0.0|1||1|"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = testing::Sources{}.file(std::string{"/proc/net/"} + c.list, std::string{kHead} + line(c.local, c.state, "9"))
                                .parse(parse_listening_sockets);
        EXPECT_TRUE(answer.rows.gaps.empty());
        const auto lines = testing::lines_of(answer.rows);
        if (c.want == nullptr) {
            EXPECT_TRUE(lines.empty());
        } else {
            EXPECT_TRUE(lines.at(0).starts_with(c.want)) << lines.at(0);
        }
    }
}

TEST(ListeningSockets, ReadsUnixSockets) {
    const auto answer = testing::Sources{}
                            .file("/proc/net/unix",
                                  "Num       RefCount Protocol Flags    Type St Inode Path\n"
                                  "0000: 00000002 00000000 00010000 0001 01 11 /run/with blank\n"
                                  "0000: 00000002 00000000 00000000 0002 01 12 /dev/log\n"
                                  "0000: 00000003 00000000 00000000 0001 03 13 /run/connected\n"
                                  "0000: 00000002 00000000 00010000 0005 01 14 @abstract\n"
                                  "0000: 00000002 00000000 00000000 0002 01 15\n")
                            .parse(parse_listening_sockets);
    EXPECT_EQ(testing::lines_of(answer.rows),
              (std::vector<std::string>{"unix|stream|||/run/with blank|0|11|||0||||||1", "unix|dgram|||/dev/log|0|12|||0||||||1",
                                        "unix|seqpacket|||@abstract|0|14|||0||||||1"}));
}

TEST(ListeningSockets, LooksIntoOtherNetworks) {
    const std::vector<ProcessFacts> processes = {{.pid = 1, .net_namespace = "net:[1]"}, {.pid = 50, .net_namespace = "net:[2]"},
                                                 {.pid = 51, .net_namespace = "net:[2]"}, {.pid = 60}};
    testing::Sources sources;
    sources.bytes("proc:", to_bytes(processes)).add({.name = "stat:/proc/self/ns/net", .link = "net:[1]"}, {});
    const auto first = sources.parse(parse_listening_sockets);
    ASSERT_EQ(first.wants.size(), 9u);
    EXPECT_EQ(first.wants[0], "/proc/50/net/tcp");
    const auto second = sources.file("/proc/50/net/tcp", std::string{kHead} + line("00000000:0050", "0A", "3")).parse(parse_listening_sockets);
    EXPECT_TRUE(testing::lines_of(second.rows).at(0).ends_with("|0"));
}

TEST(ListeningSockets, MakesGapsOfWhatItCannotRead) {
    for (const char* text : {"head\nnonsense\n", "head\n 0: 0000:0050 0:0 0A 0:0 0:0 0 0 0 9\n", "head\n 0: 0000000G:0050 0:0 0A 0:0 0:0 0 0 0 9\n"}) {
        SCOPED_TRACE(text);
        const auto answer = testing::Sources{}.file("/proc/net/tcp", text).parse(parse_listening_sockets);
        EXPECT_TRUE(answer.rows.rows.empty());
        ASSERT_EQ(answer.rows.gaps.size(), 1u);
        EXPECT_EQ(answer.rows.gaps[0].where.line, 2u);
    }
    EXPECT_EQ(testing::Sources{}.bytes("sockets:", {1}).parse(parse_listening_sockets).rows.gaps.size(), 1u);
}

}  // namespace
}  // namespace ward::facts
