// SPDX-License-Identifier: Apache-2.0
#include "update/proxy.h"

#include "core/text.h"

#include <algorithm>

namespace ward::update {

namespace {

Result<Url> read_proxy(const std::string& text, std::string_view where) {
    auto url = parse_url(text.find("://") == std::string::npos ? "http://" + text : text);
    // The text may hold a password, so it is not repeated.
    if (!url) return fail(url.error().code, "the proxy of {} cannot be used: {}", where, url.error().text);
    if (url->scheme != "http") {
        return fail(Code::unsupported, "the proxy of {} cannot be used: only those of the kind http:// can (what passes through is encrypted all the same)", where);
    }
    return url;
}

}  // namespace

Result<Proxy> choose_proxy(const std::string& configured, const Environment& environment) {
    Proxy proxy;
    if (configured == "none") return proxy;
    if (!configured.empty()) proxy.url = WARD_TRY(read_proxy(configured, "[update] proxy"));
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        const std::string text = environment(name);
        if (!proxy.url && !text.empty()) proxy.url = WARD_TRY(read_proxy(text, name));
    }
    std::string direct = environment("no_proxy");
    if (direct.empty()) direct = environment("NO_PROXY");
    for (const auto part : split(direct, ',')) {
        const std::string entry = to_lower_ascii(trim(part));
        if (!entry.empty()) proxy.direct.push_back(entry.starts_with('.') ? entry.substr(1) : entry);
    }
    return proxy;
}

bool goes_directly(const Proxy& proxy, const Url& url) {
    return std::any_of(proxy.direct.begin(), proxy.direct.end(), [&](const std::string& entry) {
        return entry == "*" || entry == url.host || entry == url.authority() || url.host.ends_with("." + entry);
    });
}

wire::FetchRoute route_to(const Url& url, const Proxy& proxy) {
    wire::FetchRoute route;
    route.allowed = true;
    if (proxy.url && !goes_directly(proxy, url)) {
        route.proxy_host = proxy.url->host;
        route.proxy_port = proxy.url->port;
        route.proxy_credentials = proxy.url->credentials;
    }
    return route;
}

}  // namespace ward::update
