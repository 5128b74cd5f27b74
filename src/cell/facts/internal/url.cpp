// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/url.h"

namespace ward::facts {
namespace {

// "user:password@host:port" of scheme://authority/path; "" when there is no "//".
std::string_view authority(std::string_view url) {
    const std::size_t at = url.find("://");
    if (at == std::string_view::npos) return {};
    return url.substr(at + 3, url.find_first_of("/?#", at + 3) - (at + 3));
}

}  // namespace

std::string_view url_scheme(std::string_view url) {
    const std::size_t colon = url.find(':');
    return colon == std::string_view::npos ? std::string_view{} : url.substr(0, colon);
}

std::string_view url_host(std::string_view url) {
    std::string_view host = authority(url);
    host.remove_prefix(host.rfind('@') + 1);
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.find(':'));
}

std::string without_password(std::string_view url) {
    const std::string_view whole = authority(url);
    const std::size_t at = whole.rfind('@');
    if (at == std::string_view::npos) return std::string{url};
    const std::size_t start = static_cast<std::size_t>(whole.data() - url.data());
    const std::string_view user = whole.substr(0, at).substr(0, whole.substr(0, at).find(':'));
    return std::string{url.substr(0, start)} + std::string{user} + std::string{url.substr(start + at)};
}

std::string without_user(std::string_view url) {
    const std::string_view whole = authority(url);
    const std::size_t at = whole.rfind('@');
    if (at == std::string_view::npos) return std::string{url};
    const std::size_t start = static_cast<std::size_t>(whole.data() - url.data());
    return std::string{url.substr(0, start)} + std::string{url.substr(start + at + 1)};
}

}  // namespace ward::facts
