// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/sift.h"

#include "cell/sigdb/automaton.h"
#include "cell/sigdb/view.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ward::match {

namespace {

// 1 when both bits of the hash are set.
std::uint32_t passes(const Sift& filter, std::uint32_t hash) {
    const auto word = sigdb::load<std::uint32_t>(filter.words + std::size_t{sigdb::filter_word(hash, filter.bits)} * 4);
    const std::uint32_t rest = hash >> (22 - filter.bits);
    return word >> (rest & 31) & word >> (rest >> 5 & 31) & 1;
}

// 1 when all three bits are set.
std::uint32_t passes_wide(const Sift& filter, const std::uint8_t* at) {
    const std::uint32_t hash = sigdb::window_hash(sigdb::load<std::uint32_t>(at) | sigdb::kFold, 0);
    const auto word = sigdb::load<std::uint32_t>(filter.words + std::size_t{sigdb::filter_word(hash, filter.bits)} * 4);
    const auto bits = sigdb::wide_bits(hash, sigdb::load<std::uint16_t>(at + 4) | (sigdb::kFold & 0xffff), sigdb::load<std::uint16_t>(at - 2) | (sigdb::kFold & 0xffff), filter.bits);
    return word >> bits.first & word >> bits.behind & word >> bits.before & 1;
}

// The place is always written and only kept when it passes: there is no branch to guess wrongly.
std::uint32_t wide_from(const Sift& filter, const std::uint8_t* data, std::uint32_t at, std::uint32_t span, std::uint32_t count, std::uint32_t* out) {
    for (; at < span; at += sigdb::kWideStride) {
        out[count] = at;
        count += passes_wide(filter, data + at);
    }
    return count;
}

std::uint32_t narrow_from(const Sift& filter, const std::uint8_t* data, std::uint32_t at, std::uint32_t span, std::uint32_t count, std::uint32_t* out) {
    for (; at < span; at += sigdb::kNarrowStride) {
        out[count] = at;
        count += passes(filter, sigdb::window_hash(sigdb::narrow_key(sigdb::load<std::uint32_t>(data + at)), 0));
    }
    return count;
}

std::uint32_t plain_wide(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    return wide_from(filter, data, 0, span, 0, out);
}
std::uint32_t plain_narrow(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    return narrow_from(filter, data, 0, span, 0, out);
}

std::uint32_t few_from(const ShortSift& sift, const std::uint8_t* data, std::uint32_t at, std::uint32_t span, std::uint32_t count, std::uint32_t* out) {
    for (; at < span; ++at) {
        out[count] = at;
        count += sift.groups_at(data + at) != 0 ? 1U : 0U;
    }
    return count;
}
std::uint32_t plain_few(const ShortSift& sift, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    return few_from(sift, data, 0, span, 0, out);
}

#if defined(__x86_64__)

// Eight hashes at once: the mask of those that pass.
__attribute__((target("avx2"))) inline std::uint32_t passing(const Sift& filter, __m256i hash) {
    const __m128i to_word = _mm_cvtsi32_si128(static_cast<int>(32 - filter.bits));
    const __m128i to_bits = _mm_cvtsi32_si128(static_cast<int>(22 - filter.bits));
    const __m256i words = _mm256_i32gather_epi32(reinterpret_cast<const int*>(filter.words), _mm256_srl_epi32(hash, to_word), 4);
    const __m256i rest = _mm256_srl_epi32(hash, to_bits);
    // A bit is moved to the sign: left by 31 less its number, which is its complement in five bits.
    const __m256i five = _mm256_set1_epi32(31);
    const __m256i first = _mm256_sllv_epi32(words, _mm256_andnot_si256(rest, five));
    const __m256i second = _mm256_sllv_epi32(words, _mm256_andnot_si256(_mm256_srli_epi32(rest, 5), five));
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(first, second))));
}

inline std::uint32_t put_places(std::uint32_t mask, std::uint32_t at, std::uint32_t stride, std::uint32_t count, std::uint32_t* out) {
    for (; mask != 0; mask &= mask - 1) out[count++] = at + stride * static_cast<std::uint32_t>(std::countr_zero(mask));
    return count;
}

__attribute__((target("avx2"))) inline __m256i load_at(const std::uint8_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

__attribute__((target("avx2"))) std::uint32_t avx2_wide(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    const __m256i fold = _mm256_set1_epi32(static_cast<int>(sigdb::kFold));
    const __m256i low_factor = _mm256_set1_epi32(static_cast<int>(sigdb::window_hash(1, 0)));
    const __m256i pair_factor = _mm256_set1_epi16(static_cast<short>(sigdb::kWideFactor));
    const __m128i to_word = _mm_cvtsi32_si128(static_cast<int>(32 - filter.bits));
    const __m128i to_bits = _mm_cvtsi32_si128(static_cast<int>(22 - filter.bits));
    const __m256i seven = _mm256_set1_epi32(7);
    const __m256i fifteen = _mm256_set1_epi32(15);
    const __m256i top = _mm256_set1_epi32(31);
    const __m256i top_of_behind = _mm256_set1_epi32(23);
    const auto pass = [&](const std::uint8_t* at) __attribute__((target("avx2"), always_inline)) {
        const __m256i hash = _mm256_mullo_epi32(_mm256_or_si256(load_at(at), fold), low_factor);
        const __m256i beside = _mm256_blend_epi16(load_at(at + 4), load_at(at - 4), 0xaa);  // of each window the two bytes behind and the two before
        const __m256i pairs = _mm256_mullo_epi16(_mm256_or_si256(beside, fold), pair_factor);
        const __m256i words = _mm256_i32gather_epi32(reinterpret_cast<const int*>(filter.words), _mm256_srl_epi32(hash, to_word), 4);
        // Each bit is moved to the sign.
        const __m256i first = _mm256_sllv_epi32(words, _mm256_sub_epi32(top, _mm256_and_si256(_mm256_srl_epi32(hash, to_bits), seven)));
        const __m256i behind = _mm256_sllv_epi32(words, _mm256_sub_epi32(top_of_behind, _mm256_and_si256(_mm256_srli_epi32(pairs, 12), fifteen)));
        const __m256i before = _mm256_sllv_epi32(words, _mm256_sub_epi32(seven, _mm256_srli_epi32(pairs, 29)));
        return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(_mm256_and_si256(first, behind), before))));
    };
    std::uint32_t count = 0;
    std::uint32_t at = 0;
    for (; span - at >= 64; at += 64) {
        const std::uint32_t mask = pass(data + at) | pass(data + at + 32) << 8;
        count = put_places(mask, at, sigdb::kWideStride, count, out);
    }
    return wide_from(filter, data, at, span, count, out);
}

__attribute__((target("avx2"))) std::uint32_t avx2_narrow(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    const __m256i keep = _mm256_set1_epi32(static_cast<int>(0xffff'ff0fU));
    const __m256i fold = _mm256_set1_epi32(static_cast<int>(sigdb::narrow_key(0)));
    const __m256i factor = _mm256_set1_epi32(static_cast<int>(sigdb::window_hash(1, 0)));
    const __m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9);
    const auto pass = [&](const std::uint8_t* at) __attribute__((target("avx2"), always_inline)) {
        const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 8));
        const __m256i four = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1), spread);
        return passing(filter, _mm256_mullo_epi32(_mm256_or_si256(_mm256_and_si256(four, keep), fold), factor));
    };
    std::uint32_t count = 0;
    std::uint32_t at = 0;
    // The last load reaches eight bytes beyond the places that are looked at.
    for (; span - at >= 40; at += 32) {
        const std::uint32_t mask = pass(data + at) | pass(data + at + 16) << 8;
        count = put_places(mask, at, sigdb::kNarrowStride, count, out);
    }
    return narrow_from(filter, data, at, span, count, out);
}

__attribute__((target("avx2"))) inline __m256i table_at(const std::uint8_t* at) {
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(at)));
}

template <std::uint32_t kSets>
__attribute__((target("avx2"))) std::uint32_t few_of(const ShortSift& sift, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    const __m256i half = _mm256_set1_epi8(15);
    __m256i low[kSets][ShortSift::kBytes];
    __m256i high[kSets][ShortSift::kBytes];
    for (std::uint32_t set = 0; set < kSets; ++set) {
        for (std::uint32_t i = 0; i < ShortSift::kBytes; ++i) {
            low[set][i] = table_at(sift.sets[set].low[i]);
            high[set][i] = table_at(sift.sets[set].high[i]);
        }
    }
    std::uint32_t count = 0;
    std::uint32_t at = 0;
    for (; span - at >= 32; at += 32) {
        __m256i groups[kSets];
        for (auto& of_set : groups) of_set = _mm256_set1_epi8(-1);
        for (std::uint32_t i = 0; i < ShortSift::kBytes; ++i) {
            const __m256i bytes = load_at(data + at + i);
            const __m256i low_half = _mm256_and_si256(bytes, half);
            const __m256i high_half = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
            for (std::uint32_t set = 0; set < kSets; ++set) {
                groups[set] = _mm256_and_si256(groups[set], _mm256_shuffle_epi8(low[set][i], low_half));
                groups[set] = _mm256_and_si256(groups[set], _mm256_shuffle_epi8(high[set][i], high_half));
            }
        }
        for (std::uint32_t set = 1; set < kSets; ++set) groups[0] = _mm256_or_si256(groups[0], groups[set]);
        const auto none = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups[0], _mm256_setzero_si256())));
        count = put_places(~none, at, 1, count, out);
    }
    return few_from(sift, data, at, span, count, out);
}

std::uint32_t avx2_few(const ShortSift& sift, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    return sift.used == 1 ? few_of<1>(sift, data, span, out) : few_of<2>(sift, data, span, out);
}

#endif

}  // namespace

SiftFunctions plain_sift() { return {plain_wide, plain_narrow, plain_few}; }

SiftFunctions fastest_sift() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return {avx2_wide, avx2_narrow, avx2_few};
#endif
    return plain_sift();
}

}  // namespace ward::match
