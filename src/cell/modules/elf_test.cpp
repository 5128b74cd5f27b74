// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/testing/module_file.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ward::modules {
namespace {

using namespace std::string_literals;

// An ELF file made by hand: one segment of its code and one a dynamic part, then symbols, their names, and three sections:
// symbols, names, and one of code.
struct Maker {
    struct Symbol {
        std::string name;
        std::uint8_t info = 0x12;
        std::uint8_t other = 0;
        std::uint16_t section = 3;
    };
    bool is_64 = true;
    bool big_endian = false;
    std::uint16_t type = 3;
    std::uint64_t entry = 0x1010;
    std::uint64_t code_address = 0x1000;
    std::uint64_t code_bytes = 0x40;
    std::vector<Symbol> symbols;
    std::uint32_t symbols_type = 11;
    std::uint32_t link = 2;
    std::uint16_t sections = 4;
    std::string names_start = "\0.code\0"s;
    std::vector<std::vector<std::uint64_t>> dynamic_parts;  // the tags of each; the values are a hundred more

    std::string make() {
        out.clear();
        std::string names = names_start;
        std::string table;
        std::swap(table, out);
        for (const auto& symbol : symbols) {
            number(names.size(), 4);
            names += symbol.name + '\0';
            if (!is_64) word(0x2000), word(8);
            number(symbol.info, 1), number(symbol.other, 1), number(symbol.section, 2);
            if (is_64) word(0x2000), word(8);
        }
        std::swap(table, out);
        const std::uint64_t segment_bytes = is_64 ? 56 : 32;
        const std::uint64_t header_bytes = is_64 ? 64 : 52;
        const std::uint64_t segments = 1 + dynamic_parts.size();
        std::uint64_t dynamic_at = header_bytes + segments * segment_bytes;
        std::uint64_t table_at = dynamic_at;
        for (const auto& part : dynamic_parts) table_at += 2 * width() * part.size();
        const std::uint64_t names_at = table_at + table.size();
        const std::uint64_t sections_at = names_at + names.size();

        out += "\x7f" "ELF"s + static_cast<char>(is_64 ? 2 : 1) + static_cast<char>(big_endian ? 2 : 1) + std::string(10, '\1');
        number(type, 2), number(62, 2), number(1, 4), word(entry), word(header_bytes), word(sections_at), number(0, 4);
        number(header_bytes, 2), number(segment_bytes, 2), number(segments, 2), number(is_64 ? 64 : 40, 2), number(sections, 2), number(2, 2);
        put_segment(1, 0x80, code_address, code_bytes);
        for (const auto& part : dynamic_parts) {
            put_segment(2, dynamic_at, 0, 0);
            dynamic_at += 2 * width() * part.size();
        }
        for (const auto& part : dynamic_parts) {
            for (const std::uint64_t tag : part) word(tag), word(tag + 100);
        }
        out += table + names;
        put_section(0, 0, 0, 0, 0, 0);
        put_section(1, symbols_type, 0, table_at, table.size(), link);
        put_section(0xffffff, 3, 0, names_at, names.size(), 0);
        put_section(1, 1, code_address, 0x80, code_bytes, 0);
        return out;
    }

    std::size_t width() const { return is_64 ? 8 : 4; }
    void number(std::uint64_t value, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * (big_endian ? bytes - 1 - i : i)));
    }
    void word(std::uint64_t value) { number(value, width()); }
    void put_segment(std::uint64_t kind, std::uint64_t offset, std::uint64_t address, std::uint64_t bytes) {
        number(kind, 4);
        if (is_64) number(5, 4);
        word(offset), word(address), word(address + 1), word(bytes + 2), word(bytes);
        if (!is_64) number(5, 4);
        word(4096);
    }
    void put_section(std::uint64_t name, std::uint64_t kind, std::uint64_t address, std::uint64_t offset, std::uint64_t bytes, std::uint64_t to) {
        number(name, 4), number(kind, 4), word(6), word(address), word(offset), word(bytes), number(to, 4), number(0, 4), word(1), word(0);
    }

    std::string out;
};

struct File : testing::ModuleFile {
    explicit File(std::string bytes) : ModuleFile{kElf, std::move(bytes)} {}
};

TEST(ElfModule, ReadsBothSizesAndBothByteOrders) {
    for (const bool is_64 : {false, true}) {
        for (const bool big_endian : {false, true}) {
            SCOPED_TRACE(fmt::format("64: {}, big: {}", is_64, big_endian));
            File file{Maker{.is_64 = is_64, .big_endian = big_endian, .symbols = {{"one"}, {"two", 0x21, 0, 0xfff1}}, .dynamic_parts = {{1, 0}}}.make()};
            EXPECT_EQ(file["type"], "3");
            EXPECT_EQ(file["machine"], "62");
            EXPECT_EQ(file["ph_offset"], is_64 ? "64" : "52");
            EXPECT_EQ(file["ph_entry_size"], is_64 ? "56" : "32");
            EXPECT_EQ(file["sh_entry_size"], is_64 ? "64" : "40");
            EXPECT_EQ(file["number_of_sections"], "4");
            EXPECT_EQ(file["number_of_segments"], "2");
            EXPECT_EQ(file["entry_point"], "144");
            EXPECT_EQ(file["sections[0].name"], "''");
            EXPECT_EQ(file["sections[1].type"], "11");
            EXPECT_EQ(file["sections[2].name"], "-");
            EXPECT_EQ(file["sections[3].name"], "'.code'");
            EXPECT_EQ(file["sections[3].flags"], "6");
            EXPECT_EQ(file["sections[3].address"], "4096");
            EXPECT_EQ(file["sections[3].offset"], "128");
            EXPECT_EQ(file["sections[3].size"], "64");
            EXPECT_EQ(file["sections[4].type"], "-");
            EXPECT_EQ(file["segments[0].type"], "1");
            EXPECT_EQ(file["segments[0].flags"], "5");
            EXPECT_EQ(file["segments[0].offset"], "128");
            EXPECT_EQ(file["segments[0].virtual_address"], "4096");
            EXPECT_EQ(file["segments[0].physical_address"], "4097");
            EXPECT_EQ(file["segments[0].file_size"], "66");
            EXPECT_EQ(file["segments[0].memory_size"], "64");
            EXPECT_EQ(file["segments[0].alignment"], "4096");
            EXPECT_EQ(file["dynamic_section_entries"], "2");
            EXPECT_EQ(file["dynamic[0].type"], "1");
            EXPECT_EQ(file["dynamic[1].val"], "100");
            EXPECT_EQ(file["dynsym_entries"], "2");
            EXPECT_EQ(file["dynsym[0].name"], "'one'");
            EXPECT_EQ(file["dynsym[0].value"], "8192");
            EXPECT_EQ(file["dynsym[0].size"], "8");
            EXPECT_EQ(file["dynsym[1].type"], "1");
            EXPECT_EQ(file["dynsym[1].bind"], "2");
            EXPECT_EQ(file["dynsym[1].shndx"], "65521");
            EXPECT_EQ(file["symtab_entries"], "-");
            EXPECT_EQ(file["symtab[0].name"], "-");
        }
    }
}

TEST(ElfModule, KnowsNothingOfWhatIsNoWholeHeader) {
    const std::string whole = Maker{}.make();
    const auto changed = [&](std::size_t at, char to) {
        std::string bytes = whole;
        bytes[at] = to;
        return bytes;
    };
    struct Case {
        const char* name;
        std::string bytes;
        const char* type;
    };
    const Case cases[] = {
        {"empty", "", "-"},
        {"fifteen bytes", whole.substr(0, 15), "-"},
        {"the header alone", whole.substr(0, 64), "-"},
        {"a byte more", whole.substr(0, 65), "3"},
        {"class 0", changed(4, 0), "-"},
        {"class 3", changed(4, 3), "-"},
        {"byte order 3", changed(5, 3), "-"},
        {"other magic", changed(3, 'G'), "-"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        File file{c.bytes};
        EXPECT_EQ(file["type"], c.type);
        EXPECT_EQ(file["sections[0].type"], "-");
        EXPECT_EQ(file["segments[0].type"], "-");
        EXPECT_EQ(file["dynsym_entries"], "-");
        EXPECT_EQ(file.call("telfhash"), "-");
    }
}

TEST(ElfModule, FindsTheEntryPointInTheFile) {
    struct Case {
        const char* name;
        Maker maker;
        const char* want;
    };
    const Case cases[] = {
        {"a library, by sections", {.entry = 0x103f}, "191"},
        {"behind its section", {.entry = 0x1040}, "-"},
        {"a program, by segments", {.type = 2, .sections = 0}, "144"},
        {"a library without sections", {.sections = 0}, "-"},
        {"none is given", {.entry = 0, .code_address = 0}, "-"},
        {"the end wraps round", {.entry = UINT64_MAX - 3, .code_address = UINT64_MAX - 7, .code_bytes = 16}, "-"},
        {"the end wraps round at 32 bits", {.is_64 = false, .entry = 0xfffffffc, .code_address = 0xfffffff8, .code_bytes = 16}, "-"},
        {"the end is the last byte", {.entry = UINT64_MAX - 3, .code_address = UINT64_MAX - 7, .code_bytes = 7}, "132"},
    };
    for (auto c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(File{c.maker.make()}["entry_point"], c.want);
    }
}

TEST(ElfModule, WritesALaterDynamicPartOverAnEarlierOne) {
    File file{Maker{.dynamic_parts = {{1, 2, 3, 0}, {5, 0}}}.make()};
    EXPECT_EQ(file["dynamic_section_entries"], "2");
    EXPECT_EQ(file["dynamic[0].type"], "5");
    EXPECT_EQ(file["dynamic[1].type"], "0");
    EXPECT_EQ(file["dynamic[2].type"], "3");
    EXPECT_EQ(file["dynamic[3].val"], "100");
}

TEST(ElfModule, TakesSymbolsFromTheSectionThatLinksToStrings) {
    struct Case {
        const char* name;
        Maker maker;
        const char* entries;
        const char* first;
    };
    const std::vector<Maker::Symbol> symbols{{"one"}};
    const Case cases[] = {
        {"a table of strings", {.symbols = symbols}, "1", "'one'"},
        {"no table of strings", {.symbols = symbols, .link = 3}, "-", "-"},
        {"outside of the sections", {.symbols = symbols, .link = 4}, "-", "-"},
        {"names that begin with another byte", {.symbols = symbols, .names_start = "x"}, "1", "-"},
        // 2 is behind the 2 sections; YARA holds it against the count with its bytes swapped.
        {"behind the sections", {.symbols = symbols, .sections = 2}, "-", "-"},
        {"no sections for their names", {.big_endian = true, .symbols = symbols, .sections = 2}, "-", "-"},
        {"other symbols", {.symbols = symbols, .symbols_type = 2}, "-", "-"},
    };
    for (auto c : cases) {
        SCOPED_TRACE(c.name);
        File file{c.maker.make()};
        EXPECT_EQ(file["dynsym_entries"], c.entries);
        EXPECT_EQ(file["dynsym[0].name"], c.first);
    }
}

TEST(ElfModule, ComparesLinksWithTheCountAsItLiesInTheFile) {
    for (const bool big_endian : {false, true}) {
        SCOPED_TRACE(big_endian);
        std::string bytes = Maker{.big_endian = big_endian, .symbols = {{"one"}}, .sections = 2}.make();
        bytes[big_endian ? 63 : 62] = 1;  // the section of the sections' names
        EXPECT_EQ(File{bytes}["dynsym_entries"], big_endian ? "1" : "-");
    }
}

std::vector<Maker::Symbol> squares(int count) {
    std::vector<Maker::Symbol> symbols;
    for (int i = count; i-- > 0;) symbols.push_back({"Name" + std::to_string(i * i)});
    return symbols;
}

TEST(ElfModule, HashesTheNamesOfGlobalFunctions) {
    // From yara 4.5.4 for a file with the same symbols.
    constexpr const char* kWant = "'T182F0C9F23552F86A1375454387FA0018888D29571193ADE39211BA3432C151C7FCF1F6'";
    auto symbols = squares(60);
    EXPECT_EQ(File{Maker{.symbols = symbols}.make()}.call("telfhash"), kWant);
    EXPECT_EQ((File{Maker{.symbols = symbols, .symbols_type = 2}.make()}.call("telfhash")), kWant);
    for (const char* left_out : {"_start", ".init", "open64", "strcpy", "memcpy", "main", "abort", "cachectl", "cacheflush", "puts", "atol", "malloc_trim"}) {
        symbols.push_back({left_out});
    }
    symbols.push_back({"local", 0x02});
    symbols.push_back({"weak", 0x22});
    symbols.push_back({"object", 0x11});
    symbols.push_back({"hidden", 0x12, 2});
    EXPECT_EQ(File{Maker{.symbols = symbols}.make()}.call("telfhash"), kWant);
    symbols.push_back({"one_more", 0x12, 4});
    EXPECT_NE(File{Maker{.symbols = symbols}.make()}.call("telfhash"), kWant);
}

TEST(ElfModule, TellsAShortTelfhashFromNone) {
    EXPECT_EQ(File{Maker{.symbols = squares(3)}.make()}.call("telfhash"), "''");
    EXPECT_EQ((File{Maker{.symbols = {{"main"}, {"_start"}}}.make()}.call("telfhash")), "-");
    EXPECT_EQ(File{Maker{}.make()}.call("telfhash"), "-");
}

TEST(ElfModule, HashesTheNamesOfImports) {
    // The MD5 of "abs,free,zlibversion".
    const std::vector<Maker::Symbol> symbols{{"zlibVersion", 0x20, 0, 0}, {"defined", 0x12}, {"", 0, 0, 0}, {"free", 0x12, 0, 0}, {"Abs", 0x01, 3, 0}};
    EXPECT_EQ(File{Maker{.symbols = symbols}.make()}.call("import_md5"), "'bb21a59d84d75342c80e27119a9cfba2'");
    EXPECT_EQ((File{Maker{.symbols = {{"defined"}, {"", 0, 0, 0}}}.make()}.call("import_md5")), "-");
}

}  // namespace
}  // namespace ward::modules
