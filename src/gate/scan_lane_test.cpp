// SPDX-License-Identifier: Apache-2.0
// A scan lane and cells that misbehave in every way we know: each costs one object, which becomes a gap with the reason.
#include "gate/cells.h"
#include "gate/testing/programs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <thread>

namespace ward::gate {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A lane over a rogue cell, and all that it answered.
struct Lane {
    std::map<std::string, std::vector<Verdict>> answers;
    ScanLane lane;

    explicit Lane(const std::string& behaviour, Limits limits = quick(), std::optional<Process::Clock::time_point> stop_at = {},
                  const std::atomic<bool>* stop = nullptr)
        : lane{ScanSetup{-1, -1, limits, {}, stop_at, stop},
               [this](const Object& object, Verdict verdict) { answers[object.path].push_back(std::move(verdict)); }} {
        lane.start_from(testing::program("rogue-cell"), behaviour);
    }
    static Limits quick() {
        Limits limits;
        limits.max_time = std::chrono::milliseconds{100};
        return limits;
    }
    Status add(const std::string& path, const std::string& text) {
        Object object;
        object.path = path;
        object.bytes = text.size();
        return lane.add_bytes(object, as_bytes(text));
    }
};

int file_of(std::uint64_t bytes) {
    const int descriptor = ::memfd_create("object", MFD_CLOEXEC);
    EXPECT_EQ(::ftruncate(descriptor, static_cast<off_t>(bytes)), 0);
    return descriptor;
}

std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{"/proc/self/fd"}, {}));
}

TEST(ScanLane, LosesOneObjectToARogueCellAndNoOther) {
    struct Case { const char* behaviour; Code code; const char* reason; };
    const Case cases[] = {
        {"crash", Code::io, "crashed (signal 4)"},
        {"leave", Code::io, "ended"},
        {"leave-with-status", Code::io, "ended with status 5"},
        {"break-promise", Code::io, "broken promise"},
        {"hang", Code::over_limit, "still at work"},
        {"hang-and-play", Code::over_limit, "still at work"},
        {"flood-parts", Code::over_limit, "more than"},
        {"flood-empty-parts", Code::over_limit, "still at work"},
        {"flood-nothing", Code::malformed, "answered nothing"},
        {"short-packet", Code::malformed, "no packet of the protocol"},
        {"too-long-packet", Code::malformed, "no packet of the protocol"},
        {"garbage", Code::malformed, ""},
        {"unknown-kind", Code::malformed, "out of turn"},
        {"out-of-turn", Code::malformed, "out of turn"},
        {"ready-again", Code::malformed, "out of turn"},
        {"other-index", Code::malformed, "not asked about"},
        {"answer-twice", Code::malformed, "answered twice"},
        {"other-slot", Code::malformed, "another batch"},
        {"done-early", Code::malformed, "unanswered"},
        {"many-members", Code::malformed, "breaks the limits"},
        {"deep-members", Code::malformed, "breaks the limits"},
        {"send-descriptor", Code::malformed, "no packet of the protocol"},
        {"eat-memory", Code::io, "ran out of memory"},
        {"forbidden-call", Code::io, "forbidden system call"},
        {"scribble", Code::io, "crashed"},
    };
    const std::size_t open_before = open_descriptors();
    for (const auto& c : cases) {
        SCOPED_TRACE(c.behaviour);
        if (kSanitized && std::string_view{c.behaviour} == "eat-memory") continue;  // sanitizers lift the limit
        Lane lane{c.behaviour};
        for (int i = 0; i < 12; ++i) {
            ASSERT_TRUE(lane.add("/" + std::to_string(i), (i == 4 ? "BAD" : "good") + std::to_string(i)).ok());
        }
        const auto finished = lane.lane.finish();
        ASSERT_TRUE(finished.ok()) << finished.error().text;
        EXPECT_EQ(lane.answers.size(), 12U);
        for (int i = 0; i < 12; ++i) {
            SCOPED_TRACE(i);
            const auto& answers = lane.answers["/" + std::to_string(i)];
            ASSERT_EQ(answers.size(), 1U);
            const Verdict& verdict = answers.front();
            if (i == 4) {
                EXPECT_EQ(verdict.state(), Verdict::State::unfinished);
                ASSERT_EQ(verdict.gaps.size(), 1U);
                EXPECT_EQ(verdict.gaps[0].where.path, "/4");
                EXPECT_EQ(verdict.gaps[0].code, c.code);
                EXPECT_NE(verdict.gaps[0].why.find(c.reason), std::string::npos) << verdict.gaps[0].why;
            } else {
                EXPECT_EQ(verdict.state(), Verdict::State::clean);
                EXPECT_EQ(verdict.type, "good" + std::to_string(i));
            }
        }
        // The one that misbehaves, the one that shows which object was to blame, and the one that does the rest.
        EXPECT_EQ(lane.lane.cells_started(), 3U);
    }
    EXPECT_EQ(open_descriptors(), open_before);
}

TEST(ScanLane, AnswersThousandsExactlyOnceAroundManyCrashes) {
    Lane lane{"crash"};
    constexpr int kObjects = 5000;
    const auto is_bad = [](int i) { return i % 700 == 13; };
    int bad = 0;
    for (int i = 0; i < kObjects; ++i) {
        bad += is_bad(i) ? 1 : 0;
        ASSERT_TRUE(lane.add("/" + std::to_string(i), (is_bad(i) ? "BAD" : "good") + std::to_string(i)).ok());
    }
    ASSERT_TRUE(lane.lane.finish().ok());
    ASSERT_EQ(lane.answers.size(), static_cast<std::size_t>(kObjects));
    for (int i = 0; i < kObjects; ++i) {
        const auto& answers = lane.answers["/" + std::to_string(i)];
        ASSERT_EQ(answers.size(), 1U) << i;
        EXPECT_EQ(answers[0].gaps.size(), is_bad(i) ? 1U : 0U) << i;
        if (is_bad(i)) continue;
        EXPECT_EQ(answers[0].type, "good" + std::to_string(i));
    }
    EXPECT_EQ(lane.lane.cells_started(), 2 * static_cast<std::uint64_t>(bad) + 1);
}

TEST(ScanLane, MixesSmallAndLargeObjects) {
    Lane lane{"crash"};
    for (int i = 0; i < 60; ++i) {
        Object object;
        object.path = "/" + std::to_string(i);
        object.bytes = i % 3 == 0 ? ScanLane::kMaxSmallBytes + 1 : 10;
        ASSERT_TRUE(lane.lane.add(object, file_of(object.bytes)).ok());
        if (i % 7 != 0) continue;
        ASSERT_TRUE(lane.add("/bad" + std::to_string(i), "BAD").ok());
    }
    // A file that grew since its size was taken goes as a descriptor; one that shrank is read as far as it goes.
    Object grown{"/grown", 10, 0, 0};
    ASSERT_TRUE(lane.lane.add(grown, file_of(ScanLane::kMaxSmallBytes * 2)).ok());
    Object shrunk{"/shrunk", 10, 0, 0};
    ASSERT_TRUE(lane.lane.add(shrunk, file_of(0)).ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    EXPECT_EQ(lane.answers.size(), 60U + 9U + 2U);
    for (const auto& [path, answers] : lane.answers) {
        SCOPED_TRACE(path);
        ASSERT_EQ(answers.size(), 1U);
        EXPECT_EQ(answers[0].gaps.empty(), !path.starts_with("/bad"));
    }
    EXPECT_EQ(lane.answers["/grown"][0].type, "large");
    EXPECT_EQ(lane.answers["/shrunk"][0].type, "");
    EXPECT_EQ(lane.answers["/3"][0].type, "large");
}

TEST(ScanLane, GivesTheMemoryOfAProcessWithNothingElse) {
    const std::size_t open_before = open_descriptors();
    {
        Lane lane{"crash"};
        const auto add_process = [&](std::uint32_t process) {
            Object object;
            object.path = "process " + std::to_string(process);
            object.process = process;
            return lane.lane.add_process(std::move(object), {file_of(1), file_of(2), file_of(3)});
        };
        ASSERT_TRUE(lane.add("/a", "good").ok());
        ASSERT_TRUE(lane.add("/b", "BAD").ok());
        ASSERT_TRUE(add_process(7).ok());
        // Whatever fell over the files before, they are answered.
        EXPECT_EQ(lane.answers.size(), 2U);
        ASSERT_TRUE(add_process(8).ok());
        EXPECT_EQ(lane.answers.size(), 3U);
        ASSERT_TRUE(lane.add("/c", "good").ok());
        ASSERT_TRUE(lane.lane.finish().ok());
        EXPECT_EQ(lane.answers["process 7"].at(0).type, "0 of 1 with 3");
        EXPECT_EQ(lane.answers["process 8"].at(0).type, "0 of 1 with 3");
        EXPECT_EQ(lane.answers["/c"].at(0).type, "good");
    }
    EXPECT_EQ(open_descriptors(), open_before);
}

TEST(ScanLane, MakesAFileThatIsCutAGap) {
    // With time enough, so that it is the lost page that ends the cell.
    Limits limits;
    limits.max_time = std::chrono::seconds{60};
    Lane lane{"cut-file", limits};
    const int descriptor = file_of(8 * kMiB);
    const int other = ::dup(descriptor);
    std::thread cutter{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
        EXPECT_EQ(::ftruncate(other, 0), 0);
    }};
    ASSERT_TRUE(lane.lane.add(Object{"/cut", 8 * kMiB, 0, 0}, descriptor).ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    cutter.join();
    ::close(other);
    ASSERT_EQ(lane.answers["/cut"].size(), 1U);
    ASSERT_EQ(lane.answers["/cut"][0].gaps.size(), 1U);
    // A sanitizer's runtime catches the signal and ends in its own way.
    EXPECT_TRUE(kSanitized || lane.answers["/cut"][0].gaps[0].why.find("lost the file") != std::string::npos)
        << lane.answers["/cut"][0].gaps[0].why;
}

TEST(ScanLane, NamesTheObjectItself) {
    Lane lane{"crash"};
    ASSERT_TRUE(lane.add("/a", "GAP").ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    const Gap want{Where{"/a", 0, {"inside"}}, Code::malformed, "a gap"};
    ASSERT_EQ(lane.answers["/a"].size(), 1U);
    EXPECT_EQ(lane.answers["/a"][0].gaps, std::vector<Gap>{want});
}

TEST(ScanLane, LosesNothingWhenOnlyTheEndOfABatchIsMissing) {
    Lane lane{"never-done"};
    ASSERT_TRUE(lane.add("/a", "one").ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    ASSERT_EQ(lane.answers["/a"].size(), 1U);
    EXPECT_EQ(lane.answers["/a"][0].type, "one");
    // And the lane can still be used.
    ASSERT_TRUE(lane.add("/b", "two").ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    EXPECT_EQ(lane.answers["/b"].size(), 1U);
}

TEST(ScanLane, GivesUpWhatIsInWorkWhenTheTimeForAllEnds) {
    Limits limits;
    limits.max_time = std::chrono::hours{1};
    Lane lane{"hang", limits, Process::Clock::now() + std::chrono::milliseconds{200}};
    ASSERT_TRUE(lane.add("/a", "BAD").ok());
    ASSERT_TRUE(lane.add("/b", "two").ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    const std::vector<Gap> want_a{Gap{Where{"/a", 0, {}}, Code::over_limit, "the time of the whole run ended while it was looked through"}};
    ASSERT_EQ(lane.answers["/a"].size(), 1U);
    EXPECT_EQ(lane.answers["/a"][0].gaps, want_a);
    EXPECT_EQ(lane.answers["/b"].size(), 1U);
}

TEST(ScanLane, GivesUpWhatIsInWorkWhenItIsToStop) {
    Limits limits;
    limits.max_time = std::chrono::hours{1};
    std::atomic<bool> stop{false};
    Lane lane{"hang", limits, {}, &stop};
    ASSERT_TRUE(lane.add("/a", "BAD").ok());
    ASSERT_TRUE(lane.add("/b", "two").ok());
    std::jthread later{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
        stop = true;
    }};
    ASSERT_TRUE(lane.lane.finish().ok());
    const std::vector<Gap> want_a{Gap{Where{"/a", 0, {}}, Code::over_limit, "the scan was interrupted while it was looked through"}};
    ASSERT_EQ(lane.answers["/a"].size(), 1U);
    EXPECT_EQ(lane.answers["/a"][0].gaps, want_a);
    EXPECT_EQ(lane.answers["/b"].size(), 1U);
}

TEST(ScanLane, CostsOneObjectACellWhenEveryCellDies) {
    Lane lane{"die-at-once"};
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(lane.add("/" + std::to_string(i), "x").ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    EXPECT_EQ(lane.answers.size(), 20U);
    for (const auto& [path, answers] : lane.answers) {
        ASSERT_EQ(answers.size(), 1U) << path;
        EXPECT_EQ(answers[0].gaps.size(), 1U) << path;
    }
    EXPECT_EQ(lane.lane.cells_started(), 21U);
}

TEST(ScanLane, FailsAsAWholeOnlyWhenNoCellCanBeStarted) {
    struct Case { const char* behaviour; const char* reason; };
    const Case cases[] = {
        {"refuse-setup", "the database is broken"},
        {"die-at-setup", "crashed"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.behaviour);
        Lane lane{c.behaviour};
        const auto added = lane.add("/a", "x");
        ASSERT_FALSE(added.ok());
        EXPECT_NE(added.error().text.find(c.reason), std::string::npos) << added.error().text;
        ASSERT_EQ(lane.answers["/a"].size(), 1U);
        EXPECT_EQ(lane.answers["/a"][0].gaps.size(), 1U);
    }
    Lane missing{"crash"};
    missing.lane.start_from("/nowhere", "");
    const auto added = missing.add("/a", "x");
    ASSERT_FALSE(added.ok());
    EXPECT_EQ(added.error().code, Code::not_found);
    EXPECT_EQ(missing.answers["/a"].size(), 1U);
}

TEST(ScanLane, TakesPathsOfAnyLength) {
    Lane lane{"crash"};
    const std::string long_path(60'000, 'p');
    const std::string longer_path(70'000, 'q');
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(lane.add(long_path + std::to_string(i), "x").ok());
    ASSERT_TRUE(lane.add(longer_path, "x").ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    EXPECT_EQ(lane.answers.size(), 11U);
    EXPECT_EQ(lane.answers[longer_path][0].gaps.size(), 1U);
    EXPECT_TRUE(lane.answers[long_path + "3"][0].gaps.empty());
}

TEST(ScanLane, ReportsAFileThatCannotBeRead) {
    Lane lane{"crash"};
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[1]);
    ASSERT_TRUE(lane.lane.add(Object{"/pipe", 0, 0, 0}, ends[0]).ok());
    ASSERT_TRUE(lane.lane.finish().ok());
    ASSERT_EQ(lane.answers["/pipe"].size(), 1U);
    EXPECT_EQ(lane.answers["/pipe"][0].gaps.size(), 1U);
}

}  // namespace
}  // namespace ward::gate
