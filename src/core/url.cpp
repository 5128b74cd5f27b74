// SPDX-License-Identifier: Apache-2.0
#include "core/url.h"

#include "core/bytes.h"
#include "core/text.h"

#include <algorithm>

namespace ward {

namespace {

constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kHttpPort = 80;

std::uint16_t port_of_scheme(std::string_view scheme) { return scheme == "https" ? kHttpsPort : kHttpPort; }

bool is_host_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_'; }
bool is_address_character(char c) { return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == '.' || c == ':'; }

Result<std::string> percent_decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text[0] != '%') {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        Buffer byte;
        if (text.size() < 3 || !from_hex(text.substr(1, 2), byte) || byte.size() != 1) {
            return fail(Code::malformed, "a percent sign without two hex digits");
        }
        if (byte[0] < 0x20 || byte[0] == 0x7f) return fail(Code::malformed, "a control character");
        out += static_cast<char>(byte[0]);
        text.remove_prefix(3);
    }
    return out;
}

// "host", "host:8443", "[::1]:8443" into url.host and url.port.
Status read_authority(std::string_view text, Url& url) {
    url.port = port_of_scheme(url.scheme);
    const bool bracketed = text.starts_with('[');
    const std::size_t host_end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && host_end == std::string_view::npos) return fail(Code::malformed, "a bracket without its end");
    url.host = to_lower_ascii(bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end));
    const bool plain = std::all_of(url.host.begin(), url.host.end(), bracketed ? is_address_character : is_host_character);
    if (url.host.empty() || url.host.size() > 253 || !plain) return fail(Code::malformed, "no host, or one with a character that is not allowed");
    std::string_view rest = host_end == std::string_view::npos ? std::string_view{} : text.substr(host_end + (bracketed ? 1 : 0));
    if (rest.empty()) return done();
    const auto port = rest[0] == ':' ? parse_unsigned(rest.substr(1)) : std::nullopt;
    if (!port || *port == 0 || *port > 0xffff) return fail(Code::malformed, "the port is no number from 1 to 65535");
    url.port = static_cast<std::uint16_t>(*port);
    return done();
}

Result<Url> read_url(std::string_view text) {
    if (text.size() > kMaxUrlBytes) return fail(Code::over_limit, "longer than {} bytes", kMaxUrlBytes);
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
        return fail(Code::malformed, "a blank, or a character that is not printable ASCII");
    }
    Url url;
    const std::size_t scheme_end = text.find("://");
    if (scheme_end != std::string_view::npos) url.scheme = to_lower_ascii(text.substr(0, scheme_end));
    if (url.scheme != "https" && url.scheme != "http") return fail(Code::unsupported, "it begins neither with https:// nor http://");
    text.remove_prefix(scheme_end + 3);
    text = text.substr(0, text.find('#'));
    const std::size_t path = text.find_first_of("/?");
    std::string_view authority = text.substr(0, path);
    url.target = path == std::string_view::npos ? "/" : std::string{text.substr(path)};
    if (url.target[0] != '/') url.target.insert(0, "/");
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        url.credentials = WARD_TRY(percent_decoded(authority.substr(0, at)));
        authority.remove_prefix(at + 1);
    }
    WARD_TRY(read_authority(authority, url));
    return url;
}

}  // namespace

std::string Url::authority() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

std::string Url::origin() const {
    const std::string whole = authority();
    return port == port_of_scheme(scheme) ? whole.substr(0, whole.rfind(':')) : whole;
}

std::string Url::text() const { return fmt::format("{}://{}{}", scheme, origin(), target); }

Result<Url> parse_url(std::string_view text) {
    auto url = read_url(text);
    // The address itself may hold a password, so it is not repeated.
    if (!url) return fail(url.error().code, "not an address that can be asked: {}", url.error().text);
    return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
    if (reference.find("://") < reference.find_first_of("/?#")) return parse_url(reference);
    const std::string scheme_and_host = base.scheme + "://" + base.origin();
    if (reference.starts_with("//")) return parse_url(base.scheme + ":" + std::string{reference});
    if (reference.starts_with('/')) return parse_url(scheme_and_host + std::string{reference});
    const std::string path = base.target.substr(0, base.target.find('?'));
    if (reference.empty() || reference[0] == '?') return parse_url(scheme_and_host + path + std::string{reference});
    return parse_url(scheme_and_host + path.substr(0, path.rfind('/') + 1) + std::string{reference});
}

}  // namespace ward
