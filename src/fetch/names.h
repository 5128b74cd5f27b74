// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ward::fetch {

// Where a connection can go to.
struct Address {
    sockaddr_storage socket{};
    socklen_t bytes = 0;
    std::string text() const;  // "192.0.2.1:443"
};

// Addresses of a name that a file in the form of /etc/hosts gives (hosts(5)); `localhost` has one without it too.
std::vector<std::string> addresses_in(std::string_view hosts, std::string_view name);

// Turns names into addresses: /etc/hosts first, then the servers of /etc/resolv.conf, asked by c-ares. Nothing of the C
// library's name service, which would load other code. Both files are read at open and never again.
class Names {
public:
    static Result<Names> open();
    Names(Names&&) noexcept;
    Names& operator=(Names&&) noexcept;
    ~Names();

    // At most kMaxAddresses, those of IPv4 first.
    Result<std::vector<Address>> find(const std::string& host, std::uint16_t port);
    static constexpr std::size_t kMaxAddresses = 6;

private:
    struct Impl;
    explicit Names(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::fetch
