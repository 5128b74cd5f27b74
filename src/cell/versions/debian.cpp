// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/debian.h"

#include "core/text.h"

namespace ward::versions {

namespace {

struct Version {
    std::uint64_t epoch = 0;
    std::string_view upstream;
    std::string_view revision;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool only_of(std::string_view text, std::string_view marks) {
    for (const char c : text) {
        if (!is_digit(c) && !is_letter(c) && marks.find(c) == std::string_view::npos) return false;
    }
    return true;
}

std::optional<Version> read(std::string_view text) {
    Version version;
    text = trim(text);
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        std::string_view number = text.substr(0, colon);  // which dpkg reads by strtol(3), with its signs
        const bool minus = number.starts_with('-');
        if (minus || number.starts_with('+')) number.remove_prefix(1);
        const auto epoch = parse_unsigned(number);
        if (!epoch || *epoch > (minus ? 0 : 0x7fffffff)) return std::nullopt;
        version.epoch = *epoch;
        text.remove_prefix(colon + 1);
    }
    version.upstream = text;
    if (const auto dash = text.rfind('-'); dash != std::string_view::npos) {
        version.upstream = text.substr(0, dash);
        version.revision = text.substr(dash + 1);
        if (version.revision.empty()) return std::nullopt;
    }
    if (version.upstream.empty() || !only_of(version.upstream, ".+-~:") || !only_of(version.revision, ".+~")) {
        return std::nullopt;
    }
    return version;
}

// '~' sorts before everything, even the end; letters before all other characters.
int weight(std::string_view text, std::size_t at) {
    if (at >= text.size() || is_digit(text[at])) return 0;
    const char c = text[at];
    if (c == '~') return -1;
    return is_letter(c) ? c : c + 256;
}

int compare_part(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        while ((i < a.size() && !is_digit(a[i])) || (j < b.size() && !is_digit(b[j]))) {
            const int left = weight(a, i);
            const int right = weight(b, j);
            if (left != right) return left < right ? -1 : 1;
            ++i;
            ++j;
        }
        // Numbers of any length: leading zeros aside, the longer one is greater, then the first difference decides.
        while (i < a.size() && a[i] == '0') ++i;
        while (j < b.size() && b[j] == '0') ++j;
        int first_difference = 0;
        while (i < a.size() && is_digit(a[i]) && j < b.size() && is_digit(b[j])) {
            if (first_difference == 0 && a[i] != b[j]) first_difference = a[i] < b[j] ? -1 : 1;
            ++i;
            ++j;
        }
        if (i < a.size() && is_digit(a[i])) return 1;
        if (j < b.size() && is_digit(b[j])) return -1;
        if (first_difference != 0) return first_difference;
    }
    return 0;
}

}  // namespace

std::optional<int> compare_debian_versions(std::string_view a, std::string_view b) {
    const auto left = read(a);
    const auto right = read(b);
    if (!left || !right) return std::nullopt;
    if (left->epoch != right->epoch) return left->epoch < right->epoch ? -1 : 1;
    if (const int order = compare_part(left->upstream, right->upstream); order != 0) return order;
    return compare_part(left->revision, right->revision);
}

}  // namespace ward::versions
