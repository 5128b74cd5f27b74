// SPDX-License-Identifier: Apache-2.0
#include "model/encode.h"
#include "model/severity.h"

#include <gtest/gtest.h>

namespace ward {
namespace {

Verdict full_verdict() {
    Verdict verdict;
    Match match;
    match.rule = "eicar";
    match.ruleset = "test";
    match.tags = {"test", "second"};
    match.meta = {{"why", std::string{"because"}}, {"level", std::int64_t{-3}}, {"sure", true}};
    match.members = {"a.zip", std::string{"b\0c", 3}};
    match.hits = {{"$a", 7, 68}};
    verdict.matches.push_back(match);
    verdict.gaps.push_back({{"/x", 4, {"m"}}, Code::over_limit, "too deep"});
    verdict.type = "zip";
    verdict.bytes = 1ULL << 40;
    verdict.members = 9;
    return verdict;
}

TEST(Encode, BringsAVerdictBack) {
    Buffer bytes;
    Encoder out{bytes};
    encode(full_verdict(), out);
    Decoder in{bytes};
    const auto back = decode_verdict(in);
    ASSERT_TRUE(back.ok()) << back.error().text;
    EXPECT_EQ(*back, full_verdict());
    EXPECT_TRUE(in.end().ok());
}

TEST(Encode, BringsRowsBack) {
    RowSet set;
    set.rows = {{Value{}, std::int64_t{-1}, 0.5, std::string{"text"}}, {}};
    set.gaps = {{{"/etc/shadow", 0, {}}, Code::denied, "cannot be opened"}};
    Buffer bytes;
    Encoder out{bytes};
    encode(set, out);
    Decoder in{bytes};
    const auto back = decode_rows(in);
    ASSERT_TRUE(back.ok()) << back.error().text;
    EXPECT_EQ(*back, set);
}

TEST(Encode, TakesOnlySoManyValues) {
    RowSet set;
    set.rows = {{Value{}, Value{}}, {Value{}}};
    Buffer bytes;
    Encoder out{bytes};
    encode(set, out);
    Decoder enough{bytes};
    EXPECT_TRUE(decode_rows(enough, 3).ok());
    Decoder few{bytes};
    const auto refused = decode_rows(few, 2);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Code::over_limit);
}

TEST(Encode, BringsAQueryBack) {
    const TableShape shape{"file", {{"path", "text"}, {"bytes", "integer"}}, {"path"}};
    const Constraint constraint{"path", std::string{"/etc/passwd"}};
    const QueryResult result{{"a", "b"}, {{std::int64_t{1}, Value{}}}, {{"file", {{"path", std::string{"/etc/x"}}}}, {"users", {}}}};
    Buffer bytes;
    Encoder out{bytes};
    encode(shape, out);
    encode(constraint, out);
    encode(result, out);
    Decoder in{bytes};
    EXPECT_EQ(decode_shape(in).value(), shape);
    EXPECT_EQ(decode_constraint(in).value(), constraint);
    EXPECT_EQ(decode_result(in).value(), result);
    EXPECT_TRUE(in.end().ok());
}

TEST(Decode, RefusesEveryTruncation) {
    Buffer bytes;
    Encoder out{bytes};
    encode(full_verdict(), out);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        SCOPED_TRACE(size);
        Decoder in{Bytes{bytes.data(), size}};
        EXPECT_FALSE(decode_verdict(in).ok());
    }
}

TEST(Decode, RefusesLies) {
    struct Case { const char* name; const char* hex; Code want; };
    const Case cases[] = {
        {"more matches than any limit allows", "ffffffff", Code::over_limit},
        {"more matches than bytes", "10000000 00000000", Code::truncated},
        {"a rule name longer than the limit", "01000000 ffffffff 000000000000000000000000000000000000000000000000", Code::over_limit},
        {"a gap with an unknown code", "00000000 01000000 00000000 0000000000000000 00000000 63 00000000 00000000", Code::malformed},
        {"a gap with code zero", "00000000 01000000 00000000 0000000000000000 00000000 00 00000000 00000000", Code::malformed},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes;
        ASSERT_TRUE(from_hex(c.hex, bytes));
        Decoder in{bytes};
        const auto verdict = decode_verdict(in);
        ASSERT_FALSE(verdict.ok());
        EXPECT_EQ(verdict.error().code, c.want) << verdict.error().text;
    }
}

TEST(Decode, RefusesAnUnknownKindOfValue) {
    Buffer bytes{9};
    Decoder in{bytes};
    EXPECT_EQ(decode_value(in).error().code, Code::malformed);
}

TEST(Decode, SaysWhenBytesAreLeftOver) {
    Buffer bytes{0, 1};
    Decoder in{bytes};
    ASSERT_TRUE(decode_value(in).ok());
    EXPECT_EQ(in.end().error().code, Code::malformed);
}

TEST(Names, GoBothWays) {
    EXPECT_EQ(severity_from_name("high"), Severity::high);
    EXPECT_EQ(severity_from_name("High"), std::nullopt);
    EXPECT_LT(Severity::low, Severity::critical);
    for (const Area area : kAreas) EXPECT_EQ(area_from_name(area_name(area)), area);
}

}  // namespace
}  // namespace ward
