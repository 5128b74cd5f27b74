// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/limits.h"
#include "core/result.h"

#include <optional>

namespace ward::formats {

// What may still be unpacked from one file, everything inside it together. Readers do not keep limits of their own: they
// report what they did, and stop when they get an error.
//
// Two kinds of errors: of one member, after which the next one may be tried; and of the whole file, after which end() says
// why, and nothing more is unpacked.
class Budget {
public:
    Budget(const Limits& limits, std::uint64_t file_bytes, Deadline& deadline)
        : limits_{limits}, file_bytes_{file_bytes}, deadline_{deadline} {}

    const Limits& limits() const { return limits_; }
    const std::optional<Error>& end() const { return end_; }
    std::uint32_t members() const { return members_; }
    std::uint64_t unpacked() const { return unpacked_; }

    // One more member. An error is of the whole file.
    Status member();
    // `count` more bytes of a member that now has `member_bytes`, unpacked from `packed`.
    Status unpacked(std::uint64_t count, std::uint64_t member_bytes, std::uint64_t packed);
    // A member that lies in its container as it is. It takes no memory, only time, so what views may have in all is the
    // file's own size beside max_unpacked_bytes.
    Status viewed(std::uint64_t count);
    // Asks the clock. An error is of the whole file.
    Status time(std::uint64_t work);
    // Ends the file from outside.
    void stop(Error error);

    // Ratios are looked at when so much came out: small files of blanks may shrink as they like.
    static constexpr std::uint64_t kRatioFromBytes = 64 * kMiB;
    // So many members that break the ratio make a bomb; one may be an honest disk image.
    static constexpr std::uint32_t kMaxRatioBreaks = 3;

private:
    Status end_with(Error error);

    const Limits& limits_;
    std::uint64_t file_bytes_;
    Deadline& deadline_;
    std::optional<Error> end_;
    std::uint32_t members_ = 0;
    std::uint32_t ratio_breaks_ = 0;
    std::uint64_t unpacked_ = 0;
    std::uint64_t viewed_ = 0;
};

}  // namespace ward::formats
