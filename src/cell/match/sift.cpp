// SPDX-License-Identifier: Apache-2.0
#include "cell/match/internal/sift.h"

#include "cell/sigdb/automaton.h"
#include "cell/sigdb/view.h"

namespace ward::match {

namespace {

// 1 when both bits of the hash are set.
std::uint32_t passes(const Sift& filter, std::uint32_t hash) {
    const auto word = sigdb::load<std::uint32_t>(filter.words + std::size_t{sigdb::filter_word(hash, filter.bits)} * 4);
    const std::uint32_t rest = hash >> (22 - filter.bits);
    return word >> (rest & 31) & word >> (rest >> 5 & 31) & 1;
}

}  // namespace

// The place is always written and only kept when it passes: there is no branch to guess wrongly.
std::uint32_t sift_wide(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    const Sift here = filter;
    std::uint32_t count = 0;
    if (span == 0) return 0;
    std::uint32_t low = sigdb::load<std::uint32_t>(data) | sigdb::kFold;
    for (std::uint32_t at = 0; at < span; at += sigdb::kWideStride) {
        const std::uint32_t high = sigdb::load<std::uint32_t>(data + at + 4) | sigdb::kFold;
        out[count] = at;
        count += passes(here, sigdb::window_hash(low, high));
        low = high;
    }
    return count;
}

std::uint32_t sift_narrow(const Sift& filter, const std::uint8_t* data, std::uint32_t span, std::uint32_t* out) {
    const Sift here = filter;
    std::uint32_t count = 0;
    for (std::uint32_t at = 0; at < span; at += sigdb::kNarrowStride) {
        out[count] = at;
        count += passes(here, sigdb::window_hash(sigdb::narrow_key(sigdb::load<std::uint32_t>(data + at)), 0));
    }
    return count;
}

}  // namespace ward::match
