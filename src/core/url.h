// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ward {

// An http or https address, in the parts that asking for it needs (RFC 3986, section 3).
//
//     const Url url = WARD_TRY(parse_url("https://example.org/a.zip"));
//     const Url next = WARD_TRY(resolve_url(url, "/b.zip"));     // where a redirection leads
//
// Stricter than the RFC: printable ASCII only, a host of letters, digits, dots and dashes or an IP address, and nothing that a
// request line could be broken with. A fragment is dropped, since it is never sent.
struct Url {
    std::string scheme;       // "https" or "http"
    std::string credentials;  // "user:secret", percent-decoded; proxies have them
    std::string host;         // in lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;   // never 0
    std::string target;       // path and query, begins with a slash

    // "example.org", or "example.org:8443" when the port is not the scheme's own; an IPv6 address stands in brackets.
    std::string origin() const;
    // "example.org:443", as CONNECT wants it.
    std::string authority() const;
    // The whole address without credentials.
    std::string text() const;
};

inline constexpr std::size_t kMaxUrlBytes = 4096;

Result<Url> parse_url(std::string_view text);
// A reference as a Location field gives it: a whole address, //host/path, /path, ?query or a path beside that of `base`.
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace ward
