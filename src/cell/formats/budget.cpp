// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/budget.h"

#include "core/text.h"

#include <algorithm>
#include <limits>

namespace ward::formats {

Status Budget::end_with(Error error) {
    if (!end_) end_ = std::move(error);
    return *end_;
}

void Budget::stop(Error error) {
    if (!end_) end_ = std::move(error);
}

Status Budget::member() {
    if (end_) return *end_;
    if (members_ >= limits_.max_members) {
        return end_with(fail(Code::over_limit, "more than {} members (max_members)", limits_.max_members));
    }
    ++members_;
    return done();
}

Status Budget::time(std::uint64_t work) {
    if (end_) return *end_;
    const auto step = static_cast<std::uint32_t>(std::min<std::uint64_t>(work, std::numeric_limits<std::uint32_t>::max()));
    if (deadline_.passed(step)) {
        return end_with(fail(Code::over_limit, "more than {} ms (max_time)", limits_.max_time.count()));
    }
    return done();
}

Status Budget::unpacked(std::uint64_t count, std::uint64_t member_bytes, std::uint64_t packed) {
    unpacked_ += count;
    WARD_TRY(time(count));
    if (unpacked_ > limits_.max_unpacked_bytes) {
        return end_with(fail(Code::over_limit, "unpacks to more than {} in all (max_unpacked_bytes)",
                             human_bytes(limits_.max_unpacked_bytes)));
    }
    const std::uint64_t ratio = std::max<std::uint32_t>(limits_.max_ratio, 1);
    if (unpacked_ > kRatioFromBytes && unpacked_ / ratio > file_bytes_) {
        return end_with(fail(Code::over_limit, "unpacks to more than {} times its size (max_ratio)", ratio));
    }
    if (member_bytes > kRatioFromBytes && member_bytes / ratio > packed) {
        if (++ratio_breaks_ >= kMaxRatioBreaks) {
            return end_with(fail(Code::over_limit, "{} members unpack to more than {} times their size (max_ratio)",
                                 ratio_breaks_, ratio));
        }
        return fail(Code::over_limit, "unpacks to more than {} times its size (max_ratio)", ratio);
    }
    if (member_bytes > limits_.max_member_bytes) {
        return fail(Code::over_limit, "larger than {} (max_member_bytes)", human_bytes(limits_.max_member_bytes));
    }
    return done();
}

Status Budget::viewed(std::uint64_t count) {
    viewed_ += count;
    WARD_TRY(time(1));
    if (viewed_ > file_bytes_ && viewed_ - file_bytes_ > limits_.max_unpacked_bytes) {
        return end_with(fail(Code::over_limit, "holds more than {} beside its own size (max_unpacked_bytes)",
                             human_bytes(limits_.max_unpacked_bytes)));
    }
    return done();
}

}  // namespace ward::formats
