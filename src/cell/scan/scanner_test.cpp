// SPDX-License-Identifier: Apache-2.0
// Rules over files and what is inside them: found in every container, in every nesting, and told where nothing could be.
#include "cell/scan/scanner.h"

#include "cell/compile/compiler.h"
#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>

namespace ward::scan {
namespace {

using namespace formats::testing;
using namespace std::string_literals;
using formats::Type;

// The EICAR test file, in two halves so that this file is none.
const std::string kEicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$"s + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
// It stands this far in, so that an offset that is right by chance is none.
constexpr std::size_t kOffset = 37;
const std::string kContent = std::string(kOffset, '.') + kEicar + " and something behind it";

std::string text(const Buffer& bytes) { return to_string(Bytes{bytes}); }

// What wraps a content under one name. `inner` is how a member is then called: the same, or what the format makes of it.
struct Wrapper {
    const char* name;
    Type type;
    std::function<Buffer(const std::string& name, const std::string& content)> wrap;
    bool keeps_name = true;   // else the outer name without its suffix
    bool has_checksum = true; // of the content: a change in it cannot go unseen
};

std::vector<Wrapper> wrappers() {
    const auto zip = [](ZipMember member, ZipShape shape = {}) { return zipped({std::move(member)}, shape); };
    const auto cpio = [](CpioForm form) {
        return [form](const std::string& name, const std::string& content) { return cpio_packed({{.name = name, .content = content}}, form); };
    };
    const auto tar = [](const std::string& magic) {
        return [magic](const std::string& name, const std::string& content) { return tarred({{.name = name, .content = content, .magic = magic}}); };
    };
    return {
        {"zip", Type::zip, [=](const auto& name, const auto& content) { return zip({.name = name, .content = content}); }},
        {"zip, stored", Type::zip, [=](const auto& name, const auto& content) { return zip({.name = name, .content = content, .method = 0}); }},
        {"zip, lengths behind", Type::zip, [=](const auto& name, const auto& content) { return zip({.name = name, .content = content, .flags = 8}); }},
        {"zip, bzip2", Type::zip, [=](const auto& name, const auto& content) { return zip({.name = name, .content = content, .method = 12, .packed = bzip2_packed(content)}); }},
        {"zip, zstd", Type::zip, [=](const auto& name, const auto& content) { return zip({.name = name, .content = content, .method = 93, .packed = zstd_packed(content)}); }},
        {"zip, xz", Type::zip, [=](const auto& name, const auto& content) { return zip({.name = name, .content = content, .method = 95, .packed = xz_packed(content)}); }},
        {"tar", Type::tar, tar("ustar\0" "00"s), true, false},
        {"tar of GNU", Type::tar, tar("ustar  \0"s), true, false},
        {"tar of the seventh edition", Type::tar, tar(""), true, false},
        {"gzip", Type::gzip, [](const auto& name, const auto& content) { return gzipped(content, name); }},
        {"gzip without a name", Type::gzip, [](const auto&, const auto& content) { return gzipped(content); }, false},
        {"xz", Type::xz, [](const auto&, const auto& content) { return xz_packed(content); }, false},
        {"zstd", Type::zstd, [](const auto&, const auto& content) { return zstd_packed(content); }, false},
        {"bzip2", Type::bzip2, [](const auto&, const auto& content) { return bzip2_packed(content); }, false},
        {"ar", Type::ar, [](const auto& name, const auto& content) { return ar_packed({{.name = name + "/", .content = content}}); }, true, false},
        {"deb", Type::deb, [](const auto& name, const auto& content) { return ar_packed({{.name = "debian-binary", .content = "2.0\n"}, {.name = name, .content = content}}); }, true, false},
        {"cpio, portable", Type::cpio, cpio(CpioForm::portable), true, false},
        {"cpio of SVR4", Type::cpio, cpio(CpioForm::svr4), true, false},
        {"cpio of SVR4, with checksums", Type::cpio, cpio(CpioForm::svr4_sums)},
        {"cpio, old", Type::cpio, cpio(CpioForm::old_little), true, false},
        {"cpio, old, the other byte order", Type::cpio, cpio(CpioForm::old_big), true, false},
    };
}

class ScannerTest : public ::testing::Test {
protected:
    ScannerTest() : spool_{::memfd_create("spool", MFD_CLOEXEC)} {
        compile::Compiler compiler;
        compile::NoIncludes none;
        compiler.add({"eicar.yar", "rule eicar { strings: $a = \"X5O!P%@AP[4\\\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\" condition: $a }\n", ""}, none);
        auto compiled = std::move(compiler).finish();
        EXPECT_EQ(compiled.rules, 1U);
        database_ = std::move(compiled.database);
        rules_.emplace(match::RuleScanner::open(database_).value());
    }
    ~ScannerTest() override { ::close(spool_); }

    Verdict scan(Bytes bytes, const Limits& limits = {}, const std::string& path = "/srv/file") {
        auto scanner = Scanner::open(&*rules_, limits, {}, spool_).value();
        return scanner.scan(Object{path, bytes.size(), 0, 0100644}, bytes);
    }

    int spool_;
    Buffer database_;
    std::optional<match::RuleScanner> rules_;
};

std::string join(const std::vector<std::string>& members) {
    std::string out;
    for (const auto& name : members) out += ">" + name;
    return out;
}

std::string told(const Verdict& verdict) {
    std::string out;
    for (const auto& gap : verdict.gaps) out += fmt::format("{} {}: {}\n", join(gap.where.members), code_name(gap.code), gap.why);
    return out.empty() ? "nothing told" : out;
}

TEST_F(ScannerTest, OpensNothingAndSetsNoNamesWhenAsked) {
    compile::Compiler compiler{{{"filename", std::string{"given"}}}};
    compile::NoIncludes none;
    compiler.add({"a.yar", "import \"console\" rule whole { condition: filename == \"given\" and console.log(\"size \", filesize) }", ""}, none);
    const auto compiled = std::move(compiler).finish();
    const auto rules = match::RuleScanner::open(compiled.database).value();
    const Buffer bytes = zipped({{.name = "a", .content = "a"}, {.name = "b", .content = "b"}});
    ScanManner manner{.members = false, .file_names = false, .console = true};
    auto scanner = Scanner::open(&rules, {}, {{"filename", std::string{"given"}}}, spool_, manner).value();
    const Verdict verdict = scanner.scan(Object{"/srv/a.zip", bytes.size(), 0, 0100644}, bytes);
    ASSERT_EQ(verdict.matches.size(), 1U);
    EXPECT_TRUE(verdict.matches[0].members.empty());
    EXPECT_EQ(verdict.members, 0U);
    EXPECT_EQ(verdict.bytes, bytes.size());
    EXPECT_EQ(verdict.console, std::vector<std::string>{fmt::format("size {}", bytes.size())});
    EXPECT_TRUE(verdict.gaps.empty()) << told(verdict);
    // Without being asked for, the lines go nowhere, members are opened and the name is the file's.
    auto plain = Scanner::open(&rules, {}, {{"filename", std::string{"given"}}}, spool_).value();
    const Verdict other = plain.scan(Object{"/srv/a.zip", bytes.size(), 0, 0100644}, bytes);
    EXPECT_TRUE(other.matches.empty());
    EXPECT_TRUE(other.console.empty());
    EXPECT_EQ(other.members, 2U);
}

TEST_F(ScannerTest, TellsThatModulesKnowTooMuch) {
    // 200 strings of a dex file that share 100,000 bytes.
    const auto word = [](std::uint32_t value) {
        std::string out;
        for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
        return out;
    };
    std::string file = "dex\n035\0"s + std::string(48, '\0') + word(200) + word(112);
    file.resize(112, '\0');
    for (int i = 0; i < 200; ++i) file += word(112 + 200 * 4);
    file += "\xa0\x8d\x06"s + std::string(100'000, 'a');

    compile::Compiler compiler;
    compile::NoIncludes none;
    compiler.add({"a.yar", "import \"dex\" rule r { condition: true }", ""}, none);
    auto compiled = std::move(compiler).finish();
    const auto rules = match::RuleScanner::open(compiled.database).value();
    auto scanner = Scanner::open(&rules, {}, {}, spool_, {.members = false, .module_data = true}).value();
    const Verdict verdict = scanner.scan({}, as_bytes(file));
    EXPECT_TRUE(verdict.module_data.empty());
    ASSERT_EQ(verdict.gaps.size(), 1U);
    EXPECT_EQ(verdict.gaps[0].why, "what modules know takes more than 16777216 bytes, too many to tell");
}

TEST_F(ScannerTest, BoundsWhatRulesLog) {
    compile::Compiler compiler;
    compile::NoIncludes none;
    compiler.add({"a.yar", "import \"console\" rule r { condition: for all i in (1..70000) : (console.log(\"line \", i)) }", ""}, none);
    const auto compiled = std::move(compiler).finish();
    const auto rules = match::RuleScanner::open(compiled.database).value();
    auto scanner = Scanner::open(&rules, {}, {}, spool_, {.members = false, .console = true}).value();
    const Verdict verdict = scanner.scan(Object{"/srv/a", 1, 0, 0100644}, as_bytes("x"));
    EXPECT_EQ(verdict.matches.size(), 1U);
    EXPECT_EQ(verdict.console.size(), Verdict::kMaxConsoleLines);
    EXPECT_EQ(told(verdict), fmt::format(" over_limit: and {} more lines that rules logged\n", 70'000 - Verdict::kMaxConsoleLines));
}

TEST_F(ScannerTest, FindsInEveryNestingWithChainAndOffset) {
    const auto all = wrappers();
    std::size_t nestings = 0;
    // One, two and three deep: every kind in every kind in every kind. The last index of each stands for "none".
    for (std::size_t inner = 0; inner < all.size(); ++inner) {
        for (std::size_t middle = 0; middle <= all.size(); ++middle) {
            for (std::size_t outer = 0; outer <= all.size(); ++outer) {
                if (middle == all.size() && outer < all.size()) continue;
                std::vector<const Wrapper*> layers{&all[inner]};
                if (middle < all.size()) layers.push_back(&all[middle]);
                if (outer < all.size()) layers.push_back(&all[outer]);
                std::string name = "test.com";
                Buffer bytes{as_bytes(kContent).begin(), as_bytes(kContent).end()};
                std::vector<std::string> members;
                std::string trace;
                for (const Wrapper* layer : layers) {
                    bytes = layer->wrap(name, text(bytes));
                    members.insert(members.begin(), layer->keeps_name ? name : "content");
                    name = "in";
                    trace += layer->name + " in "s;
                }
                SCOPED_TRACE(trace + "nothing");
                const Verdict verdict = scan(bytes);
                ++nestings;
                // Containers that do not pack show it too; the innermost is what was asked for.
                ASSERT_FALSE(verdict.matches.empty()) << told(verdict);
                const Match& match = verdict.matches.back();
                EXPECT_EQ(match.rule, "eicar");
                EXPECT_EQ(match.members, members);
                EXPECT_EQ(match.hits, (std::vector{PatternHit{"$a", kOffset, kEicar.size()}}));
                EXPECT_TRUE(verdict.gaps.empty()) << told(verdict);
                EXPECT_EQ(verdict.type, type_name(layers.back()->type));
            }
        }
    }
    EXPECT_EQ(nestings, all.size() * (1 + all.size() * (1 + all.size())));
}

bool found_or_told(const Verdict& verdict) { return !verdict.matches.empty() || !verdict.gaps.empty(); }

// A beginning of an archive is found in, or told, or so short that it is no such archive any more.
TEST_F(ScannerTest, FindsOrTellsAtEveryCut) {
    for (const auto& wrapper : wrappers()) {
        for (const bool nested : {false, true}) {
            SCOPED_TRACE(fmt::format("{}{}", wrapper.name, nested ? " in gzip" : ""));
            const Buffer inner = wrapper.wrap("test.com", kContent);
            const Buffer whole = nested ? gzipped(text(inner), "in") : inner;
            const Type type = nested ? Type::gzip : wrapper.type;
            for (std::size_t cut = 0; cut < whole.size(); ++cut) {
                const Bytes bytes = Bytes{whole}.first(cut);
                if (formats::detect(bytes) != type) continue;
                const Verdict verdict = scan(bytes);
                // An ar archive ends where a member ends; this one is whole before the first member, and a package before the second.
                const bool whole_before = (type == Type::ar && cut == 8) || (type == Type::deb && cut == 8 + 60 + 4);
                EXPECT_TRUE(found_or_told(verdict) || whole_before) << "cut at " << cut << " of " << whole.size();
            }
        }
    }
}

// So is one in which a bit is wrong, unless the bit lies in content that nothing protects.
TEST_F(ScannerTest, FindsOrTellsAtEveryWrongBit) {
    for (const auto& wrapper : wrappers()) {
        SCOPED_TRACE(wrapper.name);
        Buffer bytes = wrapper.wrap("test.com", kContent);
        const std::size_t content_at = wrapper.has_checksum ? bytes.size() : as_text(Bytes{bytes}).find(kEicar);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            const std::size_t at = bit / 8;
            if (at >= content_at && at < content_at + kEicar.size()) continue;
            bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << bit % 8));
            if (formats::detect(bytes) == wrapper.type) {
                EXPECT_TRUE(found_or_told(scan(bytes))) << "bit " << bit % 8 << " of byte " << at;
            }
            bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << bit % 8));
        }
    }
}

}  // namespace
}  // namespace ward::scan
