// SPDX-License-Identifier: Apache-2.0
#include "core/json_write.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ward {
namespace {

TEST(JsonWriter, WritesNestedValuesInOrder) {
    JsonWriter json;
    json.begin_object().key("a").begin_array().number(1).number(-2).real(0.5).boolean(true).null().end_array();
    json.key("b").begin_object().end_object().end_object();
    EXPECT_EQ(std::move(json).take(), R"({"a":[1,-2,0.5,true,null],"b":{}})");
}

TEST(JsonWriter, EscapesWhatRfc8259Section7Asks) {
    JsonWriter json;
    json.text("\"\\\n\x01\x7f\xff/é");
    EXPECT_EQ(std::move(json).take(), "\"\\\"\\\\\\n\\u0001\\u007f\xEF\xBF\xBD/é\"");
}

TEST(JsonWriter, EscapesControlsThatTerminalsObey) {
    JsonWriter json;
    json.text("\xC2\x9B" "31m \xC2\xA0 \xC2");
    EXPECT_EQ(std::move(json).take(), "\"\\u009b31m \xC2\xA0 \xEF\xBF\xBD\"");
}

TEST(JsonWriter, InfinityIsNotJson) {
    JsonWriter json;
    json.real(std::nan(""));
    EXPECT_EQ(std::move(json).take(), "null");
}

TEST(JsonWriterDeathTest, BrokenNestingIsOurMistake) {
    EXPECT_DEATH({ JsonWriter json; json.begin_object().number(1); }, "broken promise");
    EXPECT_DEATH({ JsonWriter json; json.begin_array().end_object(); }, "broken promise");
}

}  // namespace
}  // namespace ward
