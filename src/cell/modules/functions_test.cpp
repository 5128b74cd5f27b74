// SPDX-License-Identifier: Apache-2.0
// What the functions of hash, math and tests give; the digests are those of coreutils, the rest what yara 4.5 says.
#include "cell/modules/module.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <limits>

namespace ward::modules {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

bool fits(char letter, const Value& value) {
    return letter == 'i'   ? std::holds_alternative<std::int64_t>(value)
           : letter == 'f' ? std::holds_alternative<double>(value)
           : letter == 's' ? std::holds_alternative<std::string_view>(value)
                           : std::holds_alternative<bool>(value);
}

// "undefined", or the value as console.log has it; "no such form" when the function does not take such arguments.
std::string shown(Instance& in, std::string_view name, std::span<const Value> arguments) {
    for (const Field& field : in.declaration().fields) {
        if (field.name != name) continue;
        for (const Signature& signature : field.signatures) {
            bool all = signature.arguments.size() == arguments.size();
            for (std::size_t i = 0; all && i < arguments.size(); ++i) all = fits(signature.arguments[i], arguments[i]);
            if (!all) continue;
            const Value value = signature.run(in, in.root(), arguments);
            if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
            if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:f}", *real);
            if (const auto* text = std::get_if<std::string_view>(&value)) return std::string{*text};
            return "undefined";
        }
    }
    return "no such form";
}

struct Case {
    std::string_view module;
    std::string_view function;
    std::vector<Value> arguments;
    std::string_view want;
};

void expect(std::string_view file, std::span<const Case> cases) {
    Deadline deadline{std::chrono::milliseconds{60'000}};
    const Environment environment{.bytes = as_bytes(file), .deadline = &deadline};
    for (const auto& c : cases) {
        SCOPED_TRACE(fmt::format("{}.{} #{}", c.module, c.function, &c - cases.data()));
        Instance in{*find(c.module), environment};
        EXPECT_EQ(shown(in, c.function, c.arguments), c.want);
        EXPECT_EQ(shown(in, c.function, c.arguments), c.want) << "asked again";
    }
}

Value i(std::int64_t number) { return number; }
Value s(std::string_view text) { return text; }

TEST(HashModule, HashesRangesAndTexts) {
    const Case cases[] = {
        {"hash", "md5", {i(0), i(3)}, "900150983cd24fb0d6963f7d28e17f72"},
        {"hash", "md5", {s("abc")}, "900150983cd24fb0d6963f7d28e17f72"},
        {"hash", "md5", {i(2), i(100)}, "4a8a08f09d37b73795649038408b5f33"},
        {"hash", "md5", {i(2), i(kMost)}, "4a8a08f09d37b73795649038408b5f33"},
        {"hash", "md5", {i(2), i(0)}, "d41d8cd98f00b204e9800998ecf8427e"},
        {"hash", "md5", {i(3), i(0)}, "undefined"},
        {"hash", "md5", {i(-1), i(2)}, "undefined"},
        {"hash", "md5", {i(0), i(-2)}, "undefined"},
        {"hash", "md5", {i(0)}, "no such form"},
        {"hash", "sha1", {s("")}, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"hash", "sha1", {i(0), i(3)}, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"hash", "sha256", {s("")}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"hash", "sha256", {i(0), i(3)}, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"hash", "crc32", {i(0), i(3)}, "891568578"},
        {"hash", "crc32", {s("")}, "0"},
        {"hash", "crc32", {i(3), i(1)}, "undefined"},
        {"hash", "checksum32", {i(0), i(3)}, "294"},
        {"hash", "checksum32", {s("abc\xff")}, "549"},
        {"hash", "checksum32", {i(0), i(kLeast)}, "undefined"},
    };
    expect("abc", cases);
}

TEST(HashModule, TellsDigestsOfOneRangeApart) {
    Deadline deadline{std::chrono::milliseconds{60'000}};
    const Environment environment{.bytes = as_bytes("abc"), .deadline = &deadline};
    Instance in{*find("hash"), environment};
    const std::vector<Value> whole{i(0), i(3)};
    EXPECT_EQ(shown(in, "md5", whole), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(shown(in, "sha1", whole), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(shown(in, "md5", std::vector<Value>{i(0), i(2)}), "187ef4436122d1cc2f40dc2b92f0eba0");
    EXPECT_EQ(shown(in, "md5", whole), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(MathModule, ComputesAsYaraDoes) {
    const Case cases[] = {
        {"math", "entropy", {i(0), i(3)}, "1.584963"},
        {"math", "entropy", {i(1), i(kMost)}, "1.000000"},
        {"math", "entropy", {i(0), i(0)}, "0.000000"},
        {"math", "entropy", {i(3), i(0)}, "undefined"},
        {"math", "entropy", {s("\xff\xfe\x61\xff")}, "1.500000"},
        {"math", "entropy", {s("")}, "0.000000"},
        {"math", "mean", {i(0), i(3)}, "98.000000"},
        {"math", "mean", {i(0), i(0)}, "undefined"},
        {"math", "mean", {s("\xff\xfe\x61")}, "31.333333"},
        {"math", "deviation", {i(0), i(3), 127.5}, "29.500000"},
        {"math", "deviation", {i(0), i(0), 1.0}, "undefined"},
        {"math", "deviation", {i(0), i(3), i(127)}, "no such form"},
        {"math", "deviation", {s("\xff\xfe\x61\xff"), 3.0}, "26.750000"},
        {"math", "serial_correlation", {i(0), i(3)}, "-0.500000"},
        {"math", "serial_correlation", {s("\xff\xfe\x61\x62\x63\x80z")}, "-0.433088"},
        {"math", "serial_correlation", {s("aa")}, "-100000.000000"},
        {"math", "serial_correlation", {i(0), i(0)}, "-100000.000000"},
        {"math", "monte_carlo_pi", {i(0), i(3)}, "undefined"},
        {"math", "monte_carlo_pi", {s("abcdef")}, "0.273240"},
        {"math", "monte_carlo_pi", {s("\x7f\x7f\x7f\x7f\x7f\xff")}, "1.000000"},
        {"math", "monte_carlo_pi", {s("\xff\xfe\xf0\x61\x62\x63\x64\x65\x66g123")}, "0.363380"},
        {"math", "monte_carlo_pi", {s("abcde")}, "undefined"},
        {"math", "in_range", {1.5, 0.5, 1.5}, "1"},
        {"math", "in_range", {2.0, 0.5, 1.5}, "0"},
        {"math", "min", {i(-1), i(5)}, "5"},
        {"math", "max", {i(-1), i(5)}, "-1"},
        {"math", "to_number", {Value{true}}, "1"},
        {"math", "abs", {i(-5)}, "5"},
        {"math", "abs", {i(kLeast)}, "-9223372036854775808"},
        {"math", "count", {i('a'), i(0), i(3)}, "1"},
        {"math", "count", {i('a')}, "1"},
        {"math", "count", {i('a'), i(2), i(5)}, "0"},
        {"math", "count", {i(256)}, "undefined"},
        {"math", "count", {i(-1)}, "undefined"},
        {"math", "count", {i('a'), i(3), i(1)}, "undefined"},
        {"math", "percentage", {i('a'), i(0), i(3)}, "0.333333"},
        {"math", "percentage", {i('a'), i(0), i(0)}, "undefined"},
        {"math", "mode", {}, "97"},
        {"math", "mode", {i(1), i(2)}, "98"},
        {"math", "mode", {i(0), i(0)}, "0"},
        {"math", "mode", {i(3), i(1)}, "undefined"},
        {"math", "to_string", {i(-5)}, "-5"},
        {"math", "to_string", {i(-5), i(8)}, "1777777777777777777773"},
        {"math", "to_string", {i(-5), i(16)}, "fffffffffffffffb"},
        {"math", "to_string", {i(255), i(2)}, "undefined"},
    };
    expect("abc", cases);
    const Case of_nothing[] = {
        {"math", "mode", {}, "0"},
        {"math", "count", {i(0)}, "0"},
        {"math", "percentage", {i(0)}, "undefined"},
        {"math", "entropy", {i(0), i(0)}, "undefined"},
    };
    expect("", of_nothing);
}

TEST(MathModule, CountsThroughPiecesOfALargeFile) {
    std::string file(3 * kMiB + 5, 'a');
    file.back() = 'b';
    const Case cases[] = {
        {"math", "count", {i('a')}, "3145732"},
        {"math", "mode", {}, "97"},
        {"math", "monte_carlo_pi", {i(0), i(kMost)}, "0.273240"},
        {"hash", "md5", {i(0), i(3 * kMiB)}, "6a11a8872b36343799a15617bea78cef"},
    };
    expect(file, cases);
}

TEST(MathModule, TellsRangesApartHoweverMany) {
    std::string file;
    for (int k = 0; k < 300; ++k) file += static_cast<char>(k);
    Deadline deadline{std::chrono::milliseconds{60'000}};
    const Environment environment{.bytes = as_bytes(file), .deadline = &deadline};
    Instance in{*find("math"), environment};
    for (int round = 0; round < 2; ++round) {
        for (std::int64_t k = 0; k < 200; ++k) {
            EXPECT_EQ(shown(in, "mode", std::vector<Value>{i(k), i(1)}), fmt::format("{}", k));
            EXPECT_EQ(shown(in, "count", std::vector<Value>{i(k), i(k), i(7)}), "1");
        }
    }
}

TEST(MathModule, AsksTheClock) {
    const std::string file(64, 'a');
    Deadline over{std::chrono::milliseconds{0}};
    while (!over.passed(1'000'000)) {
    }
    const Environment environment{.bytes = as_bytes(file), .deadline = &over};
    Instance math{*find("math"), environment};
    EXPECT_EQ(shown(math, "entropy", std::vector<Value>{i(0), i(64)}), "undefined");
    Instance hash{*find("hash"), environment};
    EXPECT_EQ(shown(hash, "md5", std::vector<Value>{i(0), i(64)}), "undefined");
}

TEST(TestsModule, DoesNextToNothing) {
    const Case cases[] = {
        {"tests", "isum", {i(1), i(2)}, "3"},
        {"tests", "isum", {i(kMost), i(1), i(0)}, "-9223372036854775808"},
        {"tests", "isum", {i(1)}, "no such form"},
        {"tests", "fsum", {1.0, 2.0, 3.5}, "6.500000"},
        {"tests", "length", {s("a\0bc"sv)}, "1"},
        {"tests", "empty", {}, ""},
        {"tests", "foobar", {i(1)}, "foo"},
        {"tests", "foobar", {i(2)}, "bar"},
        {"tests", "foobar", {i(3)}, "oops"},
    };
    expect("", cases);
}

}  // namespace
}  // namespace ward::modules
