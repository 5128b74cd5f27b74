// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/elf.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

#include <random>

namespace ward::formats {
namespace {

using namespace std::string_literals;

// An ELF file made by hand: two segments, an interpreter, a dynamic part with a SysV hash table, three sections.
class Maker {
public:
    Maker(bool is_64, bool big_endian) : is_64_{is_64}, big_{big_endian} {}

    Buffer make() {
        const std::uint64_t header = is_64_ ? 64 : 52;
        const std::uint64_t segment = is_64_ ? 56 : 32;
        const std::uint64_t symbol = is_64_ ? 24 : 16;
        const std::string strings = "\0libc.so.6\0me.so\0import\0export\0\0"s;
        const std::uint64_t interpreter_at = header + 3 * segment;
        const std::uint64_t strings_at = interpreter_at + 16;
        const std::uint64_t symbols_at = strings_at + 32;
        const std::uint64_t hash_at = symbols_at + 3 * symbol;
        const std::uint64_t dynamic_at = hash_at + 16;
        const std::uint64_t dynamic_bytes = 7 * 2 * word_bytes();
        const std::uint64_t section_names_at = dynamic_at + dynamic_bytes;
        const std::uint64_t sections_at = section_names_at + 16;
        constexpr std::uint64_t kBase = 0x10000;

        out_ = {0x7f, 'E', 'L', 'F', static_cast<std::uint8_t>(is_64_ ? 2 : 1), static_cast<std::uint8_t>(big_ ? 2 : 1), 1, 3};
        out_.resize(16);
        number(3, 2), number(62, 2), number(1, 4);
        word(kBase + strings_at), word(header), word(sections_at);
        number(0x5, 4), number(header, 2), number(segment, 2), number(3, 2), number(is_64_ ? 64 : 40, 2), number(2, 2), number(1, 2);
        put_segment(1, 0, kBase, sections_at);
        put_segment(3, interpreter_at, kBase + interpreter_at, 16);
        put_segment(2, dynamic_at, kBase + dynamic_at, dynamic_bytes);
        text("/lib/ld.so\0\0\0\0\0\0"s);
        text(strings);
        for (int i = 0; i < 3; ++i) put_symbol(i);
        for (const std::uint64_t value : {1U, 3U, 0U, 0U}) number(value, 4);  // buckets, symbols
        const std::uint64_t entries[][2] = {{1, 1}, {14, 11}, {4, kBase + hash_at}, {5, kBase + strings_at}, {6, kBase + symbols_at}, {10, strings.size()}, {0, 0}};
        for (const auto& entry : entries) word(entry[0]), word(entry[1]);
        text("\0.text\0.names\0\0\0"s);
        put_section(1, 1, kBase + strings_at, strings_at, 32);
        put_section(7, 3, 0, section_names_at, 16);
        return out_;
    }

private:
    std::size_t word_bytes() const { return is_64_ ? 8 : 4; }
    void number(std::uint64_t value, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) {
            const std::size_t shift = 8 * (big_ ? bytes - 1 - i : i);
            out_.push_back(static_cast<std::uint8_t>(value >> shift));
        }
    }
    void word(std::uint64_t value) { number(value, word_bytes()); }
    void text(const std::string& bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    void put_segment(std::uint64_t type, std::uint64_t offset, std::uint64_t address, std::uint64_t bytes) {
        number(type, 4);
        if (is_64_) number(5, 4);
        word(offset), word(address), word(address), word(bytes), word(bytes);
        if (!is_64_) number(5, 4);
        word(4096);
    }
    void put_section(std::uint64_t name, std::uint64_t type, std::uint64_t address, std::uint64_t offset, std::uint64_t bytes) {
        number(name, 4), number(type, 4), word(6), word(address), word(offset), word(bytes), number(0, 4), number(0, 4), word(1), word(0);
    }
    void put_symbol(int which) {
        const std::uint64_t name = which == 0 ? 0 : which == 1 ? 17 : 24;
        const std::uint64_t value = which == 2 ? 0x1234 : 0;
        const std::uint64_t section = which == 2 ? 1 : 0;
        number(name, 4);
        if (!is_64_) word(value), word(7);
        number(which == 0 ? 0 : 0x12, 1), number(0, 1), number(section, 2);
        if (is_64_) word(value), word(7);
    }

    bool is_64_;
    bool big_;
    Buffer out_;
};

TEST(Elf, ReadsBothSizesAndBothByteOrders) {
    for (const bool is_64 : {false, true}) {
        for (const bool big_endian : {false, true}) {
            SCOPED_TRACE(fmt::format("64: {}, big: {}", is_64, big_endian));
            Buffer bytes = Maker{is_64, big_endian}.make();
            const std::size_t whole = bytes.size();
            bytes.insert(bytes.end(), {'o', 'v', 'e', 'r'});
            const auto elf = Elf::read(bytes);
            ASSERT_TRUE(elf);
            EXPECT_EQ(elf->is_64, is_64);
            EXPECT_EQ(elf->big_endian, big_endian);
            EXPECT_EQ(elf->abi, 3);
            EXPECT_EQ(elf->type, 3);
            EXPECT_EQ(elf->machine, 62);
            EXPECT_EQ(elf->flags, 5U);
            EXPECT_EQ(elf->interpreter, "/lib/ld.so");
            EXPECT_EQ(elf->needed, std::vector<std::string_view>{"libc.so.6"});
            EXPECT_EQ(elf->soname, "me.so");
            ASSERT_EQ(elf->dynamic_symbols.size(), 3U);
            EXPECT_EQ(elf->dynamic_symbols[1].name, "import");
            EXPECT_TRUE(elf->dynamic_symbols[1].imported());
            EXPECT_EQ(elf->dynamic_symbols[2].name, "export");
            EXPECT_FALSE(elf->dynamic_symbols[2].imported());
            EXPECT_EQ(elf->dynamic_symbols[2].value, 0x1234U);
            EXPECT_EQ(elf->dynamic_symbols[2].bytes, 7U);
            EXPECT_EQ(elf->dynamic_symbols[2].kind, 2);
            EXPECT_EQ(elf->dynamic_symbols[2].binding, 1);
            ASSERT_EQ(elf->segments.size(), 3U);
            EXPECT_EQ(elf->segments[0].flags, 5U);
            EXPECT_EQ(elf->segments[0].alignment, 4096U);
            ASSERT_NE(elf->find_section(".text"), nullptr);
            EXPECT_EQ(elf->entry_offset(), elf->find_section(".text")->offset);
            EXPECT_EQ(elf->end, whole);
            EXPECT_TRUE(elf->faults.empty());
        }
    }
}

TEST(Elf, ReadsWhatGccMade) {
    const Buffer shared = testing::read_hex("testdata/elf/shared.hex");
    const auto library = Elf::read(shared);
    ASSERT_TRUE(library);
    EXPECT_EQ(library->soname, "libsmall.so.1");
    EXPECT_EQ(library->runpath, "/opt/lib");
    EXPECT_EQ(to_hex(library->build_id), "0102030405060708");
    std::vector<std::string_view> imports;
    std::vector<std::string_view> exports;
    for (const auto& symbol : library->dynamic_symbols) {
        if (symbol.imported()) imports.push_back(symbol.name);
        else if (!symbol.name.empty()) exports.push_back(symbol.name);
    }
    EXPECT_EQ(imports, std::vector<std::string_view>{"outside"});
    EXPECT_EQ(exports, (std::vector<std::string_view>{"exported", "p"}));
    EXPECT_EQ(library->end, shared.size());
    EXPECT_TRUE(library->faults.empty());

    const Buffer program_bytes = testing::read_hex("testdata/elf/program.hex");
    const auto program = Elf::read(program_bytes);
    ASSERT_TRUE(program);
    EXPECT_EQ(program->type, 2);
    EXPECT_EQ(program->entry_offset(), 0xb0U);
    EXPECT_TRUE(program->dynamic.empty());
    EXPECT_TRUE(program->faults.empty());

    const Buffer object_bytes = testing::read_hex("testdata/elf/object.hex");
    const auto object = Elf::read(object_bytes);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->type, 1);
    EXPECT_TRUE(object->segments.empty());
    EXPECT_TRUE(std::any_of(object->symbols.begin(), object->symbols.end(), [](const Elf::Symbol& symbol) { return symbol.name == "_start"; }));
}

TEST(Elf, RefusesOnlyWhatIsNone) {
    const Buffer good = Maker{true, false}.make();
    struct Case { const char* name; std::size_t at; std::uint8_t byte; bool read; };
    const Case cases[] = {
        {"good", 0, 0x7f, true},
        {"another magic", 1, 'X', false},
        {"no class", 4, 0, false},
        {"a third class", 4, 3, false},
        {"no byte order", 5, 0, false},
        {"an unknown version is read", 6, 9, true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes = good;
        bytes[c.at] = c.byte;
        EXPECT_EQ(Elf::read(bytes).ok(), c.read);
    }
}

TEST(Elf, NamesWhatLies) {
    struct Case { const char* name; std::size_t at; std::vector<std::uint8_t> bytes; const char* fault; };
    const Case cases[] = {
        {"segments beyond the end", 32, {0, 0, 0, 1}, "0 of 3 segments are there"},
        {"too many segments", 56, {0xff, 0x0f}, "segments are there"},
        {"a segment header of ten bytes", 54, {10, 0}, "a segment header has 10 bytes"},
        {"sections beyond the end", 40, {0, 0, 0, 1}, "0 of 2 sections are there"},
        {"a segment that is longer than the file", 64 + 32, {0, 0, 0, 1}, "a segment reaches to"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Buffer bytes = Maker{true, false}.make();
        std::copy(c.bytes.begin(), c.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(c.at));
        const auto elf = Elf::read(bytes);
        ASSERT_TRUE(elf);
        ASSERT_FALSE(elf->faults.empty());
        EXPECT_NE(elf->faults[0].text.find(c.fault), std::string::npos) << elf->faults[0].text;
        EXPECT_LE(elf->end, bytes.size());
    }
}

TEST(Elf, KeepsInsideTheBytesWhateverTheySay) {
    std::mt19937 random{7};
    for (int round = 0; round < 3000; ++round) {
        Buffer bytes = Maker{(random() & 1) != 0, (random() & 1) != 0}.make();
        for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        bytes.resize(random() % 4 == 0 ? random() % bytes.size() : bytes.size());
        const auto elf = Elf::read(bytes);
        if (!elf) continue;
        EXPECT_LE(elf->end, bytes.size());
        if (const auto entry = elf->entry_offset(); entry && elf->faults.empty()) {
            EXPECT_LT(*entry, bytes.size());
        }
    }
}

}  // namespace
}  // namespace ward::formats
