// SPDX-License-Identifier: Apache-2.0
#include "fetch/http.h"

#include <gtest/gtest.h>

namespace ward::fetch {
namespace {

TEST(Request, SaysNothingAboutThisMachine) {
    const Url url = *parse_url("https://example.org/all.zip");
    EXPECT_EQ(request_text(url, {}),
              "GET /all.zip HTTP/1.1\r\nHost: example.org\r\nUser-Agent: ward-fetch\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n");
    wire::FetchJob job;
    job.etag = "\"abc\"";
    job.last_modified = "Sun, 06 Nov 1994 08:49:37 GMT";
    EXPECT_NE(request_text(url, job).find("If-None-Match: \"abc\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"), std::string::npos);
    // A part is asked to be completed, whatever the last good copy is.
    job.offset = 100;
    job.validator = "\"def\"";
    const std::string rest = request_text(url, job);
    EXPECT_NE(rest.find("Range: bytes=100-\r\nIf-Range: \"def\"\r\n\r\n"), std::string::npos);
    EXPECT_EQ(rest.find("abc"), std::string::npos);
    EXPECT_EQ(connect_text(url, "me:secret"),
              "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nUser-Agent: ward-fetch\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n");
}

TEST(ResponseHead, IsReadUpToItsEnd) {
    EXPECT_EQ(*head_end("HTTP/1.1 200 OK\r\n"), std::nullopt);
    EXPECT_EQ(*head_end("HTTP/1.1 200 OK\r\n\r\nbody"), std::optional<std::size_t>{19});
    EXPECT_EQ(*head_end("HTTP/1.1 200 OK\n\nbody\r\n\r\n"), std::optional<std::size_t>{17});
    EXPECT_FALSE(head_end(std::string(kMaxHeadBytes, 'a')).ok());
    const auto head = parse_head("HTTP/1.1 206 Partial Content\r\ncontent-length: 10\r\nETag:  \"x\" \r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                 "Content-Range: bytes 90-99/100\r\nX-Other: \xff\r\nLocation: /next\r\n\r\n");
    ASSERT_TRUE(head.ok()) << head.error().text;
    EXPECT_EQ(head->status, 206U);
    EXPECT_EQ(head->length, std::optional<std::uint64_t>{10});
    EXPECT_EQ(head->etag, "\"x\"");
    EXPECT_EQ(head->last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(head->location, "/next");
    ASSERT_TRUE(head->range.has_value());
    EXPECT_EQ(head->range->first, 90U);
    EXPECT_EQ(head->range->last, 99U);
    EXPECT_EQ(head->range->total, std::optional<std::uint64_t>{100});
    // A field that could break our next request is not kept.
    EXPECT_EQ(parse_head("HTTP/1.1 200 OK\r\nETag: \"a\x01\"\r\n\r\n")->etag, "");
}

TEST(ResponseHead, IsRefusedWhenItCannotBeTrusted) {
    struct Case { const char* name; const char* head; };
    const Case cases[] = {
        {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
        {"HTTP/2 in plain text", "HTTP/2 200\r\n\r\n"},
        {"no status", "HTTP/1.1 OK\r\n\r\n"},
        {"status too small", "HTTP/1.1 099 x\r\n\r\n"},
        {"status too long", "HTTP/1.1 2000 x\r\n\r\n"},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
        {"length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {"a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
        {"packed in transfer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        {"a folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"},
        {"a blank before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n"},
        {"a range that ends before it begins", "HTTP/1.1 206 OK\r\nContent-Range: bytes 9-8/100\r\n\r\n"},
        {"a range behind the end", "HTTP/1.1 206 OK\r\nContent-Range: bytes 9-100/100\r\n\r\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_FALSE(parse_head(c.head).ok());
    }
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 300; ++i) many += "X: y\r\n";
    EXPECT_EQ(parse_head(many + "\r\n").error().code, Code::over_limit);
}

// The body behind `head`, given in pieces of `step` bytes.
Result<std::string> body_of(std::string_view head, std::string_view bytes, std::size_t step) {
    const ResponseHead parsed = WARD_TRY(parse_head(head));
    BodyReader body = WARD_TRY(BodyReader::of(parsed));
    std::string out;
    while (!body.whole()) {
        if (bytes.empty()) return fail(Code::truncated, "the end is missing");
        std::string_view input = bytes.substr(0, step);
        bytes.remove_prefix(input.size());
        while (!input.empty() && !body.whole()) out += WARD_TRY(body.next(input));
    }
    return out;
}

TEST(BodyReader, GivesTheSameInAnyPieces) {
    for (std::size_t step = 1; step < 20; ++step) {
        SCOPED_TRACE(step);
        EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello, world", step).value_or(""), "hello");
        EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", step).value_or("x"), "");
        EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n2;x=y\r\n, \r\n05\r\nworld\r\n0\r\nX: y\r\n\r\nmore", step).value_or(""),
                  "hello, world");
    }
}

TEST(BodyReader, RefusesWhatHasNoEndOrLies) {
    EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\n\r\n", "hello", 3).error().code, Code::unsupported);
    const char* chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(body_of(chunked, "5\r\nhello", 3).error().code, Code::truncated);
    EXPECT_EQ(body_of(chunked, "5\r\nhello\r\n", 3).error().code, Code::truncated);
    EXPECT_EQ(body_of(chunked, "5\r\nhello, world\r\n0\r\n\r\n", 3).error().code, Code::malformed);
    EXPECT_EQ(body_of(chunked, "x\r\nhello\r\n0\r\n\r\n", 3).error().code, Code::malformed);
    EXPECT_EQ(body_of(chunked, "\r\nhello\r\n0\r\n\r\n", 3).error().code, Code::malformed);
    EXPECT_EQ(body_of(chunked, "ffffffffffffffff\r\nhello\r\n", 3).error().code, Code::malformed);
    EXPECT_EQ(body_of(chunked, std::string(2000, '0'), 7).error().code, Code::over_limit);
    std::string trailer = "0\r\n";
    for (int i = 0; i < 100; ++i) trailer += "X: " + std::string(500, 'y') + "\r\n";
    EXPECT_EQ(body_of(chunked, trailer, 100).error().code, Code::over_limit);
}

TEST(HttpDate, IsReadInItsOneForm) {
    EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), std::optional<std::int64_t>{784111777});
    EXPECT_EQ(parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), std::optional<std::int64_t>{0});
    for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Nov 1994 08:49:37 GMT "}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(parse_date(text), std::nullopt);
    }
}

}  // namespace
}  // namespace ward::fetch
