// SPDX-License-Identifier: Apache-2.0
#include "core/memory.h"

#include <algorithm>

namespace ward {

std::optional<std::size_t> Memory::piece_at(std::uint64_t address) const {
    const auto all = pieces();
    const auto behind = std::upper_bound(all.begin(), all.end(), address, [](std::uint64_t at, const Piece& piece) { return at < piece.address; });
    if (behind == all.begin() || address - (behind - 1)->address >= (behind - 1)->bytes) return std::nullopt;
    return static_cast<std::size_t>(behind - 1 - all.begin());
}

Buffer Memory::read(std::uint64_t address, std::uint64_t bytes) {
    const auto number = piece_at(address);
    if (!number) return {};
    const Piece piece = pieces()[*number];
    const auto buffer = fetch(*number);
    const std::uint64_t from = std::min<std::uint64_t>(address - piece.address + piece.before, buffer->size());
    const Bytes found = Bytes{*buffer}.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer->size() - from)));
    return {found.begin(), found.end()};
}

}  // namespace ward
