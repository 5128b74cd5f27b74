// SPDX-License-Identifier: Apache-2.0
#include "core/cursor.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

const Buffer kNine{1, 2, 3, 4, 5, 6, 7, 8, 9};

TEST(Cursor, ReadsBothByteOrders) {
    EXPECT_EQ(*Cursor{kNine}.u16le(), 0x0201);
    EXPECT_EQ(*Cursor{kNine}.u16be(), 0x0102);
    EXPECT_EQ(*Cursor{kNine}.u32le(), 0x04030201u);
    EXPECT_EQ(*Cursor{kNine}.u32be(), 0x01020304u);
    EXPECT_EQ(*Cursor{kNine}.u64le(), 0x0807060504030201u);
    EXPECT_EQ(*Cursor{kNine}.u64be(), 0x0102030405060708u);
}

TEST(Cursor, RefusesWhatIsNotThereAndStays) {
    Cursor cursor{kNine};
    ASSERT_TRUE(cursor.skip(8));
    EXPECT_EQ(cursor.u16le().error().code, Code::truncated);
    EXPECT_EQ(cursor.offset(), 8u);
    EXPECT_EQ(*cursor.u8(), 9);
    EXPECT_TRUE(cursor.at_end());
    EXPECT_FALSE(cursor.u8());
}

TEST(Cursor, HugeCountsDoNotWrapAround) {
    Cursor cursor{kNine};
    ASSERT_TRUE(cursor.skip(4));
    EXPECT_FALSE(cursor.take(~std::uint64_t{0}));
    EXPECT_FALSE(cursor.skip(~std::uint64_t{0} - 3));
    EXPECT_FALSE(cursor.seek(10));
    EXPECT_TRUE(cursor.seek(9));
    EXPECT_FALSE(slice(kNine, 5, ~std::uint64_t{0} - 2));
    EXPECT_FALSE(slice(kNine, 10, 0));
    EXPECT_TRUE(slice(kNine, 9, 0));
}

}  // namespace
}  // namespace ward
