// SPDX-License-Identifier: Apache-2.0
#include "cell/match/rules.h"

#include "cell/compile/compiler.h"
#include "cell/match/patterns.h"
#include "cell/sigdb/conditions.h"
#include "core/text.h"
#include "model/encode.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <malloc.h>
#include <sys/mman.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

// A few bytes of shadow and of checks for each byte of a text are too many for one of gigabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WARD_HUGE_TEXTS 0
#else
#define WARD_HUGE_TEXTS 1
#endif

namespace ward::match {
namespace {

using namespace std::string_literals;

class Rules {
public:
    explicit Rules(const std::string& source, const wire::Externals& externals = {}) : externals_{externals} {
        compile::Compiler compiler{externals};
        compile::NoIncludes includes;
        compiler.add({"a.yar", source, ""}, includes);
        auto compiled = std::move(compiler).finish();
        for (const auto& diagnostic : compiled.diagnostics) EXPECT_FALSE(diagnostic.error) << diagnostic.text;
        database_ = std::move(compiled.database);
    }
    // The names of the rules that hold.
    std::string holding(std::string_view text, const wire::Externals* given = nullptr) const {
        const auto scanner = RuleScanner::open(database_).value();
        RuleScanner::Scratch scratch{scanner};
        Deadline deadline{std::chrono::seconds{60}};
        const auto outcome = scanner.scan(as_bytes(text), given == nullptr ? externals_ : *given, scratch, deadline);
        EXPECT_FALSE(outcome.timed_out);
        std::string names;
        for (const auto& match : outcome.matches) names += (names.empty() ? "" : " ") + match.rule;
        return names;
    }
    const Buffer& database() const { return database_; }

private:
    wire::Externals externals_;
    Buffer database_;
};

// Rules of modules: what is printed by `console`, in order.
std::string logged(const std::string& condition) {
    const Rules rules{"import \"console\" import \"string\" import \"tests\" import \"time\" rule a { condition: " + condition + " }"};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::seconds{20}};
    RuleScanner::ModuleInputs inputs;
    std::string out;
    inputs.now = 1'700'000'000;
    inputs.log = [&](std::string_view line) { out += std::string{line} + "\n"; };
    const auto outcome = scanner.scan(as_bytes("abc"), {}, scratch, deadline, inputs);
    return out + (outcome.matches.empty() ? "no" : "yes");
}

// "rule: $a@offset+length(data) ..." of each match, as the manner asks for it.
std::string told(const Rules& rules, const std::string& text, const ScanManner& manner) {
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::seconds{20}};
    std::string out;
    for (const auto& match : scanner.scan(as_bytes(text), {}, scratch, deadline, {}, manner).matches) {
        out += (match.satisfied ? "" : "not ") + match.rule + ":";
        for (const auto& hit : match.hits) {
            out += fmt::format(" {}@{}+{}({}{}{})", hit.pattern, hit.offset, hit.length, hit.data, hit.hex ? " hex" : "", hit.xor_key != 0 ? fmt::format(" ^{:x}", hit.xor_key) : "");
        }
        out += "\n";
    }
    return out;
}

// Looking for the deciding patterns first changes no answer: as in a text so short that all are looked for at once. One scratch for all
// texts, since what decided one file is asked first of the next.
TEST(RuleScanner, WeakPatternsInStepsGiveTheAnswersOfAllAtOnce) {
    // Each rule has strings of its own, so that none is looked for because of another rule.
    const auto words = [](std::size_t rule) {
        const auto number = fmt::format("{:02}", rule);
        return std::array<std::string, 5>{"w1" + number, "w2" + number, "w3" + number + "d", "w4" + number + "h", "strong one " + number};
    };
    const auto strings = [&](std::size_t rule) {
        const auto own = words(rule);
        return fmt::format(R"(strings: $_a = "{}" $_b = "{}" $_c = /w3{:02}[de]/ $_d = "{}" fullword $_s = "{}" )", own[0], own[1], rule, own[3], own[4]);
    };
    const char* const conditions[] = {
        "$_a and $_b", "$_a or ($_b and $_c)", "($_a and $_b) or ($_c and $_d)", "($_s and $_a) or ($_b and $_c)", "all of them", "3 of them", "2 of ($_a, $_b, $_c)", "any of ($_a, $_d)",
        "not $_a and $_b", "$_s and not ($_a or $_b)", "none of ($_a, $_b)", "#_a == 2 or $_d", "@_b > 100 or $_c", "$_a at 4 or $_d", "filesize < 2KB and $_a and ($_b or $_s)",
        "for any i in (1..#_c) : (@_c[i] > 3) and $_a", "for 2 of ($_a, $_b, $_c) : ($)", "50% of them",
    };
    std::string source;
    for (std::size_t i = 0; i < std::size(conditions); ++i) {
        source += fmt::format("rule r{0} {{ {1} condition: {2} }}\nrule over{0} {{ strings: $x = \"x{0:02}\" condition: r{0} and $x }}\n", i, strings(i), conditions[i]);
    }
    const Rules rules{source};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    std::mt19937 random{20261130};
    std::set<std::string> answers;
    for (int round = 0; round < 400; ++round) {
        std::string text = "....";
        for (int times = 0; times < 4; ++times) {
            const std::size_t rule = random() % std::size(conditions);
            const auto present = static_cast<unsigned>(random() % 64);
            const auto own = words(rule);
            for (unsigned i = 0; i < own.size(); ++i) {
                if ((present >> i & 1) != 0) text += own[i] + (random() % 2 == 0 ? "." : "");
            }
            if ((present >> own.size()) != 0) text += fmt::format("x{:02}", rule);
        }
        ASSERT_LE(text.size(), 512U);
        std::string names[2];
        for (const bool padded : {false, true}) {
            Deadline deadline{std::chrono::seconds{60}};
            if (padded) text.resize(std::size_t{600} + random() % 1400, '.');
            for (const auto& match : scanner.scan(as_bytes(text), {}, scratch, deadline).matches) {
                names[padded ? 1 : 0] += match.rule;
                for (const auto& hit : match.hits) names[padded ? 1 : 0] += fmt::format(" {}@{}", hit.pattern, hit.offset);
                names[padded ? 1 : 0] += "\n";
            }
        }
        EXPECT_EQ(names[0], names[1]) << text;
        answers.insert(names[0]);
    }
    EXPECT_GT(answers.size(), 20U);
}

TEST(RuleScanner, TellsHitsAsTheMannerAsks) {
    const std::string text = "abcXabcXabcX";
    struct Case { const char* name; const char* rules; ScanManner manner; const char* want; };
    const ScanManner all{.all_hits = true, .data_bytes = 2};
    ScanManner once = all;
    once.once = true;
    const ScanManner negate{.unsatisfied = true};
    const ScanManner both{.unsatisfied = true, .all_hits = true};
    const Case cases[] = {
        {"evidence by offset", "rule r { strings: $x = \"X\" $a = \"abcX\" condition: all of them }", {}, "r: $a@0+4() $x@3+1() $a@4+4() $x@7+1() $a@8+4() $x@11+1()\n"},
        {"all, by string", "rule r { strings: $x = \"Xa\" $a = \"abc\" condition: all of them }", all, "r: $x@3+2(Xa) $x@7+2(Xa) $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"kinds of strings", "rule r { strings: $h = { 58 61 } $k = \"Za\" xor(57) $p = \"abc\" private condition: any of them }", all,
         "r: $h@3+2(Xa hex) $h@7+2(Xa hex) $k@2+2(cX ^39) $k@6+2(cX ^39) $k@10+2(cX ^39)\n"},
        {"once", "rule r { strings: $a = \"abc\" condition: $a }", once, "r: $a@0+3(ab)\n"},
        {"places asked", "rule r { strings: $a = \"abc\" condition: #a > 1 }", once, "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"places of a set", "rule r { strings: $a = \"abc\" condition: any of them }", once, "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"only where it is asked for", "rule r { strings: $a = \"abc\" condition: $a at 2 + 2 }", all, "r: $a@4+3(ab)\n"},
        {"of hex bytes too", "rule r { strings: $a = { 61 /* ? */ 62 // [2]\n 63 } condition: $a at 4 }", all, "r: $a@4+3(ab hex)\n"},
        {"and before a large gap", "rule r { strings: $a = { 61 [0-201] 58 } condition: $a at 4 }", all, "r: $a@4+4(ab hex)\n"},
        {"not before a small one", "rule r { strings: $a = { 61 [0-200] 58 } condition: $a at 4 }", all, "r: $a@0+4(ab hex) $a@4+4(ab hex) $a@8+4(ab hex)\n"},
        {"nor with wildcards", "rule r { strings: $a = { 61 ?2 } condition: $a at 4 }", all, "r: $a@0+2(ab hex) $a@4+2(ab hex) $a@8+2(ab hex)\n"},
        {"of letters of a regular expression", "rule r { strings: $a = /a\\x62c/ condition: $a at 4 }", all, "r: $a@4+3(ab)\n"},
        {"not of others", "rule r { strings: $a = /a\\wc/ condition: $a at 4 }", all, "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"the same place twice", "rule r { strings: $a = \"abc\" condition: $a at 4 and ($a at 4 or false) }", all, "r: $a@4+3(ab)\n"},
        {"what a loop asks of others counts", "rule r { strings: $a = \"abc\" $b = \"X\" private condition: $a at 4 and for any of ($b) : ($ at 8 or true) }", all,
         "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"and it comes first", "rule r { strings: $a = \"abc\" $b = \"X\" private condition: for any of ($b) : (# > 0) and $a at 4 }", all,
         "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"at the same place not", "rule r { strings: $a = \"abc\" $b = \"X\" private condition: $a at 4 and for any of ($b) : ($ at 4 or true) }", all, "r: $a@4+3(ab)\n"},
        {"two places", "rule r { strings: $a = \"abc\" condition: $a at 4 or $a at 8 }", all, "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"a place and any", "rule r { strings: $a = \"abc\" condition: $a at 4 and $a }", all, "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"a place that is computed", "rule r { strings: $a = \"abc\" condition: $a at filesize - 4 }", all, "r: $a@0+3(ab) $a@4+3(ab) $a@8+3(ab)\n"},
        {"rules that do not hold", "rule no { condition: false } private rule p { condition: false } rule yes { condition: not no }", negate, "not no:\nyes:\n"},
        {"silenced ones do not", "global rule g { condition: false } rule yes { condition: true }", negate, "not g:\nnot yes:\n"},
        {"with their hits", "rule r { strings: $a = \"abc\" $b = \"zzz\" condition: all of them }", both, "not r: $a@0+3() $a@4+3() $a@8+3()\n"},
        {"whatever the file begins with", "rule r { strings: $a = \"abc\" $b = \"bcXabc\" condition: uint16(0) == 1 and any of them }", both,
         "not r: $a@0+3() $a@4+3() $a@8+3() $b@1+6() $b@5+6()\n"},
        {"even where no file begins so", "rule r { strings: $a = \"abc\" $b = \"bcXabc\" condition: uint16(0) == 0x12345 and any of them }", both,
         "not r: $a@0+3() $a@4+3() $a@8+3() $b@1+6() $b@5+6()\n"},
        {"nor could", "rule r { strings: $a = \"X\" $b = \"bcXabc\" condition: uint16(0) == 1 and uint16(0) == 2 and any of them }", both,
         "not r: $a@3+1() $a@7+1() $a@11+1() $b@1+6() $b@5+6()\n"},
        {"of a rule that names such a one", "rule n { condition: uint16(0) == 0x12345 } rule r { strings: $a = \"abc\" condition: n and $a }", both,
         "not n:\nnot r: $a@0+3() $a@4+3() $a@8+3()\n"},
        {"with weak ones", "rule r { strings: $a = \"X\" $b = \"zzzzzz\" condition: all of them }", both, "not r: $a@3+1() $a@7+1() $a@11+1()\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(told(Rules{c.rules}, text, c.manner), c.want);
    }
}

TEST(RuleScanner, KnowsYarasEscapesAndNoOthers) {
    struct Case { const char* escape; const char* text; };
    const Case cases[] = {{"\\n", "\n"}, {"\\t", "\t"}, {"\\r", "\r"}, {"\\f", "\f"}, {"\\a", "\a"}, {"\\x41", "A"}, {"\\.", "."},
                          {"\\v", "v"}, {"\\e", "e"}, {"[\\v]", "v"}, {"\\_", "_"}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.escape);
        const Rules rules{fmt::format("rule r {{ strings: $a = /left{}right/ condition: $a }}", c.escape)};
        EXPECT_EQ(rules.holding(fmt::format("left{}right", c.text)), "r");
        EXPECT_EQ(rules.holding("left\vright"), "");
    }
}

TEST(RuleScanner, TellsNoMoreHitsThanItMay) {
    const Rules rules{"rule r { meta: m = 1 strings: $a = \"ab\" condition: $a }"};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "ab";
    Deadline deadline{std::chrono::seconds{20}};
    const auto few = scanner.scan(as_bytes(text), {}, scratch, deadline);
    ASSERT_EQ(few.matches.size(), 1U);
    EXPECT_EQ(few.matches[0].hits.size(), Match::kMaxHits);
    EXPECT_EQ(few.matches[0].meta.size(), 1U);
    const auto all = scanner.scan(as_bytes(text), {}, scratch, deadline, {}, {.meta = false, .all_hits = true});
    ASSERT_EQ(all.matches.size(), 1U);
    EXPECT_EQ(all.matches[0].hits.size(), 1000U);
    EXPECT_TRUE(all.matches[0].meta.empty());
}

TEST(RuleScanner, FindsShortPatternsInTextsShorterThanTheirNumber) {
    // A text shorter than the number of atoms is looked through at each place, a longer one through a sieve made for it.
    std::string source = "rule r { strings:\n";
    for (unsigned i = 0; i < 600; ++i) source += fmt::format("$s{} = {{ {:02X} {:02X} ?? {:02X} }}\n", i, 0x61 + i / 25, 0x61 + i % 25, 0x61 + i % 4);
    const Rules rules{source + "condition: any of them }"};
    std::mt19937 random{20261130};
    for (int round = 0; round < 20; ++round) {
        std::string text(300, ' ');
        for (auto& c : text) c = static_cast<char>(0x61 + random() % 25);
        const ScanManner all{.all_hits = true};
        const std::string found = told(rules, text, all);
        EXPECT_EQ(told(rules, text + std::string(2000, '\xff'), all), found);
        EXPECT_GT(found.size(), 20U);
    }
}

TEST(RuleScanner, WarnsOfEachRuleWithAStringThatMatchesTooOften) {
    const Rules rules{
        "rule a { strings: $a = \"aa\" condition: $a } rule b { strings: $b = \"bb\" condition: $b }\n"
        "rule c { strings: $x = \"aa\" $b = \"bb\" $y = \"aa\" condition: all of them } rule d { strings: $d = \"aaa\" condition: $d at 0 }"};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    const std::string text(kMaxHitsOfPattern + 10, 'a');
    Deadline deadline{std::chrono::seconds{60}};
    const auto outcome = scanner.scan(as_bytes(text), {}, scratch, deadline, {}, {.warnings = true});
    std::string told;
    for (const auto& warning : outcome.warnings) told += warning.substr(0, warning.find(',')) + "\n";
    EXPECT_EQ(told,
              "rule \"a\": too many matches for $a\nrule \"c\": too many matches for $x\nrule \"c\": too many matches for $y\n"
              "rule \"d\": too many matches for $d\n");
}

TEST(RuleScanner, CountsTheHitsForWhichThereIsNoRoom) {
    const Rules rules{
        "rule one { strings: $a = \"ab\" $b = \"ba\" condition: any of them } rule two { condition: one }\n"
        "rule three { strings: $b = \"ba\" condition: $b }"};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "ab";
    const auto matches = [&](std::size_t max_bytes, std::uint64_t& more, const ScanManner& manner = {.all_hits = true}) {
        Deadline deadline{std::chrono::seconds{20}};
        auto outcome = scanner.scan(as_bytes(text), {}, scratch, deadline, {}, manner, max_bytes);
        more = outcome.more_hits;
        return std::move(outcome.matches);
    };
    std::uint64_t more = 1;
    const auto all = matches(std::numeric_limits<std::size_t>::max(), more);
    EXPECT_EQ(more, 0U);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].hits.size(), 1999U);
    EXPECT_EQ(all[2].hits.size(), 999U);
    for (const std::size_t most : {0U, 100U, 2'000U, 60'000U, 80'000U}) {
        const auto some = matches(most, more);
        ASSERT_EQ(some.size(), 3U);
        std::size_t bytes = 0;
        std::size_t hits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            Match bare = some[i];
            bare.hits.clear();
            bytes += encoded_bytes(some[i]) - encoded_bytes(bare);
            hits += some[i].hits.size();
            EXPECT_TRUE(std::equal(some[i].hits.begin(), some[i].hits.end(), all[i].hits.begin()));
        }
        EXPECT_LE(bytes, most);
        EXPECT_GE(bytes + 400, std::min<std::size_t>(most, 60'000)) << most;
        EXPECT_EQ(hits + more, 1999U + 999U) << most;
    }
    const auto first = matches(0, more, {});
    EXPECT_EQ(more, 0U);
    EXPECT_EQ(first[0].hits.size(), Match::kMaxHits);
    EXPECT_EQ(first[0].hits.back().offset, Match::kMaxHits - 1);
}

TEST(RuleScanner, LooksInEachFileForWhatItsFirstBytesLeavePossible) {
    const Rules rules{R"(
        rule mz { strings: $a = "foobarbazqux" condition: uint16(0) == 0x5A4D and $a }
        rule anywhere { strings: $a = "foobarbazqux" condition: $a }
        rule one_of { strings: $b = "quux12345678" condition: uint16(0) == 0x5A4D or (0x7f454c46 == uint32be(0) and $b) }
        private rule is_mz { condition: int16be(0) == 0x4d5a }
        rule by_rule { strings: $b = "rstu12345678" condition: is_mz and $b }
        rule one_byte { condition: uint8(0) == 0x7f }
        rule weak { strings: $b = "rs" fullword condition: is_mz and $b }
        rule weak_ab { strings: $b = "rs" fullword condition: uint16be(0) == 0x6162 and $b }
        rule always_ab_or_ac { condition: (uint16be(0) == 0x6162 or uint16be(0) == 0x6163) and filesize > 2 }
        rule never { strings: $b = "rstu12345678" condition: uint16(0) == -1 and $b }
        rule other_offset { strings: $b = "rstu12345678" condition: uint16(2) == 0x6f66 and $b })"};
    const std::string all = "foobarbazqux quux12345678 rstu12345678 rs";
    EXPECT_EQ(rules.holding("MZ" + all), "mz anywhere one_of by_rule weak other_offset");
    EXPECT_EQ(rules.holding("\x7f" "ELF" + all), "anywhere one_of one_byte");
    EXPECT_EQ(rules.holding("xx" + all), "anywhere other_offset");
    EXPECT_EQ(rules.holding("ab" + all), "anywhere weak_ab always_ab_or_ac other_offset");
    EXPECT_EQ(rules.holding("ab" + all + std::string(1000, '.')), "anywhere weak_ab always_ab_or_ac other_offset");
    EXPECT_EQ(rules.holding("ac" + all), "anywhere always_ab_or_ac other_offset");
    EXPECT_EQ(rules.holding("\x7f"), "one_byte");
    EXPECT_EQ(rules.holding("a"), "");
    EXPECT_EQ(rules.holding(""), "");
}

TEST(RuleScanner, EvaluatesWhatSpeaksEvenWhereItCannotHold) {
    EXPECT_EQ(logged("console.log(\"here\") and uint16(0) == 0x5A4D"), "here\nno");
}

TEST(RuleScanner, AsksModules) {
    struct Case {
        const char* condition;
        const char* want;
    };
    const Case cases[] = {
        {"time.now() == 1700000000", "yes"},
        {"string.length(\"abc\") == filesize", "yes"},
        {"string.to_int(\"0x1F\") == 31 and string.to_int(\"-17\") == -17 and string.to_int(\"017\") == 15", "yes"},
        {"string.to_int(\"zz\", 36) == 1295", "yes"},
        {"defined string.to_int(\"12a\")", "no"},
        {"defined string.to_int(\"\")", "no"},
        {"defined string.to_int(\"1\", 1)", "no"},
        {"defined string.to_int(\"9223372036854775808\")", "no"},
        {"string.to_int(\"-9223372036854775808\") == -9223372036854775807 - 1", "yes"},
        {"console.log(\"a \", 1.5) and console.hex(-1) and console.log(\"\\xff\\n\")", "a 1.500000\n0xffffffffffffffff\n\\xff\\x0a\nyes"},
        // An undefined argument: the call is not made.
        {"not defined console.log(uint32(100))", "yes"},
        {"false and console.log(\"never\")", "no"},
        {"true or console.log(\"never\")", "yes"},
        {"for all i in (1..3) : (console.log(i))", "1\n2\n3\nyes"},
        // Where yara's search for a regular expression ends.
        {"console.log(tests.match(/foo/, \"xfoox\"))", "4\nyes"},
        {"console.log(tests.match(/fo+/, \"xfoofooo\"))", "4\nyes"},
        {"console.log(tests.match(/fo*?/, \"xfoofooo\"))", "5\nyes"},
        {"console.log(tests.match(/fo|foofo/, \"xfoofooo\"))", "6\nyes"},
        {"console.log(tests.match(/x*/, \"foo\"))", "2\nyes"},
        {"console.log(tests.match(/x*/, \"\"))", "0\nyes"},
        {"console.log(tests.match(/b/, \"a\\x00b\"))", "-1\nyes"},
        {"console.log(tests.match(/$/, \"foo\"))", "-1\nyes"},
        {"console.log(tests.match(/foo.bar/is, \"FOO\\nBAR\"))", "7\nyes"},
        {"console.log(tests.match(/foo.bar/i, \"FOO\\nBAR\"))", "-1\nyes"},
        {"tests.constants.two == 2 and tests.string_dict[\"bar\"] == \"bar\" and tests.integer_array[256] == 256", "yes"},
        {"for any k, v in tests.struct_dict : (k == v.s and v.i == 1)", "yes"},
        {"defined tests.undefined.i or defined tests.struct_array[0].i or defined tests.integer_dict[\"a\"]", "no"},
    };
    for (const auto& c : cases) EXPECT_EQ(logged(c.condition), c.want) << c.condition;
}

struct ConditionCase {
    const char* condition;
    std::string text;
    bool holds;
};

TEST(RuleScanner, JudgesConditions) {
    const ConditionCase cases[] = {
        {"filesize == 3", "abc", true},
        {"uint16be(0) == 0x6162", "abc", true},
        {"uint16(0) == 0x6162", "abc", false},
        {"int8(0) == -1", "\xff"s, true},
        {"uint32(0) == 0", "abc", false},
        {"not uint32(0) == 0", "abc", false},
        {"not defined uint32(0)", "abc", true},
        {"1 \\ filesize == 0", "", false},
        {"not (1 \\ filesize == 0)", "", false},
        {"9223372036854775807 + filesize < 0", "a", true},
        {"1 << 64 == 0 and 1 << 63 < 0", "", true},
        {"-7 \\ 2 == -3 and -7 % 2 == -1", "", true},
        {"0.5 + filesize == 1.5", "a", true},
        {"\"abc\" contains \"b\" and \"aBc\" icontains \"AB\" and not \"abc\" startswith \"b\"", "", true},
        {"\"abc\" contains \"\" and \"\" icontains \"\" and not \"\" contains \"a\" and \"aaaaaaab\" contains \"aab\" and not \"aaaa\" icontains \"AAAAA\"", "", true},
        {"\"abc\" matches /^a.c$/ and not \"abd\" matches /c/", "", true},
        {"for all i in (1..filesize) : (uint8(i - 1) == 0x61)", "aaa", true},
        {"for all i in (1..filesize) : (uint8(i - 1) == 0x61)", "aba", false},
        {"for 2 i in (0, 1, 2) : (uint8(i) == 0x61)", "aba", true},
        {"for none i in (0..2) : (uint8(i) == 0x62)", "aaa", true},
        {"for any i in (1..9223372036854775807) : (i == 1)", "", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.condition);
        EXPECT_EQ(Rules{"rule a { condition: "s + c.condition + " }"}.holding(c.text), c.holds ? "a" : "");
    }
}

// Loops with many turns go another way (loop_body.h) than those with one.
TEST(RuleScanner, JudgesLongLoopsAsShortOnes) {
    const char* const bodies[] = {
        "uint8(i) == 0x61", "not uint8(i) == 0x61", "uint16be(i) == 0x6162", "uint32(i) > 5", "int8(i - 1) < 0", "not defined uint8(i)", "not (not uint16(i) == 0)",
        "i % 3 == 1 and uint8(i) != 0x61", "i < 7 or uint8(i + 1) == 0x62 or i > 70", "(i > 7 and i < 9) or (i == 80 or not i > 3)", "1 \\ (i - 8) >= 0",
        "not (1 \\ (i - 8) == 0)", "1 << (i - 8) == 1", "-i + ~i + (i ^ 5) * 3 - 2 > 0", "#a == i", "$a and i == 8", "#a + filesize >= i", "not $a or i == 9", "i & 8",
        "i == 8 and for any k in (0..i) : (k == 8)", "for any k in (0..99) : (k == i and uint8(k) == 0x62)", "i >= 8 and (i < 9 and (i == 8 and uint8(i) > 0))",
        "uint8(uint8(i)) == 0 or i == 8", "i == 8.0", "filesize - i < 0", "uint32be(i) & 0xff == 0x61",
    };
    const std::string text = "ababbaab\xffzabba"s;
    for (const char* body : bodies) {
        SCOPED_TRACE(body);
        std::string source;
        for (const int turn : {0, 1, 3, 7, 8, 9, 12, 13, 40, 80}) {
            source += fmt::format("rule short{0} {{ strings: $a = \"abb\" condition: for any i in ({0}..{0}) : ({1}) or $a and #a > 99 }}\n", turn, body);
            source += fmt::format("rule long{0} {{ strings: $a = \"abb\" condition: for any i in (0..99) : (i == {0} and ({1})) or $a and #a > 99 }}\n", turn, body);
        }
        const std::string held = Rules{source}.holding(text);
        std::string shorts;
        std::string longs;
        for (std::size_t at = 0; at < held.size();) {
            const std::size_t end = std::min(held.find(' ', at), held.size());
            const std::string name = held.substr(at, end - at);
            if (name.starts_with("short")) shorts += name.substr(5) + " ";
            else longs += name.substr(4) + " ";
            at = end + 1;
        }
        EXPECT_EQ(longs, shorts);
    }
}

// What is asked of a number at each place goes a way of its own (loop_body.h).
TEST(RuleScanner, ComparesTheNumbersAtEachPlace) {
    std::string text;
    std::mt19937 draw{5};
    for (int i = 0; i < 300; ++i) text += static_cast<char>(std::array{0, 1, 0x61, 0x7f, 0x80, 0xff}[draw() % 6]);
    struct Read {
        const char* name;
        std::size_t width;
        bool with_sign;
        bool big;
    };
    const Read reads[] = {{"uint8", 1, false, false}, {"int8", 1, true, false}, {"uint16", 2, false, false}, {"int16", 2, true, false}, {"uint16be", 2, false, true},
                          {"int16be", 2, true, true}, {"uint32", 4, false, false}, {"int32", 4, true, false}, {"uint32be", 4, false, true}, {"int32be", 4, true, true}};
    const char* const names[] = {"==", "!=", "<", "<=", ">", ">="};
    for (const auto& read : reads) {
        std::string source;
        std::string want;
        for (const std::int64_t constant : {std::int64_t{0}, std::int64_t{0x61}, std::int64_t{-1}, std::int64_t{0xff80}, std::int64_t{0x7fff'ffff}, std::numeric_limits<std::int64_t>::max()}) {
            for (std::uint32_t op = 0; op < 6; ++op) {
                for (const std::size_t last : {std::size_t{99}, text.size() + 70}) {
                    int held = 0;
                    for (std::size_t at = 3; at <= last && at + read.width <= text.size(); ++at) {
                        std::uint64_t value = 0;
                        for (std::size_t i = 0; i < read.width; ++i) {
                            value |= std::uint64_t{static_cast<std::uint8_t>(text[at + i])} << 8 * (read.big ? read.width - 1 - i : i);
                        }
                        const std::uint64_t top = std::uint64_t{1} << (8 * read.width - 1);
                        const auto number = static_cast<std::int64_t>(read.with_sign ? (value ^ top) - top : value);
                        held += sigdb::compared(static_cast<sigdb::Compare>(op), number, constant) ? 1 : 0;
                    }
                    const auto one = [&](const std::string& quantifier, bool holds) {
                        const std::string name = fmt::format("r{}", std::count(source.begin(), source.end(), '\n'));
                        source += fmt::format("rule {} {{ condition: for {} i in (3..{}) : ({}(i) {} {}) }}\n", name, quantifier, last, read.name, names[op], constant);
                        if (holds) want += (want.empty() ? "" : " ") + name;
                    };
                    one("any", held > 0);
                    one("none", held == 0);
                    one("all", held == static_cast<int>(last) - 2);
                    if (held > 0) one(std::to_string(held), true);
                    one(std::to_string(held + 1), false);
                }
            }
        }
        SCOPED_TRACE(read.name);
        EXPECT_EQ(Rules{source}.holding(text), want);
    }
}

// A body that is the same at each turn is judged once, as often as it may hold.
TEST(RuleScanner, JudgesOnceWhatNoTurnChanges) {
    const ConditionCase cases[] = {
        {"for all i in (0..9223372036854775000) : (\"abc\" icontains \"B\")", "", true},
        {"for any i in (0..9223372036854775000) : (\"abc\" icontains \"X\")", "", false},
        {"for none i in (0..9223372036854775000) : (\"abc\" contains \"B\")", "", true},
        {"for 7 i in (0..6) : (\"abc\" contains \"b\")", "", true},
        {"for 8 i in (0..6) : (\"abc\" contains \"b\")", "", false},
        {"for all i in (0..3) : (for any k in (0..3) : (k == i and \"abc\" contains \"b\"))", "", true},
        {"for all i in (0..3) : (for all k in (0..3) : (k == i and \"abc\" contains \"b\"))", "", false},
        {"for any i in (0..3) : (\"abc\" contains \"b\" and i == 3)", "", true},
        {"for any i in (0..3) : (1.5 * filesize > 2.0)", "ab", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.condition);
        EXPECT_EQ(Rules{"rule a { condition: "s + c.condition + " }"}.holding(c.text), c.holds ? "a" : "");
    }
    EXPECT_EQ(logged("for all i in (1..3) : (console.log(\"x\"))"), "x\nx\nx\nyes");
}

// Which patterns decide a rule is found by trying, and what that costs may not grow with what the rules cost that it refers to.
TEST(RuleScanner, RulesThatReferToAllBeforeThemAreDecidedSoon) {
    std::string source;
    std::string before;
    for (int i = 0; i < 700; ++i) {
        source += fmt::format("rule r{0} {{ strings: $a = \"a{0:03}\" $b = \"b{0:03}\" $c = \"c{0:03}\" condition: {1}($a and $b or $c) }}\n", i, before);
        before += fmt::format("r{} and ", i);
    }
    const Rules rules{source};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    const std::string text = std::string(2'000, '.') + "a000 b000 c001 c002 c004";
    Deadline deadline{std::chrono::seconds{3}};
    const auto outcome = scanner.scan(as_bytes(text), {}, scratch, deadline);
    EXPECT_FALSE(outcome.timed_out);
    EXPECT_EQ(outcome.matches.size(), 3U);
}

#if WARD_HUGE_TEXTS
// A database that says of each rule that all strings are its own: what is kept of what decides them does not multiply.
TEST(RuleScanner, KeepsNoMoreOfADatabaseThatLiesThanItHasStrings) {
    constexpr std::uint32_t kRules = 3'000;
    std::string source;
    for (std::uint32_t i = 0; i < kRules; ++i) source += fmt::format("rule r{0} {{ strings: $a = \"{0:04}\" $b = \"b{0:04}\" condition: #a == #b and $a }}\n", i);
    Buffer database = Rules{source}.database();
    const Bytes table = sigdb::View::open(database).value().section(sigdb::kRuleTable).value();
    std::uint8_t* const words = database.data() + (table.data() - database.data());
    for (std::uint32_t rule = 0; rule < kRules; ++rule) {
        const std::uint32_t lie[] = {0, 2 * kRules};
        static_assert(sigdb::kStringCount == sigdb::kFirstString + 1);
        std::memcpy(words + 4 * (std::size_t{rule} * sigdb::kRuleWords + sigdb::kFirstString), lie, sizeof lie);
    }
    const auto scanner = RuleScanner::open(database).value();
    RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::seconds{60}};
    const std::size_t before = mallinfo2().uordblks;
    static_cast<void>(scanner.scan(as_bytes(std::string(2'000, '.')), {}, scratch, deadline));
    EXPECT_LT(mallinfo2().uordblks - before, std::size_t{2} << 20);
}
#endif

// Where a text repeats itself, what failed is not tried at each place (Stretch). What stands between and beside must still be found.
TEST(RuleScanner, FindsWhatInterruptsARepeatingText) {
    std::mt19937 draw{11};
    const auto is_alnum = [](char byte) { return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); };
    for (std::size_t period = 1; period <= 18; ++period) {
        std::string unit;
        for (std::size_t i = 0; i < period; ++i) unit += static_cast<char>("aAbB0 "[draw() % 6]);
        std::string text;
        while (text.size() < 60'000) {
            const std::size_t before = text.size();
            while (text.size() - before < 300 + draw() % 30'000) text += unit;
            text.resize(text.size() - draw() % period);
            text += "xX0 "[draw() % 4];
        }
        for (const std::size_t length : {2U, 3U, 5U, 8U, 16U, 61U, 700U}) {
            for (int each = 0; each < 4; ++each) {
                // About an interruption, of which there may be more alike; some with a byte changed, so that it nearly is there.
                std::size_t at = text.find_first_of("xX", draw() % (text.size() - 20'000));
                if (at == std::string::npos) at = 1000;
                std::string literal = text.substr(at - std::min<std::size_t>(at, draw() % length), length);
                if (each == 3) literal[draw() % literal.size()] = '1';
                const bool fullword = each == 1;
                std::string source = "rule a { strings: $a = ";
                if (each == 2) {
                    source += "/";
                    for (const char byte : literal) source += byte == ' ' ? std::string{"\\x20"} : std::string{byte};
                    source += "[0xX]?/";
                } else {
                    source += "\"" + literal + "\"" + (fullword ? " fullword" : "");
                }
                source += " condition: $a }";
                std::vector<std::uint64_t> want;
                for (std::size_t from = text.find(literal); from != std::string::npos; from = text.find(literal, from + 1)) {
                    const std::size_t end = from + literal.size();
                    if (fullword && ((from > 0 && is_alnum(text[from - 1])) || (end < text.size() && is_alnum(text[end])))) continue;
                    want.push_back(from);
                }
                const Rules rules{source};
                const auto scanner = RuleScanner::open(rules.database()).value();
                RuleScanner::Scratch scratch{scanner};
                Deadline deadline{std::chrono::seconds{60}};
                const auto outcome = scanner.scan(as_bytes(text), {}, scratch, deadline, {}, {.all_hits = true});
                std::vector<std::uint64_t> have;
                for (const auto& match : outcome.matches) {
                    for (const auto& hit : match.hits) have.push_back(hit.offset);
                }
                EXPECT_EQ(have, want) << "period " << period << ", length " << length << ", kind " << each << ", unit " << unit;
            }
        }
    }
}

// The same bytes at two places of what is repeated: the one fails each time, the other does not.
TEST(RuleScanner, FindsWhatIsRepeated) {
    for (const std::string unit : {"abxaby", "aAbaab", "abcdefgYabcdefgX", "0120123"}) {
        std::string text;
        while (text.size() < 5'000) text += unit;
        text += ",";
        while (text.size() < 9'000) text += unit;
        for (std::size_t at = 0; at < unit.size(); ++at) {
            for (const std::size_t length : {2U, 3U, 4U, 5U, 8U, 12U, 700U}) {
                const std::string literal = text.substr(at, length);
                std::size_t want = 0;
                for (std::size_t from = text.find(literal); from != std::string::npos; from = text.find(literal, from + 1)) ++want;
                const Rules rules{fmt::format("rule a {{ strings: $a = \"{}\" condition: $a }}", literal)};
                const auto scanner = RuleScanner::open(rules.database()).value();
                RuleScanner::Scratch scratch{scanner};
                Deadline deadline{std::chrono::seconds{60}};
                const auto outcome = scanner.scan(as_bytes(text), {}, scratch, deadline, {}, {.all_hits = true});
                ASSERT_EQ(outcome.matches.size(), 1U) << literal;
                EXPECT_EQ(outcome.matches[0].hits.size(), want) << literal;
            }
        }
    }
}

// What decides may stand far before what is looked for, where the text does not repeat itself yet.
TEST(RuleScanner, FindsWhatBeginsBeforeTheRepetition) {
    std::string unit;
    while (unit.size() < 9'000) unit += "abxaby";
    for (const char* middle : {"[a-z]{204}", "[a-z]{2004}"}) {
        const Rules rules{"rule a { strings: $a = /,"s + middle + "abxaby/ condition: $a }"};
        EXPECT_EQ(rules.holding(unit + "," + unit), "a") << middle;
        EXPECT_EQ(rules.holding(unit + ",b" + unit), "") << middle;
        EXPECT_EQ(rules.holding(unit + unit), "") << middle;
    }
}

// Where only the first hits are of use, the others are not looked for. The rules that hold and the hits that are told stay the same.
TEST(RuleScanner, LeavesOffWhereTheFirstHitsSuffice) {
    const char* const conditions[] = {
        "$a", "any of them", "all of them", "none of them", "#a > 0", "#a >= 63", "#a == 63", "#a == 64", "#a > 63", "#a > 64", "#a > 500", "64 < #a", "63 <= #a", "#a < 63",
        "#a != 64", "#a + 0 > 400", "#a in (150000..filesize) > 2", "@a[100] > 0", "!a[#a] > 0", "$a at 199990 or @a[200] > 0", "$a in (199000..200000)", "any of them in (199000..200000)",
        "for all of them : (# > 400)", "for all of them : ($ and # > 3)", "for all i in (1..#a) : (@a[i] < 199000)", "#a == #a and #a > 10 and #a != 64",
    };
    const char* const strings[] = {
        "\"ab\"", "\"A\" nocase", "{ 61 ?? 62 }", "/a[bc]{1,3}d/", "/[ab]{2,9}c/", "/[a-c]{3,60}?dd/", "\"abc\" fullword", "\"ac\" xor", "{ 61 62 [300-400] 63 64 }", "/[a-d]{4}/",
        "/[^d]+/", "{ (61 | 62 63) 64 64 }", "\"ab\" wide ascii", "\"dd\"",
    };
    std::mt19937 draw{21};
    std::string text;
    // At first exactly 64 of the first string; many more follow after a while.
    for (int count = 0; count < 64; count += text.ends_with("ab") ? 1 : 0) text += "abcd. "[draw() % 6];
    text.resize(90'000, '.');
    while (text.size() < 200'000) text += "abcd. "[draw() % 6];
    for (const char* string : strings) {
        std::string source;
        for (const char* condition : conditions) source += fmt::format("rule r{} {{ strings: $a = {} condition: {} }}\n", std::count(source.begin(), source.end(), '\n'), string, condition);
        std::vector<std::string> sources;
        // Each alone, so that no other rule asks for more, and all together.
        for (std::size_t from = 0; from < source.size(); from = source.find('\n', from) + 1) sources.push_back(source.substr(from, source.find('\n', from) - from));
        sources.push_back(source);
        for (const auto& each : sources) {
            const Rules rules{each};
            const auto scanner = RuleScanner::open(rules.database()).value();
            RuleScanner::Scratch scratch{scanner};
            Deadline deadline{std::chrono::seconds{60}};
            const auto few = scanner.scan(as_bytes(text), {}, scratch, deadline).matches;
            auto all = scanner.scan(as_bytes(text), {}, scratch, deadline, {}, {.all_hits = true}).matches;
            for (auto& match : all) match.hits.resize(std::min(match.hits.size(), Match::kMaxHits));
            EXPECT_EQ(few, all) << string << " in " << each.substr(0, 100);
        }
    }
}

// What is left off takes others neither from their groups nor from the first three bytes they are known by.
TEST(RuleScanner, FindsTheOthersWhenSomeAreLeftOff) {
    for (const int count : {9, 40, 200, 600}) {
        for (const int every : {2, 5, 9, 40}) {
            std::string source;
            std::string text;
            std::string want;
            for (int i = 0; i < count; ++i) {
                source += fmt::format("rule r{0} {{ strings: $a = \"{0:03}\" condition: $a }}\n", i);
                want += fmt::format("{}r{}", i == 0 ? "" : " ", i);
                for (int k = 0; i % every == 0 && k < 70; ++k) text += fmt::format("{:03}.", i);
            }
            text.resize(250'000, '.');
            for (int i = 0; i < count; ++i) text += fmt::format("{:03}.", i);
            EXPECT_EQ(Rules{source}.holding(text), want) << count << ", of which each " << every << "th is often there";
        }
    }
}

// A hit may begin far before what it is found by, so before others that are found earlier.
TEST(RuleScanner, TellsAnEarlyHitThatIsFoundLate) {
    for (const std::size_t block : {65'536U, 131'072U}) {
        std::string text(200'000, '.');
        text.replace(block - 150, 302, "a" + std::string(300, 'c') + "q");
        const Rules rules{"rule r { strings: $a = /(a[^q]{300}q|c)/ condition: $a }"};
        const auto scanner = RuleScanner::open(rules.database()).value();
        RuleScanner::Scratch scratch{scanner};
        Deadline deadline{std::chrono::seconds{60}};
        const auto matches = scanner.scan(as_bytes(text), {}, scratch, deadline).matches;
        ASSERT_EQ(matches.size(), 1U);
        EXPECT_EQ(matches[0].hits[0].offset, block - 150);
        EXPECT_EQ(matches[0].hits[0].length, 302U);
    }
}

// Many short strings are told apart by their first three bytes (Triples), few are not.
TEST(RuleScanner, FindsManyShortStringsAsFew) {
    std::mt19937 draw{31};
    const auto byte = [&] { return "qQkKzZ@`\x5b\x7b\x81\x93\xa7\xd6\xee"[draw() % 15]; };
    std::string text;
    while (text.size() < 40'000) text += text.size() < 4'000 ? byte() : ' ';
    std::vector<std::string> rules;
    for (int i = 0; i < 600; ++i) {
        std::string hex;
        std::string letters;
        for (int k = 0; k < 3; ++k) {
            const auto value = static_cast<unsigned char>(byte());
            hex += i == 61 && k == 1 ? fmt::format("{:x}? ", value >> 4) : i % 60 == 2 && k == 2 ? fmt::format("?{:x} ", value & 15) : fmt::format("{:02x} ", value);
            letters += "qQkKzZ"[draw() % 6];
        }
        const std::string string = i % 5 == 3 ? "\"" + letters + "\" nocase" : i % 5 == 4 ? "\"" + letters + "\" fullword" : "{ " + hex + "}";
        rules.push_back(fmt::format("rule r{} {{ strings: $a = {} condition: $a }}\n", i, string));
    }
    std::string many;
    std::string few;
    std::string all;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        all += rules[i];
        few += rules[i];
        if (i % 100 != 99) continue;
        const std::string held = Rules{few}.holding(text);
        many += (many.empty() || held.empty() ? "" : " ") + held;
        few.clear();
    }
    EXPECT_EQ(Rules{all}.holding(text), many);
    EXPECT_GT(std::count(many.begin(), many.end(), ' '), 100);
    EXPECT_LT(std::count(many.begin(), many.end(), ' '), 560);
}

// Parts with long jumps between them are joined; those of one length in another way than those of several.
TEST(RuleScanner, JoinsTheNearestParts) {
    struct Jump {
        std::size_t least;
        std::size_t most;
    };
    constexpr std::size_t kNone = std::string::npos;
    std::mt19937 draw{41};
    for (int round = 0; round < 60; ++round) {
        std::string text;
        // In every other round where the bounds of jumps lie.
        const bool even = round % 2 == 0;
        const std::size_t share = even ? 8 : 4 + draw() % 200;
        while (text.size() < 3'000) text += draw() % share < 4 && (!even || text.size() % 100 == 0) ? "abcd"[draw() % 4] : '.';
        std::vector<std::vector<std::string>> parts;
        std::vector<Jump> jumps;
        std::string hex;
        const std::size_t count = 2 + draw() % 3;
        for (std::size_t part = 0; part < count; ++part) {
            if (part > 0) {
                const std::size_t least = even ? 99 + draw() % 3 * 100 : draw() % 3 == 0 ? 0 : draw() % 300;
                const std::size_t most = draw() % 4 == 0 ? kNone : even ? least + 300 : least + 201 + draw() % 300;
                jumps.push_back({least, most});
                hex += most == kNone ? fmt::format("[{}-] ", least) : fmt::format("[{}-{}] ", least, most);
            }
            parts.push_back(draw() % 3 == 0 ? std::vector<std::string>{"a", "b.", "c..."} : std::vector<std::string>{std::string{"abcd"[draw() % 4]}});
            for (std::size_t i = 0; i < parts.back().size(); ++i) {
                hex += i == 0 ? "( " : "| ";
                for (const char byte : parts.back()[i]) hex += fmt::format("{:02x} ", static_cast<unsigned>(byte));
            }
            hex += ") ";
        }
        // By the start of a part: where the whole ends at the nearest.
        std::vector<std::size_t> ends(text.size() + 1, kNone);
        for (std::size_t part = count; part-- > 0;) {
            std::vector<std::size_t> now(text.size() + 1, kNone);
            for (std::size_t at = 0; at < text.size(); ++at) {
                for (const auto& literal : parts[part]) {
                    if (text.compare(at, literal.size(), literal) != 0) continue;
                    const std::size_t end = at + literal.size();
                    if (part + 1 == count) {
                        now[at] = end;
                        continue;
                    }
                    const auto [least, most] = jumps[part];
                    for (std::size_t next = end + least; next < text.size() && (most == kNone || next <= end + most); ++next) now[at] = std::min(now[at], ends[next]);
                }
            }
            ends = std::move(now);
        }
        std::string want;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (ends[at] != kNone) want += fmt::format("{}+{} ", at, ends[at] - at);
        }
        const Rules rules{"rule r { strings: $a = { " + hex + "} condition: $a }"};
        const auto scanner = RuleScanner::open(rules.database()).value();
        RuleScanner::Scratch scratch{scanner};
        Deadline deadline{std::chrono::seconds{60}};
        std::string have;
        for (const auto& match : scanner.scan(as_bytes(text), {}, scratch, deadline, {}, {.all_hits = true}).matches) {
            for (const auto& hit : match.hits) have += fmt::format("{}+{} ", hit.offset, hit.length);
        }
        EXPECT_EQ(have, want) << hex;
    }
}

// $w is weak, $v weak too: by one byte. $s is strong in its long form. Of a text longer than a few bytes it is first asked which rules may hold.
TEST(RuleScanner, JudgesStringsStrongAndWeak) {
    const ConditionCase cases[] = {
        {"$s", "xabcdx", true},
        {"$s", "xabcx", false},
        {"$w", "xyz", true},
        {"$v", "q5", true},
        {"$v", "q", false},
        {"$s and $w", "abcd xy", true},
        {"$s and $w", "abcd", false},
        {"$s and $w", "xy", false},
        {"$s or $w", "xy", true},
        {"not $w", "abcd", true},
        {"not $w", "xy", false},
        {"not $w", "", true},
        {"none of them", "", true},
        {"none of them", "xy", false},
        {"none of ($w, $v)", "abcd", true},
        {"none of ($w, $v)", "abcd q7", false},
        {"#w == 0", "", true},
        {"#w == 2", "xyxy", true},
        {"$s and #w == 2", "xyxy", false},
        {"$s and not $w", "abcd", true},
        {"$s and not $w", "abcd xy", false},
        {"2 of them", "xy q1", true},
        {"2 of them", "xy", false},
        {"all of them", "abcd xy q1", true},
        {"34% of them", "xy q1", true},
        {"34% of them", "xy", false},
        {"for all of them : (@ < 2)", "xy", false},
        {"for any of them : (# == 2)", "xyxy", true},
        {"@w[2] == 4 and !w[2] == 2", "xy  xy", true},
        {"$w at 1 or $s at 1", " xy", true},
        {"$w in (2..4) and not $w in (0..1)", "   xy", true},
        {"any of them in (1..2)", "xy", false},
        {"filesize > 0 and ($s or not defined @w)", "abc", true},
        {"for all i in (1..#w) : (@w[i] < 3)", "xyxy", true},
        {"uint8(0) == 0x78 and $w", "xy", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.condition} + " in " + c.text);
        for (const std::string literal : {"abcd", "abcdefgh"}) {
            std::string text = c.text;
            if (const auto at = text.find("abcd"); at != text.npos) text.replace(at, 4, literal);
            const std::string strings = "strings: $s = \"" + literal + "\" $w = \"xy\" $v = /q\\d/ condition: (";
            const Rules any{"rule a { " + strings + "$s or $w or $v or true) and (" + c.condition + ") }"};
            // Without a part that holds anyway: the rule is evaluated only because of its strings.
            const Rules bare{"rule b { " + strings + c.condition + ") and (filesize >= 0 or $s or $w or $v) }"};
            for (const std::size_t behind : {0U, 2000U}) {
                EXPECT_EQ(any.holding(text + std::string(behind, ' ')), c.holds ? "a" : "") << literal << ' ' << behind;
                EXPECT_EQ(bare.holding(text + std::string(behind, ' ')), c.holds ? "b" : "") << literal << ' ' << behind;
            }
        }
    }
}

TEST(RuleScanner, TakesAJumpOverNothing) {
    const Rules rules{"rule a { strings: $a = { 61 [0-0] 62 63 } condition: $a }"};
    EXPECT_EQ(rules.holding("xabcx"), "a");
    EXPECT_EQ(rules.holding("a bc"), "");
}

TEST(RuleScanner, LooksForAPatternWhereAnyOfItsRulesMayNeedIt) {
    const Rules rules{
        "rule small { strings: $w = \"xy\" $s = \"abcd\" condition: filesize < 10 and $w and $s }\n"
        "rule middle { strings: $w = \"xy\" condition: $w and filesize <= 100 }\n"
        "rule large { strings: $s = \"abcd\" $t = \"efgh\" condition: filesize < 1KB and any of them }\n"
        "rule outside { strings: $t = \"efgh\" condition: filesize > 100 and $t }\n"};
    struct Case { std::size_t size; const char* want; };
    const Case cases[] = {
        {10, "middle large"}, {9, "small middle large"}, {100, "middle large"}, {101, "large"}, {1023, "large"}, {1024, ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.size);
        std::string text = "abcd xy";
        text.resize(c.size, ' ');
        EXPECT_EQ(rules.holding(text), c.want);
    }
    EXPECT_EQ(rules.holding(std::string(2000, ' ') + "efgh"), "outside");
}

// Memory that reads as zeros and costs nothing where it is only read.
class HugeText {
public:
    static constexpr std::size_t kBytes = (std::size_t{1} << 32) + 100'000;
    HugeText() : memory_{::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)} {}
    ~HugeText() {
        if (there()) ::munmap(memory_, kBytes);
    }
    HugeText(const HugeText&) = delete;
    HugeText& operator=(const HugeText&) = delete;
    bool there() const { return memory_ != MAP_FAILED; }
    void put(std::size_t at, std::string_view what) { std::copy(what.begin(), what.end(), static_cast<char*>(memory_) + at); }
    std::string_view text() const { return {static_cast<const char*>(memory_), kBytes}; }

private:
    void* memory_;
};

TEST(RuleScanner, FindsWhatLiesBeyondFourGigabytes) {
    HugeText huge;
    if (WARD_HUGE_TEXTS == 0 || !huge.there()) GTEST_SKIP() << "there is no text of this size";
    constexpr std::size_t kFar = (std::size_t{1} << 32) + 70'001;
    huge.put(kFar, "needle!");
    huge.put(kFar + 20, "q7xk");
    huge.put(kFar + 30, "first half");
    huge.put(kFar + 9'000, "second one");
    const Rules rules{
        "rule strong { strings: $a = \"needle!\" condition: $a at 4295037297 and #a == 1 and uint16be(@a) == 0x6e65 }\n"
        "rule bound { strings: $a = \"needle!\" condition: filesize < 8192MB and $a in (4294967296..filesize) }\n"
        "rule too_large { strings: $a = \"needle!\" condition: filesize < 4096MB and $a }\n"
        "rule weak { strings: $a = \"q7x\" condition: @a == 4295037317 }\n"
        "rule joined { strings: $a = { 66 69 72 73 74 [300-10000] 73 65 63 6f 6e 64 } condition: @a == 4295037327 and !a == 8976 }\n"
        "rule regex { strings: $a = /[a-z]{4}le!/ condition: $a }\n"};
    EXPECT_EQ(rules.holding(huge.text()), "strong bound weak joined regex");
}

TEST(RuleScanner, KnowsRulesOfOtherRules) {
    struct Case { const char* source; const char* text; const char* want; };
    const Case cases[] = {
        {"private rule p { condition: true } rule a { condition: p }", "", "a"},
        {"global rule g { condition: filesize > 1 } rule a { condition: true }", "a", ""},
        {"global rule g { condition: filesize > 1 } rule a { condition: true }", "ab", "g a"},
        {"global private rule g { condition: filesize > 1 } rule a { condition: true }", "ab", "a"},
        {"rule x1 { condition: true } rule x2 { condition: false } rule a { condition: any of (x*) }", "", "x1 a"},
        {"rule x1 { condition: true } rule x2 { condition: false } rule a { condition: all of (x1, x2) }", "", "x1"},
        {"rule x1 { strings: $w = \"x\" condition: $w } rule a { condition: not x1 }", "y", "a"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.source);
        EXPECT_EQ(Rules{c.source}.holding(c.text), c.want);
    }
}

TEST(RuleScanner, GuessesOnceOfEachRuleThatOthersName) {
    std::string source = "rule r0 { strings: $w = \"xy\" condition: $w } rule n0 { condition: filesize == 0 }\n";
    for (int i = 1; i < 40; ++i) {
        source += fmt::format("rule r{0} {{ condition: r{1} and r{1} }} rule n{0} {{ condition: n{1} or n{1} }}\n", i, i - 1);
    }
    source += "rule last { strings: $w = \"xz\" condition: r39 and $w } rule never { strings: $w = \"xz\" condition: n39 and $w }";
    const Rules rules{source};
    const std::string filler(1000, ' ');
    EXPECT_EQ(rules.holding(filler + "xz"), "");
    EXPECT_TRUE(rules.holding(filler + "xz xy").ends_with("r39 last"));
}

// Rules that need a text in a module's array are found by that text.
TEST(RuleScanner, FindsRulesByTheTextsOfModules) {
    struct Case { const char* condition; bool want; bool otherwise = false; };  // of a program; of a text
    const Case cases[] = {
        {"for any s in elf.sections : (s.name == \".text\")", true},
        {"for any s in elf.sections : (\".text\" == s.name and s.size > 0)", true},
        {"for any s in elf.sections : (s.name == \".text\" and s.size == 0)", false},
        {"for any s in elf.sections : (s.name == \".tex\")", false},
        {"for any s in elf.sections : (s.name == \".TEXT\")", false},
        {"for any i in (0..elf.number_of_sections) : (elf.sections[i].name == \".nix\" or elf.sections[i].name == \".text\")", true},
        {"for any i in (0..elf.number_of_sections) : (elf.sections[i].name == \".nix\" or elf.sections[i].name == \".nox\")", false},
        {"for any i in (0..elf.number_of_sections) : (elf.sections[i].name == \".nix\" or elf.sections[i].size > 0)", true},
        {"for all s in elf.sections : (s.name == \".text\")", false},
        {"for none s in elf.sections : (s.name == \".nix\")", true},
        {"for 0 s in elf.sections : (s.name == \".nix\")", true},
        {"not for any s in elf.sections : (s.name == \".nix\")", true, true},
        {"for any s in elf.sections : (s.name != \".nix\")", true},
        {"for any s in elf.sections : (s.name == elf.sections[0].name)", true},
        {"for any s in elf.sections : (for any t in elf.sections : (s.name == \".text\" and t.name == \".data\"))", true},
        {"elf.sections[1].name == \".text\" or filesize > 0", true, true},
        {"tests.string_array[1] == \"bar\"", true, true},
        {"tests.string_array[0] == \"bar\"", false},
        {"tests.string_dict[\"foo\"] == \"foo\"", true, true},
        {"tests.constants.foo == \"foo\" and elf.sections[0].size == 0", true},
        {"\"fo\" == tests.constants.foo", false},
    };
    std::ifstream in{"/proc/self/exe", std::ios::binary};
    const std::string program{std::istreambuf_iterator<char>{in}, {}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.condition);
        const Rules rules{fmt::format("import \"elf\" import \"tests\" rule a {{ condition: {} }}", c.condition)};
        EXPECT_EQ(rules.holding(program), c.want ? "a" : "");
        EXPECT_EQ(rules.holding("abc"), c.otherwise ? "a" : "");
    }
}

TEST(RuleScanner, TakesTheExternalsOfAScan) {
    const wire::Externals declared{{"n", std::int64_t{1}}, {"t", std::string{"abc"}}, {"b", false}};
    const Rules rules{"rule rn { condition: n == 2 } rule rt { condition: t contains \"z\" } rule rb { condition: b } rule rf { condition: filename == \"x.sh\" }", declared};
    EXPECT_EQ(rules.holding(""), "");
    const wire::Externals given{{"n", std::int64_t{2}}, {"t", std::string{"xyz"}}, {"b", true}, {"filename", std::string{"x.sh"}}, {"unknown", true}};
    EXPECT_EQ(rules.holding("", &given), "rn rt rb rf");
    const wire::Externals of_other_types{{"n", std::string{"2"}}, {"t", true}, {"b", std::int64_t{1}}};
    EXPECT_EQ(rules.holding("", &of_other_types), "");
}

// Every place where the filter's blocks meet, and both ends; of each length that is looked for in another way.
TEST(RuleScanner, FindsLiteralsWhereverTheyLie) {
    for (const std::string word : {"ne!", "nee!", "need!", "needl!", "needle!", "needles!", "needles1!", "needles12!", "needles123!", "needles1234!"}) {
        const Rules rules{fmt::format("rule a {{ strings: $a = \"{}\" condition: #a == 1 }}", word)};
        for (const std::size_t size : {word.size(), std::size_t{8}, std::size_t{70}, std::size_t{65'600}}) {
            for (std::size_t at = 0; at + word.size() <= size; at += at < 80 || at > 65'500 ? 1 : 5009) {
                std::string text(size, 'n');
                text.replace(at, word.size(), word);
                ASSERT_EQ(rules.holding(text), "a") << word << " at " << at << " of " << size;
            }
        }
    }
}

// Few weak patterns are looked for at each place, many by a sieve; both find the same.
TEST(RuleScanner, FindsManyWeakPatternsAsFewOnes) {
    for (const int count : {1, 20, 47, 48, 49, 200}) {
        std::string source = "rule many { strings:";
        std::string text = "....";
        for (int i = 0; i < count; ++i) {
            source += fmt::format(" $s{} = \"{:04x}Q\"", i, i * 257);
            text += fmt::format("{:04x}Q{}", i * 257, std::string(static_cast<std::size_t>(i % 3), '-'));
        }
        const Rules rules{source + " $x = \"zq\" condition: all of them and #x == 2 }"};
        EXPECT_EQ(rules.holding(text + "zq" + std::string(2000, ' ') + "zq"), "many") << count;
        EXPECT_EQ(rules.holding(text + "zq" + std::string(2000, ' ')), "") << count;
        EXPECT_EQ(rules.holding(text.substr(0, 8) + "zq" + std::string(2000, ' ') + "zq"), "") << count;
    }
}

// `$a at 0` asks for the bytes themselves, and holds as it did.
TEST(RuleScanner, HoldsAtAPlaceAsTheStringDoes) {
    struct Case { const char* strings; const char* condition; std::string text; bool want; };
    const Case cases[] = {
        {"$a = \"GIF8\"", "$a at 0", "GIF89a", true},
        {"$a = \"GIF8\"", "$a at 0", "gif89a", false},
        {"$a = \"GIF8\"", "$a at 0", "GI", false},
        {"$a = \"GIF8\"", "not $a at 0", "GI", true},
        {"$a = \"GIF8\" fullword", "$a at 0", "GIF89a", false},
        {"$a = \"GIF8\" nocase", "$a at 0", "gif89a", true},
        {"$a = \"GI\" wide", "$a at 0", "G\0I\0"s, true},
        {"$a = \"GI\" wide ascii", "$a at 0", "G\0I\0"s, true},
        {"$a = \"GI\" xor", "$a at 0", "FH", true},
        {"$a = { 47 ?9 46 }", "$a at 0", "GYF", true},
        {"$a = { ( 47 | 48 ) 49 }", "$a at 0", "HI", true},
        {"$a = { 47 [1-2] 46 }", "$a at 1", "GGIIF", true},
        {"$a = { // { 48\n 47 49 }", "$a at 0", "GI", true},
        {"$a = { 4A } $b = { 47 49 46 38 39 }", "$b at 2 and not $a at 2", "..GIF89", true},
        {"$a = /G.F/", "$a at 0", "GIF", true},
        {"$ = \"xx\" $ = \"GI\"", "for any of them : ($ at 0)", "GI", true},
        {"$a = \"GI\"", "$a at -1", "GI", false},
        {"$a = \"GI\"", "$a at 9223372036854775807", "GI", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(fmt::format("{} {}", c.strings, c.condition));
        const Rules rules{fmt::format("rule a {{ strings: {} condition: {} }}", c.strings, c.condition)};
        EXPECT_EQ(rules.holding(c.text), c.want ? "a" : "");
        EXPECT_EQ(rules.holding(c.text + std::string(3000, '.')), c.want ? "a" : "");
    }
}

TEST(RuleScanner, StopsWhenTimeIsUp) {
    const Rules rules{"rule a { condition: for all i in (0..9223372036854775806) : (i >= 0) }"};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::milliseconds{20}};
    const auto outcome = scanner.scan({}, {}, scratch, deadline);
    EXPECT_TRUE(outcome.timed_out);
    EXPECT_TRUE(outcome.matches.empty());
}

TEST(RuleScanner, SurvivesDatabasesThatLie) {
    const Rules rules{"rule a { strings: $a = \"abcd\" $b = /q.{1,4}k/ $w = \"x\" condition: $a or #b > 1 or for any i in (1..3) : (@w[i] > 2) }"};
    std::mt19937 random{7};
    const std::string text = "abcd quick xxx q12k";
    for (int round = 0; round < 3000; ++round) {
        Buffer changed = rules.database();
        for (int i = 0; i < 4; ++i) changed[64 + random() % (changed.size() - 64)] = static_cast<std::uint8_t>(random());
        const auto scanner = RuleScanner::open(changed);
        if (!scanner.ok()) continue;
        RuleScanner::Scratch scratch{*scanner};
        Deadline deadline{std::chrono::seconds{5}};
        const auto outcome = scanner->scan(as_bytes(text), {}, scratch, deadline);
        EXPECT_LE(outcome.matches.size(), scanner->rules());
    }
}

// A process whose memory is made up.
class MadeMemory : public Memory {
public:
    // The last of the bytes, so many, lie behind the piece.
    void add(std::uint64_t address, std::string_view bytes, std::size_t behind = 0) {
        pieces_.push_back({address, bytes.size() - behind, 0, static_cast<std::uint32_t>(behind)});
        bytes_.push_back(std::make_shared<Buffer>(bytes.begin(), bytes.end()));
    }
    // One region in pieces of so many bytes, each with so many of what lies around it.
    void add_cut(std::uint64_t address, std::string_view bytes, std::size_t piece, std::size_t around) {
        for (std::size_t from = 0; from < bytes.size(); from += piece) {
            const std::size_t size = std::min(piece, bytes.size() - from);
            const std::size_t before = std::min(around, from);
            const std::size_t behind = std::min(around, bytes.size() - from - size);
            pieces_.push_back({address + from, size, static_cast<std::uint32_t>(before), static_cast<std::uint32_t>(behind)});
            const auto whole = bytes.substr(from - before, before + size + behind);
            bytes_.push_back(std::make_shared<Buffer>(whole.begin(), whole.end()));
        }
    }
    std::span<const Piece> pieces() const override { return pieces_; }
    std::shared_ptr<const Buffer> fetch(std::size_t piece) override { return bytes_[piece]; }

private:
    std::vector<Piece> pieces_;
    std::vector<std::shared_ptr<const Buffer>> bytes_;
};

std::string found_in(Memory& memory, const std::string& source, const ScanManner& manner = {}) {
    const Rules rules{source};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::seconds{60}};
    std::string told;
    // A second scan with the same scratch must know nothing of the first.
    for (int i = 0; i < 2; ++i) {
        told.clear();
        for (const auto& match : scanner.scan(memory, {}, scratch, deadline, {}, manner).matches) {
            told += (told.empty() ? "" : " ") + match.rule;
            for (const auto& hit : match.hits) told += fmt::format(":{:x}+{}={}", hit.offset, hit.length, hit.data);
        }
    }
    return told;
}

TEST(RulesInMemory, PlacesAreAddresses) {
    MadeMemory memory;
    memory.add(0x1000, "one needle, two needles");
    memory.add(0x7f0000001000, "a needle far away");
    ScanManner manner;
    manner.data_bytes = 4;
    EXPECT_EQ(found_in(memory, "rule r { strings: $a = \"needle\" condition: $a }", manner), "r:1004+6=need:1010+6=need:7f0000001002+6=need");
    EXPECT_EQ(found_in(memory, R"(rule place { strings: $a = "needle" condition: $a at 0x1004 and $a at 0x7f0000001002 and not $a at 4 })").substr(0, 6), "place:");
    EXPECT_EQ(found_in(memory, R"(rule weak { strings: $a = "ay" condition: $a })"), "weak:7f000000100f+2=");
    EXPECT_EQ(found_in(memory, R"(rule not_there { condition: defined uint8(0) or defined uint8(0x1017) or defined uint32(0x1015) or defined uint8(0x2000) })"), "");
    EXPECT_EQ(found_in(memory, R"(rule sizeless { condition: defined filesize or filesize < 1024MB or filesize >= 0 })"), "");
    EXPECT_EQ(found_in(memory, R"(rule headless { strings: $a = "needle" condition: uint16be(0) == 0x6f6e and $a })"), "");
    EXPECT_EQ(found_in(memory, R"(rule reads { condition: uint16be(0x1000) == 0x6f6e and uint8(0x7f0000001010) == 0x79 })"), "reads");
    EXPECT_EQ(found_in(memory, R"(rule offsets { strings: $a = "needle" condition: #a == 3 and @a[2] == 0x1010 and #a in (0x1000..0x1020) == 2 })"),
              "offsets:1004+6=:1010+6=:7f0000001002+6=");
}

TEST(RulesInMemory, ARegionInPiecesIsOne) {
    const std::string text = "the quick brown fox jumps over the lazy dog and xfox over foxes";
    const std::string rules = R"(
        rule word { strings: $a = "fox" fullword condition: #a == 1 and @a == 0x1010 }
        rule expression { strings: $a = /fox [a-z]+ over/ condition: #a == 1 and !a == 14 }
        rule jump { strings: $a = { 71 75 69 63 6b [0-20] 6a 75 6d 70 } condition: @a == 0x1004 and !a == 20 }
        rule start { strings: $a = /^the/ condition: #a == 1 and @a == 0x1000 }
        rule single { strings: $a = "f" condition: #a == 3 }
        rule plain { strings: $a = "fox" condition: #a == 3 }
    )";
    MadeMemory whole;
    whole.add(0x1000, text);
    ScanManner manner;
    const std::string all = found_in(whole, rules, manner);
    EXPECT_EQ(std::count(all.begin(), all.end(), ' '), 5) << all;
    for (std::size_t piece = 5; piece < text.size(); ++piece) {
        MadeMemory cut;
        cut.add_cut(0x1000, text, piece, 24);
        EXPECT_EQ(found_in(cut, rules, manner), all) << piece;
    }
}

TEST(RulesInMemory, NothingMatchesFromOneRegionIntoTheNext) {
    MadeMemory memory;
    memory.add(0x1000, "here is a nee");
    memory.add(0x100d, "dle in two");
    EXPECT_EQ(found_in(memory, R"(rule r { strings: $a = "needle" condition: $a })"), "");
}

// What lies around a piece may be other bytes when it is read as the next one.
TEST(RulesInMemory, TooManyMatchesAroundAPieceConcernNoLaterText) {
    const std::string many(kMaxHitsOfPattern + 1, 'a');
    MadeMemory memory;
    memory.add(0x1000, std::string(16, '.') + many, many.size());
    memory.add(0x1010, std::string(many.size(), '.'));
    const Rules rules{"rule r { strings: $a = \"a\" condition: $a }"};
    const auto scanner = RuleScanner::open(rules.database()).value();
    RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::seconds{60}};
    EXPECT_TRUE(scanner.scan(memory, {}, scratch, deadline, {}).matches.empty());
    EXPECT_EQ(scanner.scan(as_bytes(std::string_view{"bab"}), {}, scratch, deadline).matches.size(), 1U);
}

TEST(RulesInMemory, FunctionsTakeRangesOfAddresses) {
    MadeMemory memory;
    memory.add(0x1000, "abc");
    memory.add(0x1003, "def");
    memory.add(0x2000, "ghi");
    const std::string imports = R"(import "hash" import "math" )";
    EXPECT_EQ(found_in(memory, imports + R"(rule one { condition: hash.md5(0x1000, 3) == hash.md5("abc") })"), "one");
    EXPECT_EQ(found_in(memory, imports + R"(rule two { condition: hash.md5(0x1001, 4) == hash.md5("bcde") and hash.crc32(0x1001, 4) == hash.crc32("bcde") })"), "two");
    EXPECT_EQ(found_in(memory, imports + R"(rule end { condition: hash.md5(0x2001, 100) == hash.md5("hi") })"), "end");
    EXPECT_EQ(found_in(memory, imports + R"(rule gap { condition: defined hash.md5(0x1000, 7) or defined hash.md5(0x3000, 1) or defined hash.md5(0, 1) })"), "");
    EXPECT_EQ(found_in(memory, imports + R"(rule whole { condition: defined math.mode() or defined math.count(97) })"), "");
    EXPECT_EQ(found_in(memory, imports + R"(rule entropy { condition: math.entropy(0x1000, 2) == 1.0 })"), "entropy");
}

TEST(RulesInMemory, ALoopOverManyRangesEnds) {
    MadeMemory memory;
    memory.add(0, std::string(600, 'x'));
    const std::string import = R"(import "hash" )";
    EXPECT_EQ(found_in(memory, import + "rule few { condition: for all i in (0..300) : (for all j in (1..100) : (defined hash.crc32(i, j))) }"), "few");
    EXPECT_EQ(found_in(memory, import + "rule many { condition: for all i in (0..599) : (for all j in (1..600) : (defined hash.crc32(i, j))) }"), "");
}

TEST(RulesInMemory, ModulesReadTheFirstProgramTheyTake) {
    std::string library(64, '\0');
    library.replace(0, 7, "\x7f" "ELF\2\1\1");
    library[16] = 3;  // ET_DYN
    library[18] = 62;
    library += '\0';
    std::string program = library;
    program[16] = 2;  // ET_EXEC
    program[24] = 0x40;
    MadeMemory memory;
    memory.add(0x1000, library);
    memory.add(0x2000, program);
    const std::string import = R"(import "elf" )";
    EXPECT_EQ(found_in(memory, import + "rule a { condition: elf.type == elf.ET_EXEC and elf.machine == 62 and entrypoint == 0x40 and elf.entry_point == 0x2040 }"), "a");
    MadeMemory none;
    none.add(0x1000, library);
    EXPECT_EQ(found_in(none, import + "rule a { condition: defined elf.type or defined entrypoint }"), "");
}

}  // namespace
}  // namespace ward::match
