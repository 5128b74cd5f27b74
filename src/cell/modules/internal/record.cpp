// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/record.h"

#include "core/result.h"

namespace ward::modules {

std::uint64_t Record::number(std::size_t offset, std::size_t bytes) const {
    WARD_CHECK(bytes <= bytes_.size() && offset <= bytes_.size() - bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | bytes_[offset + (big_endian_ ? i : bytes - 1 - i)];
    return value;
}

}  // namespace ward::modules
