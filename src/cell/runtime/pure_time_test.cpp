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
    EXPECT_EQ(::mktime(&theirs), time);
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

TEST(PureTime, TakesMonthsAndDaysBeyondTheirRange) {
    struct Case { int year; int month; int day; int hour; std::int64_t want; };
    const Case cases[] = {
        {70, 0, 1, 0, 0}, {70, 12, 1, 0, 31'536'000}, {71, -12, 1, 0, 0}, {70, 0, 0, 0, -86'400}, {70, 0, 1, 25, 90'000}, {69, 11, 32, 0, 0},
    };
    for (const auto& c : cases) {
        tm time{};
        time.tm_year = c.year;
        time.tm_mon = c.month;
        time.tm_mday = c.day;
        time.tm_hour = c.hour;
        EXPECT_EQ(::mktime(&time), c.want);
        EXPECT_GE(time.tm_mday, 1);
    }
}

TEST(PureTime, WritesTimesAsTheLibraryDoes) {
    const time_t time = 1'709'251'199;
    char text[64];
    EXPECT_STREQ(::ctime_r(&time, text), "Thu Feb 29 23:59:59 2024\n");
    tm broken{};
    ::gmtime_r(&time, &broken);
    EXPECT_EQ(::strftime(text, sizeof text, "%a, %b %d %Y", &broken), 16U);
    EXPECT_STREQ(text, "Thu, Feb 29 2024");
    EXPECT_EQ(::strftime(text, sizeof text, "%T", &broken), 8U);
    EXPECT_STREQ(text, "23:59:59");
    EXPECT_EQ(::strftime(text, 9, "%T", &broken), 8U);
    EXPECT_EQ(::strftime(text, 8, "%T", &broken), 0U);
    EXPECT_EQ(::strftime(text, sizeof text, "%H", &broken), 0U);
}

TEST(PureTime, RefusesAYearThatDoesNotFit) {
    const time_t time = INT64_MAX;
    tm out{};
    errno = 0;
    EXPECT_EQ(::gmtime_r(&time, &out), nullptr);
    EXPECT_EQ(errno, EOVERFLOW);
}

}  // namespace
