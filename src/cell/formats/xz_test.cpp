// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/xz.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;

TEST(XzReader, UnpacksWhatXzPacked) {
    struct Case { const char* file; const char* content; };
    const Case cases[] = {
        {"testdata/xz/crc64.hex", "hello, hello, hello\n"},
        {"testdata/xz/filters.hex", "hello, hello, hello\n"},
        {"testdata/xz/two_streams.hex", "hello, hello, hello\nhello, hello, hello\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Listing listing = read_all(Type::xz, read_hex(c.file));
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].content, c.content);
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(XzReader, ShowsWhatFollows) {
    Buffer bytes = xz_packed("one");
    bytes.insert(bytes.end(), {'t', 'a', 'i', 'l'});
    const Listing listing = read_all(Type::xz, bytes);
    ASSERT_EQ(listing.members.size(), 2U);
    EXPECT_EQ(listing.members[1].content, "tail");
}

TEST(XzReader, TellsEveryCutAndFlip) {
    const std::string content = "abcabcabc" + noise(200, 2) + std::string(300, 'z');
    const Buffer archive = xz_packed(content);
    expect_honest_when_cut(Type::xz, archive, content);
    expect_honest_when_flipped(Type::xz, archive, content, archive.size());
}

TEST(XzReader, RefusesADictionaryBeyondItsMemory) {
    // Only the size in the filter's properties is changed; the header's own checksum is made right again by hand.
    const Buffer bytes = read_hex("testdata/xz/large_dictionary.hex");
    const Listing listing = read_all(Type::xz, bytes);
    ASSERT_EQ(listing.members.size(), 1U);
    ASSERT_EQ(listing.members[0].faults.size(), 1U);
    EXPECT_TRUE(listing.members[0].faults[0].starts_with("over_limit: the xz stream asks for")) << listing.members[0].faults[0];
}

}  // namespace
}  // namespace ward::formats
