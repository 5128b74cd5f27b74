// SPDX-License-Identifier: Apache-2.0
#include "fetch/job.h"

#include "fetch/http.h"
#include "fetch/seal.h"

#include "core/errno_text.h"
#include "core/text.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

namespace ward::fetch {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxRequests = 6;  // five redirections
constexpr int kMaxInterim = 10;  // answers with a status below 200, before the true one
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::chrono::hours kMaxTime{6};  // for one file, of a server that gives a byte now and then
constexpr std::chrono::milliseconds kNewsTime{300};

// A head, and what of the body came with it.
struct Received {
    ResponseHead head;
    std::string rest;
};

Result<Received> receive_head(Connection& connection) {
    std::string bytes;
    std::array<char, 16 * 1024> room;
    for (int interim = 0; interim <= kMaxInterim;) {
        const auto end = WARD_TRY(head_end(bytes));
        if (end) {
            Received received{WARD_TRY(parse_head(std::string_view{bytes}.substr(0, *end))), bytes.substr(*end)};
            if (received.head.status >= 200) return received;
            bytes = std::move(received.rest);
            ++interim;
            continue;
        }
        const std::size_t count = WARD_TRY(connection.read(room));
        if (count == 0) return fail(Code::truncated, "the connection ended before the answer");
        bytes.append(room.data(), count);
    }
    return fail(Code::over_limit, "the answer never comes");
}

bool moved(std::uint32_t status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

// Where in the file the body belongs, and how long the whole file is.
Result<wire::FetchAnswer> describe(const ResponseHead& head, const wire::FetchJob& job, const std::string& peer) {
    wire::FetchAnswer answer;
    answer.status = head.status;
    answer.etag = head.etag;
    answer.last_modified = head.last_modified;
    answer.modified = parse_date(head.last_modified).value_or(0);
    answer.peer = peer;
    if (head.status == 200) answer.total = head.length;
    if (head.status == 206) {
        if (!head.range || job.offset == 0) return fail(Code::malformed, "the answer is a part that was not asked for");
        const auto& range = *head.range;
        if (range.first != job.offset || !range.total || range.last + 1 != *range.total) return fail(Code::malformed, "the answer is another part than the one asked for");
        if (head.length && *head.length != range.last - range.first + 1) return fail(Code::malformed, "the answer has another length than its part");
        answer.offset = range.first;
        answer.total = range.total;
    }
    if (answer.total && *answer.total > job.max_bytes) {
        return fail(Code::over_limit, "the file has {}, more than the {} allowed", human_bytes(*answer.total), human_bytes(job.max_bytes));
    }
    return answer;
}

Status write_at(int file, std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        // Denied, and not io: to try again later would meet the same full disk.
        if (count <= 0) return fail(Code::denied, "the file cannot be written: {}", errno_text(count < 0 ? errno : ENOSPC));
        offset += static_cast<std::uint64_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return done();
}

void send_moving(Channel& ward, std::uint64_t bytes) {
    Buffer body;
    Encoder{body}.u64(bytes);
    ward.send(wire::FetchKind::moving, body);
}

// Writes the body from `end.bytes` on, which says at every moment how much of the file is there.
Status receive_body(Connection& connection, Received received, const wire::FetchAnswer& answer, const wire::FetchJob& job, int file, Channel& ward,
                    wire::FetchEnd& end) {
    BodyReader body = WARD_TRY(BodyReader::of(received.head));
    std::array<char, kReadBytes> room;
    std::string_view input = received.rest;
    const auto deadline = Clock::now() + kMaxTime;
    auto told = Clock::now();
    while (!body.whole()) {
        if (input.empty()) {
            const std::size_t count = WARD_TRY(connection.read(room));
            if (count == 0) return fail(Code::truncated, "the connection ended after {}", human_bytes(end.bytes));
            input = {room.data(), count};
        }
        const std::string_view part = WARD_TRY(body.next(input));
        if (part.size() > job.max_bytes - end.bytes) return fail(Code::over_limit, "the file has more than the {} allowed", human_bytes(job.max_bytes));
        WARD_TRY(write_at(file, end.bytes, part));
        end.bytes += part.size();
        const auto now = Clock::now();
        if (now > deadline) return fail(Code::over_limit, "it takes too long");
        if (now - told > kNewsTime) {
            send_moving(ward, end.bytes);
            told = now;
        }
    }
    if (answer.total && *answer.total != end.bytes) return fail(Code::truncated, "{} of {} bytes came", end.bytes, *answer.total);
    end.whole = true;
    return done();
}

Status fetch(const wire::FetchJob& job, int file, Channel& ward, Names& names, const Trust& trust, wire::FetchEnd& end) {
    Url url = WARD_TRY(parse_url(job.url));
    for (int request = 0; request < kMaxRequests; ++request) {
        Buffer asking;
        Encoder{asking}.text(url.text());
        ward.send(wire::FetchKind::asking, asking);
        const auto said = ward.expect(wire::FetchKind::route);
        Decoder in{said.body};
        const auto route = wire::decode_fetch_route(in);
        WARD_CHECK(route.ok());
        if (!route->allowed) return fail(Code::denied, "the way on is refused");
        end.status = 0;
        auto connection = WARD_TRY(Connection::open(url, *route, names, trust));
        WARD_TRY(connection.write(request_text(url, job)));
        Received received = WARD_TRY(receive_head(connection));
        end.status = received.head.status;
        const auto answer = WARD_TRY(describe(received.head, job, connection.peer()));
        ward.send_value(wire::FetchKind::answered, answer);
        if (moved(answer.status)) {
            if (received.head.location.empty()) return fail(Code::malformed, "the answer leads nowhere");
            url = WARD_TRY(resolve_url(url, received.head.location));
            if (!url.credentials.empty()) return fail(Code::denied, "the answer leads to an address with a name or password in it");
            continue;
        }
        // All others say by their status how it went.
        if (answer.status != 200 && answer.status != 206) return done();
        const auto begin = ward.expect(wire::FetchKind::begin);
        Decoder offset{begin.body};
        const auto at = offset.u64();
        WARD_CHECK(at.ok() && *at <= job.max_bytes);
        end.bytes = *at;
        return receive_body(connection, std::move(received), answer, job, file, ward, end);
    }
    return fail(Code::over_limit, "more than {} redirections", kMaxRequests - 1);
}

}  // namespace

wire::FetchEnd run_job(const wire::FetchJob& job, int file, Channel& ward, Names& names, const Trust& trust) {
    wire::FetchEnd end;
    if (const auto result = fetch(job, file, ward, names, trust, end); !result) end.error = result.error();
    return end;
}

void serve(int socket) {
    Channel ward{socket};
    const auto first = ward.expect(wire::FetchKind::setup);
    Decoder in{first.body};
    const auto setup = wire::decode_fetch_setup(in);
    WARD_CHECK(setup.ok());
    const auto give_up = [&](const Error& error) {
        ward.send_value(wire::FetchKind::failed, error);
        ::_exit(2);
    };
    const auto trust = Trust::open(setup->ca_file);
    if (!trust) give_up(trust.error());
    auto names = Names::open();
    if (!names) give_up(names.error());
    const auto layers = seal(*setup, socket);
    if (!layers) give_up(layers.error());
    ward.send_value(wire::FetchKind::ready, *layers);
    for (;;) {
        const auto message = ward.expect(wire::FetchKind::job);
        Decoder words{message.body};
        const auto job = wire::decode_fetch_job(words);
        WARD_CHECK(job.ok() && message.descriptor >= 0);
        const auto end = run_job(*job, message.descriptor, ward, *names, *trust);
        ::close(message.descriptor);
        ward.send_value(wire::FetchKind::ended, end);
    }
}

}  // namespace ward::fetch
