// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/go_build.h"
#include "cell/facts/testing/elf_file.h"
#include "cell/facts/testing/software.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::ElfFile;
using testing::gaps_of;
using testing::Sources;
using Read = testing::ReadByParts;
using testing::Strings;

constexpr const char* kPath = "/opt/[x]/tool";

Read read(const std::string& program, const std::string& path = kPath, const std::string& owned = "") {
    return testing::read_by_parts(program, path, {"ecosystem", "name", "version", "state"}, owned);
}

std::string varint(std::size_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
}

const std::string kMark = "\xff Go buildinf:";

std::string framed(const std::string& text) { return std::string(16, 'a') + text + std::string(16, 'z'); }

// As since Go 1.18.
std::string inline_info(const std::string& version, const std::string& modules, char flags = 2) {
    return kMark + '\x8' + flags + std::string(16, '\0') + varint(version.size()) + version + varint(modules.size()) + modules;
}

Read read_go(const std::string& info) {
    ElfFile elf;
    elf.padding = 20'000;
    elf.add(".text", std::string(20'000, 'x'));
    elf.add(".go.buildinfo", info);
    elf.add(".data", std::string(20'000, 'x'));
    return read(elf.text());
}

const std::string kModules = "path\texample.org/tool/cmd\nmod\texample.org/tool\tv1.2.0\th1:x=\n"
                             "dep\tgolang.org/x/text\tv0.14.0\n=>\tgolang.org/x/text\tv0.13.0\th1:y=\n"
                             "dep\texample.org/local\tv1.0.0\n=>\t./local\t\t\ndep\texample.org/pseudo\tv0.0.0-20230101000000-abcdef012345\th1:z=\n"
                             "build\t-compiler=gc\nbuild\tdep=odd\n";
const Strings kRows = {"Go|stdlib|v1.21.5|installed", "Go|example.org/tool|v1.2.0|installed", "Go|golang.org/x/text|v0.13.0|installed",
                       "Go|example.org/local||installed", "Go|example.org/pseudo|v0.0.0-20230101000000-abcdef012345|installed"};

TEST(SoftwareInPrograms, ReadsWhatGoBuiltIn) {
    const Read found = read_go(inline_info("go1.21.5", framed(kModules)));
    EXPECT_EQ(found.rows, kRows);
    EXPECT_TRUE(found.gaps.empty());
    EXPECT_EQ(found.rounds, 2);           // both ends; the section
    EXPECT_LT(found.bytes, 18 * kKiB);
}

TEST(SoftwareInPrograms, ReadsBuildInformationOfGoByAddressesToo) {
    for (const bool is_64 : {false, true}) {
        for (const bool big_endian : {false, true}) {
            SCOPED_TRACE(fmt::format("{} bits, big-endian {}", is_64 ? 64 : 32, big_endian));
            ElfFile elf;
            elf.is_64 = is_64;
            elf.big_endian = big_endian;
            elf.padding = 20'000;
            const std::string version = "go1.16.3";
            const std::string modules = framed("path\tm\nmod\tm\t(devel)\t\ndep\ta/b\tv1.0.0\t\n");
            elf.add(".go.buildinfo", std::string(32, '\0'));
            elf.add(".data", std::string(64, '\0'));
            elf.add(".rodata", version + modules);
            const std::uint64_t data = ElfFile::kBase + elf.offset_of(1);
            const std::uint64_t text = ElfFile::kBase + elf.offset_of(2);
            elf.sections[0].content = kMark + (is_64 ? '\x8' : '\x4') + (big_endian ? '\1' : '\0') + elf.word(data) + elf.word(data + 32);
            elf.sections[0].content.resize(32);
            elf.sections[1].content = elf.word(text) + elf.word(version.size());
            elf.sections[1].content.resize(32);
            elf.sections[1].content += elf.word(text + version.size()) + elf.word(modules.size());
            elf.sections[1].content.resize(64);
            elf.add(".end", std::string(20'000, 'x'));
            const Read found = read(elf.text());
            EXPECT_EQ(found.rows, (Strings{"Go|stdlib|v1.16.3|installed", "Go|m||installed", "Go|a/b|v1.0.0|installed"}));
            EXPECT_TRUE(found.gaps.empty());
            EXPECT_EQ(found.rounds, 4);
            // Addresses that the loader writes only when the program starts.
            elf.sections[0].content.replace(16, 16, std::string(16, '\0'));
            EXPECT_EQ(read(elf.text()).gaps, Strings{fmt::format("{}:0 unsupported", kPath)});
        }
    }
}

TEST(SoftwareInPrograms, SaysWhatIsBrokenInGosBuildInformation) {
    const std::string good = inline_info("go1.21.5", framed(kModules));
    const auto flags = [&](char pointer_bytes, char value) {
        std::string bytes = good;
        bytes[14] = pointer_bytes;
        bytes[15] = value;
        return bytes;
    };
    struct Case { const char* name; std::string info; std::size_t rows; const char* code; };
    const Case cases[] = {
        {"no mark", std::string(64, 'x'), 0, "malformed"},
        {"a mark at no multiple of 16", "12345678" + good, 0, "malformed"},
        {"such a mark before the true one", std::string(4, ' ') + kMark + std::string(14, ' ') + good, 5, nullptr},
        {"cut off in the header", good.substr(0, 20), 0, "truncated"},
        {"cut off in the version", good.substr(0, 36), 0, "truncated"},
        {"cut off in the modules", good.substr(0, 60), 0, "truncated"},
        {"a length without an end", good.substr(0, 32) + std::string(12, '\xff'), 0, "malformed"},
        {"a length beyond all", good.substr(0, 32) + std::string(9, '\xff') + '\1', 0, "truncated"},
        {"no version", inline_info("", ""), 0, "malformed"},
        {"built without modules", inline_info("go1.21.5", ""), 1, nullptr},
        {"modules without marks", inline_info("go1.21.5", "short\n"), 1, nullptr},
        {"pointers of 5 bytes", flags(5, 0), 0, "malformed"},
        {"pointers to nowhere", flags(8, 0), 0, "unsupported"},
        {"a module without a version", inline_info("go1.21.5", framed("mod\tm\n")), 1, "malformed"},
        {"too many columns", inline_info("go1.21.5", framed("dep\tm\tv1\tx\ty\n")), 1, "malformed"},
        {"a replacement of nothing", inline_info("go1.21.5", framed("=>\tm\tv1\tx\n")), 1, "malformed"},
        {"a second replacement", inline_info("go1.21.5", framed("dep\tm\tv1\tx\n=>\tn\tv1\tx\n=>\to\tv1\tx\n")), 2, "malformed"},
        {"no name", inline_info("go1.21.5", framed("dep\t\tv1\tx\n")), 1, "malformed"},
        {"an empty section", "", 0, "malformed"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Read found = read_go(c.info);
        EXPECT_EQ(found.rows.size(), c.rows);
        EXPECT_EQ(found.gaps, c.code == nullptr ? Strings{} : Strings{fmt::format("{}:0 {}", kPath, c.code)});
    }
}

TEST(SoftwareInPrograms, ReadsReleasesOfGo) {
    struct Case { const char* version; std::optional<std::string> want; };
    const Case cases[] = {
        {"go1.21.5", "v1.21.5"},
        {"go1.20", "v1.20.0"},
        {"go1.22rc1", "v1.22.0-rc1"},
        {"go1.22.1 X:boringcrypto", "v1.22.1"},
        {"go1.19.8-fips", "v1.19.8"},
        {"devel go1.23-abcdef", std::nullopt},
        {"1.20", std::nullopt},
        {"go", std::nullopt},
        {"go1..2", std::nullopt},
        {"go1.2.3.4", std::nullopt},
    };
    for (const auto& c : cases) EXPECT_EQ(go_release(c.version), c.want) << c.version;
}

std::string packed(const std::string& text) {
    uLongf size = ::compressBound(text.size());
    std::string out(size, '\0');
    EXPECT_EQ(::compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size()), Z_OK);
    out.resize(size);
    return out;
}

TEST(SoftwareInPrograms, ReadsTheCratesOfCargoAuditable) {
    const std::string good = R"({"packages":[{"name":"adler","version":"1.0.2","source":"crates.io"},
        {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},{"name":"own","version":"0.1.0","source":"local","dependencies":[0],"root":true}]})";
    std::string bad_sum = packed(good);
    bad_sum.back() = static_cast<char>(bad_sum.back() ^ 1);
    struct Case { const char* name; std::string section; Strings rows; const char* code; };
    const Case cases[] = {
        {"as written", packed(good), {"crates.io|adler|1.0.2|installed", "crates.io|own|0.1.0|installed"}, nullptr},
        {"cut off", packed(good).substr(0, 40), {}, "truncated"},
        {"a wrong checksum", bad_sum, {}, "malformed"},
        {"no zlib", good, {}, "malformed"},
        {"nothing", "", {}, "truncated"},
        {"no JSON", packed("{"), {}, "malformed"},
        {"no list", packed(R"({"packages":{}})"), {}, "malformed"},
        {"a crate without a name", packed(R"({"packages":[{"version":"1"}]})"), {}, "malformed"},
        {"a bomb", packed(std::string(9 * kMiB, ' ')), {}, "over_limit"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        ElfFile elf;
        elf.padding = 20'000;
        elf.add(".dep-v0", c.section);
        elf.add(".data", std::string(20'000, 'x'));
        const Read found = read(elf.text());
        EXPECT_EQ(found.rows, c.rows);
        EXPECT_EQ(found.gaps, c.code == nullptr ? Strings{} : Strings{fmt::format("{}:0 {}", kPath, c.code)});
    }
}

TEST(SoftwareInPrograms, AsksForNothingOfSmallProgramsThatAPackageBrought) {
    ElfFile elf;
    elf.add(".go.buildinfo", inline_info("go1.21.5", framed(kModules)));
    const Read found = read(elf.text(), "/usr/bin/tool", "/usr/bin/tool\n");
    EXPECT_TRUE(found.rows.empty());
    EXPECT_EQ(found.bytes, 0U);
    EXPECT_EQ(read(elf.text(), "/usr/bin/tool", "/usr/bin/other\n").rows, kRows);
    elf.padding = 1 * kMiB;
    EXPECT_EQ(read(elf.text(), "/usr/bin/tool", "/usr/bin/tool\n").rows, kRows);
}

TEST(SoftwareInPrograms, SaysWhatIsBrokenInAProgram) {
    ElfFile elf;
    elf.add(".go.buildinfo", inline_info("go1.21.5", ""));
    const std::string good = elf.text();
    const auto with = [&](std::size_t at, const std::string& bytes) {
        std::string file = good;
        return file.replace(at, bytes.size(), bytes);
    };
    struct Case { const char* name; std::string file; std::size_t rows; const char* code; };
    const Case cases[] = {
        {"whole", good, 1, nullptr},
        {"a script", "#!/bin/sh\n" + std::string(200, '#'), 0, nullptr},
        {"next to nothing", "\x7f" "ELF", 0, nullptr},
        {"empty", "", 0, nullptr},
        {"an object file", with(16, "\1"), 0, nullptr},
        {"of no class", with(4, "\3"), 0, "malformed"},
        {"of no order", with(5, std::string(1, '\0')), 0, "malformed"},
        {"cut off before its sections", good.substr(0, good.size() - 1), 0, "truncated"},
        {"sections of 3 bytes", with(58, "\3"), 0, "malformed"},
        {"too many sections", with(60, "\xff\xff"), 0, "over_limit"},
        {"too many segments", with(56, "\xff\xff"), 0, "over_limit"},
        {"segments of 3 bytes", with(54, "\3"), 0, "malformed"},
        {"segments behind the end", with(32, std::string(8, '\xff')), 0, "truncated"},
        {"names that are no section", with(62, "\xff"), 0, nullptr},
        {"without sections", with(40, std::string(8, '\0')), 0, nullptr},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Read found = read(c.file);
        EXPECT_EQ(found.rows.size(), c.rows);
        EXPECT_EQ(found.gaps, c.code == nullptr ? Strings{} : Strings{fmt::format("{}:0 {}", kPath, c.code)});
        EXPECT_LT(found.rounds, 20);
    }
}

// Whatever byte is wrong, it ends, and asks for no more than the file has.
TEST(SoftwareInPrograms, EndsWhereAByteIsWrong) {
    ElfFile elf;
    elf.add(".go.buildinfo", inline_info("go1.21.5", framed("dep\ta\tv1\tx\n")));
    elf.add(".dep-v0", packed(R"({"packages":[]})"));
    const std::string good = elf.text();
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char bit : {'\1', '\x40', '\xff'}) {
            std::string file = good;
            file[at] = static_cast<char>(file[at] ^ bit);
            EXPECT_LT(read(file).rounds, 20) << at;
        }
    }
}

}  // namespace
}  // namespace ward::facts
