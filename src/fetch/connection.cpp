// SPDX-License-Identifier: Apache-2.0
#include "fetch/connection.h"

#include "core/errno_text.h"
#include "fetch/files.h"
#include "fetch/http.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace ward::fetch {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::uint64_t kMaxCertificateBytes = 16 * kMiB;
constexpr std::chrono::seconds kConnectTime{10};  // to one address
constexpr std::chrono::seconds kHandshakeTime{30};
constexpr std::chrono::seconds kStallTime{60};
constexpr std::size_t kMaxProxyHeadBytes = 16 * 1024;

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const { Free(object); }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

// What OpenSSL says of its last error, and the queue emptied.
std::string tls_words() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

Result<std::size_t> add_certificates(SSL_CTX* context, const std::string& path) {
    const std::string text = WARD_TRY(read_whole(path, kMaxCertificateBytes));
    const Memory memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    if (!memory) return fail(Code::io, "no memory for certificates");
    std::size_t count = 0;
    while (Certificate certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)}) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
        ++count;
    }
    ERR_clear_error();
    if (count == 0) return fail(Code::malformed, "{} holds no certificate", path);
    return count;
}

// Waits until the socket can be read or written; false when the time is over.
bool wait_for(int socket, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd waiting{socket, events, 0};
        const int count = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (count > 0) return true;
        if (count == 0) return false;
        if (errno != EINTR) return true;  // the call that follows meets the error
    }
}

// An open socket to the address, or -1 and errno.
int connect_to(const Address& address) {
    const int socket = ::socket(address.socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) return -1;
    int error = 0;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address.socket), address.bytes) != 0) error = errno;
    if (error == EINPROGRESS) {
        error = ETIMEDOUT;
        if (wait_for(socket, POLLOUT, Clock::now() + kConnectTime)) {
            socklen_t size = sizeof error;
            if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
        }
    }
    if (error == 0) return socket;
    ::close(socket);
    errno = error;
    return -1;
}

}  // namespace

struct Trust::Impl {
    Context context;
    std::string none;  // why nobody's word can be taken; empty when somebody's can
};
Trust::Trust(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Trust::Trust(Trust&&) noexcept = default;
Trust& Trust::operator=(Trust&&) noexcept = default;
Trust::~Trust() = default;

Result<Trust> Trust::open(const std::string& ca_file) {
    // Without the system's openssl.cnf, which could name modules to load or weaken what is asked for here.
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    auto impl = std::make_unique<Impl>();
    impl->context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = impl->context.get();
    if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return fail(Code::io, "TLS cannot be set up: {}", tls_words());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY);
    const auto system = add_certificates(context, kSystemCertificates);
    if (!ca_file.empty()) {
        WARD_TRY(add_certificates(context, ca_file));
    } else if (!system) {
        // Said when somebody is to be asked: no certificate, no connection.
        impl->none = fmt::format("{} (the package ca-certificates has it)", system.error().text);
    }
    // The generator takes its seed now; later calls find it started.
    unsigned char byte = 0;
    if (RAND_bytes(&byte, 1) != 1) return fail(Code::io, "there are no random numbers: {}", tls_words());
    return Trust{std::move(impl)};
}

struct Connection::Impl {
    int socket = -1;
    std::string peer;
    std::string host;
    Session session;

    ~Impl() {
        session.reset();
        if (socket >= 0) ::close(socket);
    }

    // Through to the proxy's "200"; byte by byte, because what follows belongs to TLS.
    Status ask_proxy(const Url& url, const wire::FetchRoute& route) {
        const std::string request = connect_text(url, route.proxy_credentials);
        const auto deadline = Clock::now() + kStallTime;
        std::size_t sent = 0;
        while (sent < request.size()) {
            const ssize_t count = ::send(socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
            if (count > 0) sent += static_cast<std::size_t>(count);
            if (count < 0 && errno != EAGAIN && errno != EINTR) return fail(Code::io, "the proxy broke the connection: {}", errno_text(errno));
            if (count < 0 && !wait_for(socket, POLLOUT, deadline)) return fail(Code::io, "the proxy takes nothing");
        }
        std::string head;
        while (!WARD_TRY(head_end(head))) {
            if (head.size() >= kMaxProxyHeadBytes) return fail(Code::over_limit, "the proxy's answer has no end");
            char byte = 0;
            const ssize_t count = ::recv(socket, &byte, 1, 0);
            if (count == 0) return fail(Code::io, "the proxy closed the connection");
            if (count == 1) head += byte;
            if (count < 0 && errno != EAGAIN && errno != EINTR) return fail(Code::io, "the proxy broke the connection: {}", errno_text(errno));
            if (count < 0 && !wait_for(socket, POLLIN, deadline)) return fail(Code::io, "the proxy does not answer");
        }
        const auto answer = parse_head(head);
        if (!answer) return fail(answer.error().code, "of the proxy: {}", answer.error().text);
        if (answer->status / 100 != 2) return fail(Code::denied, "the proxy refuses the way to {}: status {}", url.authority(), answer->status);
        return done();
    }

    // Repeats a call of OpenSSL until it has succeeded; gives its result, or 0 at the end of the connection.
    template <class Call>
    Result<int> finish(Call call, Clock::time_point deadline, std::string_view doing) {
        for (;;) {
            errno = 0;
            ERR_clear_error();
            const int result = call();
            if (result > 0) return result;
            switch (SSL_get_error(session.get(), result)) {
                case SSL_ERROR_ZERO_RETURN: return 0;
                case SSL_ERROR_WANT_READ:
                    if (!wait_for(socket, POLLIN, deadline)) return fail(Code::io, "{} sends nothing any more", host);
                    break;
                case SSL_ERROR_WANT_WRITE:
                    if (!wait_for(socket, POLLOUT, deadline)) return fail(Code::io, "{} takes nothing any more", host);
                    break;
                case SSL_ERROR_SYSCALL: return fail(Code::io, "{} broke the connection while {}{}", host, doing, errno == 0 ? "" : ": " + errno_text(errno));
                default: {
                    const long verified = SSL_get_verify_result(session.get());
                    if (verified != X509_V_OK) {
                        ERR_clear_error();
                        return fail(Code::denied, "{} cannot prove its name: {}", host, X509_verify_cert_error_string(verified));
                    }
                    if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
                        ERR_clear_error();
                        return fail(Code::truncated, "{} ended the connection while {}", host, doing);
                    }
                    return fail(Code::io, "TLS with {} failed while {}: {}", host, doing, tls_words());
                }
            }
        }
    }

    Status shake_hands(const Trust& trust) {
        session.reset(SSL_new(trust.impl().context.get()));
        if (!session || SSL_set_fd(session.get(), socket) != 1) return fail(Code::io, "TLS cannot be set up: {}", tls_words());
        X509_VERIFY_PARAM* wanted = SSL_get0_param(session.get());
        unsigned char address[16];
        const bool digits = ::inet_pton(AF_INET, host.c_str(), address) == 1 || ::inet_pton(AF_INET6, host.c_str(), address) == 1;
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const bool named = digits ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1
                                  : X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), 0) == 1 && SSL_set_tlsext_host_name(session.get(), host.c_str()) == 1;
        if (!named) return fail(Code::io, "TLS cannot be asked for {}: {}", host, tls_words());
        const int shaken = WARD_TRY(finish([&] { return SSL_connect(session.get()); }, Clock::now() + kHandshakeTime, "greeting"));
        if (shaken != 1) return fail(Code::io, "{} ended the connection while greeting", host);
        // SSL_VERIFY_PEER has ended all other cases; that it has is worth a line.
        if (SSL_get_verify_result(session.get()) != X509_V_OK || SSL_get0_peer_certificate(session.get()) == nullptr) {
            return fail(Code::denied, "{} has not proved its name", host);
        }
        return done();
    }
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

const std::string& Connection::peer() const { return impl_->peer; }

Result<Connection> Connection::open(const Url& url, const wire::FetchRoute& route, Names& names, const Trust& trust) {
    if (!trust.impl().none.empty()) return fail(Code::denied, "no certificate could be checked: {}", trust.impl().none);
    const bool proxied = !route.proxy_host.empty();
    const std::string& host = proxied ? route.proxy_host : url.host;
    const std::uint16_t port = proxied ? static_cast<std::uint16_t>(route.proxy_port) : url.port;
    auto impl = std::make_unique<Impl>();
    impl->host = url.host;
    int error = 0;
    for (const auto& address : WARD_TRY(names.find(host, port))) {
        impl->socket = connect_to(address);
        error = errno;
        impl->peer = address.text();
        if (impl->socket >= 0) break;
    }
    if (impl->socket < 0) return fail(Code::io, "{}{} cannot be reached at {}: {}", proxied ? "the proxy " : "", host, impl->peer, errno_text(error));
    if (proxied) WARD_TRY(impl->ask_proxy(url, route));
    WARD_TRY(impl->shake_hands(trust));
    return Connection{std::move(impl)};
}

Status Connection::write(std::string_view text) {
    // SSL_write takes all or nothing here: partial writes are not turned on.
    const int count = WARD_TRY(impl_->finish([&] { return SSL_write(impl_->session.get(), text.data(), static_cast<int>(text.size())); },
                                             Clock::now() + kStallTime, "taking the request"));
    if (count != static_cast<int>(text.size())) return fail(Code::io, "{} did not take the request", impl_->host);
    return done();
}

Result<std::size_t> Connection::read(std::span<char> room) {
    const int count = WARD_TRY(impl_->finish([&] { return SSL_read(impl_->session.get(), room.data(), static_cast<int>(room.size())); },
                                             Clock::now() + kStallTime, "answering"));
    return static_cast<std::size_t>(count);
}

}  // namespace ward::fetch
