// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include "core/text.h"

#include <cctype>
#include <limits>

namespace ward::modules {

namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

// As C's strtoll, which YARA calls: blanks, a sign, the base's mark; the whole text must be taken, and overflow is undefined.
Value number(std::string_view text, std::int64_t base) {
    if (base != 0 && (base < 2 || base > 36)) return {};
    // strtoll sees the text up to its first zero byte.
    text = text.substr(0, text.find('\0'));
    while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) text.remove_prefix(1);
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    const bool marked = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x' && digit_of(text[2]) < 16;
    if ((base == 0 || base == 16) && marked) {
        text.remove_prefix(2);
        base = 16;
    }
    if (base == 0) base = !text.empty() && text.front() == '0' ? 8 : 10;
    if (text.empty()) return {};
    const std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
    std::uint64_t value = 0;
    for (const char c : text) {
        const int digit = digit_of(c);
        if (digit >= base) return {};
        if (__builtin_mul_overflow(value, static_cast<std::uint64_t>(base), &value) ||
            __builtin_add_overflow(value, static_cast<std::uint64_t>(digit), &value) || value > most) {
            return {};
        }
    }
    return static_cast<std::int64_t>(negative ? 0 - value : value);
}

Value to_int(Instance&, const Object&, std::span<const Value> arguments) { return number(std::get<std::string_view>(arguments[0]), 0); }

Value to_int_base(Instance&, const Object&, std::span<const Value> arguments) {
    return number(std::get<std::string_view>(arguments[0]), std::get<std::int64_t>(arguments[1]));
}

Value length(Instance&, const Object&, std::span<const Value> arguments) {
    return static_cast<std::int64_t>(std::get<std::string_view>(arguments[0]).size());
}

constexpr Signature kToInt[] = {{"s", Type::integer, to_int}, {"si", Type::integer, to_int_base}};
constexpr Signature kLength[] = {{"s", Type::integer, length}};
constexpr Field kFields[] = {function("to_int", kToInt), function("length", kLength)};

}  // namespace

const Declaration kString{"string", kFields, {}};

}  // namespace ward::modules
