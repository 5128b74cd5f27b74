// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/testing/module_file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ward::modules {
namespace {

using namespace std::string_literals;

struct File : testing::ModuleFile {
    explicit File(std::string bytes) : ModuleFile{kMacho, std::move(bytes)} {}
};

// A file made by hand, of load commands.
class Maker {
public:
    Maker(bool is_64, bool big_endian, std::uint32_t processor) : is_64_{is_64}, big_endian_{big_endian}, processor_{processor} {}

    Maker& segment(const std::string& name, std::uint64_t address, std::uint64_t bytes, std::uint64_t offset, std::uint32_t sections) {
        const std::uint32_t section_bytes = is_64_ ? 80 : 68;
        start(is_64_ ? 0x19 : 1, (is_64_ ? 72 : 56) + sections * section_bytes);
        padded(name), word(address), word(bytes), word(offset), word(bytes + 1);
        number(7, 4), number(5, 4), number(sections, 4), number(4, 4);
        for (std::uint32_t i = 0; i < sections; ++i) {
            padded("__sixteen_bytes_"), padded(name), word(address + i), word(16);
            for (std::uint32_t value = 20; value < (is_64_ ? 28U : 27U); ++value) number(value, 4);
        }
        return *this;
    }
    // The state of the registers, all 0 but for the one at `counter`.
    Maker& thread(std::size_t bytes, std::size_t counter, std::size_t width, std::uint64_t address) {
        start(5, static_cast<std::uint32_t>(16 + bytes));
        number(1, 4), number(bytes / 4, 4);
        for (std::size_t at = 0; at < bytes;) {
            number(at == counter ? address : 0, at == counter ? width : 1);
            at += at == counter ? width : 1;
        }
        return *this;
    }
    Maker& main(std::uint64_t offset, std::uint64_t stack) {
        start(0x80000028, 24);
        number(offset, 8), number(stack, 8);
        return *this;
    }
    // A command of these bytes, whatever it needs.
    Maker& bare(std::uint32_t kind, std::uint32_t bytes) {
        start(kind, bytes);
        out_.append(bytes - 8, '\0');
        return *this;
    }

    std::string make() {
        std::string commands;
        std::swap(commands, out_);
        number(is_64_ ? 0xfeedfacf : 0xfeedface, 4), number(processor_, 4), number(3, 4), number(2, 4);
        number(count_, 4), number(commands.size(), 4), number(0x85, 4);
        if (is_64_) number(9, 4);
        return out_ + commands;
    }

private:
    void start(std::uint32_t kind, std::uint32_t bytes) {
        ++count_;
        number(kind, 4), number(bytes, 4);
    }
    void number(std::uint64_t value, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) out_ += static_cast<char>(value >> (8 * (big_endian_ ? bytes - 1 - i : i)));
    }
    void word(std::uint64_t value) { number(value, is_64_ ? 8 : 4); }
    void padded(std::string text) {
        text.resize(16);
        out_ += text;
    }

    bool is_64_;
    bool big_endian_;
    std::uint32_t processor_;
    std::uint32_t count_ = 0;
    std::string out_;
};

std::string big(std::uint64_t value, std::size_t bytes) {
    std::string out;
    for (std::size_t i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i));
    return out;
}

struct Architecture {
    std::uint32_t processor, model;
    std::string content;
    std::uint64_t elsewhere = 0;  // added to the offset of the content
};

std::string universal(const std::string& magic, bool is_64, const std::vector<Architecture>& architectures) {
    std::string out = magic + big(architectures.size(), 4);
    std::uint64_t offset = 256;
    for (const auto& one : architectures) {
        out += big(one.processor, 4) + big(one.model, 4) + big(offset + one.elsewhere, is_64 ? 8 : 4) + big(one.content.size(), is_64 ? 8 : 4) + big(12, 4);
        if (is_64) out += big(0, 4);
        offset += one.content.size();
    }
    out.resize(256);
    for (const auto& one : architectures) out += one.content;
    return out;
}

TEST(MachoModule, ReadsBothSizesAndBothByteOrders) {
    struct Case {
        const char* name;
        bool is_64, big_endian;
        const char* magic;  // MH_CIGAM and MH_CIGAM_64 for little-endian files, as of YARA 4.5
    };
    const Case cases[] = {
        {"32, little", false, false, "3472551422"},
        {"32, big", false, true, "4277009102"},
        {"64, little", true, false, "3489328638"},
        {"64, big", true, true, "4277009103"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        File file{Maker{c.is_64, c.big_endian, 8}.segment("__PAGEZERO", 0, 4096, 0, 0).segment("__TEXT", 4096, 8192, 64, 2).main(0x123, 0x8000).make()};
        EXPECT_EQ(file["magic"], c.magic);
        EXPECT_EQ(file["cputype"], "8");
        EXPECT_EQ(file["cpusubtype"], "3");
        EXPECT_EQ(file["filetype"], "2");
        EXPECT_EQ(file["ncmds"], "3");
        EXPECT_EQ(file["sizeofcmds"], c.is_64 ? "328" : "272");
        EXPECT_EQ(file["flags"], "133");
        EXPECT_EQ(file["reserved"], c.is_64 ? "9" : "-");
        EXPECT_EQ(file["number_of_segments"], "2");
        EXPECT_EQ(file["segments[0].segname"], "'__PAGEZERO'");
        EXPECT_EQ(file["segments[1].vmaddr"], "4096");
        EXPECT_EQ(file["segments[1].vmsize"], "8192");
        EXPECT_EQ(file["segments[1].fileoff"], "64");
        EXPECT_EQ(file["segments[1].fsize"], "8193");
        EXPECT_EQ(file["segments[1].maxprot"], "7");
        EXPECT_EQ(file["segments[1].initprot"], "5");
        EXPECT_EQ(file["segments[1].nsects"], "2");
        EXPECT_EQ(file["segments[1].flags"], "4");
        EXPECT_EQ(file["segments[1].sections[0].sectname"], "'__sixteen_bytes_'");
        EXPECT_EQ(file["segments[1].sections[1].segname"], "'__TEXT'");
        EXPECT_EQ(file["segments[1].sections[1].addr"], "4097");
        EXPECT_EQ(file["segments[1].sections[1].size"], "16");
        EXPECT_EQ(file["segments[1].sections[1].offset"], "20");
        EXPECT_EQ(file["segments[1].sections[1].align"], "21");
        EXPECT_EQ(file["segments[1].sections[1].reloff"], "22");
        EXPECT_EQ(file["segments[1].sections[1].nreloc"], "23");
        EXPECT_EQ(file["segments[1].sections[1].flags"], "24");
        EXPECT_EQ(file["segments[1].sections[1].reserved1"], "25");
        EXPECT_EQ(file["segments[1].sections[1].reserved2"], "26");
        EXPECT_EQ(file["segments[1].sections[1].reserved3"], c.is_64 ? "27" : "-");
        EXPECT_EQ(file["segments[1].sections[2].sectname"], "-");
        EXPECT_EQ(file["entry_point"], "291");
        EXPECT_EQ(file["stack_size"], "32768");
        EXPECT_EQ(file["fat_magic"], "-");
        EXPECT_EQ(file.call("file_index_for_arch", {std::int64_t{8}}), "-");
    }
}

TEST(MachoModule, FindsWhereTheRegistersBegin) {
    struct Case {
        const char* name;
        std::uint32_t processor;
        std::size_t bytes, counter, width;
    };
    const Case cases[] = {
        {"68000", 6, 72, 68, 4},          {"x86", 7, 64, 40, 4},          {"ARM", 12, 68, 60, 4},
        {"88000", 13, 136, 124, 4},       {"SPARC", 14, 76, 4, 4},        {"PowerPC", 18, 160, 0, 4},
        {"x86-64", 0x1000007, 168, 128, 8}, {"ARM64", 0x100000c, 268, 256, 8}, {"PowerPC64", 0x1000012, 304, 0, 8},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        for (const bool big_endian : {false, true}) {
            const auto entry_point = [&](std::uint32_t processor, std::size_t bytes, std::uint64_t address) {
                return File{Maker{true, big_endian, processor}.thread(bytes, c.counter, c.width, address).segment("", 0x1000, 0x100, 0x40, 0).make()}["entry_point"];
            };
            EXPECT_EQ(entry_point(c.processor, c.bytes, 0x1010), "80");
            EXPECT_EQ(entry_point(c.processor, c.bytes, 0x1100), "-");
            EXPECT_EQ(entry_point(8, c.bytes, 0x1010), "-");
            // In big-endian files YARA takes what follows for more of the state.
            EXPECT_EQ(entry_point(c.processor, c.bytes - 1, 0x1010), !big_endian || c.counter + c.width > c.bytes - 1 ? "-" : "80");
        }
    }
}

TEST(MachoModule, StopsAtACommandThatDoesNotFit) {
    struct Case {
        const char* name;
        std::string bytes;
        const char* magic;
        const char* segments;
    };
    const std::string whole = Maker{false, false, 7}.segment("a", 0, 1, 0, 0).segment("b", 0, 1, 0, 0).make();
    std::string small = whole;
    small[28 + 56 + 4] = 7;
    const Case cases[] = {
        {"whole", whole, "3472551422", "2"},
        {"a byte less", whole.substr(0, whole.size() - 1), "3472551422", "1"},
        {"a command of 7 bytes", small, "3472551422", "1"},
        {"no room for a header of 64 bits", whole.substr(0, 31), "-", "-"},
        {"no magic", whole.substr(0, 3), "-", "-"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        File file{c.bytes};
        EXPECT_EQ(file["magic"], c.magic);
        EXPECT_EQ(file["number_of_segments"], c.segments);
    }
}

TEST(MachoModule, CountsASegmentThatIsCutOff) {
    // 71 bytes are left for a segment that needs 72, then 63 for one that needs 56.
    File file{Maker{true, false, 7}.bare(0x19, 8).bare(1, 63).make()};
    EXPECT_EQ(file["number_of_segments"], "2");
    EXPECT_EQ(file["segments[0].segname"], "-");
    EXPECT_EQ(file["segments[1].segname"], "''");
}

TEST(MachoModule, TakesTheSectionsThatLieInTheirCommand) {
    std::string bytes = Maker{false, false, 7}.segment("a", 0, 1, 0, 2).make();
    bytes[28 + 4] = 56 + 68;  // the size of the command
    File file{bytes};
    EXPECT_EQ(file["segments[0].nsects"], "2");
    EXPECT_EQ(file["segments[0].sections[0].offset"], "20");
    EXPECT_EQ(file["segments[0].sections[1].offset"], "-");
}

TEST(MachoModule, OpensUniversalBinaries) {
    const std::string x86 = Maker{false, false, 7}.main(0x10, 0).make();
    const std::string arm = Maker{true, false, 0x100000c}.main(0x20, 0).make();
    struct Case {
        const char* name;
        std::string magic;
        bool is_64;
        const char* fat_magic;
    };
    const Case cases[] = {
        {"32 bits", "\xca\xfe\xba\xbe", false, "3405691582"},
        {"64 bits", "\xca\xfe\xba\xbf", true, "3405691583"},
        {"the magic backwards", "\xbe\xba\xfe\xca", true, "3199925962"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        File file{universal(c.magic, c.is_64, {{7, 3, x86}, {8, 1, "elsewhere", 100'000}, {0x100000c, 2, arm}, {18, 0, "too short"}})};
        EXPECT_EQ(file["fat_magic"], c.fat_magic);
        EXPECT_EQ(file["nfat_arch"], "4");
        EXPECT_EQ(file["magic"], "-");
        EXPECT_EQ(file["fat_arch[0].cputype"], "7");
        EXPECT_EQ(file["fat_arch[0].cpusubtype"], "3");
        EXPECT_EQ(file["fat_arch[0].offset"], "256");
        EXPECT_EQ(file["fat_arch[0].size"], std::to_string(x86.size()));
        EXPECT_EQ(file["fat_arch[0].align"], "12");
        EXPECT_EQ(file["file[0].cputype"], "7");
        EXPECT_EQ(file["fat_arch[1].cputype"], "8");
        EXPECT_EQ(file["file[1].cputype"], "-");
        EXPECT_EQ(file["file[2].entry_point"], "32");
        EXPECT_EQ(file["file[3].cputype"], "-");
        EXPECT_EQ(file.call("file_index_for_arch", {std::int64_t{0x100000c}}), "2");
        EXPECT_EQ(file.call("file_index_for_arch", {std::int64_t{7}, std::int64_t{3}}), "0");
        EXPECT_EQ(file.call("file_index_for_arch", {std::int64_t{7}, std::int64_t{4}}), "-");
        EXPECT_EQ(file.call("file_index_for_arch", {std::int64_t{18}}), "-");
        EXPECT_EQ(file.call("entry_point_for_arch", {std::int64_t{7}}), "272");
        // The model is the one that the universal binary names.
        EXPECT_EQ(file.call("entry_point_for_arch", {std::int64_t{0x100000c}, std::int64_t{2}}), std::to_string(256 + x86.size() + 9 + 32));
        EXPECT_EQ(file.call("entry_point_for_arch", {std::int64_t{18}}), "-");
        EXPECT_EQ(file.call("entry_point_for_arch", {std::int64_t{1}}), "-");
    }
}

TEST(MachoModule, ListsNoMoreThanTheFileCanHave) {
    // 4,000 architectures that share one file of three segments, which is 16,000 items in 80 KB.
    const std::string shared = Maker{false, false, 7}.segment("one", 0, 1, 0, 0).segment("two", 0, 1, 0, 0).segment("three", 0, 1, 0, 0).make();
    const auto word = [](std::size_t value) {
        std::string out;
        for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
        return out;
    };
    std::string bytes = "\xca\xfe\xba\xbe" + word(4'000);
    for (int i = 0; i < 4'000; ++i) bytes += word(7) + word(3) + word(8 + 4'000 * 20) + word(shared.size()) + word(0);
    bytes += shared;
    const std::size_t most = (bytes.size() / 20 + 4'096) / 4;
    File file{bytes};
    EXPECT_EQ(file["nfat_arch"], "4000");
    EXPECT_EQ(file["file[" + std::to_string(most - 1) + "].segments[2].segname"], "'three'");
    EXPECT_EQ(file["file[" + std::to_string(most + 1) + "].cputype"], "-");
    EXPECT_EQ(file["fat_arch[" + std::to_string(most + 1) + "].cputype"], "-");
}

TEST(MachoModule, CountsArchitecturesThatDoNotFit) {
    File file{"\xca\xfe\xba\xbe\0\0\0\x34\0\0\0\0"s};  // a Java class begins so
    EXPECT_EQ(file["nfat_arch"], "52");
    EXPECT_EQ(file["fat_arch[0].cputype"], "-");
    EXPECT_EQ(File{"\xca\xfe\xba\xbe\0\0\0"s}["fat_magic"], "-");
}

}  // namespace
}  // namespace ward::modules
