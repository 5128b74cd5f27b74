// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/url.h"
#include "model/fetch.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::fetch {

// HTTP/1.1 as far as asking for whole files needs it (RFC 9110, RFC 9112): one GET a connection, an answer whose end is known.
// An answer that tells neither its length nor comes in chunks is refused, because nobody could say that it is whole.

inline constexpr std::string_view kUserAgent = "ward-fetch";  // the same everywhere; it names neither version nor machine

// The bytes of a request: for the whole file, for the rest of it (offset), or for what has changed (etag, last_modified).
std::string request_text(const Url& url, const wire::FetchJob& job);
// What a proxy is asked before (RFC 9110, section 9.3.6).
std::string connect_text(const Url& url, std::string_view credentials);

struct ResponseHead {
    std::uint32_t status = 0;
    std::string etag;                     // empty when it is longer than a field of ours may be
    std::string last_modified;
    std::string location;
    std::optional<std::uint64_t> length;  // Content-Length
    bool chunked = false;
    // Content-Range of a 206: "bytes 100-199/200".
    struct Range { std::uint64_t first = 0; std::uint64_t last = 0; std::optional<std::uint64_t> total; };
    std::optional<Range> range;
};

// Where the head ends that `bytes` begins with; nothing when more is needed, over_limit when it is too long.
Result<std::optional<std::size_t>> head_end(std::string_view bytes);
inline constexpr std::size_t kMaxHeadBytes = 64 * 1024;
Result<ResponseHead> parse_head(std::string_view head);

// Takes a body out of the bytes behind a head.
//
//     BodyReader body = WARD_TRY(BodyReader::of(head));
//     while (!body.whole()) {
//         std::string_view input = ...more bytes...;
//         while (!input.empty() && !body.whole()) use(WARD_TRY(body.next(input)));
//     }
class BodyReader {
public:
    static Result<BodyReader> of(const ResponseHead& head);
    // Takes something off the front of `input` and gives the part of the body in it, which may be empty.
    Result<std::string_view> next(std::string_view& input);
    bool whole() const { return step_ == Step::end; }

private:
    enum class Step { data, size_line, data_end, trailer, end };
    Step step_ = Step::data;
    bool chunked_ = false;
    std::uint64_t left_ = 0;      // of the body, or of the chunk
    std::string line_;            // of sizes and trailers, as far as it has come
    std::size_t trailer_bytes_ = 0;
};

// "Sun, 06 Nov 1994 08:49:37 GMT" in seconds since 1970 (RFC 9110, section 5.6.7; the obsolete forms are not read).
std::optional<std::int64_t> parse_date(std::string_view text);

}  // namespace ward::fetch
