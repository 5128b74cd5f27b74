// SPDX-License-Identifier: Apache-2.0
// Local time is UTC in a cell: there is no zone file to read, and the same bytes give the same answer everywhere. The C
// library's gmtime is replaced too, because it looks for the zone first.
#include <cerrno>
#include <climits>
#include <cstdint>
#include <clocale>
#include <cstddef>
#include <cstdio>
#include <cstring>
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

// The reverse; months and days may be any, as mktime takes them.
std::int64_t seconds_of(const tm& time) {
    std::int64_t month = time.tm_mon;
    std::int64_t year = std::int64_t{time.tm_year} + 1900 + month / 12;
    month %= 12;
    if (month < 0) {
        month += 12;
        --year;
    }
    const std::int64_t from_march = month >= 2 ? month - 2 : month + 10;
    if (month < 2) --year;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t days = era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * from_march + 2) / 5 +
                              time.tm_mday - 1 - 719'468;
    // An int of years is far from the end of 64 bits of seconds.
    return days * 86'400 + std::int64_t{time.tm_hour} * 3600 + std::int64_t{time.tm_min} * 60 + time.tm_sec;
}

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const char* name_in(const char* const* names, int count, int number) { return number >= 0 && number < count ? names[number] : "?"; }

tm last_time;  // of the functions that own their answer, which the C standard allows to be one

}  // namespace

extern "C" {

tm* gmtime_r(const time_t* time, tm* out) { return civil(*time, out); }
tm* localtime_r(const time_t* time, tm* out) { return civil(*time, out); }
tm* gmtime(const time_t* time) { return civil(*time, &last_time); }
tm* localtime(const time_t* time) { return civil(*time, &last_time); }
void tzset() {}
time_t mktime(tm* time) {
    const time_t seconds = seconds_of(*time);
    return civil(seconds, time) == nullptr ? -1 : seconds;
}
char* ctime_r(const time_t* time, char* out) {
    tm broken{};
    return civil(*time, &broken) == nullptr ? nullptr : ::asctime_r(&broken, out);
}

// The forms that libmagic prints: the C library's own looks for the zone.
std::size_t strftime(char* out, std::size_t room, const char* format, const tm* time) {
    std::size_t used = 0;
    for (const char* at = format; *at != '\0'; ++at) {
        char part[32] = {*at};
        if (*at == '%') {
            switch (*++at) {
                case 'a': std::snprintf(part, sizeof part, "%s", name_in(kDays, 7, time->tm_wday)); break;
                case 'b': std::snprintf(part, sizeof part, "%s", name_in(kMonths, 12, time->tm_mon)); break;
                case 'd': std::snprintf(part, sizeof part, "%02d", time->tm_mday); break;
                case 'Y': std::snprintf(part, sizeof part, "%lld", 1900LL + time->tm_year); break;
                case 'T': std::snprintf(part, sizeof part, "%02d:%02d:%02d", time->tm_hour, time->tm_min, time->tm_sec); break;
                default: return 0;
            }
        }
        const std::size_t length = std::strlen(part);
        if (used + length >= room) return 0;
        std::memcpy(out + used, part, length);
        used += length;
    }
    if (room == 0) return 0;
    out[used] = '\0';
    return used;
}

// The standard library's time facets hold on to these, and they to the zone. Nothing here formats a date so.
std::size_t __strftime_l(char*, std::size_t, const char*, const tm*, locale_t) { return 0; }
std::size_t __wcsftime_l(wchar_t*, std::size_t, const wchar_t*, const tm*, locale_t) { return 0; }

}  // extern "C"
