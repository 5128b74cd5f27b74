// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/semver.h"

#include "cell/versions/internal/text.h"
#include "core/text.h"

#include <array>

namespace ward::versions {

namespace {

using version_text::compare_bytes;
using version_text::compare_ignoring_case;
using version_text::compare_numbers;
using version_text::is_alnum;
using version_text::only_digits;
using version_text::take;
using version_text::take_digits;

// How a scheme departs from SemVer's grammar.
struct Grammar {
    std::size_t least_numbers = 3;
    std::size_t most_numbers = 3;
    bool leading_zeros = false;         // in the numbers
    bool leading_zeros_in_pre = false;  // in numeric labels of a pre-release
    bool tail_after_few =
        true;  // may a pre-release or build metadata follow fewer than three numbers?
};

struct Version {
    std::array<std::string_view, 4> numbers;  // "" where there is none, which compares as 0
    std::string_view pre;  // "" when it is none; a pre-release has at least one label
    std::string_view build;
};

// Identifiers between dots, none empty, of letters, digits and hyphens.
bool are_identifiers(std::string_view text, bool leading_zeros) {
    while (true) {
        const auto dot = text.find('.');
        const std::string_view one = text.substr(0, dot);
        if (one.empty()) return false;
        for (const char c : one) {
            if (!is_alnum(c) && c != '-') return false;
        }
        if (!leading_zeros && one.size() > 1 && one[0] == '0' && only_digits(one)) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::optional<Version> read(std::string_view text, const Grammar& grammar) {
    Version version;
    std::size_t count = 0;
    do {
        if (count == grammar.most_numbers) return std::nullopt;
        const std::string_view number = take_digits(text);
        if (number.empty() || (!grammar.leading_zeros && number.size() > 1 && number[0] == '0'))
            return std::nullopt;
        version.numbers[count++] = number;
    } while (take(text, '.'));
    if (count < grammar.least_numbers || (count < 3 && !grammar.tail_after_few && !text.empty()))
        return std::nullopt;
    if (take(text, '-')) {
        version.pre = text.substr(0, text.find('+'));
        if (!are_identifiers(version.pre, grammar.leading_zeros_in_pre)) return std::nullopt;
        text.remove_prefix(version.pre.size());
    }
    if (take(text, '+')) {
        version.build = text;
        if (!are_identifiers(version.build, true)) return std::nullopt;
        text = {};
    }
    if (!text.empty()) return std::nullopt;
    return version;
}

int compare_numbers_of(const Version& a, const Version& b) {
    for (std::size_t i = 0; i < a.numbers.size(); ++i) {
        if (const int order = compare_numbers(a.numbers[i], b.numbers[i]); order != 0) return order;
    }
    return 0;
}

// SemVer, item 11.4: numbers as numbers and before words, words in ASCII order, more identifiers
// after fewer.
int compare_identifiers(std::string_view a, std::string_view b, bool ignore_case = false) {
    while (true) {
        const auto end_a = a.find('.');
        const auto end_b = b.find('.');
        const std::string_view left = a.substr(0, end_a);
        const std::string_view right = b.substr(0, end_b);
        const bool number_a = only_digits(left);
        const bool number_b = only_digits(right);
        if (number_a != number_b) return number_a ? -1 : 1;
        const int order = number_a      ? compare_numbers(left, right)
                          : ignore_case ? compare_ignoring_case(left, right)
                                        : compare_bytes(left, right);
        if (order != 0) return order;
        const bool more_a = end_a != std::string_view::npos;
        const bool more_b = end_b != std::string_view::npos;
        if (!more_a || !more_b) return static_cast<int>(more_a) - static_cast<int>(more_b);
        a.remove_prefix(end_a + 1);
        b.remove_prefix(end_b + 1);
    }
}

// Item 11.3: a release comes after its pre-releases.
int compare_pre(const Version& a, const Version& b, bool ignore_case = false) {
    if (a.pre.empty() || b.pre.empty())
        return static_cast<int>(a.pre.empty()) - static_cast<int>(b.pre.empty());
    return compare_identifiers(a.pre, b.pre, ignore_case);
}

int compare_precedence(const Version& a, const Version& b) {
    if (const int order = compare_numbers_of(a, b); order != 0) return order;
    return compare_pre(a, b);
}

std::string_view without_npm_prefix(std::string_view text) {
    text = trim(text);
    while (!text.empty() && (text[0] == 'v' || text[0] == '=' || trim(text.substr(0, 1)).empty()))
        text.remove_prefix(1);
    return text;
}

}  // namespace

std::optional<int> compare_semver_versions(std::string_view a, std::string_view b) {
    const auto left = read(a, {});
    const auto right = read(b, {});
    if (!left || !right) return std::nullopt;
    return compare_precedence(*left, *right);
}

std::optional<int> compare_npm_versions(std::string_view a, std::string_view b) {
    return compare_semver_versions(without_npm_prefix(a), without_npm_prefix(b));
}

std::optional<int> compare_go_versions(std::string_view a, std::string_view b) {
    if (!take(a, 'v') || !take(b, 'v')) return std::nullopt;
    constexpr Grammar kGrammar{.least_numbers = 1, .tail_after_few = false};
    const auto left = read(a, kGrammar);
    const auto right = read(b, kGrammar);
    if (!left || !right) return std::nullopt;
    return compare_precedence(*left, *right);
}

std::optional<int> compare_cargo_versions(std::string_view a, std::string_view b) {
    return compare_semver_versions(a, b);
}

std::optional<int> compare_hex_versions(std::string_view a, std::string_view b) {
    return compare_semver_versions(a, b);
}

std::optional<int> compare_pub_versions(std::string_view a, std::string_view b) {
    constexpr Grammar kGrammar{.leading_zeros = true, .leading_zeros_in_pre = true};
    const auto left = read(a, kGrammar);
    const auto right = read(b, kGrammar);
    if (!left || !right) return std::nullopt;
    if (const int order = compare_precedence(*left, *right); order != 0) return order;
    if (left->build.empty() || right->build.empty()) {
        return static_cast<int>(right->build.empty()) - static_cast<int>(left->build.empty());
    }
    return compare_identifiers(left->build, right->build);
}

std::optional<int> compare_nuget_versions(std::string_view a, std::string_view b) {
    constexpr Grammar kGrammar{.least_numbers = 1, .most_numbers = 4, .leading_zeros = true};
    const auto left = read(trim(a), kGrammar);
    const auto right = read(trim(b), kGrammar);
    if (!left || !right) return std::nullopt;
    if (const int order = compare_numbers_of(*left, *right); order != 0) return order;
    return compare_pre(*left, *right, true);
}

}  // namespace ward::versions
