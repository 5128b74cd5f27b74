// SPDX-License-Identifier: Apache-2.0
#include "cell/sigdb/view.h"

#include "cell/sigdb/writer.h"
#include "model/rule_database.h"

#include <gtest/gtest.h>

namespace ward::sigdb {
namespace {

Buffer sample() {
    Writer writer;
    writer.add(SectionId::pattern_atoms, Buffer{1, 2, 3});
    writer.add(SectionId::pattern_summary, Buffer(100, 7));
    return std::move(writer).finish();
}

TEST(View, GivesBackWhatTheWriterWrote) {
    const Buffer bytes = sample();
    const View view = View::open(bytes).value();
    const Bytes atoms = view.section(SectionId::pattern_atoms).value();
    EXPECT_EQ(Buffer(atoms.begin(), atoms.end()), (Buffer{1, 2, 3}));
    EXPECT_EQ(view.section(SectionId::pattern_summary).value().size(), 100u);
    EXPECT_EQ(view.section(SectionId::pattern_bytes).error().code, Code::not_found);
    EXPECT_TRUE(view.verify().ok());
}

TEST(View, ReadsADatabaseWithoutSections) {
    const Buffer bytes = Writer{}.finish();
    EXPECT_TRUE(View::open(bytes).value().verify().ok());
}

TEST(View, RefusesBrokenHeadersAndTables) {
    struct Case {
        const char* name;
        std::size_t at;
        std::uint8_t value;
        Code want;
    };
    const Case cases[] = {
        {"other magic", 0, 'X', Code::malformed},
        {"line end changed on the way", 6, '\n', Code::malformed},
        {"later version", 8, kDatabaseVersion + 1, Code::unsupported},
        {"too many sections", 13, 1, Code::over_limit},
        {"size is not the file's", 16, 1, Code::truncated},
        {"sections not ascending", 64, 9, Code::malformed},
        {"section starts past the end", 64 + 15, 1, Code::truncated},
        {"section ends past the end", 64 + 23, 1, Code::truncated},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes = sample();
        bytes[c.at] = c.value;
        const auto view = View::open(bytes);
        ASSERT_FALSE(view.ok());
        EXPECT_EQ(view.error().code, c.want);
    }
}

TEST(View, RefusesEveryShorterFile) {
    const Buffer bytes = sample();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(View::open(Bytes{bytes}.first(size)).ok()) << size;
}

TEST(View, VerifySeesOneChangedByte) {
    Buffer bytes = sample();
    bytes.back() ^= 1;
    EXPECT_FALSE(View::open(bytes).value().verify().ok());
}

TEST(Numbers, ReadsZeroOutOfRange) {
    const Buffer bytes{1, 0, 2, 0, 9};
    const Numbers<std::uint16_t> numbers{bytes};
    EXPECT_EQ(numbers.size(), 2u);
    EXPECT_EQ(numbers[0], 1);
    EXPECT_EQ(numbers[1], 2);
    EXPECT_EQ(numbers[2], 0);
}

}  // namespace
}  // namespace ward::sigdb
