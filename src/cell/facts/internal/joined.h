// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ward::facts {

// All texts in one. Nothing stands before the first that is not empty.
template <class Texts>
std::string joined(const Texts& texts, std::string_view between = " ") {
    std::string out;
    for (const auto& one : texts) out.append(out.empty() ? "" : between).append(one);
    return out;
}

}  // namespace ward::facts
