// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/printable.h"

#include <fmt/core.h>

namespace ward::modules {

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", byte);
        }
    }
    return out;
}

}  // namespace ward::modules
