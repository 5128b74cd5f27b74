// SPDX-License-Identifier: Apache-2.0
#include "model/fetch.h"

#include <algorithm>

namespace ward::wire {

namespace {

constexpr std::uint32_t kMaxPorts = 256;

// What goes into a request must not be able to break one.
Result<std::string> field(Decoder& in) {
    std::string text = WARD_TRY(in.text(kMaxFieldBytes));
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!plain) return fail(Code::malformed, "a field of an answer holds what is not printable");
    return text;
}

Result<bool> flag(Decoder& in) {
    const std::uint8_t value = WARD_TRY(in.u8());
    if (value > 1) return fail(Code::malformed, "{} is neither yes nor no", value);
    return value == 1;
}

}  // namespace

void encode(const FetchSetup& setup, Encoder& out) {
    out.text(setup.ca_file);
    out.u64(setup.max_file_bytes);
    out.u32(static_cast<std::uint32_t>(setup.ports.size()));
    for (const std::uint32_t port : setup.ports) out.u32(port);
}
Result<FetchSetup> decode_fetch_setup(Decoder& in) {
    FetchSetup setup;
    setup.ca_file = WARD_TRY(in.text());
    setup.max_file_bytes = WARD_TRY(in.u64());
    const std::uint32_t count = WARD_TRY(in.count(4, kMaxPorts));
    for (std::uint32_t i = 0; i < count; ++i) setup.ports.push_back(WARD_TRY(in.u32()));
    return setup;
}

void encode(const FetchJob& job, Encoder& out) {
    out.text(job.url);
    out.text(job.etag);
    out.text(job.last_modified);
    out.u64(job.offset);
    out.text(job.validator);
    out.u64(job.max_bytes);
}
Result<FetchJob> decode_fetch_job(Decoder& in) {
    FetchJob job;
    job.url = WARD_TRY(in.text());
    job.etag = WARD_TRY(field(in));
    job.last_modified = WARD_TRY(field(in));
    job.offset = WARD_TRY(in.u64());
    job.validator = WARD_TRY(field(in));
    job.max_bytes = WARD_TRY(in.u64());
    return job;
}

void encode(const FetchRoute& route, Encoder& out) {
    out.u8(route.allowed ? 1 : 0);
    out.text(route.proxy_host);
    out.u32(route.proxy_port);
    out.text(route.proxy_credentials);
}
Result<FetchRoute> decode_fetch_route(Decoder& in) {
    FetchRoute route;
    route.allowed = WARD_TRY(flag(in));
    route.proxy_host = WARD_TRY(in.text());
    route.proxy_port = WARD_TRY(in.u32());
    route.proxy_credentials = WARD_TRY(in.text());
    return route;
}

void encode(const FetchAnswer& answer, Encoder& out) {
    out.u32(answer.status);
    out.text(answer.etag);
    out.text(answer.last_modified);
    out.i64(answer.modified);
    out.u64(answer.offset);
    out.u8(answer.total ? 1 : 0);
    out.u64(answer.total.value_or(0));
    out.text(answer.peer);
}
Result<FetchAnswer> decode_fetch_answer(Decoder& in) {
    FetchAnswer answer;
    answer.status = WARD_TRY(in.u32());
    if (answer.status < 100 || answer.status > 599) return fail(Code::malformed, "{} is no status of HTTP", answer.status);
    answer.etag = WARD_TRY(field(in));
    answer.last_modified = WARD_TRY(field(in));
    answer.modified = WARD_TRY(in.i64());
    answer.offset = WARD_TRY(in.u64());
    const bool has_total = WARD_TRY(flag(in));
    const std::uint64_t total = WARD_TRY(in.u64());
    if (has_total) answer.total = total;
    answer.peer = WARD_TRY(field(in));
    return answer;
}

void encode(const FetchEnd& end, Encoder& out) {
    out.u8(end.whole ? 1 : 0);
    out.u64(end.bytes);
    out.u32(end.status);
    encode(end.error, out);
}
Result<FetchEnd> decode_fetch_end(Decoder& in) {
    FetchEnd end;
    end.whole = WARD_TRY(flag(in));
    end.bytes = WARD_TRY(in.u64());
    end.status = WARD_TRY(in.u32());
    WARD_TRY(decode_error(in, end.error));
    return end;
}

}  // namespace ward::wire
