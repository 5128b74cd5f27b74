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
    match.hits = {{"$a", 7, 68}, {"$h", 9, 300, 0x55, true, "data"}};
    match.satisfied = false;
    verdict.matches.push_back(match);
    verdict.gaps.push_back({{"/x", 4, {"m"}}, Code::over_limit, "too deep"});
    verdict.type = "zip";
    verdict.bytes = 1ULL << 40;
    verdict.members = 9;
    verdict.warnings = {"doubtful"};
    verdict.console = {"a line", ""};
    verdict.module_data = "pe\n";
    return verdict;
}

// Everything that may be asked for.
ScanManner all_of_it() {
    return {.unsatisfied = true, .all_hits = true, .data_bytes = 512, .warnings = true, .console = true, .module_data = true};
}

TEST(Encode, BringsAVerdictBack) {
    Buffer bytes;
    Encoder out{bytes};
    encode(full_verdict(), out);
    Decoder in{bytes};
    const auto back = decode_verdict(in, all_of_it());
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
        EXPECT_FALSE(decode_verdict(in, all_of_it()).ok());
    }
}

TEST(Decode, TakesNoMoreThanWasAskedFor) {
    struct Case { const char* name; ScanManner manner; Code want; };
    Verdict verdict = full_verdict();
    verdict.matches[0].hits.resize(Match::kMaxHits + 1);
    const auto without = [](auto take) {
        ScanManner manner = all_of_it();
        take(manner);
        return manner;
    };
    const Case cases[] = {
        {"data", without([](ScanManner& manner) { manner.data_bytes = 3; }), Code::over_limit},
        {"hits", without([](ScanManner& manner) { manner.all_hits = false; }), Code::over_limit},
        {"rules that do not hold", without([](ScanManner& manner) { manner.unsatisfied = false; }), Code::malformed},
        {"warnings", without([](ScanManner& manner) { manner.warnings = false; }), Code::over_limit},
        {"console", without([](ScanManner& manner) { manner.console = false; }), Code::over_limit},
        {"what modules say", without([](ScanManner& manner) { manner.module_data = false; }), Code::over_limit},
    };
    Buffer bytes;
    Encoder out{bytes};
    encode(verdict, out);
    Decoder whole{bytes};
    EXPECT_EQ(decode_verdict(whole, all_of_it()).value(), verdict);
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Decoder in{bytes};
        const auto back = decode_verdict(in, c.manner);
        ASSERT_FALSE(back.ok());
        EXPECT_EQ(back.error().code, c.want) << back.error().text;
    }
}

TEST(Encode, BringsAMannerBack) {
    ScanManner manner = all_of_it();
    manner.members = false;
    manner.once = true;
    manner.fed_modules = {"cuckoo"};
    Buffer bytes;
    Encoder out{bytes};
    encode(manner, out);
    Decoder in{bytes};
    EXPECT_EQ(decode_scan_manner(in).value(), manner);
    EXPECT_TRUE(in.end().ok());
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
