// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ward::compile {

// A part of a source, in bytes from its start.
struct Span {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    std::uint32_t end() const { return offset + length; }
};
// From the start of the first to the end of the last.
Span join(Span first, Span last);

enum class Tok : std::uint8_t {
    end, broken,  // broken: `text` says what is wrong with it
    // with a value
    identifier, integer, real, text,
    string_id,        // $a, $
    string_wildcard,  // $a*, $*
    string_count,     // #a, #
    string_offset,    // @a, @
    string_length,    // !a, !
    // keywords, in the order of kKeywords
    kw_all, kw_and, kw_any, kw_ascii, kw_at, kw_base64, kw_base64wide, kw_condition, kw_contains, kw_defined, kw_endswith,
    kw_entrypoint, kw_false, kw_filesize, kw_for, kw_fullword, kw_global, kw_icontains, kw_iendswith, kw_iequals, kw_import,
    kw_in, kw_include, kw_int16, kw_int16be, kw_int32, kw_int32be, kw_int8, kw_int8be, kw_istartswith, kw_matches, kw_meta,
    kw_nocase, kw_none, kw_not, kw_of, kw_or, kw_private, kw_rule, kw_startswith, kw_strings, kw_them, kw_true, kw_uint16,
    kw_uint16be, kw_uint32, kw_uint32be, kw_uint8, kw_uint8be, kw_wide, kw_xor,
    // signs
    open_brace, close_brace, open_paren, close_paren, open_bracket, close_bracket, colon, comma, dot, dot_dot, assign,
    equal, not_equal, less, less_equal, greater, greater_equal, shift_left, shift_right, plus, minus, star, backslash,
    percent, ampersand, pipe, caret, tilde, slash,
};

struct Token {
    Tok kind = Tok::end;
    Span span;
    std::string text;           // identifier and string names with their sign; the content of a text; what is broken
    std::int64_t integer = 0;
    double real = 0;
};

// A hex string or regular expression as it stands between its delimiters.
struct RawBody {
    bool ok = false;            // else `why` says what is missing
    std::string why;
    Span span;                  // with delimiters and flags
    Span body;
    bool flag_i = false;
    bool flag_s = false;
};

// Every word that the language keeps for itself, sorted.
std::span<const std::string_view> keywords();

// Cuts a source into tokens. Where a hex string or a regular expression may stand only the parser knows, so it asks for one.
class Lexer {
public:
    explicit Lexer(std::string_view source) : source_{source} {}

    Token next();
    // With the position on `{`: a hex string up to its `}`. With the position on `/`: a regular expression and its flags.
    RawBody hex();
    RawBody regex();

    // The position of the next token, blanks and comments skipped.
    std::uint32_t position();
    char peek_char();  // at position(); 0 at the end
    void move_to(std::uint32_t offset) { at_ = offset; }
    std::string_view source() const { return source_; }

private:
    bool skip_blanks();  // false: a comment has no end
    char look(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
    Token number(std::uint32_t start);
    Token quoted(std::uint32_t start);
    Token word(std::uint32_t start);
    Token string_name(std::uint32_t start);
    Token sign(std::uint32_t start);
    Token make(Tok kind, std::uint32_t start) const;
    Token broken(std::uint32_t start, std::string why) const;

    std::string_view source_;
    std::size_t at_ = 0;
};

}  // namespace ward::compile
