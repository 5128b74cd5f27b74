// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ward::formats {

// Bits from the least significant upwards (RFC 1951, 3.1.1). Past the end they are zero, and ran_out() tells.
class BitReader {
public:
    explicit BitReader(Bytes bytes) : bytes_{bytes} {}

    std::uint32_t peek(unsigned count) {
        while (available_ < count) {
            std::uint64_t next = 0;
            if (at_ < bytes_.size()) next = bytes_[at_];
            ++at_;
            held_ |= next << available_;
            available_ += 8;
        }
        return static_cast<std::uint32_t>(held_ & ((std::uint64_t{1} << count) - 1));
    }
    void drop(unsigned count) {
        held_ >>= count;
        available_ -= count;
    }
    // At most 16 at a time.
    std::uint32_t take(unsigned count) {
        const std::uint32_t value = peek(count);
        drop(count);
        return value;
    }
    void align() { drop(available_ % 8); }
    // Were bits used that are not there?
    bool ran_out() const { return at_ - available_ / 8 > bytes_.size(); }
    // Whole bytes used.
    std::uint64_t used() const { return at_ - available_ / 8 > bytes_.size() ? bytes_.size() : at_ - available_ / 8; }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
    std::uint64_t held_ = 0;
    unsigned available_ = 0;
};

// A canonical prefix code of at most 15 bits (RFC 1951, 3.2.2), decoded by one look into a table of 2^15 entries: simple,
// and fast enough for a format that is rare.
class Huffman {
public:
    static constexpr unsigned kMaxBits = 15;

    // False when the lengths promise more codes than there are. Fewer are fine: a bit pattern without a code decodes to -1.
    bool build(std::span<const std::uint8_t> lengths) {
        std::array<std::uint32_t, kMaxBits + 1> count{};
        for (const std::uint8_t length : lengths) ++count[length];
        count[0] = 0;
        std::array<std::uint32_t, kMaxBits + 2> next{};
        std::uint32_t code = 0;
        longest_ = 0;
        for (unsigned bits = 1; bits <= kMaxBits; ++bits) {
            code = (code + count[bits - 1]) << 1;
            next[bits] = code;
            if (code + count[bits] > (std::uint32_t{1} << bits)) return false;
            if (count[bits] != 0) longest_ = bits;
        }
        table_.assign(std::size_t{1} << longest_, Entry{});
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
            const unsigned bits = lengths[symbol];
            if (bits == 0) continue;
            // The stream holds codes from their most significant bit on; the table is looked up with the first bit lowest.
            std::uint32_t reversed = 0;
            const std::uint32_t value = next[bits]++;
            for (unsigned i = 0; i < bits; ++i) reversed |= ((value >> i) & 1U) << (bits - 1 - i);
            for (std::size_t at = reversed; at < table_.size(); at += std::size_t{1} << bits) {
                table_[at] = {static_cast<std::int16_t>(symbol), static_cast<std::uint8_t>(bits)};
            }
        }
        return true;
    }

    // The next symbol; -1 when the bits are no code or the input is used up.
    int decode(BitReader& bits) const {
        const Entry entry = table_[bits.peek(longest_)];
        if (entry.bits == 0) return -1;
        bits.drop(entry.bits);
        return bits.ran_out() ? -1 : entry.symbol;
    }

private:
    struct Entry {
        std::int16_t symbol = -1;
        std::uint8_t bits = 0;
    };
    std::vector<Entry> table_{Entry{}};
    unsigned longest_ = 0;
};

}  // namespace ward::formats
