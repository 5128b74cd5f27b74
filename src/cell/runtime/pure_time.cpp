// SPDX-License-Identifier: Apache-2.0
// Local time is UTC in a cell: there is no zone file to read, and the same bytes give the same answer everywhere. The C
// library's gmtime is replaced too, because it looks for the zone first.
#include <cerrno>
#include <climits>
#include <cstdint>
#include <clocale>
#include <cstddef>
#include <ctime>

namespace {

// Days since 1970 to a date of the proleptic Gregorian calendar, counted in eras of 400 years from 1 March 0000.
tm* civil(std::int64_t seconds, tm* out) {
    constexpr std::int64_t kDay = 86'400;
    std::int64_t days = seconds / kDay;
    std::int64_t rest = seconds % kDay;
    if (rest < 0) {
        rest += kDay;
        --days;
    }
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);  // from 1 March
    const std::int64_t month = (5 * day_of_year + 2) / 153;                                                   // 0 is March
    const std::int64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
    if (year - 1900 > INT_MAX || year - 1900 < INT_MIN) {
        errno = EOVERFLOW;
        return nullptr;
    }
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    *out = {};
    out->tm_year = static_cast<int>(year - 1900);
    out->tm_mon = static_cast<int>(month < 10 ? month + 2 : month - 10);
    out->tm_mday = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
    out->tm_yday = static_cast<int>(month < 10 ? day_of_year + 59 + (leap ? 1 : 0) : day_of_year - 306);
    out->tm_wday = static_cast<int>(((days + 4) % 7 + 7) % 7);
    out->tm_hour = static_cast<int>(rest / 3600);
    out->tm_min = static_cast<int>(rest / 60 % 60);
    out->tm_sec = static_cast<int>(rest % 60);
    out->tm_zone = "UTC";
    return out;
}

tm last_time;  // of the functions that own their answer, which the C standard allows to be one

}  // namespace

extern "C" {

tm* gmtime_r(const time_t* time, tm* out) { return civil(*time, out); }
tm* localtime_r(const time_t* time, tm* out) { return civil(*time, out); }
tm* gmtime(const time_t* time) { return civil(*time, &last_time); }
tm* localtime(const time_t* time) { return civil(*time, &last_time); }
void tzset() {}

// The standard library's time facets hold on to these, and they to the zone. Nothing here formats a date so.
std::size_t __strftime_l(char*, std::size_t, const char*, const tm*, locale_t) { return 0; }
std::size_t __wcsftime_l(wchar_t*, std::size_t, const wchar_t*, const tm*, locale_t) { return 0; }

}  // extern "C"
