// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/advisory.h"

#include "core/text.h"

#include <algorithm>
#include <chrono>

namespace ward::advisories {

namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Two digits below `end`, or nothing.
std::optional<unsigned> two(std::string_view text, std::size_t at, unsigned end) {
    if (at > text.size() || text.size() - at < 2 || !all_digits(text.substr(at, 2))) return std::nullopt;
    const unsigned value = static_cast<unsigned>(text[at] - '0') * 10 + static_cast<unsigned>(text[at + 1] - '0');
    return value < end ? std::optional{value} : std::nullopt;
}

}  // namespace

Level level_of(std::string_view word) {
    struct Word { std::string_view word; Level level; };
    static constexpr Word kWords[] = {
        {"critical", Level::critical}, {"emergency", Level::critical}, {"high", Level::high},
        {"important", Level::high},    {"medium", Level::medium},      {"moderate", Level::medium},
        {"low", Level::low},           {"minor", Level::low},          {"negligible", Level::low},
        {"unimportant", Level::low},
    };
    // Debian's tracker marks with stars what a person has not looked at.
    while (word.ends_with('*')) word.remove_suffix(1);
    for (const auto& known : kWords) {
        if (equal_ignoring_case(known.word, word)) return known.level;
    }
    return Level::none;
}

Level level_of(double score) {
    if (score >= 9.0) return Level::critical;
    if (score >= 7.0) return Level::high;
    if (score >= 4.0) return Level::medium;
    return Level::low;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::low: return "low";
        case Level::medium: return "medium";
        case Level::high: return "high";
        case Level::critical: return "critical";
        case Level::none: break;
    }
    return {};
}

std::int64_t parse_time(std::string_view text) {
    if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !all_digits(text.substr(0, 4))) return 0;
    const auto month = two(text, 5, 13);
    const auto day = two(text, 8, 32);
    if (!month || !day) return 0;
    const auto year = static_cast<int>(parse_unsigned(text.substr(0, 4)).value_or(0));
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{*month}, std::chrono::day{*day}};
    if (!date.ok()) return 0;
    std::int64_t seconds = std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86'400};
    if (text.size() >= 19 && (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && text[13] == ':' && text[16] == ':') {
        const auto hour = two(text, 11, 24);
        const auto minute = two(text, 14, 60);
        const auto second = two(text, 17, 61);
        if (!hour || !minute || !second) return 0;
        seconds += *hour * 3600 + *minute * 60 + *second;
        std::string_view zone = text.substr(19);
        if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.size(), zone.find_first_not_of("0123456789", 1)));
        if (zone.size() >= 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
            const auto hours = two(zone, 1, 24);
            const auto minutes = two(zone, 4, 60);
            if (!hours || !minutes) return 0;
            const std::int64_t shift = *hours * 3600 + *minutes * 60;
            seconds += zone[0] == '+' ? -shift : shift;
        }
    }
    return std::max<std::int64_t>(seconds, 0);
}

bool is_cve(std::string_view text) {
    // CVE-YYYY-N, four digits and more.
    return text.size() >= 13 && text.size() <= 24 && text.starts_with("CVE-") && all_digits(text.substr(4, 4)) && text[8] == '-' &&
           all_digits(text.substr(9));
}

}  // namespace ward::advisories
