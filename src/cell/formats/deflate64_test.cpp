// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/codec.h"

#include "cell/formats/internal/huffman.h"
#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

namespace ward::formats {
namespace {

using namespace testing;

struct Answer {
    std::string content;
    std::optional<Error> fault;
    std::uint64_t used;
};

Answer unpack(Bytes packed) {
    const Limits limits;
    Store store = Store::open(-1).value();
    Deadline deadline{limits.max_time};
    Budget budget{limits, packed.size(), deadline};
    Sink sink{store, budget};
    sink.begin();
    Unpacked unpacked = unpack_deflate64(packed, sink);
    return {to_string(sink.finish().value()), std::move(unpacked.fault), unpacked.used};
}

TEST(Deflate64, UnpacksBlocksOfEachKind) {
    struct Case { const char* name; const char* hex; std::string content; };
    const Case cases[] = {
        {"stored", "01 0300 fcff 616263", "abc"},
        {"fixed", "4b4c4a06 00", "abc"},
        {"fixed, empty", "03 00", ""},
        {"two stored blocks", "00 0100 feff 61 01 0100 feff 62", "ab"},
        // Fixed codes: 'a'; code 285 and sixteen bits, 0 and 300, which are lengths of 3 and 303; distance 1; end.
        {"the long length code", "4b1c05000000", "aaaa"},
        {"the long length code with all its bits", "4b1c65090000", std::string(304, 'a')},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer packed;
        ASSERT_TRUE(from_hex(c.hex, packed));
        const Answer answer = unpack(packed);
        EXPECT_FALSE(answer.fault) << answer.fault->text;
        EXPECT_EQ(answer.content, c.content);
        EXPECT_EQ(answer.used, packed.size());
    }
}

TEST(Deflate64, AgreesWithDeflateWhereBothMeanTheSame) {
    // Matches shorter than 258 and nearer than 32 KiB are written alike in both.
    std::string content;
    for (std::uint32_t i = 0; i < 3000; ++i) content += noise(5 + i % 40, i % 100) + std::to_string(i);
    const Answer answer = unpack(deflated(content));
    EXPECT_FALSE(answer.fault);
    EXPECT_TRUE(answer.content == content);
}

TEST(Deflate64, RefusesWhatIsBroken) {
    struct Case { const char* name; const char* hex; Code code; };
    const Case cases[] = {
        {"nothing", "", Code::truncated},
        {"a block of the fourth kind", "07", Code::malformed},
        {"a stored length that does not hold", "01 0300 0000 616263", Code::malformed},
        {"a stored block cut off", "01 0300 fcff 61", Code::truncated},
        {"a match before the beginning", "03 02 00 00", Code::malformed},
        {"no end", "4b4c4a", Code::truncated},
        {"a dynamic block of zeros", "05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", Code::malformed},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer packed;
        ASSERT_TRUE(from_hex(c.hex, packed));
        const Answer answer = unpack(packed);
        ASSERT_TRUE(answer.fault);
        EXPECT_EQ(answer.fault->code, c.code) << answer.fault->text;
    }
}

TEST(Huffman, TakesCodesThatFitAndNoOthers) {
    struct Case { const char* name; std::vector<std::uint8_t> lengths; bool good; };
    const Case cases[] = {
        {"complete", {1, 2, 2}, true},
        {"one code", {0, 1}, true},
        {"none", {0, 0, 0}, true},
        {"too many of one bit", {1, 1, 1}, false},
        {"too many below", {1, 2, 2, 2}, false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Huffman code;
        EXPECT_EQ(code.build(c.lengths), c.good);
    }
    Huffman none;
    ASSERT_TRUE(none.build(std::vector<std::uint8_t>{0, 0}));
    const Buffer byte{0};
    BitReader bits{byte};
    EXPECT_EQ(none.decode(bits), -1);
}

}  // namespace
}  // namespace ward::formats
