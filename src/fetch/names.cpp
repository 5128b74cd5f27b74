// SPDX-License-Identifier: Apache-2.0
#include "fetch/names.h"

#include "core/text.h"
#include "fetch/files.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

namespace ward::fetch {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMaxHostsBytes = 4 * kMiB;
constexpr int kTryMilliseconds = 3000;  // of one server; a second round waits longer
constexpr int kTries = 2;
constexpr std::chrono::seconds kLookupTime{20};

// An address written in digits; nothing when it is a name.
std::vector<Address> literal(const std::string& text, std::uint16_t port) {
    Address address;
    sockaddr_in four{};
    sockaddr_in6 six{};
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        std::memcpy(&address.socket, &four, sizeof four);
        address.bytes = sizeof four;
    } else if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        std::memcpy(&address.socket, &six, sizeof six);
        address.bytes = sizeof six;
    } else {
        return {};
    }
    return {address};
}

struct Lookup {
    bool done = false;
    int status = ARES_ENOTFOUND;
    std::vector<Address> addresses;
};

void take_answer(void* argument, int status, int, ares_addrinfo* answer) {
    auto& lookup = *static_cast<Lookup*>(argument);
    lookup.done = true;
    lookup.status = status;
    if (answer == nullptr) return;
    for (const auto* node = answer->nodes; node != nullptr; node = node->ai_next) {
        Address address;
        if (node->ai_addrlen == 0 || node->ai_addrlen > sizeof address.socket) continue;
        std::memcpy(&address.socket, node->ai_addr, node->ai_addrlen);
        address.bytes = node->ai_addrlen;
        lookup.addresses.push_back(address);
    }
    ares_freeaddrinfo(answer);
}

// Waits for what c-ares waits for, at most `time`, and lets it go on.
void work_on(ares_channel channel, std::chrono::milliseconds time) {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const auto wanted = static_cast<unsigned>(ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM));
    std::vector<pollfd> waiting;
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
        short events = 0;
        if (ARES_GETSOCK_READABLE(wanted, i)) events |= POLLIN;
        if (ARES_GETSOCK_WRITABLE(wanted, i)) events |= POLLOUT;
        if (events != 0) waiting.push_back({sockets[i], events, 0});
    }
    timeval most{static_cast<time_t>(time.count() / 1000), static_cast<suseconds_t>(time.count() % 1000 * 1000)};
    timeval room{};
    const timeval* next = ares_timeout(channel, &most, &room);
    const int milliseconds = next == nullptr ? 0 : static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
    ::poll(waiting.data(), waiting.size(), milliseconds);
    if (waiting.empty()) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    for (const auto& each : waiting) {
        ares_process_fd(channel, (each.revents & ~POLLOUT) != 0 ? each.fd : ARES_SOCKET_BAD, (each.revents & POLLOUT) != 0 ? each.fd : ARES_SOCKET_BAD);
    }
}

}  // namespace

std::string Address::text() const {
    char buffer[INET6_ADDRSTRLEN] = "";
    if (socket.ss_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &socket, sizeof six);
        ::inet_ntop(AF_INET6, &six.sin6_addr, buffer, sizeof buffer);
        return fmt::format("[{}]:{}", buffer, ntohs(six.sin6_port));
    }
    sockaddr_in four{};
    std::memcpy(&four, &socket, sizeof four);
    ::inet_ntop(AF_INET, &four.sin_addr, buffer, sizeof buffer);
    return fmt::format("{}:{}", buffer, ntohs(four.sin_port));
}

std::vector<std::string> addresses_in(std::string_view hosts, std::string_view name) {
    std::vector<std::string> out;
    std::string_view line;
    while (next_line(hosts, line)) {
        const auto parts = words(line.substr(0, line.find('#')));
        for (std::size_t i = 1; i < parts.size(); ++i) {
            if (equal_ignoring_case(parts[i], name)) {
                out.emplace_back(parts[0]);
                break;
            }
        }
    }
    if (out.empty() && equal_ignoring_case(name, "localhost")) out.emplace_back("127.0.0.1");
    return out;
}

struct Names::Impl {
    std::string hosts;
    ares_channel channel = nullptr;
    ~Impl() {
        if (channel != nullptr) ares_destroy(channel);
    }
};

Names::Names(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Names::Names(Names&&) noexcept = default;
Names& Names::operator=(Names&&) noexcept = default;
Names::~Names() = default;

Result<Names> Names::open() {
    auto impl = std::make_unique<Impl>();
    // A machine without the file has no names of its own.
    impl->hosts = read_whole("/etc/hosts", kMaxHostsBytes).value_or("");
    int status = ares_library_init(ARES_LIB_INIT_ALL);
    ares_options options{};
    options.timeout = kTryMilliseconds;
    options.tries = kTries;
    char dns_only[] = "b";
    options.lookups = dns_only;
    if (status == ARES_SUCCESS) status = ares_init_options(&impl->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS);
    if (status != ARES_SUCCESS) return fail(Code::io, "names cannot be looked up here: {}", ares_strerror(status));
    return Names{std::move(impl)};
}

Result<std::vector<Address>> Names::find(const std::string& host, std::uint16_t port) {
    if (auto address = literal(host, port); !address.empty()) return address;
    std::vector<Address> out;
    for (const auto& text : addresses_in(impl_->hosts, host)) {
        const auto address = literal(text, port);
        out.insert(out.end(), address.begin(), address.end());
    }
    if (out.empty()) {
        Lookup lookup;
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        // To sort them c-ares would open a socket to each.
        hints.ai_flags = ARES_AI_NOSORT;
        ares_getaddrinfo(impl_->channel, host.c_str(), nullptr, &hints, take_answer, &lookup);
        const auto deadline = Clock::now() + kLookupTime;
        while (!lookup.done && Clock::now() < deadline) {
            work_on(impl_->channel, std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()));
        }
        // Whatever is still under way is ended, and says so to `lookup`.
        if (!lookup.done) ares_cancel(impl_->channel);
        if (lookup.addresses.empty()) {
            const bool unknown = lookup.status == ARES_ENOTFOUND || lookup.status == ARES_ENODATA;
            return fail(unknown ? Code::not_found : Code::io, "{} has no address: {}", host, lookup.done && lookup.status != ARES_ECANCELLED ? ares_strerror(lookup.status) : "no name server answered");
        }
        for (auto& address : lookup.addresses) {
            // The port stands at the same place in both kinds.
            auto* six = reinterpret_cast<sockaddr_in6*>(&address.socket);
            six->sin6_port = htons(port);
        }
        out = std::move(lookup.addresses);
    }
    std::stable_partition(out.begin(), out.end(), [](const Address& address) { return address.socket.ss_family == AF_INET; });
    if (out.size() > kMaxAddresses) out.resize(kMaxAddresses);
    if (out.empty()) return fail(Code::not_found, "{} has no address that can be used", host);
    return out;
}

}  // namespace ward::fetch
