// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/tlsh.h"

#include "core/bytes.h"

#include <algorithm>
#include <cmath>

namespace ward::modules {

namespace {

constexpr std::uint64_t kLeastBytes = 50;
constexpr std::size_t kBuckets = 128;       // of the 256 that are counted
constexpr std::size_t kCodeBytes = kBuckets / 4;

// The permutation of P. K. Pearson, "Fast Hashing of Variable-Length Text Strings", Communications of the ACM 33 (1990).
constexpr std::array<std::uint8_t, 256> kPearson{
    1,   87,  49,  12,  176, 178, 102, 166, 121, 193, 6,   84,  249, 230, 44,  163, 14,  197, 213, 181, 161, 85,
    218, 80,  64,  239, 24,  226, 236, 142, 38,  200, 110, 177, 104, 103, 141, 253, 255, 50,  77,  101, 81,  18,
    45,  96,  31,  222, 25,  107, 190, 70,  86,  237, 240, 34,  72,  242, 20,  214, 244, 227, 149, 235, 97,  234,
    57,  22,  60,  250, 82,  175, 208, 5,   127, 199, 111, 62,  135, 248, 174, 169, 211, 58,  66,  154, 106, 195,
    245, 171, 17,  187, 182, 179, 0,   243, 132, 56,  148, 75,  128, 133, 158, 100, 130, 126, 91,  13,  153, 246,
    216, 219, 119, 68,  223, 78,  83,  88,  201, 99,  122, 11,  92,  32,  136, 114, 52,  10,  138, 30,  48,  183,
    156, 35,  61,  26,  143, 74,  251, 94,  129, 162, 63,  152, 170, 7,   115, 167, 241, 206, 3,   150, 55,  59,
    151, 220, 90,  53,  23,  131, 125, 173, 15,  238, 79,  95,  89,  16,  105, 137, 225, 224, 217, 160, 37,  123,
    118, 73,  2,   157, 46,  116, 9,   145, 134, 228, 207, 212, 202, 215, 69,  229, 27,  188, 67,  124, 168, 252,
    42,  4,   29,  108, 21,  247, 19,  205, 39,  203, 233, 40,  186, 147, 198, 192, 155, 33,  164, 191, 98,  204,
    165, 180, 117, 76,  140, 36,  210, 172, 41,  54,  159, 8,   185, 232, 113, 196, 231, 47,  146, 120, 51,  65,
    28,  144, 254, 221, 93,  189, 194, 139, 112, 43,  71,  109, 184, 209};

std::uint8_t mapped(std::uint8_t salt, std::uint8_t a, std::uint8_t b, std::uint8_t c) {
    return kPearson[kPearson[kPearson[kPearson[salt] ^ a] ^ b] ^ c];
}

// The logarithm of the length, to three bases: short texts differ in little.
std::uint8_t length_code(std::uint64_t bytes) {
    const double log = std::log(static_cast<double>(bytes));
    if (bytes <= 656) return static_cast<std::uint8_t>(log / std::log(1.5));
    if (bytes <= 3199) return static_cast<std::uint8_t>(log / std::log(1.3) - 8.72777);
    return static_cast<std::uint8_t>(log / std::log(1.1) - 62.5472);
}

std::uint8_t with_nibbles_swapped(std::uint8_t byte) { return static_cast<std::uint8_t>(byte << 4 | byte >> 4); }

// A quarter of the buckets hold at most `first`, half at most `second`, three quarters at most `third`.
struct Quartiles {
    std::uint32_t first, second, third;
};

// The hundred-fold share of the third quartile, to 4 bits. In single precision, as those do whose hashes we compare with.
std::uint8_t ratio(std::uint32_t quartile, std::uint32_t third) {
    return static_cast<std::uint32_t>(static_cast<float>(quartile * 100) / static_cast<float>(third)) % 16;
}

}  // namespace

void Tlsh::add(std::string_view text) {
    // The six triples of a window of five bytes that hold its last byte; which two others, and the salt of each.
    struct Triple {
        std::uint8_t salt, second, third;
    };
    constexpr Triple kTriples[] = {{2, 0, 1}, {3, 0, 2}, {5, 1, 2}, {7, 1, 3}, {11, 0, 3}, {13, 2, 3}};
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (bytes_ >= before_.size()) {
            checksum_ = mapped(0, byte, before_[0], checksum_);
            for (const auto& triple : kTriples) ++buckets_[mapped(triple.salt, byte, before_[triple.second], before_[triple.third])];
        }
        before_ = {byte, before_[0], before_[1], before_[2]};
        ++bytes_;
    }
}

std::string Tlsh::finish() const {
    if (bytes_ < kLeastBytes) return {};
    std::array<std::uint32_t, kBuckets> sorted;
    std::copy_n(buckets_.begin(), kBuckets, sorted.begin());
    std::sort(sorted.begin(), sorted.end());
    const Quartiles quartiles{sorted[kBuckets / 4 - 1], sorted[kBuckets / 2 - 1], sorted[kBuckets / 4 * 3 - 1]};
    // More than half of the buckets must hold something.
    if (quartiles.third == 0 || sorted[kBuckets / 2 - 1] == 0) return {};

    Buffer out{with_nibbles_swapped(checksum_), with_nibbles_swapped(length_code(bytes_)),
               static_cast<std::uint8_t>(ratio(quartiles.first, quartiles.third) << 4 | ratio(quartiles.second, quartiles.third))};
    for (std::size_t i = kCodeBytes; i-- > 0;) {
        std::uint8_t code = 0;
        for (std::size_t j = 4; j-- > 0;) {
            const std::uint32_t count = buckets_[4 * i + j];
            const int above = (count > quartiles.first) + (count > quartiles.second) + (count > quartiles.third);
            code = static_cast<std::uint8_t>(code << 2 | above);
        }
        out.push_back(code);
    }
    std::string digest = to_hex(out);
    std::transform(digest.begin(), digest.end(), digest.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    return "T1" + digest;
}

}  // namespace ward::modules
