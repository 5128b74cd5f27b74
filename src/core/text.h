// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward {

std::string_view trim(std::string_view text);  // blanks, tabs, CR, LF, VT, FF at both ends
std::vector<std::string_view> split(std::string_view text, char separator);  // "a,,b" gives three, "" gives one
std::vector<std::string_view> words(std::string_view text);                  // at runs of blanks and tabs; no empty ones
// The next line without its end (LF or CR LF); moves `rest` behind it. False when nothing is left.
bool next_line(std::string_view& rest, std::string_view& line);
std::string to_lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII only

// The whole text as a number in `base`; nothing when empty, signed by '+', partly a number, or too large.
std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base = 10);
std::optional<std::int64_t> parse_signed(std::string_view text);

// Is it UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF)?
bool is_utf8(std::string_view text);
// The first character of a text that is not empty, and its length in bytes; 0 when it breaks UTF-8.
std::size_t decode_utf8(std::string_view text, char32_t& out);
// What is no character of UTF-8 becomes U+FFFD.
void append_utf8(std::string& out, char32_t character);
// Every byte that breaks UTF-8 becomes U+FFFD; what is right stays.
std::string replace_invalid_utf8(std::string_view text);

// For a terminal: control characters, DEL, C1 controls, direction-changing and invisible format characters, line and
// paragraph separators and bytes that are not UTF-8 become \xNN or \u{NNNN}; a backslash before such a form is doubled
// nowhere, so this is for reading, not for parsing back.
std::string escape_for_terminal(std::string_view text);

// "1.5 MiB", "17 B". For people; machine formats carry plain numbers.
std::string human_bytes(std::uint64_t bytes);
// Seconds since 1970, UTC, as "2026-11-23T10:00:00Z" (RFC 3339). Years outside 0..9999 give the number itself.
std::string utc_time(std::int64_t seconds);

// "just now", "5 minutes ago", "3 days ago"; a time that is still to come is just now.
std::string ago(std::int64_t seconds);

// Shell glob over a whole path: `*` and `?` do not match '/', `**` does, [a-z] and [!a-z] as in POSIX 2.13.3.
bool glob_match(std::string_view pattern, std::string_view text);

// Standard base64 with padding (RFC 4648, section 4).
std::string to_base64(Bytes bytes);
// The reverse; blanks and line ends are skipped, the padding may be missing. Appends to `out`; false on anything else.
bool from_base64(std::string_view text, Buffer& out);

// Lines of at most `width` columns, each behind `indent` blanks. Breaks at blanks; a word longer than the line stays whole, and
// so does a command in backquotes, so that they can be copied.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

// One word for a shell: quoted with single quotes unless every character is plainly safe. What a terminal must not see is
// written in octal in $'...', which bash has and POSIX since 2024, so that it can still be pasted.
std::string shell_quote(std::string_view text);

}  // namespace ward
