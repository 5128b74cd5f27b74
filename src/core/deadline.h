// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace ward {

// Has the time run out? Asking is one decrement; the clock is read once in a while.
class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    explicit Deadline(std::chrono::milliseconds time) : end_{Clock::now() + time} {}

    // `work` in the caller's unit (bytes, steps): the clock is read when about kWorkBetweenReads of it are done.
    bool passed(std::uint32_t work = 1) {
        if (passed_) return true;
        if (work < left_) {
            left_ -= work;
            return false;
        }
        left_ = kWorkBetweenReads;
        passed_ = Clock::now() >= end_;
        return passed_;
    }

private:
    static constexpr std::uint32_t kWorkBetweenReads = 65'536;
    Clock::time_point end_;
    std::uint32_t left_ = kWorkBetweenReads;
    bool passed_ = false;
};

}  // namespace ward
