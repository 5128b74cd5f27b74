// SPDX-License-Identifier: Apache-2.0
#include "doors/status.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::int64_t kDay = 86'400;

host::StatusNote note(std::int64_t days_ago, std::uint64_t high, const char* command = "check") {
    host::StatusNote out;
    out.command = command;
    out.ended = kNow - days_ago * kDay;
    out.findings[3] = high;
    return out;
}

TEST(Status, ShowsTheRunThatTellsMost) {
    struct Case { const char* name; std::vector<host::StatusNote> notes; std::size_t shown; };
    const Case cases[] = {
        {"a later clean run of a user hides nothing", {note(0, 0), note(2, 1)}, 1},
        {"the newer of two alike", {note(3, 1), note(1, 2)}, 1},
        {"a stale one tells least", {note(0, 0), note(30, 5)}, 0},
        {"both stale", {note(40, 0), note(30, 1)}, 1},
        {"of this command only", {note(0, 9, "scan"), note(1, 0)}, 1},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(most_telling(c.notes, "check", kNow), &c.notes[c.shown]);
    }
    EXPECT_EQ(most_telling({}, "check", kNow), nullptr);
}

}  // namespace
}  // namespace ward::doors
