// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/zstd.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;

TEST(ZstdReader, UnpacksWhatZstdPacked) {
    struct Case { const char* file; const char* content; };
    const Case cases[] = {
        {"testdata/zstd/plain.hex", "hello, hello, hello\n"},
        {"testdata/zstd/piped.hex", "hello, hello, hello\n"},
        {"testdata/zstd/skippable.hex", "hello, hello, hello\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Buffer bytes = read_hex(c.file);
        EXPECT_EQ(detect(bytes), Type::zstd);
        const Listing listing = read_all(Type::zstd, bytes);
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].content, c.content);
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(ZstdReader, JoinsFramesAndShowsWhatFollows) {
    Buffer bytes = zstd_packed("one");
    const Buffer second = zstd_packed("two");
    bytes.insert(bytes.end(), second.begin(), second.end());
    bytes.insert(bytes.end(), {'t', 'a', 'i', 'l'});
    const Listing listing = read_all(Type::zstd, bytes);
    ASSERT_EQ(listing.members.size(), 2U);
    EXPECT_EQ(listing.members[0].content, "onetwo");
    EXPECT_EQ(listing.members[1].content, "tail");
}

TEST(ZstdReader, TellsEveryCutAndFlip) {
    const std::string content = "abcabcabc" + noise(200, 3) + std::string(300, 'z');
    const Buffer archive = zstd_packed(content);
    expect_honest_when_cut(Type::zstd, archive, content);
    expect_honest_when_flipped(Type::zstd, archive, content, archive.size());
}

TEST(ZstdReader, RefusesAWindowBeyondItsMemory) {
    Buffer bytes;
    // Frame header: no content size, window descriptor 0x90, which is 2^(10 + 18).
    ASSERT_TRUE(from_hex("28b52ffd 00 90 010000", bytes));
    const Listing listing = read_all(Type::zstd, bytes);
    ASSERT_EQ(listing.members.size(), 1U);
    ASSERT_EQ(listing.members[0].faults.size(), 1U);
    EXPECT_EQ(listing.members[0].faults[0], "over_limit: the zstd frame asks for a window above 128.0 MiB");
}

}  // namespace
}  // namespace ward::formats
