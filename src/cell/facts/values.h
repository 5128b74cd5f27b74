// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/row.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ward::facts {

// Short words for building rows: {text(name), number(uid), null()}.
inline Value null() { return {}; }
inline Value text(std::string_view value) { return std::string{value}; }
inline Value text_or_null(std::string_view value) { return value.empty() ? Value{} : Value{std::string{value}}; }
// Numbers beyond what SQL knows stay at its largest.
template <std::integral T>
Value number(T value) {
    if (std::cmp_greater(value, INT64_MAX)) return INT64_MAX;
    return static_cast<std::int64_t>(value);
}
template <std::integral T>
Value number(const std::optional<T>& value) {
    return value ? number(*value) : Value{};
}
inline Value flag(bool value) { return std::int64_t{value ? 1 : 0}; }

inline Gap gap(std::string_view path, std::uint64_t line, Code code, std::string why) {
    return Gap{Where{std::string{path}, line, {}}, code, std::move(why)};
}

}  // namespace ward::facts
