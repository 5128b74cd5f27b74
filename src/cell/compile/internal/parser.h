// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/compile/internal/ast.h"
#include "cell/compile/internal/lexer.h"
#include "cell/compile/internal/reporter.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::compile {

// Reads one source, item by item. A fault is reported; a faulty string costs its rule only, a faulty rule the text up to
// the next `rule`, `import` or `include`.
//
//     Parser parser{source, reporter};
//     for (Item item = parser.next(); item.index() != 0; item = parser.next()) use(item);
class Parser {
public:
    // `strict_escapes`: warns of escapes in regular expressions that mean nothing.
    Parser(std::string_view source, Reporter& reporter, bool strict_escapes = false) : lexer_{source}, reporter_{reporter}, strict_escapes_{strict_escapes} { advance(); }

    Item next();

private:
    // Tokens. `token_` is the current one; the lexer stands behind it.
    void advance() { token_ = lexer_.next(); }
    bool at(Tok kind) const { return token_.kind == kind; }
    bool accept(Tok kind);
    bool expect(Tok kind, std::string_view what);
    bool expected(std::string_view what, const std::vector<std::string_view>& words = {});  // reports; always false
    Tok peek_kind();  // of the token after the current one
    void skip_to_item();
    void skip_to_string_or_condition();

    RuleDefinition rule();
    bool rule_head(RuleDefinition& rule);
    bool meta_section(RuleDefinition& rule);
    bool strings_section(RuleDefinition& rule);
    bool string_definition(RuleDefinition& rule);
    bool string_value(StringDefinition& string);
    bool modifiers(StringDefinition& string);
    bool modifier(StringDefinition& string);
    bool xor_range(PatternSpec& spec);
    bool alphabet(PatternSpec& spec);

    // Conditions; nothing after a reported fault.
    NodePtr disjunction();
    NodePtr conjunction();
    NodePtr negation();
    NodePtr comparison();
    NodePtr arithmetic(int least_binding);
    NodePtr unary();
    NodePtr primary();
    NodePtr parenthesised();
    NodePtr reference();     // an identifier with what follows it
    NodePtr string_operand();
    NodePtr for_expression();
    NodePtr of_expression(NodePtr quantifier);
    NodePtr quantifier();
    NodePtr regex_literal();
    void check_escapes(const RawBody& regex);
    bool string_set(Node& node);
    bool range(Node& node);  // appends low and high
    bool for_iterator(Node& node);

    NodePtr make(Node::Kind kind, Span span) const;
    // Adds a child; false, and reported, when that makes the tree too deep.
    bool adopt(Node& parent, NodePtr child);
    NodePtr finish(NodePtr node) const;  // its span up to the last token

    Lexer lexer_;
    Reporter& reporter_;
    bool strict_escapes_;
    Token token_;
    Span last_;                 // of the token before the current one
    std::uint32_t nesting_ = 0; // of parse functions
};

}  // namespace ward::compile
