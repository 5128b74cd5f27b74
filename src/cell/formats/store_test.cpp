// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/store.h"

#include "cell/formats/testing/archives.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace ward::formats {
namespace {

struct Bench {
    explicit Bench(bool with_spool, const Limits& wanted = {})
        : limits{wanted}, spool{with_spool ? ::memfd_create("spool", MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1}, store{Store::open(spool).value()} {}
    ~Bench() {
        if (spool >= 0) ::close(spool);
    }
    Limits limits;
    int spool;
    Store store;
    Deadline deadline{limits.max_time};
    Budget budget{limits, 1 * kGiB, deadline};
    Sink sink{store, budget};
};

Bytes put(Sink& sink, std::uint64_t bytes, std::uint8_t first) {
    sink.begin();
    Buffer block(1 * kMiB);
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<std::uint8_t>(first + i % 251);
    for (std::uint64_t left = bytes; left > 0;) {
        const std::uint64_t part = std::min<std::uint64_t>(left, block.size());
        EXPECT_TRUE(sink.write(Bytes{block}.first(static_cast<std::size_t>(part)), bytes));
        left -= part;
    }
    return sink.finish().value();
}

bool holds(Bytes bytes, std::uint8_t first) {
    for (std::size_t i = 0; i < bytes.size(); i += 4093) {
        if (bytes[i] != static_cast<std::uint8_t>(first + i % kMiB % 251)) return false;
    }
    return true;
}

TEST(Store, KeepsOuterContentWhileInnerOnesTakeTurns) {
    Bench bench{true};
    struct Case { const char* name; std::uint64_t outer; std::uint64_t inner; };
    const Case cases[] = {
        {"both in memory", 3 * kMiB + 5, 100},
        {"the inner one in the spool", 1 * kMiB, 70 * kMiB + 1},
        {"the outer one in the spool", 70 * kMiB, 1 * kMiB},
        {"both in the spool", 65 * kMiB, 66 * kMiB + 3},
        {"just what memory holds", Store::kMaxInMemory, Store::kMaxInMemory},
        {"empty ones", 0, 0},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Bytes outer = put(bench.sink, c.outer, 1);
        ASSERT_EQ(outer.size(), c.outer);
        const Store::Mark mark = bench.store.mark();
        for (std::uint8_t turn = 2; turn < 5; ++turn) {
            const Bytes inner = put(bench.sink, c.inner, turn);
            ASSERT_EQ(inner.size(), c.inner);
            EXPECT_TRUE(holds(inner, turn));
            EXPECT_TRUE(holds(outer, 1));
            bench.store.release(mark);
        }
        EXPECT_TRUE(holds(outer, 1));
        bench.store.release({});
    }
}

TEST(Store, TakesTheSpoolWhenTheStackIsFull) {
    Bench bench{true};
    std::vector<Bytes> nested;
    for (std::uint8_t depth = 0; depth < 6; ++depth) nested.push_back(put(bench.sink, 40 * kMiB, depth));
    for (std::uint8_t depth = 0; depth < 6; ++depth) EXPECT_TRUE(holds(nested[depth], depth));
}

TEST(Sink, EndsAtItsMemoryWithoutASpool) {
    Bench bench{false};
    bench.sink.begin();
    const Status status = bench.sink.write_zeros(65 * kMiB, 65 * kMiB);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::over_limit);
    EXPECT_EQ(bench.sink.finish().value().size(), Store::kMaxInMemory);
}

TEST(Sink, TellsAFullSpool) {
    Bench bench{true};
    // Sealed against growing, as a file is at RLIMIT_FSIZE.
    ASSERT_EQ(::fcntl(bench.spool, F_ADD_SEALS, F_SEAL_GROW), 0);
    bench.sink.begin();
    const Status status = bench.sink.write_zeros(65 * kMiB, 65 * kMiB);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::io);
}

TEST(Budget, EndsTheMemberOrTheFile) {
    struct Case { const char* name; std::uint64_t count, member_bytes, packed; bool good; bool ends; };
    Limits limits;
    limits.max_unpacked_bytes = 300 * kMiB;
    limits.max_member_bytes = 200 * kMiB;
    limits.max_ratio = 100;
    const Case cases[] = {
        {"little", 1 * kMiB, 1 * kMiB, 1, true, false},
        {"a ratio that is fine", 70 * kMiB, 70 * kMiB, 1 * kMiB, true, false},
        {"a ratio beyond", 70 * kMiB, 70 * kMiB, kMiB / 2, false, false},
        {"a member too large", 1 * kMiB, 201 * kMiB, 100 * kMiB, false, false},
        {"too much in all", 301 * kMiB, 150 * kMiB, 100 * kMiB, false, true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Deadline deadline{limits.max_time};
        Budget budget{limits, 100 * kMiB, deadline};
        EXPECT_EQ(budget.unpacked(c.count, c.member_bytes, c.packed).ok(), c.good);
        EXPECT_EQ(budget.end().has_value(), c.ends);
    }
}

TEST(Budget, EndsTheFileAtItsWholeRatioAndAtTheThirdBomb) {
    const Limits limits;
    Deadline deadline{limits.max_time};
    Budget whole{limits, 1000, deadline};
    EXPECT_TRUE(whole.unpacked(64 * kMiB, 1, 1));
    EXPECT_FALSE(whole.unpacked(1, 1, 1));
    EXPECT_TRUE(whole.end());

    Budget bombs{limits, 100 * kMiB, deadline};
    EXPECT_FALSE(bombs.unpacked(1, 65 * kMiB, 1));
    EXPECT_FALSE(bombs.unpacked(1, 65 * kMiB, 1));
    EXPECT_FALSE(bombs.end());
    EXPECT_FALSE(bombs.unpacked(1, 65 * kMiB, 1));
    ASSERT_TRUE(bombs.end());
    EXPECT_EQ(bombs.end()->text, "3 members unpack to more than 250 times their size (max_ratio)");
}

TEST(Budget, CountsMembersViewsAndTime) {
    Limits limits;
    limits.max_members = 2;
    limits.max_unpacked_bytes = 100;
    Deadline deadline{limits.max_time};
    Budget members{limits, 10, deadline};
    EXPECT_TRUE(members.member());
    EXPECT_TRUE(members.member());
    EXPECT_FALSE(members.member());
    EXPECT_EQ(members.members(), 2U);

    Budget views{limits, 10, deadline};
    EXPECT_TRUE(views.viewed(110));
    EXPECT_FALSE(views.viewed(1));

    Deadline over{std::chrono::milliseconds{-1}};
    Budget late{limits, 10, over};
    EXPECT_FALSE(late.time(1'000'000));
    EXPECT_TRUE(late.end());
    EXPECT_FALSE(late.member());
}

}  // namespace
}  // namespace ward::formats
