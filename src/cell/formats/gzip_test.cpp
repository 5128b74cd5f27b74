// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/gzip.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

#include <chrono>

namespace ward::formats {
namespace {

using namespace testing;

Buffer operator+(Buffer left, const Buffer& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

TEST(GzipReader, UnpacksWhatGzipPacked) {
    const Listing listing = read_all(Type::gzip, read_hex("testdata/gzip/named.hex"));
    ASSERT_EQ(listing.members.size(), 1U);
    EXPECT_EQ(listing.members[0].name, "greeting.txt");
    EXPECT_EQ(listing.members[0].content, "hello, hello, hello\n");
    EXPECT_FALSE(listing.has_fault());
}

TEST(GzipReader, ReadsEveryHeaderField) {
    struct Case { const char* name; const char* hex; bool good; const char* wanted_name; };
    const Case cases[] = {
        {"bare", "1f8b08 00 00000000 00 03", true, ""},
        {"name", "1f8b08 08 00000000 00 03 6162 00", true, "ab"},
        {"extra, name and comment", "1f8b08 1c 00000000 00 03 0300 aabbcc 61 00 62 00", true, "a"},
        {"header checksum", "1f8b08 02 00000000 00 03 6a73", true, ""},
        {"name without end", "1f8b08 08 00000000 00 03 6162", false, ""},
        {"extra field cut", "1f8b08 04 00000000 00 03 0300 aa", false, ""},
        {"reserved flag", "1f8b08 20 00000000 00 03", false, ""},
        {"another method", "1f8b07 00 00000000 00 03", false, ""},
        {"cut", "1f8b08 00 000000", false, ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes;
        ASSERT_TRUE(from_hex(c.hex, bytes));
        const auto header = GzipReader::read_header(bytes);
        EXPECT_EQ(header.ok(), c.good);
        if (header && c.good) {
            EXPECT_EQ(header->name, c.wanted_name);
            EXPECT_EQ(header->bytes, bytes.size());
        }
    }
}

TEST(GzipReader, JoinsMembersAndShowsWhatFollows) {
    struct Case { const char* name; Buffer bytes; std::string content; std::string trailing; bool fault; };
    const Case cases[] = {
        {"two members", gzipped("one", "a") + gzipped("two", "b"), "onetwo", "", false},
        {"an empty member between", gzipped("one") + gzipped("") + gzipped("two"), "onetwo", "", false},
        {"tape padding", gzipped("one") + Buffer(512, 0), "one", "", false},
        {"padding between", gzipped("one") + Buffer(7, 0) + gzipped("two"), "onetwo", "", false},
        {"something else behind", gzipped("one") + Buffer{'t', 'a', 'i', 'l'}, "one", "tail", false},
        {"padding, then something", gzipped("one") + Buffer(9, 0) + Buffer{'x', 0}, "one", std::string{"x\0", 2}, false},
        {"a second member that is cut", gzipped("one") + Buffer{0x1f, 0x8b, 8}, "one", "", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::gzip, c.bytes);
        ASSERT_EQ(listing.members.size(), c.trailing.empty() ? 1U : 2U);
        EXPECT_EQ(listing.members[0].content, c.content);
        EXPECT_EQ(listing.has_fault(), c.fault);
        EXPECT_EQ(c.trailing.empty() ? "" : listing.members[1].content, c.trailing);
    }
}

TEST(GzipReader, KeepsWhatCameOutOfABrokenStream) {
    const Buffer good = gzipped("a text that is long enough to be worth it");
    struct Case { const char* name; std::size_t from_end; const char* fault; };
    const Case cases[] = {
        {"length", 1, "malformed: the gzip length tells"},
        {"checksum", 8, "malformed: the gzip checksum is wrong"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes = good;
        bytes[bytes.size() - c.from_end] ^= 0xff;
        const Listing listing = read_all(Type::gzip, bytes);
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].content, "a text that is long enough to be worth it");
        ASSERT_EQ(listing.members[0].faults.size(), 1U);
        EXPECT_TRUE(listing.members[0].faults[0].starts_with(c.fault)) << listing.members[0].faults[0];
    }
}

TEST(GzipReader, TellsEveryCutAndFlip) {
    const std::string content = "abcabcabc" + noise(200, 1) + std::string(300, 'z');
    const Buffer archive = gzipped(content, "n");
    expect_honest_when_cut(Type::gzip, archive, content);
    // The header's time, level and system mean nothing for the content, so flips there are no fault.
    expect_honest_when_flipped(Type::gzip, archive, content, archive.size());
}

TEST(GzipReader, EndsABombByItsRatio) {
    const Buffer bomb = gzip_of_zeros(10'240);
    const auto start = std::chrono::steady_clock::now();
    const Listing listing = read_all(Type::gzip, bomb);
    ASSERT_EQ(listing.members.size(), 1U);
    EXPECT_GE(listing.members[0].content.size(), Budget::kRatioFromBytes);
    EXPECT_LT(listing.members[0].content.size(), 2 * Budget::kRatioFromBytes);
    ASSERT_EQ(listing.members[0].faults.size(), 1U);
    EXPECT_NE(listing.members[0].faults[0].find("64.0 MiB"), std::string::npos) << listing.members[0].faults[0];
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
}

}  // namespace
}  // namespace ward::formats
