// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(Code::malformed, "{} is odd", number);
    return number / 2;
}

Result<int> quarter(int number) { return WARD_TRY(half(WARD_TRY(half(number)))); }

TEST(Result, TryPassesTheErrorUpwards) {
    EXPECT_EQ(*quarter(12), 3);
    ASSERT_FALSE(quarter(6));
    EXPECT_EQ(quarter(6).error().text, "3 is odd");
    EXPECT_EQ(quarter(6).error().code, Code::malformed);
}

TEST(Result, EveryCodeHasItsNameAndNumber) {
    for (int number = 0; number < 256; ++number) {
        Code code{};
        const bool known = code_from_number(static_cast<std::uint8_t>(number), code);
        EXPECT_EQ(known, number >= 1 && number <= 7) << number;
        if (known) {
            EXPECT_EQ(static_cast<int>(code), number);
        }
    }
    EXPECT_EQ(code_name(Code::over_limit), "over_limit");
}

TEST(CheckDeathTest, NamesTheBrokenPromise) { EXPECT_DEATH(WARD_CHECK(1 + 1 == 3), "1 \\+ 1 == 3"); }

}  // namespace
}  // namespace ward
