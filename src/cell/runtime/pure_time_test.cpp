// SPDX-License-Identifier: Apache-2.0
// Linked with the stand-in in place of the C library's functions, and compared with what that library says (through the
// names that it keeps for itself).
#include <gtest/gtest.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <ctime>
#include <random>

extern "C" tm* __gmtime_r(const time_t* time, tm* out);

namespace {

void expect_same(std::int64_t seconds) {
    SCOPED_TRACE(seconds);
    const time_t time = seconds;
    tm ours{};
    tm theirs{};
    ASSERT_EQ(::localtime_r(&time, &ours), &ours);
    ASSERT_EQ(__gmtime_r(&time, &theirs), &theirs);
    EXPECT_EQ(ours.tm_year, theirs.tm_year);
    EXPECT_EQ(ours.tm_mon, theirs.tm_mon);
    EXPECT_EQ(ours.tm_mday, theirs.tm_mday);
    EXPECT_EQ(ours.tm_hour, theirs.tm_hour);
    EXPECT_EQ(ours.tm_min, theirs.tm_min);
    EXPECT_EQ(ours.tm_sec, theirs.tm_sec);
    EXPECT_EQ(ours.tm_wday, theirs.tm_wday);
    EXPECT_EQ(ours.tm_yday, theirs.tm_yday);
}

TEST(PureTime, AgreesWithTheLibraryOnUtc) {
    for (const std::int64_t seconds : {0LL, -1LL, 951'782'400LL, 951'868'800LL, 1'709'164'800LL, 4'107'542'400LL, -62'135'596'800LL,
                                       -62'167'219'200LL, -62'167'219'201LL, 253'402'300'800LL}) {
        expect_same(seconds);
    }
    std::mt19937_64 random{20'261'125};
    std::uniform_int_distribution<std::int64_t> some{-4'000'000'000'000, 4'000'000'000'000};
    for (int i = 0; i < 20'000 && !HasFailure(); ++i) expect_same(some(random));
}

TEST(PureTime, RefusesAYearThatDoesNotFit) {
    const time_t time = INT64_MAX;
    tm out{};
    errno = 0;
    EXPECT_EQ(::gmtime_r(&time, &out), nullptr);
    EXPECT_EQ(errno, EOVERFLOW);
}

}  // namespace
