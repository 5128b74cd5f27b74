// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/dates.h"

#include "core/text.h"

#include <algorithm>
#include <iterator>

namespace ward::facts {

std::optional<std::int64_t> civil_seconds(std::int64_t year, std::int64_t month, std::int64_t day) {
    static constexpr std::int64_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > kDays[month - 1] + (month == 2 && leap ? 1 : 0)) return std::nullopt;
    // Years that begin on the first of March, so that leap days come last; 719,468 days lie before 1970.
    const std::int64_t shifted_year = month <= 2 ? year - 1 : year;
    const std::int64_t era = (shifted_year >= 0 ? shifted_year : shifted_year - 399) / 400;
    const std::int64_t year_of_era = shifted_year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (era * 146'097 + day_of_era - 719'468) * 86'400;
}

std::optional<std::int64_t> parse_release_date(std::string_view text) {
    const auto parts = words(text);
    const bool universal = !parts.empty() && (parts.back() == "UTC" || parts.back() == "GMT" || parts.back() == "Z" || parts.back() == "+0000");
    return universal ? parse_mail_date(text) : std::nullopt;
}

std::optional<std::int64_t> parse_mail_date(std::string_view text) {
    static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto parts = words(text);
    if (!parts.empty() && parts[0].ends_with(',')) parts.erase(parts.begin());
    if (parts.size() != 5) return std::nullopt;
    std::int64_t shift = 0;  // seconds east of Greenwich
    if (const auto zone = parts[4]; zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) {
        const auto hours = parse_unsigned(zone.substr(1, 2));
        const auto minutes = parse_unsigned(zone.substr(3));
        if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
        shift = static_cast<std::int64_t>(*hours * 3600 + *minutes * 60) * (zone[0] == '-' ? -1 : 1);
    } else if (zone != "UTC" && zone != "GMT" && zone != "Z") {
        return std::nullopt;
    }
    const auto month = std::find(std::begin(kMonths), std::end(kMonths), parts[1]);
    const auto day = parse_unsigned(parts[0]);
    const auto year = parse_unsigned(parts[2]);
    const auto clock = split(parts[3], ':');
    if (month == std::end(kMonths) || !day || !year || *day > 31 || *year > 9999 || clock.size() != 3) return std::nullopt;
    const auto hour = parse_unsigned(clock[0]);
    const auto minute = parse_unsigned(clock[1]);
    const auto second = parse_unsigned(clock[2]);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto midnight = civil_seconds(static_cast<std::int64_t>(*year), month - std::begin(kMonths) + 1,
                                        static_cast<std::int64_t>(*day));
    if (!midnight) return std::nullopt;
    return *midnight + static_cast<std::int64_t>(*hour * 3600 + *minute * 60 + *second) - shift;
}

std::optional<std::int64_t> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = parse_unsigned(text.substr(0, 4));
    const auto month = parse_unsigned(text.substr(5, 2));
    const auto day = parse_unsigned(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    return civil_seconds(static_cast<std::int64_t>(*year), static_cast<std::int64_t>(*month),
                         static_cast<std::int64_t>(*day));
}

}  // namespace ward::facts
