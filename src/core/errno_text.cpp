// SPDX-License-Identifier: Apache-2.0
#include "core/errno_text.h"

#include <cstring>

namespace ward {

std::string errno_text(int error) {
    char buffer[128];
    std::string text = ::strerror_r(error, buffer, sizeof buffer);
    // "Input/output error" becomes lower case; names such as "RPC" stay.
    if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') text[0] = static_cast<char>(text[0] + 32);
    return text;
}

}  // namespace ward
