// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

namespace ward {

std::string_view code_name(Code code) {
    switch (code) {
        case Code::truncated: return "truncated";
        case Code::malformed: return "malformed";
        case Code::unsupported: return "unsupported";
        case Code::over_limit: return "over_limit";
        case Code::denied: return "denied";
        case Code::not_found: return "not_found";
        case Code::io: return "io";
    }
    return "io";
}

bool code_from_number(std::uint8_t value, Code& out) {
    if (value < static_cast<std::uint8_t>(Code::truncated) || value > static_cast<std::uint8_t>(Code::io)) return false;
    out = static_cast<Code>(value);
    return true;
}

}  // namespace ward
