// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/ar.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;
using namespace std::string_literals;

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(const Listing& listing) {
    Members members;
    for (const auto& seen : listing.members) members.emplace_back(seen.name, seen.content);
    return members;
}

TEST(ArReader, ReadsWhatOtherProgramsPacked) {
    const std::string content = "hello, hello, hello\n";
    struct Case { const char* file; Type type; std::vector<std::string> names; };
    const Case cases[] = {
        {"gnu", Type::ar, {"//", "greeting.txt", "a name of more than fifteen bytes.txt"}},
        {"library", Type::ar, {"/", "small.o"}},
        {"package", Type::deb, {"debian-binary", "control.tar.xz", "data.tar.xz"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.file);
        const Buffer bytes = read_hex("testdata/ar/"s + c.file + ".hex");
        EXPECT_EQ(detect(bytes), c.type);
        const Listing listing = read_all(c.type, bytes);
        std::vector<std::string> names;
        for (const auto& seen : listing.members) names.push_back(seen.name);
        EXPECT_EQ(names, c.names);
        EXPECT_FALSE(listing.has_fault());
        for (const auto& seen : listing.members) {
            if (seen.name.ends_with(".txt")) {
                EXPECT_EQ(seen.content, content);
            }
        }
    }
}

TEST(ArReader, ReadsNamesOfEveryKind) {
    const std::string table = "first long name.o/\nsecond/\n";
    struct Case { const char* name; Buffer bytes; Members members; const char* fault; };
    const Case cases[] = {
        {"no members", ar_packed({}), {}, nullptr},
        {"GNU's short names", ar_packed({{.name = "a.o/", .content = "1"}, {.name = "b c/", .content = "22"}}), {{"a.o", "1"}, {"b c", "22"}}, nullptr},
        {"Debian's", ar_packed({{.name = "debian-binary", .content = "2.0\n"}}), {{"debian-binary", "2.0\n"}}, nullptr},
        {"GNU's long names", ar_packed({{.name = "//", .content = table}, {.name = "/0", .content = "1"}, {.name = "/19", .content = "2"}}),
         {{"//", table}, {"first long name.o", "1"}, {"second", "2"}}, nullptr},
        {"BSD's long names", ar_packed({{.name = "#1/12", .content = "name\0\0\0\0\0\0\0\0content"s}}), {{"name", "content"}}, nullptr},
        {"a table of symbols is a member", ar_packed({{.name = "/", .content = "\0\0\0\0"s}}), {{"/", "\0\0\0\0"s}}, nullptr},
        {"a thin archive holds its tables alone", ar_packed({{.name = "//", .content = "x.o/\n"}, {.name = "/0", .content = "", .size_field = "500"}}, "!<thin>\n"),
         {{"//", "x.o/\n"}}, nullptr},
        {"a name beyond the table", ar_packed({{.name = "//", .content = table}, {.name = "/99", .content = "1"}}), {{"//", table}, {"/99", "1"}},
         "malformed: the name of the member at 156 is not in the table of names"},
        {"a name without a table", ar_packed({{.name = "/0", .content = "1"}}), {{"/0", "1"}}, "malformed: the name of the member at 68 is not in the table of names"},
        {"a name longer than its member", ar_packed({{.name = "#1/12", .content = "name"}}), {{"#1/12", "name"}},
         "malformed: the name of the member at 68 is longer than the member"},
        {"a name that ends nowhere is cut", ar_packed({{.name = "//", .content = std::string(10'000, 'n')}, {.name = "/0", .content = "1"}}),
         {{"//", std::string(10'000, 'n')}, {std::string(4096, 'n'), "1"}}, nullptr},
        {"hostile names stay as they are", ar_packed({{.name = "../\n\x1b[2J\xff", .content = "1"}}), {{"../\n\x1b[2J\xff", "1"}}, nullptr},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::ar, c.bytes);
        EXPECT_EQ(members_of(listing), c.members);
        EXPECT_EQ(listing.faults, c.fault == nullptr ? std::vector<std::string>{} : std::vector{std::string{c.fault}});
    }
}

TEST(ArReader, ShowsWhatFollowsABrokenHeader) {
    const Buffer good = ar_packed({{.name = "a/", .content = "1234"}});
    struct Case { const char* name; Buffer bytes; const char* fault; };
    const auto with_rest = [&](std::string_view rest) {
        Buffer bytes = good;
        const Bytes more = as_bytes(rest);
        bytes.insert(bytes.end(), more.begin(), more.end());
        return bytes;
    };
    const auto second = [&](const ArMember& member) { return to_string(Bytes{ar_packed({member})}).substr(8); };
    const Case cases[] = {
        {"something else", with_rest(std::string(100, 'x')), "malformed: the ar header at 72 is broken"},
        {"too short for a header", with_rest("x"), "truncated: the ar header at 72 is cut off"},
        {"a negative size", with_rest(second({.name = "b/", .content = "1", .size_field = "-1"})), "malformed: the ar header at 72 is broken"},
        {"a size that is no number", with_rest(second({.name = "b/", .content = "1", .size_field = "0x10"})), "malformed: the ar header at 72 is broken"},
        {"no size", with_rest(second({.name = "b/", .content = "1", .size_field = ""})), "malformed: the ar header at 72 is broken"},
        {"another end of the header", with_rest(second({.name = "b/", .content = "1", .end = "\n`"})), "malformed: the ar header at 72 is broken"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::ar, c.bytes);
        ASSERT_EQ(listing.members.size(), 2U);
        EXPECT_EQ(listing.members[0].content, "1234");
        EXPECT_EQ(listing.members[1].name, "trailing data");
        EXPECT_EQ(listing.members[1].content, to_string(Bytes{c.bytes}.subspan(72)));
        EXPECT_EQ(listing.faults, std::vector{std::string{c.fault}});
    }
}

TEST(ArReader, TellsContentThatIsCut) {
    const Listing listing = read_all(Type::ar, ar_packed({{.name = "a/", .content = "1234", .size_field = "9999999999"}}));
    ASSERT_EQ(listing.members.size(), 1U);
    EXPECT_EQ(listing.members[0].content, "1234");
    EXPECT_EQ(listing.members[0].faults, std::vector{"truncated: 4 bytes of 9999999999 are there"s});
}

TEST(ArReader, ReadsMembersWithoutPadding) {
    Buffer bytes = ar_packed({{.name = "a/", .content = "1"}, {.name = "b/", .content = "2"}});
    bytes.erase(bytes.begin() + 8 + 60 + 1);
    bytes.pop_back();
    EXPECT_EQ(members_of(read_all(Type::ar, bytes)), (Members{{"a", "1"}, {"b", "2"}}));
}

TEST(ArReader, TellsEveryCut) {
    const Buffer archive = ar_packed({{.name = "a/", .content = std::string(70, 'a')}, {.name = "b/", .content = "22"}});
    for (std::size_t cut = 9; cut < archive.size(); ++cut) {
        SCOPED_TRACE(cut);
        EXPECT_EQ(read_all(Type::ar, Bytes{archive}.first(cut)).has_fault(), cut != 8 + 60 + 70);
    }
}

}  // namespace
}  // namespace ward::formats
