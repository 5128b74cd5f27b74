// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

TEST(EscapeForTerminal, LeavesNothingThatActsOnATerminal) {
    struct Case { const char* name; std::string_view text; const char* want; };
    const Case cases[] = {
        {"plain stays", "naïve 文.txt", "naïve 文.txt"},
        {"escape codes", "\x1b[31mred", "\\x1b[31mred"},
        {"newline and tab", "a\nb\tc\r", "a\\nb\\tc\\r"},
        {"right-to-left override", "a\xE2\x80\xAE" "exe.txt", "a\\u{202e}exe.txt"},
        {"zero-width space", "a\xE2\x80\x8B", "a\\u{200b}"},
        {"C1 control", "\xC2\x9B" "31m", "\\u{009b}31m"},
        {"not UTF-8", "\xff\xfe", "\\xff\\xfe"},
        {"overlong slash", "\xC0\xAF", "\\xc0\\xaf"},
        {"NUL", std::string_view{"a\0b", 3}, "a\\x00b"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(escape_for_terminal(c.text), c.want);
    }
}

TEST(AppendUtf8, WritesWhatDecodeUtf8Reads) {
    for (const char32_t c : {0x00u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD7FFu, 0xE000u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
        SCOPED_TRACE(static_cast<std::uint32_t>(c));
        std::string text;
        append_utf8(text, c);
        char32_t read = 1;
        EXPECT_EQ(decode_utf8(text + "x", read), text.size());
        EXPECT_EQ(read, c);
    }
    for (const char32_t c : {0xD800u, 0xDFFFu, 0x110000u, 0xFFFFFFFFu}) {
        std::string text;
        append_utf8(text, c);
        EXPECT_EQ(text, "\xEF\xBF\xBD");
    }
}

TEST(IsUtf8, FollowsRfc3629) {
    EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));   // above U+10FFFF
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));       // surrogate
    EXPECT_FALSE(is_utf8("\xE0\x80\xAF"));       // overlong
    EXPECT_FALSE(is_utf8("\xE2\x82"));           // cut off
    EXPECT_EQ(replace_invalid_utf8("a\xff" "b"), "a\xEF\xBF\xBD" "b");
}

TEST(Glob, MatchesAsPathsNeedIt) {
    struct Case { const char* pattern; const char* text; bool want; };
    const Case cases[] = {
        {"/usr/*", "/usr/bin", true},       {"/usr/*", "/usr/bin/ls", false}, {"/usr/**", "/usr/bin/ls", true},
        {"**/*.log", "/a/b/c.log", true},   {"**/*.log", "/a/b/c.logs", false}, {"*.t?t", "a.txt", true},
        {"*.t?t", "a.t/t", false},          {"[a-c]x", "bx", true},           {"[!a-c]x", "bx", false},
        {"[]]", "]", true},                 {"[", "[", true},                 {"a**b*c", "a/x/byyc", true},
        {"\\*", "*", true},                 {"\\*", "x", false},              {"", "", true},
        {"*", "", true},                    {"?", "", false},                 {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.pattern} + " on " + c.text);
        EXPECT_EQ(glob_match(c.pattern, c.text), c.want);
    }
}

TEST(ParseNumbers, RefuseWhatIsNotWhollyANumber) {
    EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615u);
    EXPECT_FALSE(parse_unsigned("18446744073709551616"));
    EXPECT_FALSE(parse_unsigned(""));
    EXPECT_FALSE(parse_unsigned("-1"));
    EXPECT_FALSE(parse_unsigned("+1"));
    EXPECT_FALSE(parse_unsigned("1 "));
    EXPECT_EQ(parse_unsigned("644", 8), 0644u);
    EXPECT_FALSE(parse_unsigned("648", 8));
    EXPECT_EQ(parse_signed("-9223372036854775808"), INT64_MIN);
    EXPECT_FALSE(parse_signed("9223372036854775808"));
}

TEST(UtcTime, KnowsLeapDaysAndTheTimeBefore1970) {
    EXPECT_EQ(utc_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(utc_time(951'827'696), "2000-02-29T12:34:56Z");
    EXPECT_EQ(utc_time(-1), "1969-12-31T23:59:59Z");
    EXPECT_EQ(utc_time(4'102'444'800), "2100-01-01T00:00:00Z");
}

TEST(HumanBytes, NeverPrints1024OfAUnit) {
    EXPECT_EQ(human_bytes(1023), "1023 B");
    EXPECT_EQ(human_bytes(1536), "1.5 KiB");
    EXPECT_EQ(human_bytes(kMiB - 1), "1.0 MiB");
}

TEST(Lines, KeepEmptyOnesAndEndWithoutNewline) {
    std::string_view rest = "a\r\n\nb";
    std::string_view line;
    std::vector<std::string> lines;
    while (next_line(rest, line)) lines.emplace_back(line);
    EXPECT_EQ(lines, (std::vector<std::string>{"a", "", "b"}));
}

TEST(ShellQuote, KeepsOneWordOneWord) {
    EXPECT_EQ(shell_quote("/etc/ssh/sshd_config"), "/etc/ssh/sshd_config");
    EXPECT_EQ(shell_quote("a b"), "'a b'");
    EXPECT_EQ(shell_quote("it's; rm -rf"), "'it'\\''s; rm -rf'");
    EXPECT_EQ(shell_quote(""), "''");
    EXPECT_EQ(shell_quote("a\nb'\\ \x1b[2J7\xff"), "$'a\\012b\\'\\\\ \\033[2J7\\377'");
    EXPECT_EQ(shell_quote("gr\xc3\xbc\xc3\x9f e"), "'gr\xc3\xbc\xc3\x9f e'");
}

TEST(Base64, ReadsWhatItWrites) {
    struct Case { std::string_view text; std::optional<std::string_view> want; };
    const Case cases[] = {
        {"", ""},           {"Zg==", "f"},         {"Zm8=", "fo"},         {"Zm9vYmFy", "foobar"},   {"Zm9v\r\n YmE", "fooba"},
        {"Zg", "f"},        {"Zg=", std::nullopt}, {"Z", std::nullopt},    {"Zg==Zg==", std::nullopt}, {"Zm9v====", std::nullopt},
        {"Zm-v", std::nullopt}, {"Zm9vA", std::nullopt}, {"=", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        Buffer out;
        ASSERT_EQ(from_base64(c.text, out), c.want.has_value());
        if (c.want) { EXPECT_EQ(as_text(out), *c.want); }
    }
}

TEST(Base64, AgreesWithRfc4648Section10) {
    EXPECT_EQ(to_base64(as_bytes("")), "");
    EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
    EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Wrapped, BreaksAtBlanksAndNeverInsideAWord) {
    EXPECT_EQ(wrapped("one two three", 2, 9), "  one two\n  three\n");
    EXPECT_EQ(wrapped("one  two", 2, 8), "  one\n  two\n");
    EXPECT_EQ(wrapped("/a/long/path x", 0, 5), "/a/long/path\nx\n");
    EXPECT_EQ(wrapped("", 4, 20), "\n");
    EXPECT_EQ(wrapped("try `a b c` now", 0, 5), "try\n`a b c`\nnow\n");
    EXPECT_EQ(wrapped("an open ` quote", 0, 9), "an open `\nquote\n");
}

TEST(Ago, IsWhatAPersonWouldSay) {
    struct Case { std::int64_t seconds; const char* want; };
    const Case cases[] = {{-100, "just now"}, {0, "just now"}, {119, "just now"}, {120, "2 minutes ago"}, {7199, "119 minutes ago"},
                          {7200, "2 hours ago"}, {172'799, "47 hours ago"}, {172'800, "2 days ago"}};
    for (const auto& c : cases) EXPECT_EQ(ago(c.seconds), c.want) << c.seconds;
}

}  // namespace
}  // namespace ward
