// SPDX-License-Identifier: Apache-2.0
#include "core/toml_read.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

TEST(Toml, ReadsEveryKind) {
    const auto root = read_toml(
        "text = 'a'\nwhole = 3\nreal = 0.5\nyes = true\nlist = ['a', 'b']\nday = 2026-01-02\n[[item]]\nname = 'x'\n",
        "a.toml");
    ASSERT_TRUE(root.ok()) << root.error().text;
    EXPECT_EQ(root->text("text").value(), "a");
    EXPECT_EQ(root->integer_or("whole", 0).value(), 3);
    EXPECT_EQ(root->find("real")->real, 0.5);
    EXPECT_TRUE(root->boolean_or("yes", false).value());
    EXPECT_EQ(root->texts_or_none("list").value(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(root->texts_or_none("text").value(), std::vector<std::string>{"a"});
    EXPECT_EQ(root->find("day")->value, "2026-01-02");
    EXPECT_EQ(root->find("item")->items.at(0).text("name").value(), "x");
}

TEST(Toml, AHeaderBrokenByALineEndIsAMistakeAndNotACrash) {
    for (const std::string_view text : {"[\nI", "[[\nI", "[\x01", "[a.\n", "[a]\n=", "a.\n= 1"}) {
        EXPECT_FALSE(read_toml(text, "a.toml")) << text;
    }
}

TEST(Toml, SaysFileAndLineOfAMistake) {
    struct Case { const char* name; const char* text; const char* want; };
    const Case cases[] = {
        {"no value", "a = \n", "a.toml:1:"},
        {"twice the same key", "a = 1\na = 2\n", "a.toml:2:"},
        {"a text that is missing", "b = 1\n", "`a` is missing"},
        {"a number in place of a text", "\na = 1\n", "a.toml:2: `a` must be a text"},
        {"a key nobody reads", "a = ''\nzz = 1\n", "a.toml:2: `zz` is not a key"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto read = [&]() -> Status {
            const TomlNode root = WARD_TRY(read_toml(c.text, "a.toml"));
            WARD_TRY(root.text("a"));
            return root.only({"a"});
        }();
        ASSERT_FALSE(read.ok());
        EXPECT_NE(read.error().text.find(c.want), std::string::npos) << read.error().text;
    }
}

}  // namespace
}  // namespace ward
