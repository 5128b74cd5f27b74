// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/address.h"

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

}  // namespace ward::facts
