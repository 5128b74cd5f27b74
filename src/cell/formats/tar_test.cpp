// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/tar.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ward::formats {
namespace {

using namespace testing;
using namespace std::string_literals;

TEST(TarNumber, ReadsWhatTarWrites) {
    struct Case { const char* name; std::string field; std::optional<std::uint64_t> want; };
    const Case cases[] = {
        {"space ends it", "0000644 ", 0644},
        {"it may fill the field", "00000644", 0644},
        {"blanks before it", "    644\0"s, 0644},
        {"blank means zero", "        ", 0},
        {"zero bytes mean zero", std::string(8, '\0'), 0},
        {"what follows a zero byte means nothing", "644\0xyz"s, 0644},
        {"eight is not octal", "0000648 ", std::nullopt},
        {"minus is refused", "-000644 ", std::nullopt},
        {"text is refused", "abc", std::nullopt},
        {"base 256", "\x80\0\0\0\0\0\0\x01\x02\x03\x04\x05"s, 0x0102030405},
        {"base 256, negative", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, std::nullopt},
        {"base 256, beyond 64 bits", "\x80\0\0\x01\0\0\0\0\0\0\0\0"s, std::nullopt},
        {"base 256, the largest", "\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"s, UINT64_MAX},
        {"octal beyond 64 bits", "7777777777777777777777", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(tar_number(as_bytes(c.field)), c.want);
    }
}

TEST(TarReader, ReadsWhatTarWrote) {
    const std::string long_name = std::string(60, 'n') + "/" + std::string(120, 'm');
    struct Case { const char* file; std::string name; };
    const Case cases[] = {
        {"ustar", "greeting.txt"}, {"v7", "greeting.txt"}, {"gnu_long", long_name}, {"pax_long", long_name},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Buffer bytes = read_hex("testdata/tar/"s + c.file + ".hex");
        EXPECT_EQ(detect(bytes), Type::tar);
        const Listing listing = read_all(Type::tar, bytes);
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].name, c.name);
        EXPECT_EQ(listing.members[0].content, "hello, hello, hello\n");
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(TarReader, WritesSparseFilesOut) {
    std::string two(262'144, '\0');
    two.replace(70'000, 6, "middle");
    two.replace(200'000, 4, "last");
    std::string six(5 * 65'536 + 3, '\0');
    for (int i = 0; i < 6; ++i) six.replace(static_cast<std::size_t>(i) * 65'536, 3, fmt::format("p{:02}", i));
    struct Case { const char* file; const char* name; const std::string& content; };
    const Case cases[] = {
        {"sparse_gnu", "sparse", two}, {"sparse_pax_0_0", "sparse", two}, {"sparse_pax_0_1", "sparse", two},
        {"sparse_pax_1_0", "sparse", two}, {"sparse_gnu_many", "holes", six},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Listing listing = read_all(Type::tar, read_hex("testdata/tar/"s + c.file + ".hex"));
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].name, c.name);
        EXPECT_TRUE(listing.members[0].content == c.content);
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(TarReader, TakesWhatLetsItSeeMore) {
    const Buffer inner = tar_block({.name = "inner", .content = "i"});
    struct Case { const char* name; Buffer bytes; std::vector<std::pair<std::string, std::string>> members; bool fault; };
    Buffer joined = tarred({{.name = "a", .content = "1"}});
    const Buffer second = tarred({{.name = "b", .content = "2"}});
    joined.insert(joined.end(), second.begin(), second.end());
    Buffer trailed = tarred({{.name = "a", .content = "1"}});
    trailed.resize(trailed.size() + 700, 'x');
    const Case cases[] = {
        {"a plain one", tarred({{.name = "a", .content = "1"}, {.name = "b", .content = ""}}), {{"a", "1"}, {"b", ""}}, false},
        {"without an end mark", tarred({{.name = "a", .content = "1"}}, false), {{"a", "1"}}, false},
        {"nothing but the end mark", tarred({}), {}, false},
        {"two archives in a row", joined, {{"a", "1"}, {"b", "2"}}, false},
        {"a tape block's rest behind the end", trailed, {{"a", "1"}}, false},
        {"a prefix", tarred({{.name = "a", .content = "1", .prefix = "p/q"}}), {{"p/q/a", "1"}}, false},
        {"GNU's header has no prefix", tarred({{.name = "a", .content = "1", .magic = "ustar  ", .prefix = "p"}}), {{"a", "1"}}, false},
        {"links, devices and folders are no content",
         tarred({{.name = "l", .kind = '2'}, {.name = "h", .kind = '1'}, {.name = "c", .kind = '3'}, {.name = "d/", .kind = '5'},
                 {.name = "v7 folder/", .kind = '\0'}, {.name = "a", .content = "1"}}),
         {{"a", "1"}}, false},
        {"a hard link with content has it", tarred({{.name = "h", .content = "data", .kind = '1'}, {.name = "a", .content = "1"}}),
         {{"h", "data"}, {"a", "1"}}, false},
        {"a hard link that only tells a size", tarred({{.name = "h", .kind = '1', .size_field = "00000000777"}, {.name = "a", .content = "1"}}),
         {{"a", "1"}}, false},
        {"an unknown kind is a file", tarred({{.name = "q", .content = "1", .kind = 'Q'}}), {{"q", "1"}}, false},
        {"a broken header between", tarred({{.name = "a", .content = "1"}, {.name = "x", .content = "2", .good_checksum = false}, {.name = "b", .content = "3"}}),
         {{"a", "1"}, {"b", "3"}}, true},
        {"nothing good behind a broken header", tarred({{.name = "a", .content = "1"}, {.name = "x", .content = "2", .good_checksum = false}}),
         {{"a", "1"}}, true},
        {"content that is cut", tarred({{.name = "a", .content = std::string(100, '1'), .size_field = "00000077777"}}, false),
         {{"a", std::string(100, '1') + std::string(412, '\0')}}, true},
        {"a size that is no number", tarred({{.name = "a", .content = "", .size_field = "oops"}, {.name = "b", .content = "2"}}), {{"a", ""}, {"b", "2"}}, true},
        {"pax path and size", tarred({{.name = "x", .content = "12 path=new\n9 size=3\n", .kind = 'x'}, {.name = "old", .content = "abcdef", .size_field = "00000000000"}}),
         {{"new", "abc"}}, false},
        {"a pax path for all", tarred({{.name = "g", .content = "10 path=g\n", .kind = 'g'}, {.name = "a", .content = "1"}, {.name = "b", .content = "2"}}),
         {{"g", "1"}, {"g", "2"}}, false},
        {"a pax record that lies about its length", tarred({{.name = "x", .content = "99 path=new\n", .kind = 'x'}, {.name = "a", .content = "1"}}),
         {{"a", "1"}}, true},
        {"a pax record without a value", tarred({{.name = "x", .content = "7 path\n", .kind = 'x'}, {.name = "a", .content = "1"}}), {{"a", "1"}}, true},
        {"a long link does not name the file", tarred({{.name = "k", .content = "elsewhere", .kind = 'K'}, {.name = "a", .content = "1"}}), {{"a", "1"}}, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::tar, c.bytes);
        std::vector<std::pair<std::string, std::string>> members;
        for (const auto& seen : listing.members) members.emplace_back(seen.name, seen.content);
        EXPECT_EQ(members, c.members);
        EXPECT_EQ(listing.has_fault(), c.fault);
    }
}

TEST(TarReader, EndsASparseBombByItsRatio) {
    // One stored byte, and a size of a tebibyte.
    const Buffer bytes = tarred({{.name = "x", .content = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n36 GNU.sparse.realsize=1099511627776\n", .kind = 'x'},
                                 {.name = "big", .content = "1\n0\n1\n" + std::string(506, '\0') + "A"}});
    const int spool = ::memfd_create("spool", MFD_CLOEXEC);
    const Listing listing = read_all(Type::tar, bytes, {}, spool);
    ::close(spool);
    ASSERT_EQ(listing.members.size(), 1U);
    EXPECT_EQ(listing.members[0].content[0], 'A');
    ASSERT_TRUE(listing.end);
    EXPECT_EQ(*listing.end, "unpacks to more than 250 times its size (max_ratio)");
}

TEST(TarReader, TellsEveryCut) {
    const Buffer archive = tarred({{.name = "a", .content = std::string(700, 'a')}, {.name = "b", .content = "2"}}, false);
    for (std::size_t cut = 1; cut < archive.size(); ++cut) {
        SCOPED_TRACE(cut);
        const Listing listing = read_all(Type::tar, Bytes{archive}.first(cut));
        // Between two members, or in the padding behind a content, nothing is missing.
        const bool whole = (cut >= 512 + 700 && cut <= 1536) || cut >= 2048 + 1;
        EXPECT_EQ(listing.has_fault(), !whole);
    }
}

}  // namespace
}  // namespace ward::formats
