// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

namespace ward {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// RFC 3629, section 3.
bool is_character(char32_t c) { return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF); }

// Characters that move, hide or reorder what a reader sees (Unicode categories Cc, Cf, Zl, Zp as far as they matter).
bool is_deceptive(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    std::size_t at = 0;
    while (at < text.size()) {
        while (at < text.size() && is_blank(text[at])) ++at;
        const std::size_t start = at;
        while (at < text.size() && !is_blank(text[at])) ++at;
        if (at > start) found.push_back(text.substr(start, at - start));
    }
    return found;
}

bool next_line(std::string_view& rest, std::string_view& line) {
    if (rest.empty()) return false;
    const std::size_t end = rest.find('\n');
    line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return true;
}

std::string to_lower_ascii(std::string_view text) {
    std::string out{text};
    for (char& c : out) c = lower(c);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> parse_signed(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        char32_t c = 0;
        const std::size_t length = decode_utf8(text, c);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::size_t decode_utf8(std::string_view text, char32_t& out) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(0);
    if (first < 0x80) {
        out = first;
        return 1;
    }
    std::size_t length = 0;
    char32_t value = 0;
    char32_t least = 0;
    if (first >= 0xC2 && first <= 0xDF) { length = 2; value = first & 0x1F; least = 0x80; }
    else if (first >= 0xE0 && first <= 0xEF) { length = 3; value = first & 0x0F; least = 0x800; }
    else if (first >= 0xF0 && first <= 0xF4) { length = 4; value = first & 0x07; least = 0x10000; }
    else return 0;
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        value = value << 6 | (byte(i) & 0x3F);
    }
    if (value < least || !is_character(value)) return 0;
    out = value;
    return length;
}

void append_utf8(std::string& out, char32_t character) {
    const char32_t c = is_character(character) ? character : 0xFFFD;
    const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
    const auto tail = [&](int shift) { put(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        put(0xE0 | c >> 12);
        tail(6);
        tail(0);
    } else {
        put(0xF0 | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string replace_invalid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        char32_t c = 0;
        const std::size_t length = decode_utf8(text, c);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
}

std::string escape_for_terminal(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        char32_t c = 0;
        const std::size_t length = decode_utf8(text, c);
        if (length == 0) {
            out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[0]));
            text.remove_prefix(1);
            continue;
        }
        if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (c == '\r') out += "\\r";
        else if (c < 0x80 && is_deceptive(c)) out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
        else if (is_deceptive(c)) out += fmt::format("\\u{{{:04x}}}", static_cast<unsigned>(c));
        else out += text.substr(0, length);
        text.remove_prefix(length);
    }
    return out;
}

std::string human_bytes(std::uint64_t bytes) {
    if (bytes < kKiB) return fmt::format("{} B", bytes);
    static constexpr std::array<const char*, 6> kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double amount = static_cast<double>(bytes) / 1024.0;
    std::size_t unit = 0;
    // 1023.95 would print as "1024.0 KiB".
    while (amount >= 1023.95 && unit + 1 < kUnits.size()) {
        amount /= 1024.0;
        ++unit;
    }
    return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string ago(std::int64_t seconds) {
    constexpr std::int64_t kDay = 86'400;
    if (seconds < 120) return "just now";
    if (seconds < 2 * 3600) return fmt::format("{} minutes ago", seconds / 60);
    if (seconds < 2 * kDay) return fmt::format("{} hours ago", seconds / 3600);
    return fmt::format("{} days ago", seconds / kDay);
}

std::string utc_time(std::int64_t seconds) {
    std::int64_t days = seconds / 86'400;
    std::int64_t second_of_day = seconds % 86'400;
    if (second_of_day < 0) {
        second_of_day += 86'400;
        --days;
    }
    // Days to a civil date with 400-year cycles of 146,097 days, counted from 0000-03-01 so that leap days come last.
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    if (year < 0 || year > 9999) return fmt::format("{}", seconds);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day, second_of_day / 3600,
                       second_of_day / 60 % 60, second_of_day % 60);
}

namespace {

// Matches one bracket expression at the start of `pattern`; 0 when it is none (then '[' stands for itself).
std::size_t match_set(std::string_view pattern, char c, bool& matched) {
    std::size_t at = 1;
    bool negated = false;
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
        negated = true;
        ++at;
    }
    bool found = false;
    const std::size_t first = at;
    while (at < pattern.size() && (pattern[at] != ']' || at == first)) {
        const auto low = static_cast<unsigned char>(pattern[at]);
        auto high = low;
        if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
            high = static_cast<unsigned char>(pattern[at + 2]);
            at += 2;
        }
        const auto value = static_cast<unsigned char>(c);
        if (value >= low && value <= high) found = true;
        ++at;
    }
    if (at >= pattern.size()) return 0;
    matched = found != negated && c != '/';
    return at + 1;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
    // Two places to come back to: the last `*`, and the last `**`, which may also eat slashes. Linear in practice and at
    // worst the product of both lengths, never exponential.
    struct Mark {
        std::size_t pattern_at = std::string_view::npos;
        std::size_t text_at = 0;
    };
    Mark star;
    Mark double_star;
    std::size_t p = 0;
    std::size_t t = 0;
    for (;;) {
        if (p < pattern.size() && pattern[p] == '*') {
            if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
                p += 2;
                double_star = {p, t};
                star = {};
            } else {
                ++p;
                star = {p, t};
            }
            continue;
        }
        if (t == text.size()) {
            if (p == pattern.size()) return true;
        } else if (p < pattern.size()) {
            bool same = pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/');
            std::size_t width = 1;
            if (pattern[p] == '[') {
                bool matched = false;
                const std::size_t set = match_set(pattern.substr(p), text[t], matched);
                if (set != 0) {
                    width = set;
                    same = matched;
                }
            } else if (pattern[p] == '\\' && p + 1 < pattern.size()) {
                width = 2;
                same = pattern[p + 1] == text[t];
            }
            if (same) {
                p += width;
                ++t;
                continue;
            }
        }
        if (star.pattern_at != std::string_view::npos && star.text_at < text.size() && text[star.text_at] != '/') {
            ++star.text_at;
            p = star.pattern_at;
            t = star.text_at;
        } else if (double_star.pattern_at != std::string_view::npos && double_star.text_at < text.size()) {
            ++double_star.text_at;
            p = double_star.pattern_at;
            t = double_star.text_at;
            star = {};
        } else {
            return false;
        }
    }
}

std::string to_base64(Bytes bytes) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = static_cast<std::uint32_t>(bytes[at]) << 16;
        if (count > 1) group |= static_cast<std::uint32_t>(bytes[at + 1]) << 8;
        if (count > 2) group |= bytes[at + 2];
        out += kDigits[group >> 18];
        out += kDigits[group >> 12 & 63];
        out += count > 1 ? kDigits[group >> 6 & 63] : '=';
        out += count > 2 ? kDigits[group & 63] : '=';
    }
    return out;
}

bool from_base64(std::string_view text, Buffer& out) {
    std::uint32_t group = 0;
    std::size_t digits = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        std::uint32_t value = 0;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        if (c >= 'A' && c <= 'Z') value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z') value = static_cast<std::uint32_t>(c - 'a') + 26;
        else if (c >= '0' && c <= '9') value = static_cast<std::uint32_t>(c - '0') + 52;
        else if (c == '+') value = 62;
        else if (c == '/') value = 63;
        else return false;
        if (padding != 0) return false;
        group = group << 6 | value;
        if (++digits % 4 == 0) {
            for (const int shift : {16, 8, 0}) out.push_back(static_cast<std::uint8_t>(group >> shift));
            group = 0;
        }
    }
    const std::size_t rest = digits % 4;
    if (rest == 1 || (padding != 0 && (rest == 0 || rest + padding != 4))) return false;
    if (rest == 2) out.push_back(static_cast<std::uint8_t>(group >> 4));
    if (rest == 3) {
        out.push_back(static_cast<std::uint8_t>(group >> 10));
        out.push_back(static_cast<std::uint8_t>(group >> 2));
    }
    return true;
}

std::string shell_quote(std::string_view text) {
    const bool safe = !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                              "_-./:@%+,=") == std::string_view::npos;
    if (safe) return std::string{text};
    if (escape_for_terminal(text) != text) {
        std::string out = "$'";
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte >= 0x7f) out += fmt::format("\\{:03o}", byte);
            else if (c == '\'' || c == '\\') out += std::string{'\\', c};
            else out += c;
        }
        return out + "'";
    }
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += "'\\''";
        else out += c;
    }
    return out + "'";
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out;
    std::size_t column = 0;
    const auto all = words(text);
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::string_view word = all[i];
        // A command in backquotes is one word.
        if (word.front() == '`' && word.find('`', 1) == std::string_view::npos) {
            std::size_t last = i + 1;
            while (last < all.size() && all[last].find('`') == std::string_view::npos) ++last;
            if (last < all.size()) {
                word = {word.data(), static_cast<std::size_t>(all[last].data() + all[last].size() - word.data())};
                i = last;
            }
        }
        if (column != 0 && column + 1 + word.size() > width - indent) {
            out += '\n';
            column = 0;
        }
        if (column == 0) {
            out.append(indent, ' ');
        } else {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
    }
    return out + "\n";
}

}  // namespace ward
