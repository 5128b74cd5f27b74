// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace ward::versions::version_text {

// What the version schemes share: ASCII classes, and numbers of any length, which no version may
// overflow.

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alnum(char c) { return is_digit(c) || is_letter(c); }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool only_digits(std::string_view text);  // and at least one

// Takes the digits that `text` begins with off it; empty when it begins with none.
std::string_view take_digits(std::string_view& text);
// Takes `mark` off the front; false when something else stands there.
bool take(std::string_view& text, char mark);

std::string_view without_leading_zeros(std::string_view digits);  // "007" gives "7", "000" gives ""

// -1, 0 or 1. Numbers are digits only, of any length; none at all is 0.
int compare_numbers(std::string_view a, std::string_view b);
int compare_bytes(std::string_view a, std::string_view b);  // ASCII order; a beginning comes first
int compare_ignoring_case(std::string_view a, std::string_view b);  // ASCII letters alone have case
int compare_sizes(std::size_t a, std::size_t b);

}  // namespace ward::versions::version_text
