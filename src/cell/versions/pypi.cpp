// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/pypi.h"

#include "cell/versions/internal/text.h"
#include "core/text.h"

#include <cstdint>

namespace ward::versions {

namespace {

using version_text::compare_ignoring_case;
using version_text::compare_numbers;
using version_text::is_alnum;
using version_text::only_digits;
using version_text::take;
using version_text::take_digits;

// How far a release is, when its numbers are equal. A version that has a development release but
// neither a pre- nor a post-release stands before the pre-releases.
enum class Stage : std::uint8_t {
    development,
    alpha,
    beta,
    candidate,
    release
};

struct Version {
    std::string_view epoch;    // "" for none, which is 0
    std::string_view release;  // numbers between dots
    Stage stage = Stage::release;
    std::string_view pre;  // the pre-release's number; "" is 0, here and below
    std::optional<std::string_view> post;
    std::optional<std::string_view> dev;
    std::string_view local;  // "" for none
};

struct Word {
    std::string_view text;
    Stage stage;
};

// Longer words before their beginnings.
constexpr Word kPreWords[] = {{"alpha", Stage::alpha},       {"a", Stage::alpha},
                              {"beta", Stage::beta},         {"b", Stage::beta},
                              {"preview", Stage::candidate}, {"pre", Stage::candidate},
                              {"c", Stage::candidate},       {"rc", Stage::candidate}};
constexpr Word kPostWords[] = {
    {"post", Stage::release}, {"rev", Stage::release}, {"r", Stage::release}};
constexpr Word kDevWords[] = {{"dev", Stage::development}};

bool is_separator(char c) { return c == '.' || c == '_' || c == '-'; }

void skip_separator(std::string_view& text) {
    if (!text.empty() && is_separator(text[0])) text.remove_prefix(1);
}

// [separator] word [separator] [number]; takes nothing when no word of the list stands there.
template <std::size_t count>
const Word* take_word(std::string_view& text, const Word (&words)[count],
                      std::string_view& number) {
    std::string_view rest = text;
    skip_separator(rest);
    for (const Word& word : words) {
        if (!equal_ignoring_case(rest.substr(0, word.text.size()), word.text)) continue;
        rest.remove_prefix(word.text.size());
        skip_separator(rest);
        number = take_digits(rest);
        text = rest;
        return &word;
    }
    return nullptr;
}

bool is_local(std::string_view text) {
    bool separated = true;  // the beginning is as good as behind a separator
    for (const char c : text) {
        if (is_separator(c) ? separated : !is_alnum(c)) return false;
        separated = is_separator(c);
    }
    return !separated;
}

// numbers between dots, at least one
std::optional<std::string_view> take_release(std::string_view& text) {
    const std::string_view whole = text;
    if (take_digits(text).empty()) return std::nullopt;
    while (text.size() > 1 && text[0] == '.' && version_text::is_digit(text[1])) {
        text.remove_prefix(1);
        take_digits(text);
    }
    return whole.substr(0, whole.size() - text.size());
}

std::optional<Version> read(std::string_view text) {
    Version version;
    text = trim(text);
    if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
    std::string_view rest = text;
    const std::string_view epoch = take_digits(rest);
    if (!epoch.empty() && take(rest, '!')) {
        version.epoch = epoch;
        text = rest;
    }
    const auto release = take_release(text);
    if (!release) return std::nullopt;
    version.release = *release;
    const Word* pre = take_word(text, kPreWords, version.pre);
    std::string_view number;
    if (text.size() > 1 && text[0] == '-' &&
        version_text::is_digit(text[1])) {  // the implicit post-release: 1.0-1
        text.remove_prefix(1);
        version.post = take_digits(text);
    } else if (take_word(text, kPostWords, number) != nullptr) {
        version.post = number;
    }
    if (take_word(text, kDevWords, number) != nullptr) version.dev = number;
    if (pre != nullptr) {
        version.stage = pre->stage;
    } else if (version.dev && !version.post) {
        version.stage = Stage::development;
    }
    if (take(text, '+')) {
        if (!is_local(text)) return std::nullopt;
        version.local = text;
        text = {};
    }
    if (!text.empty()) return std::nullopt;
    return version;
}

// Takes what stands before the next separator, and the separator.
std::string_view take_part(std::string_view& text) {
    std::size_t count = 0;
    while (count < text.size() && !is_separator(text[count])) ++count;
    const std::string_view part = text.substr(0, count);
    text.remove_prefix(count);
    skip_separator(text);
    return part;
}

// Numbers that are missing are 0.
int compare_releases(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        const std::string_view left = take_part(a);
        const std::string_view right = take_part(b);
        if (const int order = compare_numbers(left, right); order != 0) return order;
    }
    return 0;
}

// No local version comes first; then part by part: words before numbers, fewer parts before more.
int compare_locals(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        const std::string_view left = take_part(a);
        const std::string_view right = take_part(b);
        const bool number_a = only_digits(left);
        const bool number_b = only_digits(right);
        if (number_a != number_b) return number_a ? 1 : -1;
        const int order =
            number_a ? compare_numbers(left, right) : compare_ignoring_case(left, right);
        if (order != 0) return order;
    }
    return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

// `absent`: where a version without this part stands beside those with it.
int compare_optional(const std::optional<std::string_view>& a,
                     const std::optional<std::string_view>& b, int absent) {
    if (a && b) return compare_numbers(*a, *b);
    if (!a && !b) return 0;
    return a ? -absent : absent;
}

}  // namespace

std::optional<int> compare_pypi_versions(std::string_view a, std::string_view b) {
    const auto left = read(a);
    const auto right = read(b);
    if (!left || !right) return std::nullopt;
    if (const int order = compare_numbers(left->epoch, right->epoch); order != 0) return order;
    if (const int order = compare_releases(left->release, right->release); order != 0) return order;
    if (left->stage != right->stage) return left->stage < right->stage ? -1 : 1;
    if (const int order = compare_numbers(left->pre, right->pre); order != 0) return order;
    if (const int order = compare_optional(left->post, right->post, -1); order != 0) return order;
    if (const int order = compare_optional(left->dev, right->dev, 1); order != 0) return order;
    return compare_locals(left->local, right->local);
}

}  // namespace ward::versions
