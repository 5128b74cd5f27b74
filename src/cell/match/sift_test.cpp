// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/sift.h"

#include "cell/sigdb/automaton.h"
#include "cell/sigdb/view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace ward::match {
namespace {

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t count, unsigned most) {
    std::vector<std::uint8_t> bytes(count);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % (most + 1));
    return bytes;
}

bool holds(const std::vector<std::uint8_t>& words, std::uint32_t bits, std::uint32_t hash) {
    const auto word = sigdb::load<std::uint32_t>(words.data() + std::size_t{sigdb::filter_word(hash, bits)} * 4);
    const std::uint32_t mask = sigdb::filter_mask(hash, bits);
    return (word & mask) == mask;
}

bool holds_wide(const std::vector<std::uint8_t>& words, std::uint32_t bits, const std::uint8_t* at) {
    const std::uint32_t hash = sigdb::window_hash(sigdb::load<std::uint32_t>(at) | sigdb::kFold, 0);
    const auto word = sigdb::load<std::uint32_t>(words.data() + std::size_t{sigdb::filter_word(hash, bits)} * 4);
    const auto [first, behind, before] = sigdb::wide_bits(hash, sigdb::load<std::uint16_t>(at + 4) | 0x2020U, sigdb::load<std::uint16_t>(at - 2) | 0x2020U, bits);
    EXPECT_TRUE(first < 8 && behind >= 8 && behind < 24 && before >= 24 && before < 32);
    const std::uint32_t mask = 1U << first | 1U << behind | 1U << before;
    return (word & mask) == mask;
}

constexpr std::size_t kLead = 4;  // bytes before the first place

// Both ways, on exactly as many bytes as they may read, against the definition.
void expect_alike(const std::vector<std::uint8_t>& words, std::uint32_t bits, const std::vector<std::uint8_t>& text, std::uint32_t span, bool wide) {
    const std::uint32_t width = wide ? sigdb::kWideBytes : sigdb::kNarrowBytes;
    const std::uint32_t stride = wide ? sigdb::kWideStride : sigdb::kNarrowStride;
    std::vector<std::uint32_t> expected;
    for (std::uint32_t at = 0; at < span; at += stride) {
        const std::uint8_t* window = text.data() + kLead + at;
        const bool held = wide ? holds_wide(words, bits, window) : holds(words, bits, sigdb::window_hash(sigdb::narrow_key(sigdb::load<std::uint32_t>(window)), 0));
        if (held) expected.push_back(at);
    }
    // A copy of its own size, so that a sanitizer sees each read beyond.
    const std::size_t lead = wide ? kLead : 0;
    const std::size_t size = span == 0 ? lead : lead + span - 1 + width;
    const std::unique_ptr<std::uint8_t[]> exact{new std::uint8_t[size]};
    if (size > 0) std::memcpy(exact.get(), text.data() + kLead - lead, size);
    for (const auto& functions : {plain_sift(), fastest_sift()}) {
        std::vector<std::uint32_t> out(span / stride + 2);
        const Sift filter{words.data(), bits};
        out.resize((wide ? functions.wide : functions.narrow)(filter, exact.get() + lead, span, out.data()));
        EXPECT_EQ(out, expected) << "bits " << bits << " span " << span << (wide ? " wide" : " narrow");
    }
}

TEST(Sift, BothWaysFindWhatTheFilterHolds) {
    std::mt19937 random{20261130};
    for (int round = 0; round < 400; ++round) {
        const auto bits = static_cast<std::uint32_t>(1 + random() % 12);
        auto words = random_bytes(random, std::size_t{4} << bits, 255);
        if (round % 3 == 0) {
            for (auto& byte : words) byte &= static_cast<std::uint8_t>(random());
        }
        const auto span = static_cast<std::uint32_t>(random() % 700);
        const auto text = random_bytes(random, span + 16, round % 2 == 0 ? 255 : 3);
        expect_alike(words, bits, text, span, round % 4 < 2);
    }
}

TEST(Sift, AFullFilterLetsAllThrough) {
    const std::vector<std::uint8_t> words(64, 0xff);
    const std::vector<std::uint8_t> text(kSiftBytes + 16, 'a');
    for (const bool wide : {false, true}) {
        for (const std::uint32_t span : {0U, 1U, 2U, 3U, 4U, 5U, 39U, 40U, 41U, 63U, 64U, 65U, 128U, kSiftBytes}) expect_alike(words, 4, text, span, wide);
    }
}

TEST(Sift, BothWaysFindTheSameShortPatterns) {
    std::mt19937 random{20261130};
    for (int round = 0; round < 300; ++round) {
        ShortSift sift;
        std::vector<std::string> patterns;
        sift.used = 1 + static_cast<std::uint32_t>(round / 2 % 2);
        for (std::uint32_t group = 0; group < sift.used * ShortSift::kGroupsOfSet; ++group) {
            const auto made = random_bytes(random, ShortSift::kBytes, round % 2 == 0 ? 255 : 7);
            patterns.emplace_back(made.begin(), made.end());
            for (std::uint32_t i = 0; i < ShortSift::kBytes; ++i) sift.admit(i, made[i], 0xff, group);
        }
        const auto span = static_cast<std::uint32_t>(random() % 500);
        const std::size_t size = span == 0 ? 0 : span + ShortSift::kBytes - 1;
        const std::unique_ptr<std::uint8_t[]> text{new std::uint8_t[size]};
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<std::uint8_t>(random() % (round % 2 == 0 ? 256 : 8));
        std::vector<std::uint32_t> plain(span + 1);
        plain.resize(plain_sift().few(sift, text.get(), span, plain.data()));
        std::vector<std::uint32_t> fast(span + 1);
        fast.resize(fastest_sift().few(sift, text.get(), span, fast.data()));
        EXPECT_EQ(plain, fast);
        for (std::uint32_t at = 0; at < span; ++at) {
            const std::string here{text.get() + at, text.get() + at + ShortSift::kBytes};
            const bool there = std::find(patterns.begin(), patterns.end(), here) != patterns.end();
            EXPECT_TRUE(!there || std::binary_search(plain.begin(), plain.end(), at));
            EXPECT_EQ(std::binary_search(plain.begin(), plain.end(), at), sift.groups_at(text.get() + at) != 0);
        }
    }
}

TEST(ShortSift, AdmitsTheBytesOfAMask) {
    for (unsigned mask = 0; mask < 256; ++mask) {
        for (const unsigned value : {0x00U, 0xa5U, 0xffU}) {
            ShortSift sift;
            sift.admit(1, static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(mask), 2);
            sift.admit(1, 0x41, 0xff, 5);
            sift.admit(1, 0x42, 0xff, ShortSift::kGroupsOfSet + 3);
            for (unsigned byte = 0; byte < 256; ++byte) {
                const unsigned want = ((byte ^ value) & mask) == 0 ? 4U : 0U;
                EXPECT_EQ(sift.sets[0].low[1][byte & 15] & sift.sets[0].high[1][byte >> 4], want | (byte == 0x41 ? 32U : 0U)) << mask << " " << value << " " << byte;
                EXPECT_EQ(sift.sets[1].low[1][byte & 15] & sift.sets[1].high[1][byte >> 4], byte == 0x42 ? 8U : 0U);
                EXPECT_EQ(sift.sets[0].low[0][byte & 15] | sift.sets[0].high[2][byte >> 4], 0) << mask;
            }
        }
    }
}

}  // namespace
}  // namespace ward::match
