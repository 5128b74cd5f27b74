// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/rpm.h"

#include "cell/versions/internal/text.h"

#include <algorithm>

namespace ward::versions {

namespace {

using version_text::compare_bytes;
using version_text::compare_numbers;
using version_text::is_alnum;
using version_text::is_digit;
using version_text::is_letter;
using version_text::only_digits;

struct Evr {
    std::string_view epoch;  // "" for none, which is 0
    std::string_view version;
    std::string_view release;  // "" for none
};

bool is_component(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alnum(c) || std::string_view{"._+~^"}.find(c) != std::string_view::npos;
    });
}

std::optional<Evr> read(std::string_view text) {
    Evr evr;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        evr.epoch = text.substr(0, colon);
        if (!only_digits(evr.epoch)) return std::nullopt;
        text.remove_prefix(colon + 1);
    }
    evr.version = text;
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        evr.version = text.substr(0, dash);
        evr.release = text.substr(dash + 1);
        if (!is_component(evr.release)) return std::nullopt;
    }
    if (!is_component(evr.version)) return std::nullopt;
    return evr;
}

void skip_separators(std::string_view& text) {
    while (!text.empty() && !is_alnum(text[0]) && text[0] != '~' && text[0] != '^')
        text.remove_prefix(1);
}

// The digits or the letters at the front.
std::string_view take_segment(std::string_view& text) {
    const bool digits = is_digit(text[0]);
    std::size_t count = 0;
    while (count < text.size() && (digits ? is_digit(text[count]) : is_letter(text[count])))
        ++count;
    const std::string_view segment = text.substr(0, count);
    text.remove_prefix(count);
    return segment;
}

// What may stand at a place, in ascending order: `~`, the end, `^`, letters, digits.
int rank(std::string_view text) {
    if (text.empty()) return 1;
    if (text[0] == '~') return 0;
    if (text[0] == '^') return 2;
    return is_digit(text[0]) ? 4 : 3;
}

int compare_component(std::string_view a, std::string_view b) {
    while (true) {
        skip_separators(a);
        skip_separators(b);
        const int left = rank(a);
        const int right = rank(b);
        if (left != right) return left < right ? -1 : 1;
        if (left == 1) return 0;
        if (left == 0 || left == 2) {
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        const std::string_view one = take_segment(a);
        const std::string_view other = take_segment(b);
        const int order = left == 4 ? compare_numbers(one, other) : compare_bytes(one, other);
        if (order != 0) return order;
    }
}

}  // namespace

std::optional<int> compare_rpm_versions(std::string_view a, std::string_view b) {
    const auto left = read(a);
    const auto right = read(b);
    if (!left || !right) return std::nullopt;
    if (const int order = compare_numbers(left->epoch, right->epoch); order != 0) return order;
    if (const int order = compare_component(left->version, right->version); order != 0)
        return order;
    if (left->release.empty() || right->release.empty()) {
        return static_cast<int>(right->release.empty()) - static_cast<int>(left->release.empty());
    }
    return compare_component(left->release, right->release);
}

}  // namespace ward::versions
