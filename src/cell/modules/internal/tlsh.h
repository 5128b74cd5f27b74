// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ward::modules {

// The locality-sensitive hash TLSH: texts that are alike have hashes that are alike (J. Oliver, C. Cheng and Y. Chen, "TLSH - A
// Locality Sensitive Hash", 2013). The usual form: 128 buckets, one byte of checksum.
//
//     Tlsh hash;
//     hash.add(part);
//     const std::string digest = hash.finish();
class Tlsh {
public:
    void add(std::string_view text);

    // "T1" and 70 hex digits in upper case; empty where the text is too short or too uniform to have a hash.
    std::string finish() const;

private:
    std::array<std::uint32_t, 256> buckets_{};
    std::array<std::uint8_t, 4> before_{};  // the bytes before the next one, the latest first
    std::uint64_t bytes_ = 0;
    std::uint8_t checksum_ = 0;
};

}  // namespace ward::modules
