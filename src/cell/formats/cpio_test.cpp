// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/cpio.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;
using namespace std::string_literals;

using Members = std::vector<std::pair<std::string, std::string>>;

constexpr CpioForm kForms[] = {CpioForm::portable, CpioForm::svr4, CpioForm::svr4_sums, CpioForm::old_little, CpioForm::old_big};

Members members_of(const Listing& listing) {
    Members members;
    for (const auto& seen : listing.members) members.emplace_back(seen.name, seen.content);
    return members;
}

Buffer joined(Buffer first, Bytes second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

TEST(CpioReader, ReadsWhatCpioWrote) {
    for (const char* file : {"newc", "crc", "odc", "bin"}) {
        SCOPED_TRACE(file);
        const Buffer bytes = read_hex("testdata/cpio/"s + file + ".hex");
        EXPECT_EQ(detect(bytes), Type::cpio);
        const Listing listing = read_all(Type::cpio, bytes);
        EXPECT_EQ(members_of(listing), (Members{{"greeting.txt", "hello, hello, hello\n"}, {"link", "greeting.txt"}}));
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(CpioReader, ReadsEveryForm) {
    for (const auto form : kForms) {
        SCOPED_TRACE(static_cast<int>(form));
        const std::vector<CpioMember> members = {{.name = "folder", .mode = 040755}, {.name = "a", .content = "1"}, {.name = "bb", .content = "22"},
                                                 {.name = "../c\n\x1b", .content = std::string(70'000, 'c')}, {.name = "empty"}};
        const Members want = {{"a", "1"}, {"bb", "22"}, {"../c\n\x1b", std::string(70'000, 'c')}, {"empty", ""}};
        const Buffer bytes = cpio_packed(members, form);
        EXPECT_EQ(detect(bytes), Type::cpio);
        const Listing listing = read_all(Type::cpio, bytes);
        EXPECT_EQ(members_of(listing), want);
        EXPECT_FALSE(listing.has_fault());

        const Listing open_end = read_all(Type::cpio, cpio_packed(members, form, false));
        EXPECT_EQ(members_of(open_end), want);
        EXPECT_EQ(open_end.faults, std::vector{"truncated: the cpio archive ends without an end mark"s});
    }
}

TEST(CpioReader, PassesOverHardLinksWithoutContent) {
    const Buffer bytes = cpio_packed({{.name = "first", .links = 2}, {.name = "last", .content = "1", .links = 2}, {.name = "empty"}}, CpioForm::svr4);
    EXPECT_EQ(members_of(read_all(Type::cpio, bytes)), (Members{{"last", "1"}, {"empty", ""}}));
}

TEST(CpioReader, ReadsArchivesInARowAndWhatFollows) {
    const Buffer first = cpio_packed({{.name = "a", .content = "1"}}, CpioForm::svr4);
    const Buffer second = cpio_packed({{.name = "b", .content = "2"}}, CpioForm::portable);
    const Buffer zeros(512, 0);
    struct Case { const char* name; Buffer bytes; Members members; };
    const Case cases[] = {
        {"side by side", joined(first, second), {{"a", "1"}, {"b", "2"}}},
        {"zero bytes between and behind", joined(joined(joined(first, zeros), second), zeros), {{"a", "1"}, {"b", "2"}}},
        {"a packed one behind, as in initial file systems", joined(joined(first, zeros), gzipped("packed")),
         {{"a", "1"}, {"trailing data", to_string(Bytes{gzipped("packed")})}}},
        {"an odd number of zero bytes between", joined(joined(first, Bytes{zeros}.first(3)), first), {{"a", "1"}, {"a", "1"}}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::cpio, c.bytes);
        EXPECT_EQ(members_of(listing), c.members);
        EXPECT_FALSE(listing.has_fault());
    }
}

TEST(CpioReader, TellsWhatIsWrong) {
    const Buffer good = cpio_packed({{.name = "a", .content = "1"}}, CpioForm::svr4, false);
    const auto broken_at = [&](std::size_t offset, std::string_view text) {
        Buffer second = cpio_packed({{.name = "b", .content = "2"}}, CpioForm::svr4);
        std::copy(text.begin(), text.end(), second.begin() + static_cast<std::ptrdiff_t>(offset));
        return joined(good, second);
    };
    struct Case { const char* name; Buffer bytes; std::size_t members; const char* fault; };
    const Case cases[] = {
        {"a wrong checksum", cpio_packed({{.name = "a", .content = "1", .sum = 7}}, CpioForm::svr4_sums), 1, "malformed: the checksum is wrong"},
        {"more than is there", cpio_packed({{.name = "a", .content = "1", .declared_bytes = 0xffffffff}}, CpioForm::svr4, false), 1, "truncated: 4 bytes of 4294967295 are there"},
        {"another mark", broken_at(0, "07070x"), 2, "malformed: the cpio header at 116 is broken"},
        {"a size that is no number", broken_at(54, "-0000001"), 2, "malformed: the cpio header at 116 is broken"},
        {"a name of no bytes", broken_at(94, "00000000"), 2, "malformed: the cpio header at 116 is broken"},
        {"a name longer than any", broken_at(94, "00001001"), 2, "malformed: the cpio header at 116 is broken"},
        {"a name beyond the end", broken_at(94, "00000fff"), 2, "truncated: the cpio header at 116 is cut off"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Listing listing = read_all(Type::cpio, c.bytes);
        ASSERT_EQ(listing.members.size(), c.members);
        std::vector<std::string> faults = listing.members[0].faults;
        faults.insert(faults.end(), listing.faults.begin(), listing.faults.end());
        ASSERT_FALSE(faults.empty());
        EXPECT_EQ(faults[0], c.fault);
        // What stands behind a broken header is looked at all the same.
        if (c.members == 2) {
            EXPECT_EQ(listing.members[1].name, "trailing data");
            EXPECT_EQ(listing.members[1].content, to_string(Bytes{c.bytes}.subspan(116)));
        }
    }
}

TEST(CpioReader, TellsEveryCut) {
    for (const auto form : kForms) {
        const Buffer archive = cpio_packed({{.name = "a", .content = "1234"}, {.name = "b", .content = "5678"}}, form);
        // The padding behind the end mark may be missing.
        for (std::size_t cut = 1; cut + 4 < archive.size(); ++cut) {
            SCOPED_TRACE(fmt::format("form {}, cut at {}", static_cast<int>(form), cut));
            const Listing listing = read_all(Type::cpio, Bytes{archive}.first(cut));
            const bool too_short = !CpioReader::looks_like_cpio(Bytes{archive}.first(cut));
            EXPECT_TRUE(too_short || listing.has_fault());
        }
    }
}

}  // namespace
}  // namespace ward::formats
