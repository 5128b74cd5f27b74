// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/alpine.h"

#include "cell/versions/internal/text.h"

#include <array>
#include <cstdint>

namespace ward::versions {

namespace {

using version_text::compare_bytes;
using version_text::compare_numbers;
using version_text::is_digit;
using version_text::is_lower;
using version_text::take;
using version_text::take_digits;

// In the order in which they may follow each other. Where two versions differ in what comes next,
// the kind that may come later is the earlier version, and the end comes last of all: 1.0 < 1.0-r1
// < 1.0_p1 < 1.0a < 1.0.1.
enum class Kind : std::uint8_t {
    first_number,
    number,
    letter,
    suffix,
    suffix_number,
    hash,
    revision,
    end,
    wrong
};

constexpr std::array<std::string_view, 9> kSuffixes = {"alpha", "beta", "pre", "rc", "cvs",
                                                       "svn",   "git",  "hg",  "p"};
constexpr std::size_t kFirstSuffixAfterTheRelease = 4;

struct Token {
    Kind kind = Kind::wrong;
    std::string_view text;
    std::size_t suffix = 0;  // its place in kSuffixes
};

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

template <typename Is>
std::string_view take_while(std::string_view& text, Is is) {
    std::size_t count = 0;
    while (count < text.size() && is(text[count])) ++count;
    const std::string_view taken = text.substr(0, count);
    text.remove_prefix(count);
    return taken;
}

Token digits_as(Kind kind, std::string_view& text) {
    const std::string_view digits = take_digits(text);
    return {digits.empty() ? Kind::wrong : kind, digits};
}

Token next(Kind last, std::string_view& text) {
    if (text.empty()) return {Kind::end, {}};
    if (last <= Kind::number && take(text, '.')) return digits_as(Kind::number, text);
    if (last <= Kind::number && is_lower(text[0])) {
        const std::string_view letter = text.substr(0, 1);
        text.remove_prefix(1);
        return {Kind::letter, letter};
    }
    if (last == Kind::suffix && is_digit(text[0])) return digits_as(Kind::suffix_number, text);
    if (last <= Kind::suffix_number && take(text, '_')) {
        const std::string_view word = take_while(text, is_lower);
        for (std::size_t i = 0; i < kSuffixes.size(); ++i) {
            if (kSuffixes[i] == word) return {Kind::suffix, word, i};
        }
        return {};
    }
    if (last < Kind::hash && take(text, '~')) {
        const std::string_view hash = take_while(text, is_hex);
        return {hash.empty() ? Kind::wrong : Kind::hash, hash};
    }
    if (last < Kind::revision && take(text, '-') && take(text, 'r'))
        return digits_as(Kind::revision, text);
    return {};
}

bool is_version(std::string_view text) {
    Token token = digits_as(Kind::first_number, text);
    while (token.kind < Kind::end) token = next(token.kind, text);
    return token.kind == Kind::end;
}

int compare_tokens(const Token& a, const Token& b) {
    switch (a.kind) {
        case Kind::first_number:
        case Kind::suffix_number:
        case Kind::revision:
            return compare_numbers(a.text, b.text);
        case Kind::number:
            if (a.text[0] == '0' || b.text[0] == '0') return compare_bytes(a.text, b.text);
            return compare_numbers(a.text, b.text);
        case Kind::suffix:
            return version_text::compare_sizes(a.suffix, b.suffix);
        default:
            return compare_bytes(a.text, b.text);
    }
}

bool is_before_the_release(const Token& token) {
    return token.kind == Kind::suffix && token.suffix < kFirstSuffixAfterTheRelease;
}

}  // namespace

std::optional<int> compare_alpine_versions(std::string_view a, std::string_view b) {
    if (!is_version(a) || !is_version(b)) return std::nullopt;
    Token left = digits_as(Kind::first_number, a);
    Token right = digits_as(Kind::first_number, b);
    while (left.kind == right.kind) {
        if (left.kind == Kind::end) return 0;
        if (const int order = compare_tokens(left, right); order != 0) return order;
        left = next(left.kind, a);
        right = next(right.kind, b);
    }
    if (is_before_the_release(left)) return -1;
    if (is_before_the_release(right)) return 1;
    return left.kind > right.kind ? -1 : 1;
}

}  // namespace ward::versions
