// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/internal/parser.h"

#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace ward::compile {
namespace {

using Kind = Node::Kind;

std::string describe(const Token& token, std::string_view source) {
    constexpr std::size_t kMostShown = 40;
    if (token.kind == Tok::end) return "the end of the file";
    std::string_view text = source.substr(token.span.offset, token.span.length);
    const bool cut = text.size() > kMostShown;
    return fmt::format("`{}{}`", escape_for_terminal(text.substr(0, kMostShown)), cut ? "..." : "");
}

// Binding of arithmetic operators, 0 for what is none. `%` before `of` is no operator; the caller looks.
int binding(Tok kind) {
    switch (kind) {
        case Tok::pipe: return 1;
        case Tok::caret: return 2;
        case Tok::ampersand: return 3;
        case Tok::shift_left:
        case Tok::shift_right: return 4;
        case Tok::plus:
        case Tok::minus: return 5;
        case Tok::star:
        case Tok::backslash:
        case Tok::percent: return 6;
        default: return 0;
    }
}

bool is_comparison(Tok kind) {
    return kind == Tok::equal || kind == Tok::not_equal || kind == Tok::less || kind == Tok::less_equal ||
           kind == Tok::greater || kind == Tok::greater_equal;
}

bool is_text_operator(Tok kind) {
    return kind == Tok::kw_contains || kind == Tok::kw_icontains || kind == Tok::kw_startswith ||
           kind == Tok::kw_istartswith || kind == Tok::kw_endswith || kind == Tok::kw_iendswith ||
           kind == Tok::kw_iequals;
}

bool is_integer_reader(Tok kind) {
    switch (kind) {
        case Tok::kw_int8: case Tok::kw_int16: case Tok::kw_int32: case Tok::kw_uint8: case Tok::kw_uint16:
        case Tok::kw_uint32: case Tok::kw_int8be: case Tok::kw_int16be: case Tok::kw_int32be: case Tok::kw_uint8be:
        case Tok::kw_uint16be: case Tok::kw_uint32be: return true;
        default: return false;
    }
}

// YARA's limit on names; ours too, so that what Ward accepts yara accepts.
constexpr std::size_t kMaxNameBytes = 128;

class Nesting {
public:
    explicit Nesting(std::uint32_t& depth) : depth_{depth} { ++depth_; }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

private:
    std::uint32_t& depth_;
};

}  // namespace

bool Parser::accept(Tok kind) {
    if (!at(kind)) return false;
    last_ = token_.span;
    advance();
    return true;
}

bool Parser::expect(Tok kind, std::string_view what) { return accept(kind) || expected(what); }

bool Parser::expected(std::string_view what, const std::vector<std::string_view>& words) {
    if (token_.kind == Tok::broken) {
        reporter_.error(token_.span, token_.text);
    } else {
        const std::string_view word = lexer_.source().substr(token_.span.offset, token_.span.length);
        reporter_.error(token_.span, fmt::format("expected {}, found {}{}", what, describe(token_, lexer_.source()),
                                                 did_you_mean(word, words)));
    }
    return false;
}

Tok Parser::peek_kind() {
    Lexer ahead = lexer_;
    return ahead.next().kind;
}

// `rule`, `import` and `include` are reserved, so outside comments and literals they can only begin an item.
void Parser::skip_to_item() {
    for (;; advance()) {
        if (at(Tok::end) || at(Tok::kw_rule) || at(Tok::kw_import) || at(Tok::kw_include)) return;
        if ((at(Tok::kw_private) || at(Tok::kw_global)) &&
            (peek_kind() == Tok::kw_rule || peek_kind() == Tok::kw_private || peek_kind() == Tok::kw_global))
            return;
        if (at(Tok::assign) && lexer_.peek_char() == '{') static_cast<void>(lexer_.hex());
        if ((at(Tok::assign) || at(Tok::kw_matches)) && lexer_.peek_char() == '/') static_cast<void>(lexer_.regex());
    }
}

void Parser::skip_to_string_or_condition() {
    for (;; advance()) {
        if (at(Tok::end) || at(Tok::kw_condition) || at(Tok::close_brace) || at(Tok::kw_rule)) return;
        if (at(Tok::string_id) && peek_kind() == Tok::assign) return;
        if (at(Tok::assign) && lexer_.peek_char() == '{') static_cast<void>(lexer_.hex());
        if (at(Tok::assign) && lexer_.peek_char() == '/') static_cast<void>(lexer_.regex());
    }
}

Item Parser::next() {
    reporter_.rule("");
    for (;;) {
        if (at(Tok::end)) return {};
        if (at(Tok::kw_rule) || at(Tok::kw_global) || at(Tok::kw_private)) return rule();
        if (at(Tok::kw_include) || at(Tok::kw_import)) {
            const bool include = at(Tok::kw_include);
            advance();
            if (!at(Tok::text)) {
                expected(include ? "a file name in quotes after `include`" : "a module name in quotes after `import`");
                skip_to_item();
                continue;
            }
            std::string name = token_.text;
            const Span span = token_.span;
            advance();
            if (include) return IncludeDirective{std::move(name), span};
            return ImportDirective{std::move(name), span};
        }
        expected("`rule`, `import` or `include`", {"rule", "import", "include", "global", "private"});
        advance();
        skip_to_item();
    }
}

RuleDefinition Parser::rule() {
    RuleDefinition rule;
    if (rule_head(rule) && expect(Tok::open_brace, "`{` before the rule's content")) {
        bool good = true;
        if (good && at(Tok::kw_meta)) good = meta_section(rule);
        if (good && at(Tok::kw_strings)) good = strings_section(rule);
        if (good && !at(Tok::kw_condition)) {
            if (rule.strings.empty())
                good = expected(rule.metas.empty() ? "`meta:`, `strings:` or `condition:`" : "`strings:` or `condition:`",
                                {"meta", "strings", "condition"});
            else
                good = expected("a string definition or `condition:`", {"condition"});
        }
        if (good) {
            advance();
            good = expect(Tok::colon, "`:` after `condition`");
        }
        if (good) rule.condition = disjunction();
        if (good && rule.condition) {
            if (accept(Tok::close_brace)) return rule;
            expected("an operator, or `}` at the end of the rule",
                     {"and", "or", "of", "at", "in", "contains", "matches", "startswith", "endswith"});
        }
    }
    rule.faulty = true;
    rule.condition = nullptr;
    skip_to_item();
    return rule;
}

bool Parser::rule_head(RuleDefinition& rule) {
    while (at(Tok::kw_global) || at(Tok::kw_private)) {
        bool& flag = at(Tok::kw_global) ? rule.is_global : rule.is_private;
        if (flag) reporter_.warning(token_.span, "this word is here twice");
        flag = true;
        advance();
    }
    if (!expect(Tok::kw_rule, "`rule`")) return false;
    rule.span = token_.span;
    if (!at(Tok::identifier)) {
        const auto words = keywords();
        const std::string_view found = lexer_.source().substr(token_.span.offset, token_.span.length);
        if (std::ranges::find(words, found) != words.end()) {
            reporter_.error(token_.span, fmt::format("`{}` is a word of the language and cannot name a rule", found));
            return false;
        }
        return expected("the rule's name");
    }
    rule.name = token_.text;
    reporter_.rule(rule.name);
    if (rule.name.size() > kMaxNameBytes) {
        reporter_.error(token_.span, fmt::format("a name has at most {} characters", kMaxNameBytes));
        rule.faulty = true;
    }
    advance();
    if (!accept(Tok::colon)) return true;
    if (!at(Tok::identifier)) return expected("a tag after `:`");
    while (at(Tok::identifier)) {
        for (const auto& [tag, span] : rule.tags) {
            if (tag != token_.text) continue;
            reporter_.error(token_.span, fmt::format("the tag `{}` is here twice", tag));
            rule.faulty = true;
        }
        rule.tags.emplace_back(token_.text, token_.span);
        advance();
    }
    return true;
}

bool Parser::meta_section(RuleDefinition& rule) {
    advance();
    if (!expect(Tok::colon, "`:` after `meta`")) return false;
    if (!at(Tok::identifier)) return expected("a meta entry, `name = value`");
    while (at(Tok::identifier)) {
        MetaDefinition meta{token_.text, false};
        advance();
        if (!expect(Tok::assign, "`=` after a meta name")) return false;
        const bool minus = accept(Tok::minus);
        if (at(Tok::integer)) {
            meta.value = minus ? -token_.integer : token_.integer;
        } else if (minus) {
            return expected("a number after `-`");
        } else if (at(Tok::text)) {
            meta.value = token_.text;
        } else if (at(Tok::kw_true) || at(Tok::kw_false)) {
            meta.value = at(Tok::kw_true);
        } else {
            return expected("a text in quotes, a whole number, `true` or `false`", {"true", "false"});
        }
        advance();
        rule.metas.push_back(std::move(meta));
    }
    return true;
}

bool Parser::strings_section(RuleDefinition& rule) {
    advance();
    if (!expect(Tok::colon, "`:` after `strings`")) return false;
    if (!at(Tok::string_id)) return expected("a string definition, `$name = value`");
    while (at(Tok::string_id)) {
        if (string_definition(rule)) continue;
        rule.faulty = true;
        skip_to_string_or_condition();
    }
    return true;
}

bool Parser::string_definition(RuleDefinition& rule) {
    StringDefinition string;
    string.name = token_.text;
    string.span = token_.span;
    if (string.name.size() > kMaxNameBytes) {
        reporter_.error(token_.span, fmt::format("a name has at most {} characters", kMaxNameBytes));
        rule.faulty = true;
    }
    advance();
    if (!at(Tok::assign)) return expected("`=` after the string's name");
    if (!string_value(string) || !modifiers(string)) return false;
    rule.strings.push_back(std::move(string));
    return true;
}

// The current token is `=`, so the lexer stands right before the value.
bool Parser::string_value(StringDefinition& string) {
    const char first = lexer_.peek_char();
    if (first == '{' || first == '/') {
        const RawBody raw = first == '{' ? lexer_.hex() : lexer_.regex();
        if (!raw.ok) {
            reporter_.error(raw.span, raw.why);
            advance();
            return false;
        }
        string.spec.kind = first == '{' ? PatternSpec::Kind::hex : PatternSpec::Kind::regex;
        string.spec.body = lexer_.source().substr(raw.body.offset, raw.body.length);
        if (first == '/') check_escapes(raw);
        string.spec.nocase = raw.flag_i;
        string.spec.dot_all = raw.flag_s;
        string.body_span = raw.span;
        advance();
        return true;
    }
    advance();
    if (!at(Tok::text)) return expected("a text in quotes, a hex string in braces or a regular expression in slashes");
    if (token_.text.empty()) {
        reporter_.error(token_.span, "an empty string matches nothing");
        advance();
        return false;
    }
    string.spec.kind = PatternSpec::Kind::text;
    string.spec.body = std::move(token_.text);
    string.body_span = token_.span;
    string.offsets_exact = string.spec.body.size() + 2 == token_.span.length;
    advance();
    return true;
}

bool Parser::modifiers(StringDefinition& string) {
    while (!at(Tok::string_id) && !at(Tok::kw_condition) && !at(Tok::close_brace) && !at(Tok::end)) {
        if (!modifier(string)) return false;
    }
    const PatternSpec& spec = string.spec;
    const auto clash = [&](bool both, std::string_view first, std::string_view second) {
        if (both) reporter_.error(string.body_span, fmt::format("`{}` and `{}` cannot be combined", first, second));
        return both;
    };
    const bool base64 = spec.base64 || spec.base64wide;
    const std::string_view base64_name = spec.base64 ? "base64" : "base64wide";
    return !(clash(spec.has_xor && spec.nocase, "xor", "nocase") || clash(spec.has_xor && base64, "xor", base64_name) ||
             clash(base64 && spec.nocase, base64_name, "nocase") ||
             clash(base64 && spec.fullword, base64_name, "fullword"));
}

bool Parser::modifier(StringDefinition& string) {
    PatternSpec& spec = string.spec;
    const bool text = spec.kind == PatternSpec::Kind::text;
    const bool hex = spec.kind == PatternSpec::Kind::hex;
    const Token word = token_;
    const auto set = [&](bool& flag, bool allowed) {
        const std::string_view name = lexer_.source().substr(word.span.offset, word.span.length);
        if (!allowed) {
            reporter_.error(word.span, fmt::format("`{}` does not go with a {}", name, hex ? "hex string" : "regular expression"));
        } else if (flag) {
            reporter_.error(word.span, fmt::format("the modifier `{}` is here twice", name));
        } else {
            flag = true;
            advance();
            return true;
        }
        advance();
        return false;
    };
    switch (token_.kind) {
        case Tok::kw_nocase: {
            // `/x/i nocase` says it twice, which yara allows.
            bool unset = false;
            return set(spec.kind == PatternSpec::Kind::regex && spec.nocase ? unset : spec.nocase, !hex);
        }
        case Tok::kw_wide: return set(spec.wide, !hex);
        case Tok::kw_ascii: return set(spec.ascii, !hex);
        case Tok::kw_fullword: return set(spec.fullword, !hex);
        case Tok::kw_private: return set(string.is_private, true);
        case Tok::kw_xor: return set(spec.has_xor, text) && xor_range(spec);
        case Tok::kw_base64: return set(spec.base64, text) && alphabet(spec);
        case Tok::kw_base64wide: return set(spec.base64wide, text) && alphabet(spec);
        default:
            return expected("a modifier, the next string or `condition:`",
                            {"nocase", "wide", "ascii", "fullword", "private", "xor", "base64", "base64wide", "condition"});
    }
}

bool Parser::xor_range(PatternSpec& spec) {
    if (!accept(Tok::open_paren)) return true;
    const Span start = token_.span;
    if (!at(Tok::integer)) return expected("a number from 0 to 255");
    const std::int64_t low = token_.integer;
    std::int64_t high = low;
    advance();
    if (accept(Tok::minus)) {
        if (!at(Tok::integer)) return expected("a number from 0 to 255");
        high = token_.integer;
        last_ = token_.span;
        advance();
    }
    if (low > high || high > 255) {
        reporter_.error(join(start, last_), "a range of xor keys goes from 0 to 255, the lower one first");
        return false;
    }
    spec.xor_min = static_cast<std::uint8_t>(low);
    spec.xor_max = static_cast<std::uint8_t>(high);
    return expect(Tok::close_paren, "`)` after the xor keys");
}

bool Parser::alphabet(PatternSpec& spec) {
    if (!accept(Tok::open_paren)) return true;
    if (!at(Tok::text)) return expected("an alphabet of 64 characters in quotes");
    if (token_.text.size() != 64) {
        reporter_.error(token_.span, fmt::format("a base64 alphabet has 64 characters, this one has {}", token_.text.size()));
        return false;
    }
    if (!spec.base64_alphabet.empty() && spec.base64_alphabet != token_.text) {
        reporter_.error(token_.span, "one string cannot have two base64 alphabets");
        return false;
    }
    spec.base64_alphabet = token_.text;
    advance();
    return expect(Tok::close_paren, "`)` after the alphabet");
}

NodePtr Parser::make(Kind kind, Span span) const {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->span = span;
    return node;
}

bool Parser::adopt(Node& parent, NodePtr child) {
    if (!child) return false;
    parent.depth = std::max(parent.depth, child->depth + 1);
    if (parent.depth > kMaxDepth) {
        reporter_.error(child->span, fmt::format("a condition is nested at most {} deep", kMaxDepth));
        return false;
    }
    parent.children.push_back(std::move(child));
    return true;
}

NodePtr Parser::finish(NodePtr node) const {
    node->span = join(node->span, last_);
    return node;
}

NodePtr Parser::disjunction() {
    NodePtr first = conjunction();
    if (!first || !at(Tok::kw_or)) return first;
    NodePtr node = make(Kind::disjunction, first->span);
    if (!adopt(*node, std::move(first))) return nullptr;
    while (accept(Tok::kw_or))
        if (!adopt(*node, conjunction())) return nullptr;
    return finish(std::move(node));
}

NodePtr Parser::conjunction() {
    NodePtr first = negation();
    if (!first || !at(Tok::kw_and)) return first;
    NodePtr node = make(Kind::conjunction, first->span);
    if (!adopt(*node, std::move(first))) return nullptr;
    while (accept(Tok::kw_and))
        if (!adopt(*node, negation())) return nullptr;
    return finish(std::move(node));
}

NodePtr Parser::negation() {
    const Nesting nesting{nesting_};
    if (nesting_ > kMaxDepth) {
        reporter_.error(token_.span, fmt::format("a condition is nested at most {} deep", kMaxDepth));
        return nullptr;
    }
    if (!at(Tok::kw_not) && !at(Tok::kw_defined)) return comparison();
    NodePtr node = make(at(Tok::kw_not) ? Kind::negation : Kind::defined, token_.span);
    advance();
    if (!adopt(*node, negation())) return nullptr;
    return finish(std::move(node));
}

NodePtr Parser::comparison() {
    NodePtr left = arithmetic(1);
    if (!left) return nullptr;
    if (at(Tok::kw_of) || (at(Tok::percent) && peek_kind() == Tok::kw_of)) {
        if (accept(Tok::percent)) {
            NodePtr share = make(Kind::percent, left->span);
            if (!adopt(*share, std::move(left))) return nullptr;
            left = finish(std::move(share));
        }
        return of_expression(std::move(left));
    }
    const Tok op = token_.kind;
    if (!is_comparison(op) && !is_text_operator(op) && op != Tok::kw_matches) return left;
    NodePtr node = make(is_comparison(op) ? Kind::compare : op == Tok::kw_matches ? Kind::matches : Kind::text_op, left->span);
    node->op = op;
    if (!adopt(*node, std::move(left))) return nullptr;
    if (op == Tok::kw_matches) {
        if (!adopt(*node, regex_literal())) return nullptr;
    } else {
        last_ = token_.span;
        advance();
        if (!adopt(*node, arithmetic(1))) return nullptr;
    }
    if (is_comparison(token_.kind)) {
        reporter_.error(token_.span, "a comparison cannot be compared again, join two with `and`");
        return nullptr;
    }
    return finish(std::move(node));
}

// yara tells of the first one only, and lets marks pass that need no backslash, but for three.
void Parser::check_escapes(const RawBody& regex) {
    if (!strict_escapes_) return;
    const std::string_view body = lexer_.source().substr(regex.body.offset, regex.body.length);
    bool in_class = false;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] == '[') in_class = true;
        if (body[i] == ']') in_class = false;
        if (body[i] != '\\' || ++i == body.size()) continue;
        const std::string_view known = in_class ? "adfnrstwxDSW" : "abdfnrstwxBDSW";
        const char c = body[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool odd = letter ? known.find(c) == std::string_view::npos : c == ' ' || c == ';' || c == '`' || (in_class && c >= '0' && c <= '9');
        if (!odd) continue;
        reporter_.warning({regex.body.offset + static_cast<std::uint32_t>(i) - 1, 2}, "unknown escape sequence");
        return;
    }
}

NodePtr Parser::regex_literal() {
    if (lexer_.peek_char() != '/') {
        advance();
        expected("a regular expression in slashes");
        return nullptr;
    }
    const RawBody raw = lexer_.regex();
    if (!raw.ok) {
        reporter_.error(raw.span, raw.why);
        return nullptr;
    }
    check_escapes(raw);
    NodePtr node = make(Kind::regex, raw.span);
    node->text = lexer_.source().substr(raw.body.offset, raw.body.length);
    node->flag_i = raw.flag_i;
    node->flag_s = raw.flag_s;
    last_ = raw.span;
    advance();
    return node;
}

NodePtr Parser::arithmetic(int least_binding) {
    NodePtr left = unary();
    while (left) {
        const int bound = binding(token_.kind);
        if (bound < least_binding || bound == 0) break;
        if (at(Tok::percent) && peek_kind() == Tok::kw_of) break;
        NodePtr node = make(Kind::arithmetic, left->span);
        node->op = token_.kind;
        advance();
        if (!adopt(*node, std::move(left)) || !adopt(*node, arithmetic(bound + 1))) return nullptr;
        left = finish(std::move(node));
    }
    return left;
}

NodePtr Parser::unary() {
    if (!at(Tok::minus) && !at(Tok::tilde)) return primary();
    const Nesting nesting{nesting_};
    if (nesting_ > kMaxDepth) {
        reporter_.error(token_.span, fmt::format("a condition is nested at most {} deep", kMaxDepth));
        return nullptr;
    }
    NodePtr node = make(at(Tok::minus) ? Kind::negate : Kind::bit_not, token_.span);
    advance();
    if (!adopt(*node, unary())) return nullptr;
    return finish(std::move(node));
}

NodePtr Parser::primary() {
    NodePtr node = make(Kind::boolean, token_.span);
    switch (token_.kind) {
        case Tok::open_paren: return parenthesised();
        case Tok::identifier: return reference();
        case Tok::string_id:
        case Tok::string_count:
        case Tok::string_offset:
        case Tok::string_length: return string_operand();
        case Tok::kw_for: return for_expression();
        case Tok::kw_all:
        case Tok::kw_any:
        case Tok::kw_none: {
            NodePtr how_many = quantifier();
            if (!how_many) return nullptr;
            if (!at(Tok::kw_of)) {
                expected("`of` after the quantifier", {"of"});
                return nullptr;
            }
            return of_expression(std::move(how_many));
        }
        case Tok::kw_true:
        case Tok::kw_false: node->integer = at(Tok::kw_true) ? 1 : 0; break;
        case Tok::integer:
            node->kind = Kind::integer;
            node->integer = token_.integer;
            break;
        case Tok::real:
            node->kind = Kind::real;
            node->real = token_.real;
            break;
        case Tok::text:
            node->kind = Kind::text;
            node->text = std::move(token_.text);
            break;
        case Tok::kw_filesize: node->kind = Kind::filesize; break;
        case Tok::kw_entrypoint: node->kind = Kind::entrypoint; break;
        case Tok::string_wildcard:
            reporter_.error(token_.span, "a set of strings needs a quantifier, such as `any of ($a*)`");
            return nullptr;
        case Tok::kw_them:
            reporter_.error(token_.span, "`them` needs a quantifier, such as `any of them`");
            return nullptr;
        default:
            if (is_integer_reader(token_.kind)) {
                node->kind = Kind::read;
                node->op = token_.kind;
                advance();
                if (!expect(Tok::open_paren, "`(` and an offset")) return nullptr;
                if (!adopt(*node, arithmetic(1)) || !expect(Tok::close_paren, "`)` after the offset")) return nullptr;
                return finish(std::move(node));
            }
            expected("a condition or a value", {"not", "defined", "all", "any", "none", "true", "false", "filesize", "for"});
            return nullptr;
    }
    last_ = token_.span;
    advance();
    return node;
}

NodePtr Parser::parenthesised() {
    const Span start = token_.span;
    advance();
    NodePtr inner = disjunction();
    if (!inner || !expect(Tok::close_paren, "`)` to close the parenthesis")) return nullptr;
    inner->span = join(start, last_);
    return inner;
}

NodePtr Parser::reference() {
    NodePtr node = make(Kind::identifier, token_.span);
    node->text = token_.text;
    accept(Tok::identifier);
    for (;;) {
        if (accept(Tok::dot)) {
            NodePtr member = make(Kind::member, node->span);
            if (!at(Tok::identifier)) {
                expected("a field's name after `.`");
                return nullptr;
            }
            member->text = token_.text;
            accept(Tok::identifier);
            if (!adopt(*member, std::move(node))) return nullptr;
            node = finish(std::move(member));
        } else if (accept(Tok::open_bracket)) {
            NodePtr index = make(Kind::index, node->span);
            if (!adopt(*index, std::move(node)) || !adopt(*index, arithmetic(1))) return nullptr;
            if (!expect(Tok::close_bracket, "`]` after the index")) return nullptr;
            node = finish(std::move(index));
        } else if (at(Tok::open_paren)) {
            NodePtr call = make(Kind::call, node->span);
            if (!adopt(*call, std::move(node))) return nullptr;
            // An argument may be a regular expression, which only the parser can ask the lexer for.
            const auto argument = [&] { return adopt(*call, lexer_.peek_char() == '/' ? regex_literal() : (advance(), disjunction())); };
            if (lexer_.peek_char() == ')') {
                advance();
            } else {
                if (!argument()) return nullptr;
                while (at(Tok::comma))
                    if (!argument()) return nullptr;
            }
            if (!expect(Tok::close_paren, "`)` after the arguments")) return nullptr;
            node = finish(std::move(call));
        } else {
            return node;
        }
    }
}

NodePtr Parser::string_operand() {
    const Tok mark = token_.kind;
    NodePtr node = make(Kind::found, token_.span);
    node->text = token_.text;
    node->text[0] = '$';
    last_ = token_.span;
    advance();
    if (mark == Tok::string_id) {
        if (accept(Tok::kw_at)) {
            node->kind = Kind::found_at;
            if (!adopt(*node, arithmetic(1))) return nullptr;
        } else if (accept(Tok::kw_in)) {
            node->kind = Kind::found_in;
            if (!range(*node)) return nullptr;
        }
    } else if (mark == Tok::string_count) {
        node->kind = Kind::count;
        if (accept(Tok::kw_in)) {
            node->kind = Kind::count_in;
            if (!range(*node)) return nullptr;
        }
    } else {
        node->kind = mark == Tok::string_offset ? Kind::offset : Kind::length;
        if (accept(Tok::open_bracket)) {
            if (!adopt(*node, arithmetic(1)) || !expect(Tok::close_bracket, "`]` after the index")) return nullptr;
        }
    }
    return finish(std::move(node));
}

bool Parser::range(Node& node) {
    return expect(Tok::open_paren, "`(` and a range, `(low..high)`") && adopt(node, arithmetic(1)) &&
           expect(Tok::dot_dot, "`..` between the bounds of the range") && adopt(node, arithmetic(1)) &&
           expect(Tok::close_paren, "`)` after the range");
}

NodePtr Parser::quantifier() {
    if (at(Tok::kw_all) || at(Tok::kw_any) || at(Tok::kw_none)) {
        NodePtr node = make(at(Tok::kw_all) ? Kind::all : at(Tok::kw_any) ? Kind::any : Kind::none, token_.span);
        last_ = token_.span;
        advance();
        return node;
    }
    NodePtr node = arithmetic(1);
    if (!node || !at(Tok::percent)) return node;
    NodePtr share = make(Kind::percent, node->span);
    accept(Tok::percent);
    if (!adopt(*share, std::move(node))) return nullptr;
    return finish(std::move(share));
}

NodePtr Parser::of_expression(NodePtr how_many) {
    NodePtr node = make(Kind::of, how_many->span);
    if (!adopt(*node, std::move(how_many)) || !expect(Tok::kw_of, "`of`") || !string_set(*node)) return nullptr;
    if (accept(Tok::kw_in)) {
        node->kind = Kind::of_in;
        if (!range(*node)) return nullptr;
    } else if (accept(Tok::kw_at)) {
        node->kind = Kind::of_at;
        if (!adopt(*node, arithmetic(1))) return nullptr;
    }
    return finish(std::move(node));
}

bool Parser::string_set(Node& node) {
    if (accept(Tok::kw_them)) return true;
    if (!expect(Tok::open_paren, "`them` or a set in parentheses")) return false;
    do {
        SetItem item;
        item.span = token_.span;
        item.name = token_.text;
        if (at(Tok::string_wildcard)) {
            item.wildcard = true;
            item.name.pop_back();
        } else if (at(Tok::identifier)) {
            item.rule = true;
        } else if (!at(Tok::string_id)) {
            return expected("a string such as `$a` or `$a*`, or a rule's name");
        }
        const std::uint32_t end = token_.span.end();
        last_ = token_.span;
        advance();
        if (item.rule && at(Tok::star) && token_.span.offset == end) {
            item.wildcard = true;
            item.span = join(item.span, token_.span);
            accept(Tok::star);
        }
        if (!node.set.empty() && node.set.front().rule != item.rule) {
            reporter_.error(item.span, "a set holds strings or rules, not both");
            return false;
        }
        node.set.push_back(std::move(item));
    } while (accept(Tok::comma));
    return expect(Tok::close_paren, "`,` or `)` in the set");
}

NodePtr Parser::for_expression() {
    NodePtr node = make(Kind::for_strings, token_.span);
    accept(Tok::kw_for);
    const bool word = at(Tok::kw_all) || at(Tok::kw_any) || at(Tok::kw_none);
    if (!word && !at(Tok::integer) && !at(Tok::open_paren) && !at(Tok::string_count) && !at(Tok::string_offset) &&
        !at(Tok::string_length) && !at(Tok::minus) && !at(Tok::tilde) && !at(Tok::identifier) && !at(Tok::kw_filesize) && !is_integer_reader(token_.kind)) {
        expected("`any`, `all`, `none` or a number after `for`", {"any", "all", "none"});
        return nullptr;
    }
    if (!adopt(*node, quantifier())) return nullptr;
    if (accept(Tok::kw_of)) {
        if (!string_set(*node)) return nullptr;
    } else {
        node->children.push_back(nullptr);  // the body's place
        if (!for_iterator(*node)) return nullptr;
    }
    if (!expect(Tok::colon, "`:` before the loop's body") || !expect(Tok::open_paren, "`(` before the loop's body")) return nullptr;
    NodePtr body = disjunction();
    if (!body || !expect(Tok::close_paren, "`)` after the loop's body")) return nullptr;
    if (node->kind == Kind::for_strings) {
        if (!adopt(*node, std::move(body))) return nullptr;
    } else {
        // Through adopt() for its check of the depth.
        if (!adopt(*node, std::move(body))) return nullptr;
        node->children[1] = std::move(node->children.back());
        node->children.pop_back();
    }
    return finish(std::move(node));
}

bool Parser::for_iterator(Node& node) {
    do {
        if (!at(Tok::identifier)) return expected("`of`, or the name of a loop variable", {"of"});
        node.variables.push_back(token_.text);
        accept(Tok::identifier);
    } while (accept(Tok::comma));
    if (!expect(Tok::kw_in, "`in` after the loop variable")) return false;
    if (at(Tok::identifier)) {
        node.kind = Kind::for_each;
        return adopt(node, reference());
    }
    if (!expect(Tok::open_paren, "`(` and a range or a list")) return false;
    node.kind = Kind::for_list;
    if (!adopt(node, arithmetic(1))) return false;
    if (accept(Tok::dot_dot)) {
        node.kind = Kind::for_range;
        return adopt(node, arithmetic(1)) && expect(Tok::close_paren, "`)` after the range");
    }
    while (accept(Tok::comma))
        if (!adopt(node, arithmetic(1))) return false;
    return expect(Tok::close_paren, "`..`, `,` or `)` in the values");
}

}  // namespace ward::compile
