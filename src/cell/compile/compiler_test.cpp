// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/compiler.h"

#include "cell/sigdb/view.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>

namespace ward::compile {
namespace {

class MapIncludes : public IncludeReader {
public:
    explicit MapIncludes(std::map<std::string, std::string> files) : files_{std::move(files)} {}
    Result<std::string> read(const std::string& path) override {
        const auto found = files_.find(path);
        if (found == files_.end()) return fail(Code::not_found, "there is no {}", path);
        return found->second;
    }

private:
    std::map<std::string, std::string> files_;
};

Compiled compiled(const std::string& text, wire::Externals externals = {}) {
    Compiler compiler{std::move(externals)};
    NoIncludes includes;
    compiler.add({"a.yar", text, ""}, includes);
    return std::move(compiler).finish();
}

// A condition, or strings and a condition.
std::string rule_of(const std::string& body) {
    return "rule a { " + (body.starts_with("strings:") || body.starts_with("meta:") ? body : "condition: " + body) + " }";
}
std::string module_rule(const std::string& condition) { return "import \"string\" " + rule_of(condition); }

TEST(Compiler, SaysWhereAndWhatWasExpected) {
    // The carets stand below the part that is marked by them.
    struct Case { const char* source; std::uint32_t line; std::uint32_t column; std::uint32_t length; const char* text; };
    const Case cases[] = {
        {"rule a { condition: tru }", 1, 21, 3, "tru"},
        {"rule a {\n  condition:\n    $a\n}", 3, 5, 2, "$a"},
        {"rule a { strings: $a = \"x\" condition: $a and }", 1, 46, 1, "expected"},
        {"rule a { strings: $a = \"x condition: $a }", 1, 24, 18, "end"},
        {"rule a { condition: 1 \\ 0 }", 1, 21, 5, "division by zero"},
        {"rule a { condition: 1 << -1 }", 1, 21, 7, "negative"},
        {"rule a { condition: true } }", 1, 28, 1, "expected"},
        {"rule a condition: true }", 1, 8, 9, "expected"},
        {"\n\nrule a { condition: uint8(\"x\") }", 3, 27, 3, "expected"},
        {"rule a { condition: true }\nrule a { condition: true }", 2, 6, 1, "a"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.source);
        const auto answer = compiled(c.source);
        ASSERT_FALSE(answer.diagnostics.empty());
        const auto& first = answer.diagnostics.front();
        EXPECT_TRUE(first.error);
        EXPECT_EQ(first.file, "a.yar");
        EXPECT_EQ(fmt::format("{}:{}+{}", first.line, first.column, first.length), fmt::format("{}:{}+{}", c.line, c.column, c.length)) << first.text;
        EXPECT_NE(first.text.find(c.text), std::string::npos) << first.text;
        EXPECT_FALSE(first.source_line.empty());
    }
}

// Each is the only rule of its source and is left out with an error that has a place; the good one beside it stays.
TEST(Compiler, LeavesOutEachBrokenRuleAndNoOther) {
    const std::string broken[] = {
        // strings
        rule_of("strings: condition: true"), rule_of("strings: $a condition: $a"), rule_of("strings: $a = condition: $a"), rule_of("strings: $a = 5 condition: $a"),
        rule_of("strings: a = \"x\" condition: a"), rule_of("strings: $a = \"\" condition: $a"), rule_of("strings: $a = \"\\q\" condition: $a"),
        rule_of("strings: $a = \"\\x1\" condition: $a"), rule_of("strings: $a = \"x\" $a = \"y\" condition: $a"), rule_of("strings: $a = \"x\" condition: true"),
        rule_of("strings: $a = \"x\" wide wide condition: $a"), rule_of("strings: $a = \"x\" green condition: $a"), rule_of("strings: $a = \"x\" xor nocase condition: $a"),
        rule_of("strings: $a = \"x\" xor(5-2) condition: $a"), rule_of("strings: $a = \"x\" xor(0-256) condition: $a"), rule_of("strings: $a = \"x\" xor(a) condition: $a"),
        rule_of("strings: $a = \"abc\" base64 nocase condition: $a"), rule_of("strings: $a = \"abc\" base64(\"short\") condition: $a"),
        rule_of("strings: $a = \"abc\" base64 xor condition: $a"), rule_of("strings: $a = \"abc\" base64 fullword condition: $a"),
        // hex strings
        rule_of("strings: $a = { } condition: $a"), rule_of("strings: $a = { 4 } condition: $a"), rule_of("strings: $a = { 4G } condition: $a"),
        rule_of("strings: $a = { [1-2] 41 } condition: $a"), rule_of("strings: $a = { 41 [1-2] } condition: $a"), rule_of("strings: $a = { 41 [5-2] 42 } condition: $a"),
        rule_of("strings: $a = { 41 [-2] 42 } condition: $a"), rule_of("strings: $a = { 41 [0] 42 } condition: $a"), rule_of("strings: $a = { 41 [x] 42 } condition: $a"), rule_of("strings: $a = { ( 41 | ) 42 } condition: $a"),
        rule_of("strings: $a = { ( 41 42 } condition: $a"), rule_of("strings: $a = { 41 ) 42 } condition: $a"), rule_of("strings: $a = { ( 41 [2-] 42 | 43 ) 44 } condition: $a"),
        rule_of("strings: $a = { ( 41 [2-201] 42 | 43 ) 44 } condition: $a"), rule_of("strings: $a = { ~?? 41 } condition: $a"), rule_of("strings: $a = { 41 42 condition: $a"), rule_of("strings: $a = { 41 } wide condition: $a"),
        // regular expressions
        rule_of("strings: $a = /(/ condition: $a"), rule_of("strings: $a = /)/ condition: $a"), rule_of("strings: $a = /[a/ condition: $a"),
        rule_of("strings: $a = /[z-a]/ condition: $a"), rule_of("strings: $a = /a{3,2}/ condition: $a"), rule_of("strings: $a = /*a/ condition: $a"),
        rule_of("strings: $a = /a{1,99999}/ condition: $a"), rule_of("strings: $a = /a\\xz1/ condition: $a"), rule_of("strings: $a = /a/ig condition: $a"),
        rule_of("strings: $a = /a+b+?/ condition: $a"), rule_of("strings: $a = // condition: $a"), rule_of("strings: $a = /abc condition: $a"),
        rule_of("strings: $a = /abc/ xor condition: $a"), rule_of("strings: $a = /abc/ base64 condition: $a"),
        // names
        rule_of("$missing"), rule_of("#missing > 1"), rule_of("@missing == 1"), rule_of("!missing == 1"), rule_of("missing"), rule_of("missing.field"),
        rule_of("pe.entry_point == 1"), rule_of("1 of ($x*)"), rule_of("1 of (missing)"), rule_of("all of them"), rule_of("$"), rule_of("# > 1"),
        rule_of("any of (no_such_*)"), rule_of("filename.x == 1"), rule_of("a"),
        // modules
        "import \"nothing\"", "rule x { condition: time.now() == 1 }",
        module_rule("string"), module_rule("string.foo(1)"), module_rule("string.length"), module_rule("string.length(1)"), module_rule("string.length()"),
        module_rule("string.length(\"a\", \"b\") == 1"), module_rule("string.length(/a/) == 1"), module_rule("string.length(\"a\").x == 1"), module_rule("string.length[0] == 1"),
        module_rule("for any x in string : (true)"), module_rule("for any x in string.length : (true)"), module_rule("for any x in (string.length) : (true)"),
        module_rule("string.length(/a(/) == 1"), module_rule("string.length(string) == 1"), module_rule("defined string"), module_rule("string.length(\"a\") contains \"a\""),
        // types
        rule_of("\"x\" + 1 == 2"), rule_of("\"x\" == 1"), rule_of("1 contains \"x\""), rule_of("\"x\" contains 1"), rule_of("1 matches /x/"), rule_of("\"x\" matches \"y\""),
        rule_of("~1.5 == 1"), rule_of("1.5 % 2 == 1"), rule_of("1.5 & 2 == 1"), rule_of("-\"x\" == 1"), rule_of("uint8(1.5) == 1"), rule_of("uint8(true) == 1"),
        rule_of("uint64(0) == 1"), rule_of("true + 1 == 2"), rule_of("\"x\" of them"), rule_of("for all i in (1.5, 2) : (i == 1)"), rule_of("for all i in (1, \"x\") : (true)"),
        rule_of("for all i in (\"a\"..\"b\") : (true)"),
        // numbers
        rule_of("9223372036854775808 == 1"), rule_of("9223372036854775807 + 1 == 1"), rule_of("99999999999999MB == 1"), rule_of("0xfffffffffffffffff == 1"), rule_of("0x == 1"),
        rule_of("1 % 0 == 1"), rule_of("1 >> -2 == 1"), rule_of("08x == 1"),
        // form
        rule_of(""), rule_of("and"), rule_of("true and"), rule_of("(true"), rule_of("true)"), rule_of("not"), rule_of("1 +"), rule_of("true true"), rule_of("1 == "), rule_of("!"),
        rule_of("for all i : (true)"), rule_of("for all i in (1..2) (true)"), rule_of("for all i in (1..2) : true"), rule_of("for all i in () : (true)"), rule_of("for i in (1..2) : (true)"),
        rule_of("for all i, j in (1..2) : (true)"), rule_of("for all i in (3..1) : (true)"), rule_of("for all i in (-1..1) : (true)"), rule_of("for all rule in (1..2) : (true)"),
        rule_of("all of"), rule_of("of them"), rule_of("any of (true)"), rule_of("-1 of (g*)"), rule_of("0% of (g*)"), rule_of("101% of (g*)"), rule_of("g and import"),
        rule_of("meta: condition: true"), rule_of("meta: a condition: true"), rule_of("meta: a = condition: true"), rule_of("meta: a = 1.5 condition: true"), rule_of("meta: a = x condition: true"),
        "rule { condition: true }", "rule 5 { condition: true }", "rule for { condition: true }", "rule a : { condition: true }", "rule a : t t { condition: true }",
        "rule a { }", "rule a { true }", "rule a { condition true }", "private condition rule a { condition: true }", "rule a { condition: true", "rule a ( condition: true )",
        "rule a { condition: true } @", "global a { condition: true }", "rule a { condition: true /* }", "rule \xff { condition: true }", "rule a { condition: \"x\xff\" == }",
    };
    ASSERT_GE(std::size(broken), 100U);
    for (const auto& source : broken) {
        SCOPED_TRACE(source);
        // Before it: what has no end would swallow what comes behind.
        const auto answer = compiled("rule good { condition: true }\n" + source + "\n");
        std::size_t errors = 0;
        for (const auto& diagnostic : answer.diagnostics) {
            if (!diagnostic.error) continue;
            ++errors;
            EXPECT_GE(diagnostic.line, 2U) << diagnostic.text;
            EXPECT_GE(diagnostic.column, 1U) << diagnostic.text;
            EXPECT_GE(diagnostic.length, 1U) << diagnostic.text;
            EXPECT_GE(diagnostic.text.size(), 5U);
        }
        EXPECT_GE(errors, 1U);
        EXPECT_TRUE(sigdb::View::open(answer.database).ok());
        EXPECT_GE(answer.rules, 1U) << "the good rule is still there";
    }
}

TEST(Compiler, GoesOnBehindABrokenRule) {
    const auto answer = compiled(
        "rule one { condition: true }\n"
        "rule bad { strings: $a = /(/ condition: $a }\n"
        "rule two { condition: one }\n"
        "rule three { condition: bad }\n"
        "rule four { condition: 1 + }\n"
        "rule five { condition: two }\n");
    EXPECT_EQ(answer.rules, 3U);
    EXPECT_EQ(answer.left_out, 3U) << "what refers to a rule that was left out is left out too";
    std::vector<std::string> names;
    for (const auto& diagnostic : answer.diagnostics) names.push_back(fmt::format("{} {}", diagnostic.line, diagnostic.rule));
    EXPECT_EQ(names, (std::vector<std::string>{"2 bad", "4 three", "5 four"}));
}

TEST(Compiler, OneBadSourceCostsNoOther) {
    Compiler compiler;
    NoIncludes includes;
    compiler.add({"bad.yar", "this is no rule { \x01\x02", ""}, includes);
    compiler.add({"good.yar", "rule good { condition: true }", ""}, includes);
    const auto answer = std::move(compiler).finish();
    EXPECT_EQ(answer.rules, 1U);
    ASSERT_FALSE(answer.diagnostics.empty());
    for (const auto& diagnostic : answer.diagnostics) EXPECT_EQ(diagnostic.file, "bad.yar");
}

TEST(Compiler, ReadsIncludes) {
    struct Case { const char* name; std::map<std::string, std::string> files; const char* source; std::uint64_t rules; const char* error; };
    const Case cases[] = {
        {"beside it", {{"d/b.yar", "rule b { condition: true }"}}, "include \"b.yar\" rule a { condition: b }", 2, ""},
        {"one folder up", {{"d/../b.yar", "rule b { condition: true }"}}, "include \"../b.yar\" rule a { condition: b }", 2, ""},
        {"not there", {}, "include \"b.yar\" rule a { condition: true }", 1, "there is no d/b.yar"},
        {"a fault inside", {{"d/b.yar", "rule b { condition: 1 + }"}}, "include \"b.yar\" rule a { condition: true }", 1, "expected"},
        {"itself", {{"d/a.yar", "include \"a.yar\" rule x { condition: true }"}}, "include \"a.yar\" rule a { condition: true }", 1, "include"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Compiler compiler;
        MapIncludes includes{c.files};
        compiler.add({"d/a.yar", c.source, ""}, includes);
        const auto answer = std::move(compiler).finish();
        EXPECT_GE(answer.rules, c.rules);
        std::string all;
        for (const auto& diagnostic : answer.diagnostics) all += diagnostic.text + "\n";
        EXPECT_EQ(all.empty(), *c.error == '\0') << all;
        EXPECT_NE(all.find(c.error), std::string::npos) << all;
    }
}

TEST(Compiler, WarnsOfEscapesThatMeanNothingWhenAsked) {
    struct Case { const char* regex; std::uint32_t column; };
    const Case cases[] = {{"/ab\\ycd\\qef/", 27}, {"/ab[\\y]cd/", 28}, {"/ab\\ cd/", 27}, {"/ab[\\0]cd/", 28}, {"/ab[\\b]cd/", 28},
                          {"/ab\\bcd/", 0}, {"/ab\\x41\\n\\t\\r\\f\\a\\w\\W\\s\\S\\d\\D\\B\\.\\-\\_\\\"\\\\ycd/", 0}};
    for (const auto& c : cases) {
        for (const bool strict : {false, true}) {
            SCOPED_TRACE(c.regex);
            Compiler compiler{{}, strict};
            NoIncludes includes;
            compiler.add({"a.yar", fmt::format("rule r {{ strings: $a = {} condition: $a }}", c.regex), ""}, includes);
            const auto compiled = std::move(compiler).finish();
            EXPECT_EQ(compiled.rules, 1U);
            ASSERT_EQ(compiled.diagnostics.size(), strict && c.column != 0 ? 1U : 0U);
            if (compiled.diagnostics.empty()) continue;
            EXPECT_FALSE(compiled.diagnostics[0].error);
            EXPECT_EQ(compiled.diagnostics[0].column, c.column);
            EXPECT_EQ(compiled.diagnostics[0].text, "unknown escape sequence");
        }
    }
}

TEST(Compiler, GivesTheSameBytesForTheSameSources) {
    const std::string source = "rule a : t { meta: m = 1 strings: $a = /ab?c/ $b = { 41 ?? 42 } $c = \"x\" wide condition: any of them }";
    EXPECT_EQ(compiled(source).database, compiled(source).database);
    EXPECT_NE(compiled(source).database, compiled("rule b { condition: true }").database);
}

}  // namespace
}  // namespace ward::compile
