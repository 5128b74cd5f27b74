// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/bzip2.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;

TEST(Bzip2Reader, UnpacksWhatBzip2Packed) {
    struct Case { const char* file; const char* content; };
    const Case cases[] = {
        {"testdata/bzip2/plain.hex", "hello, hello, hello\n"},
        {"testdata/bzip2/empty.hex", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Buffer bytes = read_hex(c.file);
        EXPECT_EQ(detect(bytes), Type::bzip2);
        const Listing listing = read_all(Type::bzip2, bytes);
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].content, c.content);
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(Bzip2Reader, JoinsStreamsAndShowsWhatFollows) {
    Buffer bytes = bzip2_packed("one");
    const Buffer second = bzip2_packed("two");
    bytes.insert(bytes.end(), second.begin(), second.end());
    bytes.insert(bytes.end(), {'t', 'a', 'i', 'l'});
    const Listing listing = read_all(Type::bzip2, bytes);
    ASSERT_EQ(listing.members.size(), 2U);
    EXPECT_EQ(listing.members[0].content, "onetwo");
    EXPECT_EQ(listing.members[1].content, "tail");
}

TEST(Bzip2Reader, TellsEveryCutAndFlip) {
    const std::string content = "abcabcabc" + noise(100, 4) + std::string(200, 'z');
    const Buffer archive = bzip2_packed(content);
    expect_honest_when_cut(Type::bzip2, archive, content);
    expect_honest_when_flipped(Type::bzip2, archive, content, archive.size());
}

}  // namespace
}  // namespace ward::formats
