// SPDX-License-Identifier: Apache-2.0
#include "fetch/http.h"

#include "core/bytes.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace ward::fetch {

namespace {

constexpr std::size_t kMaxFields = 200;
constexpr std::size_t kMaxSizeLine = 1024;      // a chunk's size, and extensions that nobody uses
constexpr std::size_t kMaxTrailerBytes = 16 * 1024;
constexpr std::uint64_t kMaxChunkBytes = std::uint64_t{1} << 40;

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    });
}

// What is sent again must not be able to break a request; such a field is as good as missing.
std::string kept_field(std::string_view value) {
    const bool plain = value.size() <= wire::kMaxFieldBytes && std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    return plain ? std::string{value} : std::string{};
}

Result<ResponseHead::Range> parse_range(std::string_view text) {
    const Error wrong = fail(Code::malformed, "the answer's Content-Range cannot be read");
    if (!text.starts_with("bytes ")) return wrong;
    text.remove_prefix(6);
    const std::size_t dash = text.find('-');
    const std::size_t slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) return wrong;
    const auto first = parse_unsigned(text.substr(0, dash));
    const auto last = parse_unsigned(text.substr(dash + 1, slash - dash - 1));
    const std::string_view total = text.substr(slash + 1);
    ResponseHead::Range range;
    if (total != "*") {
        range.total = parse_unsigned(total);
        if (!range.total) return wrong;
    }
    if (!first || !last || *first > *last || (range.total && *last >= *range.total)) return wrong;
    range.first = *first;
    range.last = *last;
    return range;
}

Status take_field(std::string_view name, std::string_view value, ResponseHead& head) {
    if (equal_ignoring_case(name, "Content-Length")) {
        const auto length = parse_unsigned(value);
        if (!length) return fail(Code::malformed, "the answer's Content-Length is no number");
        if (head.length && *head.length != *length) return fail(Code::malformed, "the answer has two lengths");
        head.length = length;
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
        if (!equal_ignoring_case(value, "chunked") || head.chunked) return fail(Code::unsupported, "the answer comes in a transfer encoding that was not asked for");
        head.chunked = true;
    } else if (equal_ignoring_case(name, "ETag")) {
        head.etag = kept_field(value);
    } else if (equal_ignoring_case(name, "Last-Modified")) {
        head.last_modified = kept_field(value);
    } else if (equal_ignoring_case(name, "Location")) {
        head.location = std::string{value};
    } else if (equal_ignoring_case(name, "Content-Range") && head.status == 206) {
        head.range = WARD_TRY(parse_range(value));
    }
    return done();
}

}  // namespace

std::string request_text(const Url& url, const wire::FetchJob& job) {
    std::string out = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n", url.target,
                                  url.origin(), kUserAgent);
    if (job.offset > 0) {
        // When the file has changed meanwhile, the answer is the whole of the new one.
        out += fmt::format("Range: bytes={}-\r\nIf-Range: {}\r\n", job.offset, job.validator);
    } else {
        if (!job.etag.empty()) out += fmt::format("If-None-Match: {}\r\n", job.etag);
        if (!job.last_modified.empty()) out += fmt::format("If-Modified-Since: {}\r\n", job.last_modified);
    }
    return out + "\r\n";
}

std::string connect_text(const Url& url, std::string_view credentials) {
    std::string out = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n", url.authority(), kUserAgent);
    if (!credentials.empty()) out += fmt::format("Proxy-Authorization: Basic {}\r\n", to_base64(as_bytes(credentials)));
    return out + "\r\n";
}

Result<std::optional<std::size_t>> head_end(std::string_view bytes) {
    // Lines end with CR LF; a bare LF is read too (RFC 9112, section 2.2).
    std::size_t end = bytes.find("\r\n\r\n");
    if (end != std::string_view::npos) end += 4;
    if (const std::size_t bare = bytes.find("\n\n"); bare != std::string_view::npos && (end == std::string_view::npos || bare + 2 < end)) end = bare + 2;
    if (end == std::string_view::npos && bytes.size() < kMaxHeadBytes) return std::optional<std::size_t>{};
    if (end == std::string_view::npos || end > kMaxHeadBytes) return fail(Code::over_limit, "the head of the answer has more than {}", human_bytes(kMaxHeadBytes));
    return std::optional<std::size_t>{end};
}

Result<ResponseHead> parse_head(std::string_view head) {
    ResponseHead out;
    std::string_view line;
    if (!next_line(head, line) || !line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') {
        return fail(Code::malformed, "the answer is not HTTP/1.1");
    }
    const auto status = parse_unsigned(line.substr(9, 3));
    if (!status || *status < 100 || *status > 599 || (line.size() > 12 && line[12] != ' ')) return fail(Code::malformed, "the answer has no status");
    out.status = static_cast<std::uint32_t>(*status);
    std::size_t fields = 0;
    while (next_line(head, line) && !line.empty()) {
        if (++fields > kMaxFields) return fail(Code::over_limit, "the answer has more than {} fields", kMaxFields);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return fail(Code::malformed, "field {} of the answer cannot be read", fields);
        WARD_TRY(take_field(line.substr(0, colon), trim(line.substr(colon + 1)), out));
    }
    // Two statements about the length are how requests are smuggled (RFC 9112, section 6.3).
    if (out.chunked && out.length) return fail(Code::malformed, "the answer has a length and comes in chunks");
    return out;
}

Result<BodyReader> BodyReader::of(const ResponseHead& head) {
    BodyReader body;
    if (!head.chunked && !head.length) return fail(Code::unsupported, "the answer does not say how long it is");
    body.chunked_ = head.chunked;
    body.left_ = head.length.value_or(0);
    body.step_ = head.chunked ? Step::size_line : (body.left_ == 0 ? Step::end : Step::data);
    return body;
}

Result<std::string_view> BodyReader::next(std::string_view& input) {
    if (step_ == Step::data) {
        const std::string_view part = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
        input.remove_prefix(part.size());
        left_ -= part.size();
        if (left_ == 0) step_ = chunked_ ? Step::data_end : Step::end;
        return part;
    }
    if (step_ == Step::end) return std::string_view{};
    // All else comes in lines.
    const std::size_t end = input.find('\n');
    const std::string_view part = input.substr(0, end);
    line_ += part;
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    if (line_.size() > kMaxSizeLine) return fail(Code::over_limit, "a line between the chunks has more than {} bytes", kMaxSizeLine);
    if (end == std::string_view::npos) return std::string_view{};
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\r')) line.pop_back();
    if (step_ == Step::data_end) {
        if (!line.empty()) return fail(Code::malformed, "a chunk is longer than it says");
        step_ = Step::size_line;
    } else if (step_ == Step::size_line) {
        const auto size = parse_unsigned(trim(std::string_view{line}.substr(0, line.find(';'))), 16);
        if (!size || *size > kMaxChunkBytes) return fail(Code::malformed, "a chunk's size cannot be read");
        left_ = *size;
        step_ = left_ == 0 ? Step::trailer : Step::data;
    } else {
        trailer_bytes_ += line.size();
        if (trailer_bytes_ > kMaxTrailerBytes) return fail(Code::over_limit, "the trailer has more than {}", human_bytes(kMaxTrailerBytes));
        if (line.empty()) step_ = Step::end;
    }
    return std::string_view{};
}

std::optional<std::int64_t> parse_date(std::string_view text) {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    // "Sun, 06 Nov 1994 08:49:37 GMT"
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') {
        return std::nullopt;
    }
    const auto day = parse_unsigned(text.substr(5, 2));
    const std::size_t month = kMonths.find(text.substr(8, 3));
    const auto year = parse_unsigned(text.substr(12, 4));
    const auto hour = parse_unsigned(text.substr(17, 2));
    const auto minute = parse_unsigned(text.substr(20, 2));
    const auto second = parse_unsigned(text.substr(23, 2));
    if (!day || month == std::string_view::npos || month % 3 != 0 || !year || !hour || !minute || !second) return std::nullopt;
    namespace chrono = std::chrono;
    const chrono::year_month_day date{chrono::year{static_cast<int>(*year)}, chrono::month{static_cast<unsigned>(month / 3 + 1)}, chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::int64_t days = chrono::sys_days{date}.time_since_epoch().count();
    return days * 86'400 + static_cast<std::int64_t>(*hour * 3600 + *minute * 60 + *second);
}

}  // namespace ward::fetch
