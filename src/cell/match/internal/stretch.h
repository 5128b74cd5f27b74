// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/view.h"
#include "core/bytes.h"

#include <algorithm>
#include <cstdint>

namespace ward::match {

// A part of a text that repeats itself.
class Stretch {
public:
    // How often it begins anew from `at` on, as far as it is of use: a text whose parts of `before` and `after` bytes around two places
    // are both of it, and these places multiples of its period apart, is the same around both. Gives the first place for which that
    // is not known, or 0.
    std::uint64_t same_until(Bytes text, std::uint64_t at, std::uint64_t before, std::uint64_t after) {
        if (at < from_ || at >= to_) {
            period_ = period_at(text, at);
            if (period_ == 0) return 0;
            from_ = at;
            to_ = at + period_;
            more_ = true;
        }
        if (more_ && to_ - at < after + kAtOnce) extend(text, at + after + kAtOnce);
        return at - from_ >= before && to_ - at > after ? to_ - after + 1 : 0;
    }
    std::uint32_t period() const { return period_; }

private:
    static constexpr std::uint32_t kMostPeriod = 16;
    static constexpr std::uint64_t kAtOnce = 128 * 1024;

    static std::uint32_t period_at(Bytes text, std::uint64_t at) {
        if (text.size() - at < kMostPeriod + 8) return 0;
        const std::uint8_t* here = text.data() + at;
        for (std::uint32_t period = 1; period <= kMostPeriod; ++period) {
            if (sigdb::load<std::uint64_t>(here) == sigdb::load<std::uint64_t>(here + period)) return period;
        }
        return 0;
    }
    void extend(Bytes text, std::uint64_t limit) {
        limit = std::min<std::uint64_t>(limit, text.size());
        while (limit - to_ >= 8 && sigdb::load<std::uint64_t>(text.data() + to_) == sigdb::load<std::uint64_t>(text.data() + to_ - period_)) to_ += 8;
        while (to_ < limit && text[to_] == text[to_ - period_]) ++to_;
        more_ = to_ == limit && limit < text.size();
    }

    // Each byte of [from_ + period_, to_) is what stands `period_` before it.
    std::uint64_t from_ = 0;
    std::uint64_t to_ = 0;
    std::uint32_t period_ = 0;
    bool more_ = false;  // it may go on behind to_
};

}  // namespace ward::match
