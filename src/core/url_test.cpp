// SPDX-License-Identifier: Apache-2.0
#include "core/url.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

TEST(Url, TellsThePartsApart) {
    struct Case { const char* text; const char* origin; const char* authority; const char* target; const char* again; };
    const Case cases[] = {
        {"https://example.org/a/b.zip?x=1#part", "example.org", "example.org:443", "/a/b.zip?x=1", "https://example.org/a/b.zip?x=1"},
        {"HTTPS://EXAMPLE.org", "example.org", "example.org:443", "/", "https://example.org/"},
        {"https://example.org:8443/", "example.org:8443", "example.org:8443", "/", "https://example.org:8443/"},
        {"https://example.org:443/", "example.org", "example.org:443", "/", "https://example.org/"},
        {"http://127.0.0.1:80/x", "127.0.0.1", "127.0.0.1:80", "/x", "http://127.0.0.1/x"},
        {"https://[::1]:8443/x", "[::1]:8443", "[::1]:8443", "/x", "https://[::1]:8443/x"},
        {"https://[::1]/x", "[::1]", "[::1]:443", "/x", "https://[::1]/x"},
        {"https://example.org?q", "example.org", "example.org:443", "/?q", "https://example.org/?q"},
        {"http://me:p%40ss@proxy:3128", "proxy:3128", "proxy:3128", "/", "http://proxy:3128/"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto url = parse_url(c.text);
        ASSERT_TRUE(url.ok()) << url.error().text;
        EXPECT_EQ(url->origin(), c.origin);
        EXPECT_EQ(url->authority(), c.authority);
        EXPECT_EQ(url->target, c.target);
        EXPECT_EQ(url->text(), c.again);
    }
    EXPECT_EQ(parse_url("http://me:p%40ss@proxy:3128")->credentials, "me:p@ss");
}

TEST(Url, RefusesWhatCouldBreakARequest) {
    for (const char* text : {"", "example.org", "ftp://example.org/", "file:///etc/passwd", "https://", "https:///x", "https://exa mple.org/",
                             "https://example.org/a\r\nX: y", "https://example.org/\x7f", "https://exämple.org/", "https://example.org:0/",
                             "https://example.org:65536/", "https://example.org:8o/", "https://[::1/", "https://[::1]x/", "https://a\\b/",
                             "https://me%0d%0a@example.org/", "https://me%zz@example.org/"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_url(text).ok());
    }
    EXPECT_FALSE(parse_url("https://example.org/" + std::string(kMaxUrlBytes, 'a')).ok());
}

TEST(Url, FollowsReferences) {
    const Url base = *parse_url("https://example.org/a/b?c");
    struct Case { const char* reference; const char* want; };
    const Case cases[] = {
        {"https://other.org/x", "https://other.org/x"},  {"//other.org/x", "https://other.org/x"}, {"/x?y", "https://example.org/x?y"},
        {"x.zip", "https://example.org/a/x.zip"},        {"?d", "https://example.org/a/b?d"},      {"", "https://example.org/a/b"},
        {"http://other.org/", "http://other.org/"},      {"/x?u=https://y/", "https://example.org/x?u=https://y/"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.reference);
        const auto url = resolve_url(base, c.reference);
        ASSERT_TRUE(url.ok()) << url.error().text;
        EXPECT_EQ(url->text(), c.want);
    }
    EXPECT_FALSE(resolve_url(base, "ftp://other.org/").ok());
    EXPECT_FALSE(resolve_url(base, "/a b").ok());
}

}  // namespace
}  // namespace ward
