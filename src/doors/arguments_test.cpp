// SPDX-License-Identifier: Apache-2.0
#include "doors/arguments.h"

#include "core/bytes.h"

#include <gtest/gtest.h>

namespace ward::doors {
namespace {

constexpr Option kOptions[] = {
    {"rules", 0, "SRC", "rules", true},
    {"threads", 't', "N", "threads"},
    {"resume", 0, nullptr, "go on"},
};
constexpr Verb kVerb{"scan", "PATH...", "look", "  ward scan /", "", kOptions, true, nullptr};
constexpr Verb kBare{"doctor", "", "look", "  ward doctor", "", {}, false, nullptr};

Result<Arguments> parse(const Verb& verb, std::vector<std::string> words) { return Arguments::parse(verb, words); }

TEST(Arguments, TakesOptionsBeforeAndAfterOperands) {
    const auto got = parse(kVerb, {"/a", "--rules", "x", "-t4", "--rules=y", "--", "--b", "-"});
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->all("rules"), (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(got->number("threads", 1).value_or(0), 4U);
    EXPECT_EQ(got->operands(), (std::vector<std::string>{"/a", "--b", "-"}));
    EXPECT_FALSE(got->has("resume"));
}

TEST(Arguments, SaysWhatIsWrong) {
    struct Case { const Verb* verb; std::vector<std::string> words; const char* says; };
    const Case cases[] = {
        {&kVerb, {"--ruels", "x"}, "no option --ruels, did you mean --rules?"},
        {&kVerb, {"--zzzzzzzzzz"}, "no option --zzzzzzzzzz;"},
        {&kVerb, {"-x"}, "no option -x"},
        {&kVerb, {"/a", "--rules"}, "--rules wants a value"},
        {&kVerb, {"-t"}, "-t wants a value"},
        {&kVerb, {"--resume=1"}, "--resume takes no value"},
        {&kBare, {"x"}, "takes no operands"},
        {&kBare, {"--format", "json"}, "no option --format"},
    };
    for (const auto& c : cases) {
        const auto got = parse(*c.verb, c.words);
        ASSERT_FALSE(got.ok()) << c.says;
        EXPECT_NE(got.error().text.find(c.says), std::string::npos) << got.error().text;
    }
}

TEST(Arguments, ReadsSizesAndTimes) {
    struct Case { const char* text; std::optional<std::uint64_t> bytes; std::optional<std::int64_t> milliseconds; };
    const Case cases[] = {
        {"10", 10, 10'000},      {"10k", 10'240, std::nullopt},  {"1GiB", kGiB, std::nullopt}, {"2m", 2 * kMiB, 120'000},
        {"1h", std::nullopt, 3'600'000}, {"500ms", std::nullopt, 500}, {"", std::nullopt, std::nullopt},
        {"-1", std::nullopt, std::nullopt}, {"1.5G", std::nullopt, std::nullopt},
        {"99999999999999999999", std::nullopt, std::nullopt}, {"99999999999999999h", std::nullopt, std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto got = parse(kVerb, {"--threads", c.text});
        ASSERT_TRUE(got.ok());
        const auto bytes = got->bytes("threads", 0);
        EXPECT_EQ(bytes.ok() ? std::optional{*bytes} : std::nullopt, c.bytes);
        const auto time = got->time("threads", {});
        EXPECT_EQ(time.ok() ? std::optional{time->count()} : std::nullopt, c.milliseconds);
    }
}

TEST(Arguments, HelpNamesEveryOption) {
    const std::string help = help_text(kVerb);
    for (const char* part : {"--rules SRC", "-t, --threads N", "--resume", "--format FORMAT", "-o, --output FILE", "--help", "ward scan /"}) {
        EXPECT_NE(help.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(help_text(kBare).find("--format"), std::string::npos);
}

}  // namespace
}  // namespace ward::doors
