// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/gem.h"

#include "cell/versions/internal/text.h"
#include "core/text.h"

namespace ward::versions {

namespace {

using version_text::compare_bytes;
using version_text::compare_numbers;
using version_text::is_alnum;
using version_text::is_digit;
using version_text::is_letter;
using version_text::take_digits;
using version_text::without_leading_zeros;

// number { "." alnums } [ "-" alnums-or-hyphens { "." alnums-or-hyphens } ]
bool is_version(std::string_view text) {
    if (take_digits(text).empty()) return false;
    bool marked = false;  // behind the first digits a letter needs a mark before it: "1a" is none,
                          // "1.a" is one
    bool hyphen = false;
    bool expects = false;  // something behind the last mark
    for (const char c : text) {
        if (c == '.') {
            if (expects) return false;
            marked = expects = true;
        } else if (c == '-' && !hyphen) {
            if (expects) return false;
            marked = hyphen = expects = true;
        } else if (is_alnum(c) || c == '-') {
            if (!marked) return false;
            expects = false;
        } else {
            return false;
        }
    }
    return !expects;
}

// Walks over numbers and words. The walk ends behind the last segment that counts.
class Segments {
public:
    explicit Segments(std::string_view text) {
        std::string_view rest = text;
        std::string_view until = text.substr(0, 0);
        bool words = false;
        while (!rest.empty()) {
            const std::string_view segment = take(rest);
            if (segment.empty()) break;
            const bool word = !is_digit(segment[0]);
            if (word && !words) {
                words = true;
                numbers_ = until;
                words_ = until = std::string_view{};
                words_begin_ = text.size() - rest_before_.size();
            }
            if (word || !without_leading_zeros(segment).empty()) {
                const std::size_t begin = words ? words_begin_ : 0;
                until = text.substr(begin, text.size() - rest.size() - begin);
            }
        }
        (words ? words_ : numbers_) = until;
    }

    // Empty at the end.
    std::string_view next() {
        const std::string_view segment = take(numbers_);
        return segment.empty() ? take(words_) : segment;
    }

private:
    std::string_view take(std::string_view& text) {
        while (text.starts_with('.')) text.remove_prefix(1);
        rest_before_ = text;
        if (text.empty()) return {};
        if (text[0] == '-') {
            text.remove_prefix(1);
            return "pre";
        }
        const bool digits = is_digit(text[0]);
        std::size_t count = 0;
        while (count < text.size() && (digits ? is_digit(text[count]) : is_letter(text[count])))
            ++count;
        const std::string_view segment = text.substr(0, count);
        text.remove_prefix(count);
        return segment;
    }

    std::string_view numbers_;  // before the first word
    std::string_view words_;    // from the first word on; numbers among them
    std::string_view rest_before_;
    std::size_t words_begin_ = 0;
};

}  // namespace

std::optional<int> compare_gem_versions(std::string_view a, std::string_view b) {
    a = trim(a);
    b = trim(b);
    if (!is_version(a) || !is_version(b)) return std::nullopt;
    Segments left{a};
    Segments right{b};
    while (true) {
        const std::string_view one = left.next();
        const std::string_view other = right.next();
        if (one.empty() && other.empty()) return 0;
        const bool word_a = !one.empty() && !is_digit(one[0]);
        const bool word_b = !other.empty() && !is_digit(other[0]);
        if (word_a != word_b) return word_a ? -1 : 1;
        const int order = word_a ? compare_bytes(one, other) : compare_numbers(one, other);
        if (order != 0) return order;
    }
}

}  // namespace ward::versions
