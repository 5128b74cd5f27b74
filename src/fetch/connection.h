// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "core/url.h"
#include "fetch/names.h"
#include "model/fetch.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ward::fetch {

// Whose word about a server's name is taken: the system's certificates, and those of one further file. Verification cannot be
// turned off.
class Trust {
public:
    // Reads /etc/ssl/certs/ca-certificates.crt, and `ca_file` when it is not empty. To be called before sealing.
    static Result<Trust> open(const std::string& ca_file);
    Trust(Trust&&) noexcept;
    Trust& operator=(Trust&&) noexcept;
    ~Trust();
    struct Impl;
    Impl& impl() const { return *impl_; }

private:
    explicit Trust(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// A TLS connection to the host of an address, through a proxy where the route names one (CONNECT, so that the proxy sees the
// host's name and nothing more). TLS 1.2 and newer. Nothing here waits longer than kStallTime for a byte.
class Connection {
public:
    static Result<Connection> open(const Url& url, const wire::FetchRoute& route, Names& names, const Trust& trust);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    Status write(std::string_view text);
    // At least one byte; 0 at the proper end of the connection.
    Result<std::size_t> read(std::span<char> room);
    const std::string& peer() const;

private:
    struct Impl;
    explicit Connection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::fetch
