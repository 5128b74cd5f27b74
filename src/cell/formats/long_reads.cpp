// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/internal/long_reads.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>

namespace ward::formats {

namespace {

constexpr std::uint64_t kStepBytes = 4 * kMiB;  // a millisecond or two

Bytes step_at(Bytes bytes, std::uint64_t at, std::uint64_t more = 0) {
    return bytes.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(std::min(kStepBytes + more, bytes.size() - at)));
}

}  // namespace

std::uint64_t find_filled(Bytes bytes, std::uint64_t from, Budget& budget) {
    for (std::uint64_t at = from; at < bytes.size(); at += kStepBytes) {
        const Bytes step = step_at(bytes, at);
        const auto filled = std::find_if(step.begin(), step.end(), [](std::uint8_t byte) { return byte != 0; });
        if (filled != step.end()) return at + static_cast<std::uint64_t>(filled - step.begin());
        if (!budget.time(step.size())) break;
    }
    return bytes.size();
}

std::uint64_t find_text(Bytes bytes, std::uint64_t from, std::string_view text, Budget& budget) {
    for (std::uint64_t at = from; at < bytes.size(); at += kStepBytes) {
        // What begins at the end of a step ends behind it.
        const Bytes step = step_at(bytes, at, text.size() - 1);
        const void* found = ::memmem(step.data(), step.size(), text.data(), text.size());
        const auto skipped = found == nullptr ? step.size() : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - step.data());
        if (!budget.time(skipped)) break;
        if (found != nullptr) return at + skipped;
    }
    return bytes.size();
}

std::uint32_t crc32_of(Bytes bytes, Budget& budget) {
    std::uint32_t crc = 0;
    for (std::uint64_t at = 0; at < bytes.size(); at += kStepBytes) {
        const Bytes step = step_at(bytes, at);
        crc = ::libdeflate_crc32(crc, step.data(), step.size());
        if (!budget.time(step.size())) break;
    }
    return crc;
}

}  // namespace ward::formats
