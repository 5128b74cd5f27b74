// SPDX-License-Identifier: Apache-2.0
#include "host/fetcher.h"

#include "host/system_error.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

namespace ward::host {

namespace {

using Clock = std::chrono::steady_clock;

// Longer than all waiting in ward-fetch for one step: names, connections to several addresses, greeting, the answer's head.
constexpr std::chrono::minutes kSilence{5};
constexpr int kStopMilliseconds = 200;  // how often `stop` is looked at
constexpr int kExitNotStarted = 94;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Beside the running program, or in ../lib/ward, as the cell programs.
std::string program_path() {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (length <= 0) return {};
    const std::string_view whole{path.data(), static_cast<std::size_t>(length)};
    const std::string folder{whole.substr(0, whole.rfind('/'))};
    for (const char* below : {"/ward-fetch", "/../lib/ward/ward-fetch"}) {
        if (::access((folder + below).c_str(), X_OK) == 0) return folder + below;
    }
    return {};
}

// In the child, between fork and exec: system calls only.
[[noreturn]] void become_fetcher(const char* path, int channel) {
    // Out of the terminal's group: Ctrl-C is ward's to answer.
    ::setsid();
    if (channel != 3) {
        ::dup2(channel, 3);
    } else {
        ::fcntl(3, F_SETFD, 0);
    }
    ::syscall(SYS_close_range, 4U, ~0U, 0U);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    char name[] = "ward-fetch";
    char* const arguments[] = {name, nullptr};
    // Nothing of the environment: neither proxies nor resolver options come in past ward.
    char* const nothing[] = {nullptr};
    ::execve(path, arguments, kSanitized ? ::environ : nothing);
    ::_exit(kExitNotStarted);
}

template <class T>
Buffer encoded(const T& value) {
    using wire::encode;
    Buffer body;
    Encoder out{body};
    encode(value, out);
    return body;
}

}  // namespace

Result<Fetcher> Fetcher::start(const wire::FetchSetup& setup, const std::atomic<bool>& stop) {
    const std::string path = program_path();
    if (path.empty()) return fail(Code::not_found, "ward-fetch is missing beside this program; nothing is fetched without it");
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return system_fail(errno, "a channel cannot be made");
    Descriptor ours{ends[0]};
    Descriptor theirs{ends[1]};
    const pid_t child = ::fork();
    if (child == 0) become_fetcher(path.c_str(), theirs.get());
    if (child < 0) return system_fail(errno, "ward-fetch cannot be started");
    theirs.reset();
    Fetcher fetcher{std::move(ours), child, stop};
    WARD_TRY(fetcher.send(wire::FetchKind::setup, encoded(setup)));
    const Message message = WARD_TRY(fetcher.receive());
    Decoder in{message.body};
    if (message.kind == wire::FetchKind::failed) {
        Error error{Code::io, {}};
        WARD_TRY(wire::decode_error(in, error));
        return error;
    }
    if (message.kind != wire::FetchKind::ready) return fail(Code::malformed, "ward-fetch spoke before it was sealed");
    fetcher.layers_ = WARD_TRY(wire::decode_layers(in));
    return fetcher;
}

Fetcher::~Fetcher() { end(); }

std::string Fetcher::end() {
    channel_.reset();
    if (pid_ <= 0) return "had ended";
    int status = 0;
    pid_t got = 0;
    // It ends by itself when the channel closes, unless it waits for a server just now.
    for (int i = 0; i < 50 && got == 0; ++i) {
        got = ::waitpid(pid_, &status, WNOHANG);
        if (got == 0) {
            const timespec pause{0, 1'000'000};
            ::nanosleep(&pause, nullptr);
        }
    }
    const bool by_itself = got == pid_;
    if (!by_itself) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    }
    pid_ = -1;
    if (!by_itself) return "was ended";
    if (WIFEXITED(status) && WEXITSTATUS(status) == kExitNotStarted) return "could not be started";
    if (WIFEXITED(status)) return fmt::format("ended with status {}", WEXITSTATUS(status));
    if (WTERMSIG(status) == SIGSYS) return "made a forbidden system call";
    return fmt::format("was ended by signal {}", WTERMSIG(status));
}

Status Fetcher::send(wire::FetchKind kind, Bytes body, int descriptor) {
    Buffer packet;
    Encoder{packet}.u32(static_cast<std::uint32_t>(kind));
    packet.insert(packet.end(), body.begin(), body.end());
    if (packet.size() > wire::kMaxFetchPacketBytes) return fail(Code::over_limit, "a message to ward-fetch is too long");
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(int))> control{};
    iovec part{packet.data(), packet.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (descriptor >= 0) {
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        cmsghdr* given = CMSG_FIRSTHDR(&header);
        given->cmsg_level = SOL_SOCKET;
        given->cmsg_type = SCM_RIGHTS;
        given->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(given), &descriptor, sizeof(int));
    }
    ssize_t count = 0;
    do count = ::sendmsg(channel_.get(), &header, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    if (count < 0) return fail(Code::io, "ward-fetch {}", end());
    return done();
}

Result<Fetcher::Message> Fetcher::receive() {
    const auto deadline = Clock::now() + kSilence;
    for (;;) {
        if (*stop_) {
            end();
            return fail(Code::io, "interrupted");
        }
        pollfd waiting{channel_.get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, kStopMilliseconds);
        if (ready > 0) break;
        if (Clock::now() > deadline) {
            end();
            return fail(Code::io, "ward-fetch said nothing for too long and was ended");
        }
    }
    Message message;
    message.body.resize(wire::kMaxFetchPacketBytes);
    // No room for descriptors: none comes from there.
    const ssize_t count = ::recv(channel_.get(), message.body.data(), message.body.size(), MSG_TRUNC);
    if (count <= 0) return fail(Code::io, "ward-fetch {}", end());
    const auto bytes = static_cast<std::size_t>(count);
    if (bytes < wire::kFetchHeaderBytes || bytes > message.body.size()) {
        end();
        return fail(Code::malformed, "ward-fetch sent what is no message");
    }
    Cursor cursor{Bytes{message.body}.first(wire::kFetchHeaderBytes)};
    message.kind = static_cast<wire::FetchKind>(WARD_TRY(cursor.u32le()));
    message.body.resize(bytes);
    message.body.erase(message.body.begin(), message.body.begin() + wire::kFetchHeaderBytes);
    return message;
}

Result<wire::FetchEnd> Fetcher::fetch(const wire::FetchJob& job, int file, const Steps& steps) {
    if (pid_ <= 0) return fail(Code::io, "ward-fetch has ended");
    WARD_TRY(send(wire::FetchKind::job, encoded(job), file));
    bool routed = false;    // a request is allowed and not answered yet
    bool writing = false;   // the body is on its way
    const auto lied = [&](std::string_view how) {
        end();
        return fail(Code::malformed, "ward-fetch {} and was ended", how);
    };
    for (;;) {
        const Message message = WARD_TRY(receive());
        Decoder in{message.body};
        if (message.kind == wire::FetchKind::asking && !writing) {
            const auto url = in.text();
            if (!url) return lied("asked for what is no address");
            const auto route = steps.may_ask(*url);
            routed = route.ok();
            // The reason of a refusal is the caller's, who gave it.
            WARD_TRY(send(wire::FetchKind::route, encoded(route.value_or(wire::FetchRoute{}))));
        } else if (message.kind == wire::FetchKind::answered && routed) {
            const auto answer = wire::decode_fetch_answer(in);
            if (!answer) return lied("gave an answer that cannot be read");
            routed = false;
            steps.answered(*answer);
            if (answer->status != 200 && answer->status != 206) continue;
            const auto offset = steps.begin(*answer);
            if (!offset) {
                end();
                return offset.error();
            }
            Buffer body;
            Encoder{body}.u64(*offset);
            WARD_TRY(send(wire::FetchKind::begin, body));
            writing = true;
        } else if (message.kind == wire::FetchKind::moving && writing) {
            const auto bytes = in.u64();
            if (!bytes || *bytes > job.max_bytes) return lied("counted wrongly");
            if (const auto moved = steps.moving(*bytes); !moved) {
                end();
                return moved.error();
            }
        } else if (message.kind == wire::FetchKind::ended) {
            const auto finished = wire::decode_fetch_end(in);
            if (!finished || finished->bytes > job.max_bytes || (finished->whole && !writing)) return lied("ended a file in a way that cannot be");
            return finished;
        } else {
            return lied("spoke out of turn");
        }
    }
}

}  // namespace ward::host
