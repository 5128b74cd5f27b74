// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/internal/json_split.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <string>
#include <vector>

namespace ward::advisories {
namespace {

using Parts = std::vector<std::string>;

// "key=value" of what next() gives until it ends; last the error's code and text.
Parts parts_of(JsonSplitter& splitter) {
    Parts parts;
    for (;;) {
        const auto next = splitter.next();
        if (!next) {
            parts.push_back(fmt::format("{}: {}", code_name(next.error().code), next.error().text));
            return parts;
        }
        if (!*next) return parts;
        parts.push_back((*next)->key.empty() ? std::string{(*next)->value} : fmt::format("{}={}", (*next)->key, (*next)->value));
    }
}

TEST(JsonSplitter, CutsAStreamIntoValues) {
    struct Case { const char* name; std::string_view text; Parts want; };
    const Case cases[] = {
        {"nothing", "", {}},
        {"blanks", " \r\n\t", {}},
        {"lines", "{\"a\":1}\n{\"b\":[2]}\n", {"{\"a\":1}", "{\"b\":[2]}"}},
        {"no line between", "{}[]{\"x\": {}}", {"{}", "[]", "{\"x\": {}}"}},
        {"brackets and quotes in texts", R"({"a":"}]{\"\\"} "x")", {R"({"a":"}]{\"\\"})", "\"x\""}},
        {"plain values", "1 true\nnull", {"1", "true", "null"}},
        {"no end", "{\"a\":[1}", {"malformed: a value without end at offset 0"}},
        {"no end of a text", "{\"a", {"malformed: a text without end at offset 1"}},
        {"an escape at the end", "\"\\", {"malformed: a text without end at offset 0"}},
        {"an end without a beginning", "}", {"malformed: no value at offset 0"}},
        {"a comma", ",", {"malformed: no value at offset 0"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        JsonSplitter splitter{c.text};
        EXPECT_EQ(parts_of(splitter), c.want);
    }
}

TEST(JsonSplitter, CutsContainersIntoMembers) {
    struct Case { const char* name; std::string_view text; Parts want; };
    const Case cases[] = {
        {"an object", R"( { "a" : 1 , "b\"" : {"c": []}, "": "x" } rest)", {"a=1", "b\\\"={\"c\": []}", "\"x\""}},
        {"an array", R"([{"a":1}, 2,"3"])", {"{\"a\":1}", "2", "\"3\""}},
        {"empty", "{}", {}},
        {"empty array", "[ ]", {}},
        {"no end", R"({"a": 1)", {"a=1", "malformed: a container without end at offset 7"}},
        {"no comma", R"([1 2])", {"1", "malformed: no comma between values at offset 3"}},
        {"a comma too many", R"({"a": 1,})", {"a=1", "malformed: no text at offset 8"}},
        {"no colon", R"({"a" 1})", {"malformed: no colon after a key at offset 5"}},
        {"no value", R"({"a":)", {"malformed: no value at offset 5"}},
        {"a value that is none", R"({"a":})", {"malformed: no value at offset 5"}},
        {"a key that is none", R"({1:2})", {"malformed: no text at offset 1"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        JsonSplitter splitter{c.text};
        EXPECT_TRUE(splitter.enter());
        EXPECT_EQ(parts_of(splitter), c.want);
    }
    for (const std::string_view text : {"", " ", "1", "\"x\"", "}"}) EXPECT_FALSE(JsonSplitter{text}.enter()) << text;
}

TEST(JsonSplitter, GoesOnBehindABrokenLine) {
    JsonSplitter splitter{"{\"a\":1}\n{\"broken\n{\"b\":\"2\"}\n"};
    EXPECT_EQ(parts_of(splitter), (Parts{"{\"a\":1}", "malformed: a text without end at offset 24"}));
    EXPECT_EQ(splitter.offset(), 8U);
    EXPECT_TRUE(splitter.skip_line());
    EXPECT_EQ(parts_of(splitter), Parts{"{\"b\":\"2\"}"});
    EXPECT_FALSE(splitter.skip_line());
    JsonSplitter inside{"{\"a\": {\"b\": \"c\n{}\n"};
    EXPECT_EQ(parts_of(inside).size(), 1U);
    EXPECT_EQ(inside.offset(), 0U) << "the next line is the one behind the value's beginning";
}

TEST(JsonSplitter, LooksNoFurtherThanItMay) {
    const std::string value = "{\"a\": \"" + std::string(100, 'x') + "\"}";
    JsonSplitter enough{value, value.size()};
    EXPECT_EQ(parts_of(enough), Parts{value});
    JsonSplitter less{value, value.size() - 1};
    EXPECT_EQ(parts_of(less), Parts{fmt::format("over_limit: a value without end within {} bytes at offset 0", value.size() - 1)});
    JsonSplitter text{value, 50};
    EXPECT_EQ(parts_of(text), Parts{"over_limit: a text without end within 50 bytes at offset 6"});
    JsonSplitter each{"{} {} {} {}", 2};
    EXPECT_EQ(parts_of(each), (Parts{"{}", "{}", "{}", "{}"})) << "of one value, not of the stream";
}

}  // namespace
}  // namespace ward::advisories
