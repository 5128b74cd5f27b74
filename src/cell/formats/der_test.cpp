// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/der.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

Buffer bytes_of(std::string_view hex) {
    Buffer out;
    EXPECT_TRUE(from_hex(hex, out)) << hex;
    return out;
}

// The body of the first value as hex; "-" when it is refused.
std::string first_of(Der&& der) {
    const auto value = der.next();
    return value ? to_hex(value->body) : "-";
}

TEST(Der, ReadsValuesWithTheirLengths) {
    struct Case { const char* name; const char* hex; const char* der; const char* ber; };
    const Case cases[] = {
        {"short", "0403616263", "616263", "616263"},
        {"empty", "0500", "", ""},
        {"long", "048103616263", "616263", "616263"},
        {"longer than needed", "048400000001 61", "61", "61"},
        {"five bytes of length", "0485000000000161", "-", "-"},
        {"cut", "04036162", "-", "-"},
        {"cut in the length", "0482 01", "-", "-"},
        {"without a length", "3080 040161 0000 05", "-", "040161"},
        {"without a length, twice", "3080 3080 0500 0000 0401 61 0000", "-", "308005000000040161"},
        {"zeros within a value are no end", "3080 04020000 0000", "-", "04020000"},
        {"no end", "3080 040161", "-", "-"},
        {"one end for two", "3080 3080 0000", "-", "-"},
        {"a simple value needs a length", "0480 61 0000", "-", "-"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Buffer bytes = bytes_of(c.hex);
        EXPECT_EQ(first_of(Der{bytes}), c.der);
        EXPECT_EQ(first_of(Ber{bytes}), c.ber);
    }
}

TEST(Der, GoesOnBehindAValue) {
    const Buffer bytes = bytes_of("3080 0500 0000 040161");
    Ber ber{bytes};
    const auto first = ber.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(to_hex(first->whole), "308005000000");
    ASSERT_TRUE(ber.is_next(Der::kOctetString));
    EXPECT_EQ(to_hex(*ber.take(Der::kOctetString)), "61");
    EXPECT_TRUE(ber.at_end());
}

TEST(JoinOctets, PutsPiecesTogether) {
    EXPECT_EQ(to_hex(*join_octets(bytes_of("040161 0400 04026263"))), "616263");
    EXPECT_EQ(to_hex(*join_octets({})), "");
    EXPECT_FALSE(join_octets(bytes_of("040161 0500")));
    EXPECT_FALSE(join_octets(bytes_of("040261")));
}

}  // namespace
}  // namespace ward::formats
