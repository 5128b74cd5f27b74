// SPDX-License-Identifier: Apache-2.0
#include "update/proxy.h"

#include <gtest/gtest.h>

#include <map>

namespace ward::update {
namespace {

using Variables = std::map<std::string, std::string>;

Result<Proxy> choose(const std::string& configured, const Variables& variables) {
    return choose_proxy(configured, [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string{} : found->second;
    });
}

TEST(Proxy, IsTheConfiguredOneOrTheEnvironments) {
    struct Case { const char* name; std::string configured; Variables variables; const char* want; };
    const Case cases[] = {
        {"none", "", {}, ""},
        {"configured", "http://proxy:3128", {}, "proxy:3128"},
        {"configured wins", "proxy:3128", {{"https_proxy", "http://other:1"}}, "proxy:3128"},
        {"lower case first", "", {{"https_proxy", "http://a:1"}, {"HTTPS_PROXY", "http://b:2"}, {"ALL_PROXY", "http://c:3"}}, "a:1"},
        {"for everything", "", {{"ALL_PROXY", "http://c:3"}}, "c:3"},
        {"not for http alone", "", {{"http_proxy", "http://c:3"}}, ""},
        {"turned off", "none", {{"https_proxy", "http://a:1"}}, ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto proxy = choose(c.configured, c.variables);
        ASSERT_TRUE(proxy.ok()) << proxy.error().text;
        EXPECT_EQ(proxy->url ? proxy->url->authority() : "", c.want);
    }
}

TEST(Proxy, OfAKindThatCannotBeUsedIsNotGonePast) {
    for (const char* text : {"socks5://proxy:1080", "https://proxy:443", "http://", "http://pro xy:1"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(choose(text, {}).ok());
        const auto proxy = choose("", {{"ALL_PROXY", text}});
        ASSERT_FALSE(proxy.ok());
        EXPECT_NE(proxy.error().text.find("ALL_PROXY"), std::string::npos);
    }
    EXPECT_EQ(choose("http://me:secret@pro xy", {}).error().text.find("secret"), std::string::npos);
}

TEST(Proxy, IsLeftAsideForSomeHosts) {
    struct Case { const char* direct; const char* url; bool want; };
    const Case cases[] = {
        {"example.org", "https://example.org/", true},       {"example.org", "https://cdn.example.org/", true},
        {".example.org", "https://cdn.example.org/", true},  {"example.org", "https://notexample.org/", false},
        {"EXAMPLE.org , x", "https://example.org/", true},   {"example.org:8443", "https://example.org/", false},
        {"example.org:443", "https://example.org/", true},   {"127.0.0.1", "https://127.0.0.1:8443/", true},
        {"*", "https://example.org/", true},                 {"", "https://example.org/", false},
        {"::1", "https://[::1]/", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.direct} + " " + c.url);
        const auto proxy = *choose("http://me:secret@proxy:3128", {{"no_proxy", c.direct}});
        const auto route = route_to(*parse_url(c.url), proxy);
        EXPECT_TRUE(route.allowed);
        EXPECT_EQ(route.proxy_host.empty(), c.want);
        EXPECT_EQ(route.proxy_credentials.empty(), c.want);
    }
}

}  // namespace
}  // namespace ward::update
