// SPDX-License-Identifier: Apache-2.0
#include "fetch/names.h"

#include <gtest/gtest.h>

namespace ward::fetch {
namespace {

using Texts = std::vector<std::string>;

TEST(Names, AreFoundInTheHostsFile) {
    constexpr std::string_view kHosts =
        "127.0.0.1 localhost\n"
        "::1\tlocalhost ip6-localhost # loopback\n"
        "# 192.0.2.9 proxy\n"
        "192.0.2.1   proxy.example.org   Proxy\r\n"
        "192.0.2.2 mirror #proxy\n"
        "\n"
        "192.0.2.3";
    EXPECT_EQ(addresses_in(kHosts, "localhost"), (Texts{"127.0.0.1", "::1"}));
    EXPECT_EQ(addresses_in(kHosts, "proxy"), Texts{"192.0.2.1"});
    EXPECT_EQ(addresses_in(kHosts, "PROXY.example.org"), Texts{"192.0.2.1"});
    EXPECT_EQ(addresses_in(kHosts, "192.0.2.3"), Texts{});
    EXPECT_EQ(addresses_in(kHosts, "example.org"), Texts{});
    EXPECT_EQ(addresses_in("", "localhost"), Texts{"127.0.0.1"});
}

TEST(Names, WrittenInDigitsNeedNoServer) {
    auto names = Names::open();
    ASSERT_TRUE(names.ok()) << names.error().text;
    struct Case { const char* host; const char* text; };
    const Case cases[] = {{"192.0.2.1", "192.0.2.1:8443"}, {"::1", "[::1]:8443"}, {"2001:db8::7", "[2001:db8::7]:8443"}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.host);
        const auto found = names->find(c.host, 8443);
        ASSERT_TRUE(found.ok()) << found.error().text;
        ASSERT_EQ(found->size(), 1U);
        EXPECT_EQ(found->front().text(), c.text);
    }
}

}  // namespace
}  // namespace ward::fetch
