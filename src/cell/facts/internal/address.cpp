// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/address.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ward::facts {

namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(Bytes address) { return address.size() == 16 && std::equal(kMapped.begin(), kMapped.end(), address.begin()); }

}  // namespace

std::string address_text(Bytes address) {
    if (address.size() == 4) return fmt::format("{}.{}.{}.{}", address[0], address[1], address[2], address[3]);
    if (address.size() != 16) return {};
    if (is_mapped(address)) return "::ffff:" + address_text(address.subspan(12));
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
    // The longest run of at least two zero groups becomes "::", the first of equal ones (RFC 5952, 4.2).
    std::size_t run_at = 8;
    std::size_t run_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > run_length) {
            run_at = i;
            run_length = length;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == run_at) {
            out += "::";
            i += run_length - 1;
            continue;
        }
        if (!out.empty() && !out.ends_with(':')) out += ':';
        out += fmt::format("{:x}", groups[i]);
    }
    return out;
}

bool is_loopback(Bytes address) {
    if (address.size() == 4) return address[0] == 127;
    if (is_mapped(address)) return address[12] == 127;
    if (address.size() != 16 || address[15] != 1) return false;
    return std::all_of(address.begin(), address.begin() + 15, [](auto byte) { return byte == 0; });
}

namespace {

bool add_v4(std::string_view text, Buffer& out) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) return false;
    for (const std::string_view part : parts) {
        const auto byte = parse_unsigned(part);
        if (!byte || *byte > 255 || part.size() > 3) return false;
        out.push_back(static_cast<std::uint8_t>(*byte));
    }
    return true;
}

// Groups of an IPv6 address on one side of "::"; an IPv4 address may be the last one.
bool add_groups(std::string_view text, Buffer& out) {
    if (text.empty()) return true;
    const auto parts = split(text, ':');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) return add_v4(parts[i], out);
        const auto group = parse_unsigned(parts[i], 16);
        if (!group || *group > 0xffff || parts[i].size() > 4) return false;
        out.push_back(static_cast<std::uint8_t>(*group >> 8));
        out.push_back(static_cast<std::uint8_t>(*group & 0xff));
    }
    return true;
}

}  // namespace

std::optional<Buffer> parse_address(std::string_view text) {
    constexpr std::size_t kMaxAddressText = 45;
    if (text.size() > kMaxAddressText) return std::nullopt;
    Buffer address;
    if (text.find(':') == std::string_view::npos) {
        if (!add_v4(text, address)) return std::nullopt;
        return address;
    }
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (!add_groups(text, address) || address.size() != 16) return std::nullopt;
        return address;
    }
    Buffer tail;
    const std::string_view head = text.substr(0, gap);
    if (head.find('.') != std::string_view::npos || !add_groups(head, address) || !add_groups(text.substr(gap + 2), tail)) return std::nullopt;
    if (address.size() + tail.size() > 14) return std::nullopt;
    address.resize(16 - tail.size(), 0);
    address.insert(address.end(), tail.begin(), tail.end());
    return address;
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    const std::uint32_t all = static_cast<std::uint32_t>(address->size()) * 8;
    if (slash == std::string_view::npos) return Network{std::move(*address), all};
    const auto bits = parse_unsigned(text.substr(slash + 1));
    if (!bits || *bits > all) return std::nullopt;
    return Network{std::move(*address), static_cast<std::uint32_t>(*bits)};
}

bool Network::contains(const Network& other) const {
    if (address.size() != other.address.size() || other.bits < bits) return false;
    for (std::uint32_t bit = 0; bit < bits; ++bit) {
        const std::uint32_t mask = 0x80u >> (bit % 8);
        if (((address[bit / 8] ^ other.address[bit / 8]) & mask) != 0) return false;
    }
    return true;
}

}  // namespace ward::facts
