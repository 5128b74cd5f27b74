// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/packagist.h"

#include "cell/versions/internal/text.h"
#include "core/text.h"

#include <algorithm>
#include <vector>

namespace ward::versions {

namespace {

using version_text::compare_numbers;
using version_text::is_digit;
using version_text::take;
using version_text::take_digits;

// PHP's version_compare: dev, alpha, beta, RC, a number, patch; any other word before them all.
constexpr int kDev = 0;
constexpr int kNumber = 4;
constexpr int kOther = -1;
constexpr std::string_view kAnyNumber = "9999999";  // Composer's number for the `x` of a branch

struct Part {
    int rank;  // kNumber for a number
    std::string_view digits;
};

struct Version {
    std::vector<Part> parts;
    std::optional<std::string_view> branch;  // which has no parts

    void add_number(std::string_view digits) { parts.push_back({kNumber, digits}); }
};

struct Word {
    std::string_view text;
    int rank;
};

// Longer words before their beginnings. `stable` says nothing, but only in small letters.
constexpr Word kWords[] = {{"stable", kOther}, {"beta", 2},  {"b", 2},  {"rc", 3}, {"alpha", 1},
                           {"a", 1},           {"patch", 5}, {"pl", 5}, {"p", 5}};

bool take_any_of(std::string_view& text, std::string_view marks) {
    if (text.empty() || marks.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

bool take_ignoring_case(std::string_view& text, std::string_view word) {
    if (!equal_ignoring_case(text.substr(0, word.size()), word)) return false;
    text.remove_prefix(word.size());
    return true;
}

void take_letter_v(std::string_view& text) { take_any_of(text, "vV"); }

bool is_blank(char c) { return trim(std::string_view{&c, 1}).empty(); }

// "@dev" and its like at the end ask for a stability; they are no part of the version.
std::string_view without_stability(std::string_view text) {
    for (const std::string_view flag : {"stable", "rc", "beta", "alpha", "dev"}) {
        if (text.size() <= flag.size() || text[text.size() - flag.size() - 1] != '@') continue;
        if (equal_ignoring_case(text.substr(text.size() - flag.size()), flag))
            return text.substr(0, text.size() - flag.size() - 1);
    }
    return text;
}

std::string_view without_build(std::string_view text) {
    const auto plus = text.find('+');
    if (plus == std::string_view::npos || plus == 0 || plus + 1 == text.size()) return text;
    if (text.substr(0, plus).find(',') != std::string_view::npos ||
        std::any_of(text.begin(), text.end(), is_blank))
        return text;
    return text.substr(0, plus);
}

// [._-] word { [.-] digits } [.-] dev, all of it optional, and nothing behind it.
bool read_modifiers(std::string_view text, Version& version) {
    take_any_of(text, "._-");
    bool stable = false;
    for (const auto& word : kWords) {
        const std::string_view before = text;
        if (!take_ignoring_case(text, word.text)) continue;
        stable = before.starts_with("stable");
        if (!stable) version.parts.push_back({word.rank, {}});
        while (true) {
            std::string_view rest = text;
            take_any_of(rest, ".-");
            const std::string_view digits = take_digits(rest);
            if (digits.empty()) break;
            if (!stable) version.add_number(digits);
            text = rest;
        }
        break;
    }
    std::string_view rest = text;
    take_any_of(rest, ".-");
    if (take_ignoring_case(rest, "dev")) {
        if (!stable) version.parts.push_back({kDev, {}});
        text = rest;
    }
    return text.empty();
}

// One to four numbers, the first of at most five digits; those that are missing are 0.
std::optional<Version> read_classical(std::string_view text) {
    Version version;
    take_letter_v(text);
    const std::string_view first = take_digits(text);
    if (first.empty() || first.size() > 5) return std::nullopt;
    version.add_number(first);
    while (version.parts.size() < 4 && text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
        text.remove_prefix(1);
        version.add_number(take_digits(text));
    }
    while (version.parts.size() < 4) version.add_number("0");
    if (!read_modifiers(text, version)) return std::nullopt;
    return version;
}

// How many digits, behind an optional mark, stand at the front; with `most` of them at most.
std::size_t digits_behind_mark(std::string_view text, std::size_t most, std::size_t& mark) {
    mark = !text.empty() && (text[0] == '.' || text[0] == ':' || text[0] == '-') ? 1 : 0;
    std::size_t count = 0;
    while (count < most && mark + count < text.size() && is_digit(text[mark + count])) ++count;
    return count;
}

// A date and time: four digits, one to six times two, up to three more, with or without marks
// between them.
std::optional<Version> read_date(std::string_view text) {
    take_letter_v(text);
    std::size_t end = 0;
    while (end < 4 && end < text.size() && is_digit(text[end])) ++end;
    if (end < 4) return std::nullopt;
    std::size_t mark = 0;
    int pairs = 0;
    while (pairs < 6 && digits_behind_mark(text.substr(end), 2, mark) == 2) {
        end += mark + 2;
        ++pairs;
    }
    if (pairs == 0) return std::nullopt;
    if (const std::size_t more = digits_behind_mark(text.substr(end), 3, mark); more > 0)
        end += mark + more;
    Version version;
    for (std::string_view date = text.substr(0, end); !date.empty();) {
        version.add_number(take_digits(date));
        if (!date.empty()) date.remove_prefix(1);
    }
    if (!read_modifiers(text.substr(end), version)) return std::nullopt;
    return version;
}

// "1.2.x-dev": one to four numbers, x or * for all but the first.
std::optional<Version> read_numbered_branch(std::string_view text) {
    if (text.size() < 3 || !equal_ignoring_case(text.substr(text.size() - 3), "dev"))
        return std::nullopt;
    text.remove_suffix(3);
    if (text.ends_with('.') || text.ends_with('-')) text.remove_suffix(1);
    text = trim(text);
    take_letter_v(text);
    Version version;
    do {
        if (version.parts.size() == 4) return std::nullopt;
        const std::string_view digits = take_digits(text);
        if (!digits.empty()) {
            version.add_number(digits);
        } else if (!version.parts.empty() && take_any_of(text, "xX*")) {
            version.add_number(kAnyNumber);
        } else {
            return std::nullopt;
        }
    } while (take(text, '.'));
    if (!text.empty()) return std::nullopt;
    while (version.parts.size() < 4) version.add_number(kAnyNumber);
    version.parts.push_back({kDev, {}});
    return version;
}

std::optional<Version> read(std::string_view text) {
    text = without_stability(trim(text));
    if (text == "master" || text == "trunk" || text == "default") return Version{{}, text};
    if (take_ignoring_case(text, "dev-")) return Version{{}, text};
    text = without_build(text);
    if (auto version = read_classical(text)) return version;
    if (auto version = read_date(text)) return version;
    return read_numbered_branch(text);
}

int compare_ranks(int a, int b) { return a < b ? -1 : a > b ? 1 : 0; }

// What one has and the other lacks: a further number makes it later, a word as it stands beside a
// number.
int compare_to_nothing(const Part& part) {
    return part.rank == kNumber ? 1 : compare_ranks(part.rank, kNumber);
}

}  // namespace

std::optional<int> compare_packagist_versions(std::string_view a, std::string_view b) {
    const auto left = read(a);
    const auto right = read(b);
    if (!left || !right) return std::nullopt;
    if (left->branch && right->branch)
        return *left->branch == *right->branch ? std::optional<int>{0} : std::nullopt;
    if (left->branch || right->branch) return left->branch ? -1 : 1;
    const std::size_t both = std::min(left->parts.size(), right->parts.size());
    for (std::size_t i = 0; i < both; ++i) {
        const Part& one = left->parts[i];
        const Part& other = right->parts[i];
        const int order = one.rank == kNumber && other.rank == kNumber
                              ? compare_numbers(one.digits, other.digits)
                              : compare_ranks(one.rank, other.rank);
        if (order != 0) return order;
    }
    if (left->parts.size() > both) return compare_to_nothing(left->parts[both]);
    if (right->parts.size() > both) return -compare_to_nothing(right->parts[both]);
    return 0;
}

}  // namespace ward::versions
