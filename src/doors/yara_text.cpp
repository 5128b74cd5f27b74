// SPDX-License-Identifier: Apache-2.0
#include "doors/yara_text.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ward::doors {

namespace {

constexpr std::size_t kHexBytes = 64;  // a longer hex string ends in dots

void put_text(std::string& out, std::string_view data, std::uint8_t xor_key) {
    for (const char c : data) {
        const auto byte = static_cast<std::uint8_t>(static_cast<std::uint8_t>(c) ^ xor_key);
        if (byte >= 32 && byte <= 126) {
            out += static_cast<char>(byte);
        } else {
            fmt::format_to(std::back_inserter(out), "\\x{:02X}", byte);
        }
    }
}

void put_hex(std::string& out, std::string_view data) {
    const std::size_t shown = std::min(data.size(), kHexBytes);
    for (std::size_t i = 0; i < shown; ++i) {
        fmt::format_to(std::back_inserter(out), "{}{:02X}", i == 0 ? "" : " ", static_cast<std::uint8_t>(data[i]));
    }
    if (data.size() > kHexBytes) out += " ...";
}

// A meta value: as in a C source, octal where C has no letter.
void put_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view kLetters = "abtnvfr";  // from \a on
    out += '"';
    // yara's texts end at the first zero byte.
    for (const char c : text.substr(0, text.find('\0'))) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '"' || c == '\'' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte >= 32 && byte < 127) {
            out += c;
        } else if (byte >= 7 && byte - 7U < kLetters.size()) {
            out += '\\';
            out += kLetters[byte - 7U];
        } else {
            fmt::format_to(std::back_inserter(out), "\\{:03o}", byte);
        }
    }
    out += '"';
}

void put_meta(std::string& out, const Match& match, const YaraLines& lines) {
    out += '[';
    const char* separator = "";
    for (const auto& [name, value] : match.meta) {
        out += separator;
        separator = ",";
        out += lines.as_it_is(name);
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            // With a blank, as yara has it.
            fmt::format_to(std::back_inserter(out), " ={}", *number);
        } else if (const auto* truth = std::get_if<bool>(&value)) {
            out += *truth ? "=true" : "=false";
        } else {
            out += '=';
            put_quoted(out, std::get<std::string>(value));
        }
    }
    out += "] ";
}

}  // namespace

std::string YaraLines::as_it_is(std::string_view text) const { return terminal ? escape_for_terminal(text) : std::string{text}; }

std::string YaraLines::module_data(std::string_view text) const {
    if (!terminal) return std::string{text};
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
        out += escape_for_terminal(text.substr(0, end));
        out += text.substr(end, 1);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string YaraLines::rule(const Match& match, std::string_view path) const {
    std::string out;
    if (ruleset) out += as_it_is(match.ruleset) + ':';
    out += as_it_is(match.rule) + ' ';
    if (tags) out += fmt::format("[{}] ", as_it_is(fmt::format("{}", fmt::join(match.tags, ","))));
    if (meta) put_meta(out, match, *this);
    out += as_it_is(path) + '\n';
    if (!strings && !lengths && !xor_keys) return out;
    for (const auto& hit : match.hits) {
        fmt::format_to(std::back_inserter(out), "0x{:x}:", hit.offset);
        if (lengths) fmt::format_to(std::back_inserter(out), "{}:", std::min<std::uint64_t>(hit.length, kYaraDataBytes));
        out += as_it_is(hit.pattern);
        if (xor_keys) {
            fmt::format_to(std::back_inserter(out), ":xor(0x{:02x},", hit.xor_key);
            put_text(out, hit.data, hit.xor_key);
            out += ')';
        }
        if (strings) {
            out += ": ";
            if (hit.hex) {
                put_hex(out, hit.data);
            } else {
                put_text(out, hit.data, 0);
            }
        }
        out += '\n';
    }
    return out;
}

std::string yara_message(const wire::Diagnostic& diagnostic) {
    const char* kind = diagnostic.error ? "error" : "warning";
    const std::string place = fmt::format("{}({})", escape_for_terminal(diagnostic.file), diagnostic.line);
    const std::string why = escape_for_terminal(diagnostic.text);
    if (diagnostic.rule.empty()) return fmt::format("{}: {}: {}\n", place, kind, why);
    return fmt::format("{}: rule \"{}\" in {}: {}\n", kind, escape_for_terminal(diagnostic.rule), place, why);
}

}  // namespace ward::doors
