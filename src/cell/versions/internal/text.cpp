// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/internal/text.h"

#include <algorithm>

namespace ward::versions::version_text {

bool only_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string_view take_digits(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

bool take(std::string_view& text, char mark) {
    if (!text.starts_with(mark)) return false;
    text.remove_prefix(1);
    return true;
}

std::string_view without_leading_zeros(std::string_view digits) {
    const auto first = digits.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view{} : digits.substr(first);
}

int compare_numbers(std::string_view a, std::string_view b) {
    a = without_leading_zeros(a);
    b = without_leading_zeros(b);
    if (a.size() != b.size()) return compare_sizes(a.size(), b.size());
    return compare_bytes(a, b);
}

int compare_bytes(std::string_view a, std::string_view b) {
    const int order = a.compare(b);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

int compare_ignoring_case(std::string_view a, std::string_view b) {
    const std::size_t both = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < both; ++i) {
        const char left = lower(a[i]);
        const char right = lower(b[i]);
        if (left != right) return left < right ? -1 : 1;
    }
    return compare_sizes(a.size(), b.size());
}

int compare_sizes(std::size_t a, std::size_t b) { return a < b ? -1 : a > b ? 1 : 0; }

}  // namespace ward::versions::version_text
