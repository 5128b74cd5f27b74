// SPDX-License-Identifier: Apache-2.0
#include "doors/yara_text.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

Match example() {
    Match match;
    match.rule = "one";
    match.ruleset = "ns";
    match.tags = {"t1", "t2"};
    match.meta = {{"a", std::string{"x\"'\\y\n\x01\xe9\0cut", 13}}, {"b", std::int64_t{-5}}, {"c", true}, {"d", false}};
    match.hits = {{"$a", 2, 5, 0, false, "EI\nC\\"}, {"$h", 16, 600, 0, true, std::string(70, '\xAB')}, {"$x", 255, 2, 0x21, false, "hC"}};
    return match;
}

TEST(YaraLines, PrintsARuleAsYaraDoes) {
    const Match match = example();
    const std::string hex = []{ std::string out = "AB"; for (int i = 1; i < 64; ++i) out += " AB"; return out + " ..."; }();
    struct Case { const char* name; YaraLines lines; std::string want; };
    const Case cases[] = {
        {"nothing more", {}, "one /x\n"},
        {"namespace", {.ruleset = true}, "ns:one /x\n"},
        {"tags", {.tags = true}, "one [t1,t2] /x\n"},
        {"meta", {.meta = true}, "one [a=\"x\\\"\\'\\\\y\\n\\001\\351\",b =-5,c=true,d=false] /x\n"},
        {"strings", {.strings = true}, "one /x\n0x2:$a: EI\\x0AC\\\n0x10:$h: " + hex + "\n0xff:$x: hC\n"},
        {"lengths", {.lengths = true}, "one /x\n0x2:5:$a\n0x10:512:$h\n0xff:2:$x\n"},
        {"all of a hit", {.strings = true, .lengths = true, .xor_keys = true}, "one /x\n0x2:5:$a:xor(0x00,EI\\x0AC\\): EI\\x0AC\\\n"
         "0x10:512:$h:xor(0x00," + []{ std::string out; for (int i = 0; i < 70; ++i) out += "\\xAB"; return out; }() + "): " + hex + "\n0xff:2:$x:xor(0x21,Ib): hC\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(c.lines.rule(match, "/x"), c.want);
    }
    Match bare;
    bare.rule = "r";
    EXPECT_EQ((YaraLines{.tags = true, .meta = true}.rule(bare, "f")), "r [] [] f\n");
}

TEST(YaraLines, EscapesNamesForATerminalOnly) {
    Match match;
    match.rule = "r";
    EXPECT_EQ(YaraLines{}.rule(match, "a\x1b[0m"), "r a\x1b[0m\n");
    EXPECT_EQ((YaraLines{.terminal = true}.rule(match, "a\x1b[0m")), "r a\\x1b[0m\n");

    match.rule = "r\x1b";
    match.ruleset = "n\x1b";
    match.tags = {"t\x1b", "u\xff"};
    match.meta = {{"m\x1b", std::int64_t{1}}, {"k", std::string{"v\x1b"}}};
    match.hits.resize(1);
    match.hits[0].pattern = "$s\n";
    YaraLines all{.tags = true, .meta = true, .ruleset = true, .strings = true};
    EXPECT_EQ(all.rule(match, "a"), "n\x1b:r\x1b [t\x1b,u\xff] [m\x1b =1,k=\"v\\033\"] a\n0x0:$s\n: \n");
    all.terminal = true;
    EXPECT_EQ(all.rule(match, "a"), "n\\x1b:r\\x1b [t\\x1b,u\\xff] [m\\x1b =1,k=\"v\\033\"] a\n0x0:$s\\n: \n");
    constexpr std::string_view kData = "pe\n\ta = \"\x1b]0;b\a\r\"\n\n\x7f";
    EXPECT_EQ(YaraLines{}.module_data(kData), kData);
    EXPECT_EQ(all.module_data(kData), "pe\n\ta = \"\\x1b]0;b\\x07\\r\"\n\n\\x7f");
    EXPECT_EQ(all.module_data("a\n"), "a\n");
}

TEST(YaraMessage, NamesTheRuleWhereThereIsOne) {
    EXPECT_EQ(yara_message({.error = true, .file = "a.yar", .line = 3, .text = "why", .source_line = {}, .rule = "r"}), "error: rule \"r\" in a.yar(3): why\n");
    EXPECT_EQ(yara_message({.error = false, .file = "a.yar", .line = 3, .text = "why", .source_line = {}, .rule = {}}), "a.yar(3): warning: why\n");
}

}  // namespace
}  // namespace ward::doors
