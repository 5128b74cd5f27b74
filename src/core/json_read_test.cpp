// SPDX-License-Identifier: Apache-2.0
#include "core/json_read.h"

#include "core/json_write.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

using namespace std::string_literals;

void write(const JsonNode& node, JsonWriter& out) {
    if (const auto* text = node.text()) {
        out.text(*text);
    } else if (const auto* integer = node.integer()) {
        out.number(*integer);
    } else if (const auto* real = node.real()) {
        out.real(*real);
    } else if (const auto* boolean = node.boolean()) {
        out.boolean(*boolean);
    } else if (node.is_array()) {
        out.begin_array();
        for (const auto& item : node.items()) write(item, out);
        out.end_array();
    } else if (node.is_object()) {
        out.begin_object();
        for (const auto& member : node.members()) write(member.value, out.key(member.key));
        out.end_object();
    } else {
        out.null();
    }
}

// What was read, written again; or why not.
std::string again(const std::string& text, const JsonLimits& limits = {}) {
    const auto root = read_json(text, limits);
    if (!root) return std::string{code_name(root.error().code)} + ": " + root.error().text;
    JsonWriter out;
    write(*root, out);
    return std::move(out).take();
}

TEST(ReadJson, ReadsEveryKindOfValue) {
    struct Case { std::string text; std::string want; };
    const Case cases[] = {
        {"null", "null"},
        {" \t\r\n true ", "true"},
        {"[false,[],{}]", "[false,[],{}]"},
        {"[ 1 , -2 , 0 , -0 ]", "[1,-2,0,0]"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"[0.5,1e2,-1.25E-2,1E+1,1e-999]", "[0.5,100,-0.0125,10,0]"},
        {R"({"a":{"b":[{"c":"d"}]},"":1})", R"({"a":{"b":[{"c":"d"}]},"":1})"},
        {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\u0008\u000c\n\r\t")"},
        {R"("\u0041\u00e9\u20AC\ud83d\ude00")", "\"A\u00e9\u20ac\U0001F600\""},
        {"\"\u00e9\x7f\"", "\"\u00e9\\u007f\""},
        {R"({"a":1,"a":2})", R"({"a":1,"a":2})"},
    };
    for (const auto& c : cases) EXPECT_EQ(again(c.text), c.want) << c.text;
    EXPECT_EQ(*read_json(R"("a\u0000b")").value().text(), "a\0b"s);
}

TEST(ReadJson, RefusesWhatIsNone) {
    const std::string cases[] = {
        "", " ", "nul", "True", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:1}",
        "{\"a\" 1}", "]", "1 2", "{}x", "01", "-01", "-", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x1", "NaN", "Infinity", "\"", "\"a", "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"a\nb\"", "\"\x01\"", "\"\xff\"", "'a'",
        "\xef\xbb\xbf{}", "[1] // no", "[1]\0"s, "\"\xed\xa0\x80\"",
    };
    for (const auto& text : cases) EXPECT_EQ(again(text).substr(0, 11), "malformed: ") << text;
    EXPECT_EQ(again("[1,x]"), "malformed: no value at offset 3 of the JSON");
    EXPECT_EQ(again("[9223372036854775808]"), "unsupported: too large a number at offset 1 of the JSON");
    EXPECT_EQ(again("-9223372036854775809"), "unsupported: too large a number at offset 0 of the JSON");
    EXPECT_EQ(again("1e999"), "unsupported: too large a number at offset 0 of the JSON");
}

TEST(ReadJson, StopsAtItsLimits) {
    EXPECT_EQ(again(std::string(100, '[') + std::string(100, ']')).front(), '[');
    EXPECT_EQ(again(std::string(101, '[') + std::string(101, ']')), "over_limit: the JSON is nested deeper than 100");
    EXPECT_EQ(again(std::string(1'000'000, '[')), "over_limit: the JSON is nested deeper than 100");
    EXPECT_EQ(again("[1,2]", {.max_values = 3}), "[1,2]");
    EXPECT_EQ(again("[1,2,3]", {.max_values = 3}), "over_limit: more than 3 values in the JSON");
}

TEST(ReadJson, GivesNothingForWhatAValueIsNot) {
    const auto root = read_json(R"({"a":1,"b":[2],"a":"last"})").value();
    EXPECT_EQ(*root.find("a")->text(), "last");
    EXPECT_EQ(root.find("a")->integer(), nullptr);
    EXPECT_EQ(root.find("c"), nullptr);
    EXPECT_EQ(root.find("b")->find("a"), nullptr);
    EXPECT_EQ(root.find("b")->items().size(), 1U);
    EXPECT_TRUE(root.items().empty());
    EXPECT_TRUE(root.find("b")->members().empty());
    EXPECT_FALSE(root.is_null());
}

}  // namespace
}  // namespace ward
