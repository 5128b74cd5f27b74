// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/view.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ward::match {

// Which three bytes many short patterns begin with, letters of both cases alike. So many are told apart by no ShortSift.
class Triples {
public:
    void clear() { bits_.clear(); }
    bool of_use() const { return !bits_.empty(); }
    // `patterns`: called with a function that takes the value and the mask of three bytes, the first lowest, and gives false when that became
    // too many.
    template <class Patterns>
    void fill(Patterns patterns) {
        bits_.assign((std::size_t{1} << kBits) / 64, 0);
        std::size_t all = 0;
        const bool good = patterns([&](std::uint32_t values, std::uint32_t masks) {
            std::array<std::array<std::uint8_t, 256>, 3> each;
            std::array<std::size_t, 3> count{};
            // Of two letters that are alike the small one stands for both.
            for (std::size_t i = 0; i < 3; ++i) {
                const std::uint32_t value = values >> 8 * i & 0xff;
                const std::uint32_t mask = masks >> 8 * i & 0xdf;
                if (mask == 0xdf) {
                    each[i][count[i]++] = static_cast<std::uint8_t>(value);
                    continue;
                }
                for (unsigned byte = 0; byte < 256; ++byte) {
                    if ((byte & 0x20) != 0 && ((byte ^ value) & mask) == 0) each[i][count[i]++] = static_cast<std::uint8_t>(byte);
                }
            }
            all += count[0] * count[1] * count[2];
            if (all > kMost) return false;
            for (std::size_t i = 0; i < count[0]; ++i) {
                for (std::size_t k = 0; k < count[1]; ++k) {
                    for (std::size_t l = 0; l < count[2]; ++l) {
                        const std::uint32_t at = slot(each[0][i] | std::uint32_t{each[1][k]} << 8 | std::uint32_t{each[2][l]} << 16);
                        bits_[at / 64] |= std::uint64_t{1} << (at % 64);
                    }
                }
            }
            return true;
        });
        if (!good) clear();
    }
    // The places in [0, span) with such bytes, and gives their number. Four bytes are there at each.
    std::uint32_t places(const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) const {
        const std::uint64_t* bits = bits_.data();
        std::uint32_t count = 0;
        for (std::uint32_t place = 0; place < span; ++place) {
            const std::uint32_t at = slot(sigdb::load<std::uint32_t>(data + place));
            out[count] = place;
            count += static_cast<std::uint32_t>(bits[at / 64] >> (at % 64) & 1);
        }
        return count;
    }

private:
    static constexpr std::uint32_t kBits = 18;               // 32 KiB, which stay in the near caches
    static constexpr std::size_t kMost = std::size_t{1} << (kBits - 3);  // about one place in eight is let through
    static std::uint32_t slot(std::uint32_t four) { return (((four | 0x20'2020U) & 0xff'ffffU) * 0x9E37'79B1U) >> (32 - kBits); }

    std::vector<std::uint64_t> bits_;
};

}  // namespace ward::match
