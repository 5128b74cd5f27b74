// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/modules/module.h"

#include <algorithm>
#include <optional>

namespace ward::modules {

// How many texts a module of functions makes for one file at most, as a loop may ask for no end of them; then undefined.
inline constexpr std::size_t kMaxTexts = 200'000;

// The bytes of the file that an offset and a size mean, cut at its end. Nothing when either is negative or the offset is not
// within the file. Of a process: from an address on, nothing when what is mapped there ends before the size does and more follows.
inline std::optional<Bytes> range_of(Instance& in, const Value& offset, const Value& size) {
    const auto at = std::get<std::int64_t>(offset);
    const auto count = std::get<std::int64_t>(size);
    if (in.environment().memory != nullptr) {
        return at < 0 || count < 0 ? std::nullopt : in.gather(static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(count));
    }
    const Bytes bytes = in.bytes();
    if (at < 0 || count < 0 || static_cast<std::uint64_t>(at) >= bytes.size()) return std::nullopt;
    const Bytes rest = bytes.subspan(static_cast<std::size_t>(at));
    return rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(count), rest.size())));
}

// Gives the bytes to `use` in pieces; false when time ran out before the last.
template <class Use>
bool in_steps(const Instance& in, Bytes bytes, Use use) {
    constexpr std::size_t kStepBytes = kMiB;
    auto* deadline = in.environment().deadline;
    for (std::size_t at = 0; at < bytes.size(); at += kStepBytes) {
        const Bytes step = bytes.subspan(at, std::min(kStepBytes, bytes.size() - at));
        if (deadline != nullptr && deadline->passed(static_cast<std::uint32_t>(step.size()))) return false;
        use(step);
    }
    return true;
}

// A function of a range or of a text, made of one over bytes.
template <Value (*of)(Instance&, Bytes)>
Value of_range(Instance& in, const Object&, std::span<const Value> arguments) {
    const auto range = range_of(in, arguments[0], arguments[1]);
    return range ? of(in, *range) : Value{};
}

template <Value (*of)(Instance&, Bytes)>
Value of_text(Instance& in, const Object&, std::span<const Value> arguments) {
    return of(in, as_bytes(std::get<std::string_view>(arguments[0])));
}

}  // namespace ward::modules
