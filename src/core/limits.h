// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <chrono>
#include <cstdint>

namespace ward {

// How far a scan goes into one file. Reaching one is a gap that names it; what was found before it stays.
struct Limits {
    // All for one file and everything inside it. Sizes: four times our largest honest sample.
    std::uint64_t max_unpacked_bytes = 4 * kGiB;
    std::uint64_t max_member_bytes = 1 * kGiB;
    std::uint32_t max_depth = 16;                // containers in containers; deepest sample: 7
    std::uint32_t max_members = 100'000;         // all depths together
    // Unpacked bytes for each packed one, once 64 MiB came out: deflate cannot pass 1032, and honest logs reach 200.
    std::uint32_t max_ratio = 250;
    std::chrono::milliseconds max_time{30'000};  // the gate enforces it again from outside

    bool operator==(const Limits&) const = default;
};

}  // namespace ward
