// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/url.h"
#include "model/fetch.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::update {

// Through whom requests go.
struct Proxy {
    std::optional<Url> url;           // nothing: directly
    std::vector<std::string> direct;  // hosts for which it is left aside, as no_proxy lists them
};

// `configured` wins ("none": directly, whatever the environment says), else https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY; and
// no_proxy or NO_PROXY. A proxy of a kind that cannot be used is an error: to go past it would be worse.
using Environment = std::function<std::string(const char*)>;  // empty when a variable is not set
Result<Proxy> choose_proxy(const std::string& configured, const Environment& environment);

// Is this host to be asked directly? An entry is a host, which stands for what ends in it too (".example.org" and "example.org" mean
// the same), an address, or either with a port; "*" is every host.
bool goes_directly(const Proxy& proxy, const Url& url);

wire::FetchRoute route_to(const Url& url, const Proxy& proxy);

}  // namespace ward::update
