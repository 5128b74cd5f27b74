// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/internal/lexer.h"

#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace ward::compile {
namespace {

constexpr std::array<std::string_view, 51> kKeywords = {
    "all", "and", "any", "ascii", "at", "base64", "base64wide", "condition", "contains", "defined", "endswith",
    "entrypoint", "false", "filesize", "for", "fullword", "global", "icontains", "iendswith", "iequals", "import",
    "in", "include", "int16", "int16be", "int32", "int32be", "int8", "int8be", "istartswith", "matches", "meta",
    "nocase", "none", "not", "of", "or", "private", "rule", "startswith", "strings", "them", "true", "uint16",
    "uint16be", "uint32", "uint32be", "uint8", "uint8be", "wide", "xor",
};
static_assert(std::ranges::is_sorted(kKeywords));
static_assert(static_cast<std::size_t>(Tok::kw_xor) - static_cast<std::size_t>(Tok::kw_all) + 1 == kKeywords.size());

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
int hex_value(char c) { return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10; }

}  // namespace

Span join(Span first, Span last) { return {first.offset, last.end() - first.offset}; }

std::span<const std::string_view> keywords() { return kKeywords; }

Token Lexer::make(Tok kind, std::uint32_t start) const {
    return {.kind = kind, .span = {start, static_cast<std::uint32_t>(at_) - start}};
}

Token Lexer::broken(std::uint32_t start, std::string why) const {
    Token token = make(Tok::broken, start);
    token.span.length = std::max(token.span.length, 1U);
    token.text = std::move(why);
    return token;
}

bool Lexer::skip_blanks() {
    for (;;) {
        while (is_blank(look())) ++at_;
        // A byte order mark is no part of the language; editors leave one at the start.
        if (at_ == 0 && source_.starts_with("\xEF\xBB\xBF")) {
            at_ = 3;
        } else if (look() == '/' && look(1) == '/') {
            at_ = std::min(source_.find('\n', at_), source_.size());
        } else if (look() == '/' && look(1) == '*') {
            const std::size_t end = source_.find("*/", at_ + 2);
            if (end == std::string_view::npos) return false;
            at_ = end + 2;
        } else {
            return true;
        }
    }
}

std::uint32_t Lexer::position() {
    skip_blanks();
    return static_cast<std::uint32_t>(at_);
}

char Lexer::peek_char() {
    skip_blanks();
    return look();
}

Token Lexer::next() {
    if (!skip_blanks()) {
        const auto start = static_cast<std::uint32_t>(at_);
        at_ = source_.size();
        Token token = broken(start, "this comment has no end, expected `*/`");
        token.span.length = 2;
        return token;
    }
    const auto start = static_cast<std::uint32_t>(at_);
    if (at_ >= source_.size()) return make(Tok::end, start);
    const char c = look();
    if (is_letter(c)) return word(start);
    if (is_digit(c)) return number(start);
    if (c == '"') return quoted(start);
    if (c == '$' || c == '#' || c == '@' || (c == '!' && look(1) != '=')) return string_name(start);
    return sign(start);
}

Token Lexer::word(std::uint32_t start) {
    while (is_word(look())) ++at_;
    const std::string_view text = source_.substr(start, at_ - start);
    const auto found = std::ranges::lower_bound(kKeywords, text);
    if (found != kKeywords.end() && *found == text)
        return make(static_cast<Tok>(static_cast<int>(Tok::kw_all) + (found - kKeywords.begin())), start);
    Token token = make(Tok::identifier, start);
    token.text = text;
    return token;
}

Token Lexer::string_name(std::uint32_t start) {
    const char mark = source_[at_++];
    while (is_word(look())) ++at_;
    Tok kind = Tok::string_id;
    if (mark == '#') kind = Tok::string_count;
    if (mark == '@') kind = Tok::string_offset;
    if (mark == '!') kind = Tok::string_length;
    if (mark == '$' && look() == '*') {
        ++at_;
        kind = Tok::string_wildcard;
    }
    Token token = make(kind, start);
    token.text = source_.substr(start, at_ - start);
    return token;
}

Token Lexer::number(std::uint32_t start) {
    int base = 10;
    if (look() == '0' && (look(1) == 'x' || look(1) == 'o')) {
        base = look(1) == 'x' ? 16 : 8;
        at_ += 2;
    }
    const std::size_t digits = at_;
    while (base == 16 ? is_hex(look()) : is_digit(look())) ++at_;
    if (base == 10 && look() == '.' && is_digit(look(1))) {
        ++at_;
        while (is_digit(look())) ++at_;
        Token token = make(Tok::real, start);
        const std::string_view text = source_.substr(start, at_ - start);
        std::from_chars(text.data(), text.data() + text.size(), token.real);
        return token;
    }
    std::uint64_t factor = 1;
    const std::string_view text = source_.substr(digits, at_ - digits);
    if (base == 10 && look() == 'K' && look(1) == 'B') factor = 1024;
    if (base == 10 && look() == 'M' && look(1) == 'B') factor = 1024 * 1024;
    if (factor != 1) at_ += 2;
    if (is_word(look())) {
        while (is_word(look())) ++at_;
        return broken(start, "this is no number: a number is decimal with perhaps KB or MB behind it, 0x and hex digits, or "
                             "0o and octal digits");
    }
    const auto value = parse_unsigned(text, base);
    if (text.empty()) return broken(start, "expected digits after `0x` or `0o`");
    if (!value && base == 8 && text.find_first_of("89") != std::string_view::npos)
        return broken(start, "an octal number has no digit 8 or 9");
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value || *value > kMost / factor)
        return broken(start, "this number is too large, the largest is 9223372036854775807");
    Token token = make(Tok::integer, start);
    token.integer = static_cast<std::int64_t>(*value * factor);
    return token;
}

Token Lexer::quoted(std::uint32_t start) {
    std::string content;
    std::string why;
    ++at_;
    for (;;) {
        const char c = look();
        if (at_ >= source_.size() || c == '\n') return broken(start, "this text has no end on its line, expected `\"`");
        ++at_;
        if (c == '"') break;
        if (c != '\\') {
            content += c;
            continue;
        }
        const char escaped = look();
        ++at_;
        switch (escaped) {
            case 't': content += '\t'; break;
            case 'n': content += '\n'; break;
            case 'r': content += '\r'; break;
            case '"': content += '"'; break;
            case '\\': content += '\\'; break;
            case 'x':
                if (is_hex(look()) && is_hex(look(1))) {
                    content += static_cast<char>(hex_value(look()) * 16 + hex_value(look(1)));
                    at_ += 2;
                } else {
                    why = "expected two hex digits after `\\x`";
                }
                break;
            default:
                --at_;
                why = "this escape is not known, expected one of \\t \\n \\r \\\" \\\\ \\xNN";
                if (look() != '\n' && at_ < source_.size()) ++at_;
        }
    }
    if (!why.empty()) return broken(start, std::move(why));
    Token token = make(Tok::text, start);
    token.text = std::move(content);
    return token;
}

Token Lexer::sign(std::uint32_t start) {
    struct Sign {
        std::string_view text;
        Tok kind;
    };
    // Two characters before one, so that the longest wins.
    static constexpr Sign kSigns[] = {
        {"==", Tok::equal}, {"!=", Tok::not_equal}, {"<=", Tok::less_equal}, {">=", Tok::greater_equal},
        {"<<", Tok::shift_left}, {">>", Tok::shift_right}, {"..", Tok::dot_dot}, {"{", Tok::open_brace},
        {"}", Tok::close_brace}, {"(", Tok::open_paren}, {")", Tok::close_paren}, {"[", Tok::open_bracket},
        {"]", Tok::close_bracket}, {":", Tok::colon}, {",", Tok::comma}, {".", Tok::dot}, {"=", Tok::assign},
        {"<", Tok::less}, {">", Tok::greater}, {"+", Tok::plus}, {"-", Tok::minus}, {"*", Tok::star},
        {"\\", Tok::backslash}, {"%", Tok::percent}, {"&", Tok::ampersand}, {"|", Tok::pipe}, {"^", Tok::caret},
        {"~", Tok::tilde}, {"/", Tok::slash},
    };
    for (const Sign& sign : kSigns) {
        if (!source_.substr(at_).starts_with(sign.text)) continue;
        at_ += sign.text.size();
        return make(sign.kind, start);
    }
    const auto byte = static_cast<unsigned char>(source_[at_++]);
    return broken(start, byte >= 0x20 && byte < 0x7f ? "this character has no meaning here"
                                                     : fmt::format("the byte 0x{:02x} has no meaning here", byte));
}

RawBody Lexer::hex() {
    RawBody out;
    const auto start = position();
    ++at_;
    while (at_ < source_.size() && look() != '}') {
        if (look() == '/' && look(1) == '/') {
            at_ = std::min(source_.find('\n', at_), source_.size());
        } else if (look() == '/' && look(1) == '*') {
            const std::size_t end = source_.find("*/", at_ + 2);
            if (end == std::string_view::npos) break;
            at_ = end + 2;
        } else if (look() == '"' || look() == '$' || look() == '=' || look() == ':') {
            break;  // the brace was forgotten: the rule goes on here
        } else {
            ++at_;
        }
    }
    out.ok = look() == '}' && at_ < source_.size();
    out.body = {start + 1, static_cast<std::uint32_t>(at_) - start - 1};
    if (out.ok) ++at_;
    else out.why = "this hex string has no end, expected `}`";
    out.span = {start, out.ok ? static_cast<std::uint32_t>(at_) - start : 1};
    return out;
}

RawBody Lexer::regex() {
    RawBody out;
    const auto start = position();
    ++at_;
    bool escaped = false;
    while (at_ < source_.size() && look() != '\n') {
        const char c = look();
        if (!escaped && c == '/') break;
        escaped = !escaped && c == '\\';
        ++at_;
    }
    out.ok = look() == '/' && at_ < source_.size();
    out.body = {start + 1, static_cast<std::uint32_t>(at_) - start - 1};
    if (out.ok) {
        ++at_;
        for (; look() == 'i' || look() == 's'; ++at_) (look() == 'i' ? out.flag_i : out.flag_s) = true;
        if (is_word(look())) {
            out.ok = false;
            out.why = "a regular expression has the flags i and s only";
            while (is_word(look())) ++at_;
        } else if (out.body.length == 0) {
            out.ok = false;
            out.why = "this regular expression is empty";
        }
    } else {
        out.why = "this regular expression has no end on its line, expected `/`";
    }
    out.span = {start, static_cast<std::uint32_t>(at_) - start};
    return out;
}

}  // namespace ward::compile
