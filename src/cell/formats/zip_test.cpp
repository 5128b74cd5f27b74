// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/zip.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;
using namespace std::string_literals;

TEST(ZipReader, UnpacksWhatOtherProgramsPacked) {
    for (const char* file : {"info_zip", "from_pipe", "zip64", "deflate64", "lzma", "bzip2", "traditional", "aes128", "aes256"}) {
        SCOPED_TRACE(file);
        const Buffer bytes = read_hex("testdata/zip/"s + file + ".hex");
        EXPECT_EQ(detect(bytes), Type::zip);
        const Listing listing = read_all(Type::zip, bytes);
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].content, "hello, hello, hello\n");
        EXPECT_FALSE(listing.members[0].orphan);
        EXPECT_FALSE(listing.has_fault()) << (listing.members[0].faults.empty() ? ""s : listing.members[0].faults[0]);
    }
}

TEST(ZipReader, NamesWhatItCannotUnpack) {
    struct Case { const char* file; const char* fault; };
    const Case cases[] = {
        {"unknown_password", "unsupported: encrypted, and no usual password opens it"},
        {"ppmd", "unsupported: packed by method 98, PPMd, which nothing here unpacks"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Listing listing = read_all(Type::zip, read_hex("testdata/zip/"s + c.file + ".hex"));
        ASSERT_EQ(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].name, "greeting.txt");
        EXPECT_EQ(listing.members[0].content, "");
        EXPECT_EQ(listing.members[0].faults, std::vector{std::string{c.fault}});
    }
}

TEST(ZipReader, UnpacksEveryMethod) {
    const std::string content = "abcabcabc" + noise(500, 5) + std::string(70'000, 'z');
    struct Case { const char* name; std::uint16_t method; Buffer packed; };
    const Bytes plain = as_bytes(content);
    const Case cases[] = {
        {"stored", 0, {plain.begin(), plain.end()}},
        {"deflate", 8, deflated(content)},
        {"bzip2", 12, bzip2_packed(content)},
        {"zstd", 93, zstd_packed(content)},
        {"zstd by its old number", 20, zstd_packed(content)},
        {"xz", 95, xz_packed(content)},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        // A stored member with a descriptor tells its end only there.
        for (const std::uint16_t flags : {std::uint16_t{0}, std::uint16_t{8}}) {
            const ZipMember member{.name = "m", .content = content, .method = c.method, .packed = c.packed, .flags = flags};
            const Listing listing = read_all(Type::zip, zipped({member}));
            ASSERT_EQ(listing.members.size(), 1U);
            EXPECT_TRUE(listing.members[0].content == content);
            EXPECT_FALSE(listing.has_fault());

            // And without the directory.
            const Listing alone = read_all(Type::zip, zipped({member}, {.end_record = false}));
            ASSERT_GE(alone.members.size(), 1U);
            EXPECT_TRUE(alone.members[0].content == content);
            EXPECT_TRUE(alone.members[0].orphan);
            EXPECT_TRUE(alone.members[0].faults.empty());
        }
    }
}

TEST(ZipReader, SeesMembersThatOnlyOneListNames) {
    struct Want { const char* name; const char* content; bool orphan; };
    struct Case { const char* name; Buffer bytes; std::vector<Want> members; bool fault; };
    const Buffer inner = zipped({{.name = "in", .content = "inner", .method = 0}});
    const Case cases[] = {
        {"both lists", zipped({{.name = "a", .content = "1"}, {.name = "b", .content = "2"}}), {{"a", "1", false}, {"b", "2", false}}, false},
        {"no members", zipped({}), {}, false},
        {"hidden from the directory", zipped({{.name = "a", .content = "1"}, {.name = "h", .content = "2", .in_directory = false}}),
         {{"a", "1", false}, {"h", "2", true}}, false},
        {"hidden between", zipped({{.name = "h", .content = "0", .in_directory = false}, {.name = "a", .content = "1"}}),
         {{"a", "1", false}, {"h", "0", true}}, false},
        {"no directory at all", zipped({{.name = "a", .content = "1"}, {.name = "b", .content = "2"}}, {.end_record = false}),
         {{"a", "1", true}, {"b", "2", true}}, true},
        {"behind a program", zipped({{.name = "a", .content = "1"}}, {.front = "\x7f" "ELF program"}), {{"a", "1", false}}, false},
        {"behind a program that mentions zip", zipped({{.name = "a", .content = "1"}}, {.front = "\x7f" "ELF PK\x03\x04 program and more of it here"}),
         {{"a", "1", false}}, false},
        {"behind another archive", zipped({{.name = "a", .content = "1"}}, {.front = to_string(zipped({{.name = "o", .content = "old"}}))}),
         {{"o", "old", false}, {"a", "1", false}}, false},
        {"a comment", zipped({{.name = "a", .content = "1"}}, {.comment = "made by hand"}), {{"a", "1", false}}, false},
        {"another archive in the comment", zipped({{.name = "a", .content = "1"}}, {.comment = to_string(zipped({{.name = "c", .content = "2"}}))}),
         {{"c", "2", false}, {"a", "1", false}}, false},
        {"an archive stored inside is one member", zipped({{.name = "z", .content = to_string(inner), .method = 0}}),
         {{"z", nullptr, false}}, false},
        {"folders are passed over", zipped({{.name = "d/", .method = 0}, {.name = "d/a", .content = "1"}}), {{"d/a", "1", false}}, false},
        {"a folder with content is a file", zipped({{.name = "d/", .content = "1", .method = 0}}), {{"d/", "1", false}}, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::zip, c.bytes);
        EXPECT_EQ(listing.members.size(), c.members.size());
        for (const auto& want : c.members) {
            const Seen* seen = listing.find(want.name);
            ASSERT_NE(seen, nullptr) << want.name;
            if (want.content != nullptr) {
                EXPECT_EQ(seen->content, want.content);
            }
            EXPECT_EQ(seen->orphan, want.orphan) << want.name;
        }
        EXPECT_EQ(listing.has_fault(), c.fault);
    }
}

TEST(ZipReader, ReadsAMemberBothWaysWhenTheListsDisagree) {
    // The directory says stored, the local header deflated: one reader gets one content, another the other.
    const Buffer packed = deflated("evil");
    const std::string stored = to_string(packed);
    const Listing method = read_all(Type::zip, zipped({{.name = "m", .content = stored, .method = 0, .local_method = 8}}));
    ASSERT_EQ(method.members.size(), 2U);
    EXPECT_EQ(method.members[0].content, stored);
    EXPECT_EQ(method.members[1].content, "evil");
    EXPECT_TRUE(method.members[1].orphan);

    // The directory covers a second member with the first one's data.
    ZipMember wide{.name = "w", .content = "first", .method = 0};
    const Buffer hidden = zipped({{.name = "hidden", .content = "second", .method = 0, .in_directory = false}}, {.end_record = false});
    wide.content += to_string(hidden);
    wide.local_packed_bytes = 5;
    const Listing covered = read_all(Type::zip, zipped({wide}));
    ASSERT_NE(covered.find("hidden"), nullptr);
    EXPECT_EQ(covered.find("hidden")->content, "second");
}

TEST(ZipReader, TellsWhatIsWrong) {
    struct Case { const char* name; Buffer bytes; const char* fault; const char* content; };
    Buffer no_local = zipped({{.name = "a", .content = "1"}});
    no_local[2] = 'x';
    const Case cases[] = {
        {"wrong checksum", zipped({{.name = "a", .content = "text", .crc = 1}}), "malformed: the checksum is wrong", "text"},
        {"wrong checksum of a stored one", zipped({{.name = "a", .content = "text", .method = 0, .crc = 1}}), "malformed: the checksum is wrong", "text"},
        {"wrong checksum in the descriptor", zipped({{.name = "a", .content = "text", .flags = 8, .crc = 1}}), "malformed: the checksum is wrong", "text"},
        {"wrong size", zipped({{.name = "a", .content = "text", .declared_bytes = 3}}), "malformed: 4 bytes came out, 3 are declared", "text"},
        {"a broken stream", zipped({{.name = "a", .content = "text", .packed = Buffer{0xff, 0xff}}}), "malformed: the deflate stream breaks after 0 bytes", ""},
        {"an unknown method", zipped({{.name = "a", .content = "text", .method = 77, .packed = Buffer{1, 2}}}), "unsupported: packed by method 77, which nothing here unpacks", ""},
        {"strong encryption", zipped({{.name = "a", .content = "text", .flags = 0x41}}), "unsupported: encrypted by PKWARE's strong encryption", ""},
        {"no local header", no_local, "malformed: there is no local header at 0", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::zip, c.bytes);
        ASSERT_GE(listing.members.size(), 1U);
        EXPECT_EQ(listing.members[0].content, c.content);
        ASSERT_GE(listing.members[0].faults.size(), 1U);
        EXPECT_EQ(listing.members[0].faults[0], c.fault);
    }
    const Listing split = read_all(Type::zip, zipped({{.name = "a", .content = "1"}}, {.disk = 2}));
    ASSERT_EQ(split.faults.size(), 1U);
    EXPECT_EQ(split.faults[0], "unsupported: this is part 3 of a split archive; members in other parts are not read");
}

TEST(ZipReader, TellsMembersThatShareTheirBytes) {
    // Twice the same is read once; the same bytes in two ways is what a bomb does.
    const Listing twice = read_all(Type::zip, zipped({{.name = "a", .content = "1"}, {.name = "again", .content = "1", .local = false}}));
    ASSERT_EQ(twice.members.size(), 1U);
    EXPECT_FALSE(twice.has_fault());

    ZipMember outer{.name = "outer", .content = to_string(zipped({{.name = "x", .content = "y", .method = 0, .in_directory = false}}, {.end_record = false})), .method = 0};
    Buffer bytes = zipped({outer, {.name = "inner", .content = "y", .method = 0}});
    // Point the second entry at the local header inside the first member's data.
    const std::string mark = "PK\x01\x02";
    const auto text = as_text(bytes);
    const std::size_t second = text.find(mark, text.find(mark) + 1);
    bytes[second + 42] = 30 + 5;
    const Listing shared = read_all(Type::zip, bytes);
    ASSERT_GE(shared.members.size(), 2U);
    EXPECT_EQ(shared.members[0].faults, std::vector{"malformed: shares packed bytes with another member"s});
    EXPECT_EQ(shared.members[1].faults, std::vector{"malformed: shares packed bytes with another member"s});
    EXPECT_EQ(shared.members[1].content, "y");
}

TEST(ZipReader, StopsAtTheMemberLimit) {
    std::vector<ZipMember> members(50, ZipMember{.name = "e", .method = 0});
    for (std::size_t i = 0; i < members.size(); ++i) members[i].name = "e" + std::to_string(i);
    Limits limits;
    limits.max_members = 20;
    const Listing listing = read_all(Type::zip, zipped(members), limits);
    EXPECT_EQ(listing.members.size(), 20U);
    EXPECT_EQ(listing.end, "more than 20 members (max_members)");
    EXPECT_EQ(read_all(Type::zip, zipped(members)).members.size(), 50U);
}

TEST(ZipReader, TellsEveryCut) {
    const std::string content = "abcabcabc" + noise(100, 6);
    const Buffer archive = zipped({{.name = "a", .content = content}, {.name = "b", .content = content, .method = 0}});
    for (std::size_t cut = 0; cut < archive.size(); ++cut) {
        SCOPED_TRACE(cut);
        EXPECT_TRUE(read_all(Type::zip, Bytes{archive}.first(cut)).has_fault());
    }
}

TEST(ZipReader, FindsAnArchiveAtTheEndOfAnything) {
    const Buffer archive = zipped({{.name = "a", .content = "1"}}, {.front = "front"});
    EXPECT_TRUE(ZipReader::ends_with_archive(archive));
    EXPECT_FALSE(ZipReader::ends_with_archive(as_bytes("PK\x05\x06 is how an end record begins, but this is text")));
    EXPECT_FALSE(ZipReader::ends_with_archive({}));
    EXPECT_FALSE(ZipReader::ends_with_archive(zipped({})));
}

}  // namespace
}  // namespace ward::formats
