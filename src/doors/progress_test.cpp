// SPDX-License-Identifier: Apache-2.0
#include "doors/progress.h"

#include "core/bytes.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

TEST(Progress, SaysShareRateAndTimeLeft) {
    const ProgressFacts facts{1200, 50 * kMiB, 2, 100 * kMiB, 10.0, 0, "/home/a\nb"};
    EXPECT_EQ(progress_line(facts, 100), " 50%  1200 files  5.0 MiB/s  0:10 left  2 found  /home/a\\nb");
}

TEST(Progress, ABudgetGivesAShareBeforeAnythingIsCounted) {
    struct Case { const char* name; ProgressFacts facts; const char* want; };
    const Case cases[] = {
        {"nothing counted", {0, 0, 0, 0, 0.5, 120, "/x"}, "  0%  0 files  2:00 left  0 found  /x"},
        {"the budget ends it", {10, 10 * kMiB, 0, 1000 * kMiB, 30.0, 120, "/x"}, " 25%  10 files  341.3 KiB/s  1:30 left  0 found  /x"},
        {"the files end it", {10, 90 * kMiB, 0, 100 * kMiB, 9.0, 120, "/x"}, " 90%  10 files  10.0 MiB/s  0:01 left  0 found  /x"},
        {"all is done before the budget ends", {10, 100 * kMiB, 0, 100 * kMiB, 4.0, 120, "/x"}, "100%  10 files  25.0 MiB/s  0:00 left  0 found  /x"},
        {"all is done without a budget", {10, 100 * kMiB, 0, 100 * kMiB, 4.0, 0, "/x"}, "100%  10 files  25.0 MiB/s  0:00 left  0 found  /x"},
        {"the budget is over", {1, 0, 0, 0, 130.0, 120, "/x"}, "100%  1 files  0 B/s  0:00 left  0 found  /x"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(progress_line(c.facts, 100), c.want);
    }
}

TEST(Progress, LeavesOutWhatItDoesNotKnow) {
    EXPECT_EQ(progress_line({3, 5, 0, 0, 0.1, 0, "/x"}, 80), "3 files  0 found  /x");
    EXPECT_EQ(progress_line({3, 5, 0, 0, 0.1, 0, "/x", 2}, 80), "3 files, 2 processes  0 found  /x");
}

TEST(Progress, NeverOverflowsTheLine) {
    const ProgressFacts facts{1200, 50 * kMiB, 2, 100 * kMiB, 10.0, 0, std::string(300, 'p') + "/\xC3\xA4 end"};
    for (std::size_t width = 1; width < 200; ++width) {
        const std::string line = progress_line(facts, width);
        EXPECT_LE(line.size(), width);
    }
    EXPECT_TRUE(progress_line(facts, 100).ends_with(" end"));
}

TEST(Progress, TimesLongerThanAnHourHaveHours) {
    EXPECT_NE(progress_line({1, kMiB, 0, 7201 * kMiB, 1.0, 0, ""}, 100).find("2:00:00 left"), std::string::npos);
}

}  // namespace
}  // namespace ward::doors
