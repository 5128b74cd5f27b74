// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"

#include <gtest/gtest.h>

namespace ward::modules {
namespace {

Value twice(Instance&, const Object&, std::span<const Value> arguments) { return std::get<std::int64_t>(arguments[0]) * 2; }

constexpr Field kItem[] = {text("name"), integer("size")};
constexpr Field kInner[] = {real("share"), integer("count")};
constexpr Signature kTwice[] = {{"i", Type::integer, twice}, {"if", Type::real, twice}};
constexpr Field kFields[] = {constant("LIMIT", 7),         text("name"),           array("items", kItem, 1),
                             array("numbers", Type::integer), dictionary("words", Type::text), dictionary("kinds", kItem),
                             structure("inner", kInner),   structure("other", kInner), function("twice", kTwice)};

void fill(Instance&, Object& root) {
    root.set(field(kFields, "name"), std::string_view{"a\"\x01\xff\\"});
    Object& numbers = root.child(field(kFields, "numbers"));
    numbers.add(std::int64_t{-1});
    numbers.add(Value{});
    numbers.add(std::int64_t{3});
    Object& words = root.child(field(kFields, "words"));
    words.add("z", std::string_view{"last"});
    words.add("a\n", std::string_view{"first"});
    root.child(field(kFields, "kinds")).add(std::string_view{"k"}).set(field(kItem, "size"), std::int64_t{4});
    root.child(field(kFields, "inner")).set(field(kInner, "share"), 0.5);
}

void fill_items(Instance&, Object& root) { root.child(field(kFields, "items")).add().set(field(kItem, "name"), std::string_view{"one"}); }

constexpr Part kParts[] = {fill, fill_items};
constexpr Declaration kDeclaration{"sample", kFields, kParts};

TEST(Dump, WritesEveryFieldAsYaraDoes) {
    const Environment environment;
    Instance in{kDeclaration, environment};
    EXPECT_EQ(dump(in), "sample\n"
                        "\tother\n"
                        "\t\tcount = YR_UNDEFINED\n"
                        "\t\tshare = nan\n"
                        "\tinner\n"
                        "\t\tcount = YR_UNDEFINED\n"
                        "\t\tshare = 0.500000\n"
                        "\tkinds\n"
                        "\t\tk\n"
                        "\t\t\tname = YR_UNDEFINED\n"
                        "\t\t\tsize = 4\n"
                        "\twords\n"
                        "\t\tz = \"last\"\n"
                        "\t\ta\\x0a = \"first\"\n"
                        "\tnumbers\n"
                        "\t\t[0] = -1\n"
                        "\t\t[2] = 3\n"
                        "\titems\n"
                        "\t\t[0]\n"
                        "\t\t\tname = \"one\"\n"
                        "\t\t\tsize = YR_UNDEFINED\n"
                        "\tname = \"a\"\\x01\\xff\\\"\n"
                        "\tLIMIT = 7\n");
}

TEST(Dump, EndsBehindTheMostThatIsWanted) {
    const Environment environment;
    Instance in{kDeclaration, environment};
    const std::string all = dump(in);
    EXPECT_EQ(dump(in, all.size()), all);
    for (const std::size_t most : {std::size_t{0}, std::size_t{100}, all.size() - 10, all.size() - 1}) {
        SCOPED_TRACE(most);
        const std::string some = dump(in, most);
        EXPECT_GT(some.size(), most);
        EXPECT_LE(some.size(), most + 4 + 40);  // a clipped text, and the line around it
    }
}

TEST(Dump, ClipsALongTextAndEndsAtTheDeadline) {
    static const std::string kLong(1'000'000, '\x01');
    constexpr Field kFew[] = {text("a"), array("items", Type::text)};
    const Part parts[] = {[](Instance&, Object& root) {
        Object& items = root.child(1);
        for (int i = 0; i < 1'000; ++i) items.add(Value{std::string_view{kLong}});
    }};
    const Declaration few{"few", kFew, parts};
    Deadline deadline{std::chrono::milliseconds{0}};
    Environment environment;
    {
        Instance in{few, environment};
        EXPECT_LT(dump(in, 1'000).size(), 5'000U);
    }
    environment.deadline = &deadline;
    Instance in{few, environment};
    EXPECT_LT(dump(in).size(), 9'000'000U);
}

TEST(Dump, NamesWhatIsDeclared) {
    EXPECT_EQ(declared(kDeclaration), "sample.LIMIT integer\n"
                                      "sample.name text\n"
                                      "sample.items[] structure\n"
                                      "sample.items[].name text\n"
                                      "sample.items[].size integer\n"
                                      "sample.numbers[] integer\n"
                                      "sample.words{} text\n"
                                      "sample.kinds{} structure\n"
                                      "sample.kinds{}.name text\n"
                                      "sample.kinds{}.size integer\n"
                                      "sample.inner structure\n"
                                      "sample.inner.share real\n"
                                      "sample.inner.count integer\n"
                                      "sample.other structure\n"
                                      "sample.other.share real\n"
                                      "sample.other.count integer\n"
                                      "sample.twice(i) integer\n"
                                      "sample.twice(if) real\n");
}

}  // namespace
}  // namespace ward::modules
