// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/codec.h"
#include "cell/formats/internal/huffman.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ward::formats {

namespace {

// As RFC 1951, 3.2.5, but for code 285, which is 3 and sixteen more bits here instead of a plain 258.
constexpr std::uint16_t kLengthBase[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                           31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 3};
constexpr std::uint8_t kLengthBits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16};
// As there, and the two codes that deflate leaves unused: 49153 and 65537 less one step, fourteen bits each.
constexpr std::uint32_t kDistanceBase[32] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,    65,    97,    129,   193,
                                             257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577, 32769, 49153};
constexpr std::uint8_t kDistanceBits[32] = {0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14};
constexpr std::uint8_t kCodeLengthOrder[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

constexpr std::size_t kWindowBytes = 65'536;

class Decoder {
public:
    Decoder(Bytes packed, Sink& sink) : bits_{packed}, sink_{sink}, window_(kWindowBytes) {}

    Unpacked run() {
        Step step = Step::more;
        while (step == Step::more) step = block();
        if (!stop_ && !flush()) step = Step::stopped;
        Unpacked done{bits_.used(), std::nullopt, false};
        if (stop_) {
            done.fault = std::move(stop_);
            done.stopped = true;
        } else if (bits_.ran_out()) {
            done.fault = fail(Code::truncated, "the deflate64 stream ends too early");
        } else if (step == Step::broken) {
            done.fault = fail(Code::malformed, "the deflate64 stream breaks after {} bytes", sink_.size());
        }
        return done;
    }

private:
    enum class Step { more, end, broken, stopped };

    // False when a limit says stop.
    bool flush() {
        if (auto status = sink_.write(Bytes{window_}.first(at_), bits_.used()); !status) {
            stop_ = std::move(status).error();
            return false;
        }
        filled_ = filled_ || at_ == kWindowBytes;
        at_ = 0;
        return true;
    }

    bool put(std::uint8_t byte) {
        window_[at_++] = byte;
        return at_ < kWindowBytes || flush();
    }

    Step block() {
        const bool last = bits_.take(1) != 0;
        Step step = Step::broken;
        switch (bits_.take(2)) {
            case 0: step = stored(); break;
            case 1: step = fixed(); break;
            case 2: step = dynamic(); break;
            default: break;
        }
        if (bits_.ran_out()) return Step::broken;
        return step == Step::more && last ? Step::end : step;
    }

    Step stored() {
        bits_.align();
        const std::uint32_t length = bits_.take(16);
        const std::uint32_t check = bits_.take(16);
        if ((length ^ check) != 0xffff) return Step::broken;
        for (std::uint32_t i = 0; i < length && !bits_.ran_out(); ++i) {
            const auto byte = static_cast<std::uint8_t>(bits_.take(8));
            if (!bits_.ran_out() && !put(byte)) return Step::stopped;
        }
        return Step::more;
    }

    Step fixed() {
        std::array<std::uint8_t, 288> lengths{};
        std::fill(lengths.begin(), lengths.begin() + 144, std::uint8_t{8});
        std::fill(lengths.begin() + 144, lengths.begin() + 256, std::uint8_t{9});
        std::fill(lengths.begin() + 256, lengths.begin() + 280, std::uint8_t{7});
        std::fill(lengths.begin() + 280, lengths.end(), std::uint8_t{8});
        std::array<std::uint8_t, 32> distances{};
        distances.fill(5);
        if (!literals_.build(lengths) || !distances_.build(distances)) return Step::broken;
        return codes();
    }

    Step dynamic() {
        const std::uint32_t literal_count = bits_.take(5) + 257;
        const std::uint32_t distance_count = bits_.take(5) + 1;
        const std::uint32_t code_count = bits_.take(4) + 4;
        std::array<std::uint8_t, 19> code_lengths{};
        for (std::uint32_t i = 0; i < code_count; ++i) {
            code_lengths[kCodeLengthOrder[i]] = static_cast<std::uint8_t>(bits_.take(3));
        }
        if (bits_.ran_out() || !literals_.build(code_lengths)) return Step::broken;
        std::array<std::uint8_t, 288 + 32> lengths{};
        const std::uint32_t wanted = literal_count + distance_count;
        std::uint32_t count = 0;
        while (count < wanted) {
            const int symbol = literals_.decode(bits_);
            if (symbol < 0) return Step::broken;
            if (symbol < 16) {
                lengths[count++] = static_cast<std::uint8_t>(symbol);
                continue;
            }
            std::uint8_t value = 0;
            std::uint32_t repeat = 0;
            if (symbol == 16) {
                if (count == 0) return Step::broken;
                value = lengths[count - 1];
                repeat = 3 + bits_.take(2);
            } else if (symbol == 17) {
                repeat = 3 + bits_.take(3);
            } else {
                repeat = 11 + bits_.take(7);
            }
            if (repeat > wanted - count) return Step::broken;
            std::fill_n(lengths.begin() + count, repeat, value);
            count += repeat;
        }
        if (literal_count > 286 || lengths[256] == 0) return Step::broken;
        const std::span<const std::uint8_t> all{lengths};
        if (!literals_.build(all.first(literal_count))) return Step::broken;
        if (!distances_.build(all.subspan(literal_count, distance_count))) return Step::broken;
        return codes();
    }

    Step codes() {
        while (true) {
            const int symbol = literals_.decode(bits_);
            if (symbol < 0) return Step::broken;
            if (symbol == 256) return Step::more;
            if (symbol < 256) {
                if (!put(static_cast<std::uint8_t>(symbol))) return Step::stopped;
                continue;
            }
            const auto length_code = static_cast<std::size_t>(symbol - 257);
            if (length_code >= std::size(kLengthBase)) return Step::broken;
            std::uint32_t length = kLengthBase[length_code] + bits_.take(kLengthBits[length_code]);
            const int distance_code = distances_.decode(bits_);
            if (distance_code < 0) return Step::broken;
            const auto place = static_cast<std::size_t>(distance_code);
            const std::uint32_t distance = kDistanceBase[place] + bits_.take(kDistanceBits[place]);
            if (bits_.ran_out()) return Step::broken;
            if (distance > kWindowBytes || (!filled_ && distance > at_)) return Step::broken;
            std::size_t from = (at_ + kWindowBytes - distance) % kWindowBytes;
            for (; length > 0; --length) {
                if (!put(window_[from])) return Step::stopped;
                from = (from + 1) % kWindowBytes;
            }
        }
    }

    BitReader bits_;
    Sink& sink_;
    Huffman literals_;
    Huffman distances_;
    Buffer window_;
    std::size_t at_ = 0;
    bool filled_ = false;  // the window has gone round once, so that any distance is within it
    std::optional<Error> stop_;
};

}  // namespace

Unpacked unpack_deflate64(Bytes packed, Sink& sink) { return Decoder{packed, sink}.run(); }

}  // namespace ward::formats
