// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ward::facts {

// The parts of an address that tables show; "" for what it does not have. "https://user@example.org:8443/x" has the scheme
// "https" and the host "example.org".
std::string_view url_scheme(std::string_view url);
std::string_view url_host(std::string_view url);
// The address without what stands between the first ':' of "user:password@" and the '@'.
std::string without_password(std::string_view url);
// The same without the user, for places where a token may stand as one: "https://example.org/x".
std::string without_user(std::string_view url);

}  // namespace ward::facts
