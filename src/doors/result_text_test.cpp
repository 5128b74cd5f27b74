// SPDX-License-Identifier: Apache-2.0
#include "doors/result_text.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

QueryResult sample() {
    return {{"name", "n", "name"},
            {{std::string{"a,\"b"}, std::int64_t{-3}, Value{}}, {std::string{"\x1b[31m\xff"}, 0.5, std::string{"=1+1"}}},
            {{"t", {}}}};
}

TEST(ResultText, WritesEveryForm) {
    struct Case { const char* format; const char* want; };
    const Case cases[] = {
        {"text", "name          n    name\n------------  ---  ----\na,\"b          -3\n\\x1b[31m\\xff  0.5  =1+1\n"},
        {"json",
         "[\n  {\n    \"name\": \"a,\\\"b\",\n    \"n\": -3,\n    \"name_2\": null\n  },\n  {\n    \"name\": \"\\u001b[31m\xef\xbf\xbd\",\n"
         "    \"n\": 0.5,\n    \"name_2\": \"=1+1\"\n  }\n]\n"},
        {"jsonl", "{\"name\":\"a,\\\"b\",\"n\":-3,\"name_2\":null}\n{\"name\":\"\\u001b[31m\xef\xbf\xbd\",\"n\":0.5,\"name_2\":\"=1+1\"}\n"},
        {"csv", "name,n,name\r\n\"a,\"\"b\",-3,\r\n\x1b[31m\xef\xbf\xbd,0.5,'=1+1\r\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.format);
        EXPECT_EQ(result_text(sample(), result_format(c.format).value()), c.want);
    }
    EXPECT_FALSE(result_format("yaml"));
}

TEST(ResultText, EscapesTheNamesOfColumnsToo) {
    // The name of an expression is its text.
    const QueryResult result{{"1\n+1"}, {{std::int64_t{2}}}, {}};
    EXPECT_EQ(result_text(result, ResultFormat::text), "1\\n+1\n-----\n2\n");
}

TEST(ResultText, KeepsAnEmptyAnswerWellFormed) {
    const QueryResult none{{"a"}, {}, {}};
    EXPECT_EQ(result_text(none, ResultFormat::json), "[]\n");
    EXPECT_EQ(result_text(none, ResultFormat::jsonl), "");
    EXPECT_EQ(result_text(none, ResultFormat::csv), "a\r\n");
    EXPECT_EQ(result_text(none, ResultFormat::text), "a\n-\n");
}

}  // namespace
}  // namespace ward::doors
