// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/messages.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ward::wire {

// What passes between ward and ward-fetch (docs/update.md): a SOCK_SEQPACKET socket, a packet a message, a u32 kind and the
// body. One file is fetched at a time, and each request waits for ward's word:
//
//     ward: job + the file    fetch: asking       each request, so each redirection too
//     ward: route             fetch: answered
//     ward: begin             fetch: moving ...   when the answer holds the file, or the rest of it
//                             fetch: ended
enum class FetchKind : std::uint32_t {
    ready = 1,     // fetch: sealed; the layers in force
    failed = 2,    // fetch: could not be started; an Error
    setup = 3,     // ward: a FetchSetup
    job = 4,       // ward: a FetchJob; descriptor: the file to write to
    asking = 5,    // fetch: the address that it would ask
    route = 6,     // ward: a FetchRoute
    answered = 7,  // fetch: a FetchAnswer
    begin = 8,     // ward: u64 offset in the file
    moving = 9,    // fetch: u64 bytes of the file that are there
    ended = 10,    // fetch: a FetchEnd; then the next job
};
inline constexpr std::size_t kMaxFetchPacketBytes = 32 * 1024;
inline constexpr std::size_t kFetchHeaderBytes = 4;
inline constexpr std::uint32_t kMaxFieldBytes = 512;  // an ETag, a Last-Modified: what is longer is not kept

struct FetchSetup {
    std::string ca_file;               // certificates to trust beside the system's; empty: none
    std::uint64_t max_file_bytes = 0;  // of any file of this run
    std::vector<std::uint32_t> ports;  // that connections may go to
};

struct FetchJob {
    std::string url;
    // Of the last good copy: not to be sent again when it is still the same.
    std::string etag;
    std::string last_modified;
    // Of the part that an earlier, interrupted run left: only the rest is asked for, if it is still the same file.
    std::uint64_t offset = 0;
    std::string validator;
    std::uint64_t max_bytes = 0;
};

// The way to one address.
struct FetchRoute {
    bool allowed = false;
    std::string proxy_host;  // empty: directly
    std::uint32_t proxy_port = 0;
    std::string proxy_credentials;  // "user:secret"
};

// The head of an answer.
struct FetchAnswer {
    std::uint32_t status = 0;           // of HTTP
    std::string etag;
    std::string last_modified;          // as it was sent
    std::int64_t modified = 0;          // the same in seconds since 1970; 0 when there is none
    std::uint64_t offset = 0;           // of a 206: where its bytes belong
    std::optional<std::uint64_t> total; // of the whole file, when the answer says it
    std::string peer;                   // the address that the connection went to: "192.0.2.1:443"
};

struct FetchEnd {
    bool whole = false;       // the file is there to its last byte
    std::uint64_t bytes = 0;  // that were written to the file, from its beginning
    std::uint32_t status = 0; // of the last answer
    Error error{Code::io, {}};  // when it is not whole and the status alone does not say why
};

void encode(const FetchSetup& setup, Encoder& out);
void encode(const FetchJob& job, Encoder& out);
void encode(const FetchRoute& route, Encoder& out);
void encode(const FetchAnswer& answer, Encoder& out);
void encode(const FetchEnd& end, Encoder& out);

Result<FetchSetup> decode_fetch_setup(Decoder& in);
Result<FetchJob> decode_fetch_job(Decoder& in);
Result<FetchRoute> decode_fetch_route(Decoder& in);
// Fields that would be sent again must be printable ASCII without a line end; the status a number of HTTP.
Result<FetchAnswer> decode_fetch_answer(Decoder& in);
Result<FetchEnd> decode_fetch_end(Decoder& in);

}  // namespace ward::wire
