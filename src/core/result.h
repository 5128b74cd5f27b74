// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ward {

// What can the caller do about it? The text answers what, where and how much.
enum class Code : std::uint8_t {
    truncated = 1,   // the bytes end too early
    malformed = 2,   // the bytes break their format's rules
    unsupported = 3, // well-formed, but nothing here reads it
    over_limit = 4,  // a limit of ours was hit
    denied = 5,      // the system or a policy refused
    not_found = 6,
    io = 7,          // the system failed, or a cell died
};

// The name as it stands in reports: "over_limit".
std::string_view code_name(Code code);
// The reverse, for messages that come back from a cell; false when `value` names no code.
bool code_from_number(std::uint8_t value, Code& out);

struct Error {
    Code code;
    std::string text;  // starts in lower case, ends without a full stop, holds no file content
};

struct Done {};  // the value of a Result that only tells success

// A value or an Error.
//
//     Result<int> parse(std::string_view text);
//     const int number = WARD_TRY(parse("12"));   // returns the Error to our caller
//
// Asking for the value of an error (or the reverse) is our own mistake and ends the program.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
    Result(Error error) : state_{std::in_place_index<1>, std::move(error)} {}

    explicit operator bool() const { return state_.index() == 0; }
    bool ok() const { return state_.index() == 0; }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }
    T value_or(T other) const& { return ok() ? value() : std::move(other); }

private:
    std::variant<T, Error> state_;
};

using Status = Result<Done>;
inline Status done() { return Done{}; }

template <class... Args>
Error fail(Code code, fmt::format_string<Args...> format, Args&&... args) {
    return Error{code, fmt::format(format, std::forward<Args>(args)...)};
}

// Ends the program with the place of a broken promise of our own. No input may ever reach it.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ward

// The value, or return the error from the enclosing function. A GNU statement expression, which both our compilers know;
// the counter gives each use its own name, so that one may stand inside another.
#define WARD_TRY(expression) WARD_TRY_NAMED(WARD_JOIN(ward_try_, __COUNTER__), expression)
#define WARD_TRY_NAMED(name, expression)               \
    __extension__({                                    \
        auto name = (expression);                      \
        if (!name) return std::move(name).error();     \
        std::move(name).value();                       \
    })
#define WARD_JOIN(a, b) WARD_JOIN_NOW(a, b)
#define WARD_JOIN_NOW(a, b) a##b

#define WARD_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::ward::check_failed(#condition, __FILE__, __LINE__))
