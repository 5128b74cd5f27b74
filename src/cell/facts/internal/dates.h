// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward::facts {

// Seconds since 1970 of a day in the proleptic Gregorian calendar, years 0 to 9999; nothing for what is no day.
std::optional<std::int64_t> civil_seconds(std::int64_t year, std::int64_t month, std::int64_t day);
// "Sat, 08 Nov 2025 10:21:33 UTC", as Release files have it (RFC 5322 with a zone of UTC, GMT, Z or +0000).
std::optional<std::int64_t> parse_release_date(std::string_view text);
// The same with any zone written in numbers, as in mails and Debian's changelogs: "Fri, 03 Apr 2026 14:29:32 +0200".
std::optional<std::int64_t> parse_mail_date(std::string_view text);
// "2026-06-10", at midnight UTC.
std::optional<std::int64_t> parse_day(std::string_view text);

}  // namespace ward::facts
