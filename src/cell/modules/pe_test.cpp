// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/pe.h"

#include <gtest/gtest.h>

#include <string>

namespace ward::modules {
namespace {

using namespace std::string_literals;

// A portable executable made by hand: headers, one section a call.
class Maker {
public:
    explicit Maker(bool is_64bit) : is_64bit_{is_64bit}, bytes_(0x400, '\0') {
        put(0, "MZ"s);
        put(60, 0x80, 4);
        put(0x80, "PE\0\0"s);
        put(0x84, is_64bit ? 0x8664 : 0x14c, 2);
        put(0x88, 0x5f5e100, 4);
        put(0x94, optional_bytes(), 2);
        put(0x96, 0x2102, 2);
        put(0x98, is_64bit ? 0x20b : 0x10b, 2);
        put(0x9a, 0x180e, 2);
        put(0xa8, 0x1010, 4);
        put(is_64bit ? 0xb0 : 0xb4, is_64bit ? 0x180000000 : 0x400000, is_64bit ? 8 : 4);
        put(0xb8, 0x1000, 4);
        put(0xbc, 0x200, 4);
        put(0xd0, 0x10000, 4);
        put(directories() - 4, 16, 4);
    }

    std::uint64_t optional_bytes() const { return is_64bit_ ? 240 : 224; }
    std::size_t directories() const { return is_64bit_ ? 0x98 + 112 : 0x98 + 96; }
    std::size_t section_header() const { return 0x98 + static_cast<std::size_t>(optional_bytes()); }

    void put(std::size_t at, const std::string& text) { bytes_.replace(at, text.size(), text); }
    void put(std::size_t at, std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) bytes_[at + i] = static_cast<char>(value >> (8 * i));
    }
    void directory(std::size_t number, std::uint32_t address, std::uint32_t size) {
        put(directories() + 8 * number, address, 4);
        put(directories() + 8 * number + 4, size, 4);
    }
    // In memory from `address`; its bytes come next in the file.
    void section(const std::string& name, std::uint32_t address, std::uint32_t virtual_size, const std::string& content) {
        const std::size_t at = section_header() + 40 * sections_;
        put(at, name);
        put(at + 8, virtual_size, 4);
        put(at + 12, address, 4);
        put(at + 16, content.size(), 4);
        put(at + 20, bytes_.size(), 4);
        put(at + 36, 0x60000020, 4);
        bytes_ += content;
        put(0x86, ++sections_, 2);
    }
    std::string& bytes() { return bytes_; }

private:
    bool is_64bit_;
    std::string bytes_;
    std::size_t sections_ = 0;
};

// The line of the dump that gives this field of the root.
std::string line_of(const std::string& bytes, const std::string& name) {
    Environment environment;
    environment.bytes = as_bytes(bytes);
    Instance in{kPe, environment};
    const std::string all = dump(in);
    const std::size_t at = all.find("\n\t" + name + " = ");
    if (at == std::string::npos) return "";
    const std::size_t start = at + 2 + name.size() + 3;
    return all.substr(start, all.find('\n', start) - start);
}

// What a function of the root gives, as text.
std::string call(const std::string& bytes, std::string_view name, const std::vector<Value>& arguments = {}) {
    Environment environment;
    environment.bytes = as_bytes(bytes);
    environment.matches = [](Regex, std::string_view text) { return text.find('s') != std::string_view::npos; };
    Instance in{kPe, environment};
    std::string letters;
    for (const auto& argument : arguments) {
        letters += std::holds_alternative<std::int64_t>(argument) ? 'i' : std::holds_alternative<Regex>(argument) ? 'r' : 's';
    }
    for (const auto& field : kPe.fields) {
        if (field.name != name) continue;
        for (const auto& form : field.signatures) {
            if (form.arguments != letters) continue;
            const Value value = form.run(in, in.root(), arguments);
            if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
            if (const auto* text = std::get_if<std::string_view>(&value)) return std::string{*text};
            return "undefined";
        }
    }
    return "no such form";
}

TEST(Pe, ReadsTheHeadersOfBothWidths) {
    for (const bool is_64bit : {false, true}) {
        SCOPED_TRACE(is_64bit);
        Maker maker{is_64bit};
        maker.section(".text", 0x1000, 0x200, std::string(0x200, 'x'));
        const std::string& bytes = maker.bytes();
        EXPECT_EQ(line_of(bytes, "is_pe"), "1");
        EXPECT_EQ(line_of(bytes, "machine"), is_64bit ? "34404" : "332");
        EXPECT_EQ(line_of(bytes, "timestamp"), "100000000");
        EXPECT_EQ(line_of(bytes, "image_base"), is_64bit ? "6442450944" : "4194304");
        EXPECT_EQ(line_of(bytes, "entry_point"), "1040");
        EXPECT_EQ(line_of(bytes, "entry_point_raw"), "4112");
        EXPECT_EQ(line_of(bytes, "size_of_image"), "65536");
        EXPECT_EQ(line_of(bytes, "base_of_data"), is_64bit ? "YR_UNDEFINED" : "0");
        EXPECT_EQ(line_of(bytes, "\tmajor"), "0");
        EXPECT_EQ(call(bytes, "is_dll"), "8192");
        EXPECT_EQ(call(bytes, "is_32bit"), is_64bit ? "0" : "1");
        EXPECT_EQ(call(bytes, "is_64bit"), is_64bit ? "1" : "0");
    }
}

TEST(Pe, RefusesWhatIsNone) {
    struct Case { const char* name; std::size_t at; std::uint64_t value; std::size_t width; };
    const Case cases[] = {
        {"no MZ", 0, 0x4d5a, 2},
        {"the header behind the end", 60, 0x10000, 4},
        {"a negative place", 60, 0xffffff80, 4},
        {"no PE", 0x80, 0x4551, 2},
        {"a machine without programs", 0x84, 0x8665, 2},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Maker maker{true};
        maker.put(c.at, c.value, c.width);
        EXPECT_EQ(line_of(maker.bytes(), "is_pe"), "0");
        EXPECT_EQ(line_of(maker.bytes(), "machine"), "YR_UNDEFINED");
        EXPECT_EQ(call(maker.bytes(), "is_dll"), "undefined");
        EXPECT_EQ(call(maker.bytes(), "rva_to_offset", {std::int64_t{0}}), "undefined");
    }
    Maker maker{false};
    EXPECT_EQ(line_of(maker.bytes().substr(0, 0x98 + 224), "is_pe"), "1");
    EXPECT_EQ(line_of(maker.bytes().substr(0, 0x98 + 223), "is_pe"), "0");
}

TEST(Pe, FindsAddressesInTheFile) {
    Maker maker{true};
    maker.section(".text", 0x1000, 0x300, std::string(0x200, 'x'));
    maker.section(".data", 0x2000, 0x100, std::string(0x200, 'y'));
    const auto image = PeImage::read(as_bytes(maker.bytes())).value();
    struct Case { const char* name; std::uint64_t address; std::optional<std::uint64_t> offset; };
    const Case cases[] = {
        {"headers", 0x10, 0x10},
        {"headers as long as the file", 0x7ff, 0x7ff},
        {"behind the end of the file", 0x800, std::nullopt},
        {"first byte", 0x1000, 0x400},
        {"last byte in the file", 0x11ff, 0x5ff},
        {"only in memory", 0x1200, std::nullopt},
        {"between sections", 0x1300, std::nullopt},
        {"second section", 0x2010, 0x610},
        {"in the file, not in memory", 0x2100, std::nullopt},
        {"far away", UINT64_MAX, std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(image.rva_to_offset(c.address), c.offset);
    }
    EXPECT_EQ(call(maker.bytes(), "rva_to_offset", {std::int64_t{0x1010}}), "1040");
    // Places are rounded down to the alignment, or to 512.
    maker.put(maker.section_header() + 20, 0x4ff, 4);
    EXPECT_EQ(call(maker.bytes(), "rva_to_offset", {std::int64_t{0x1010}}), "1040");
    maker.put(0xbc, 0x10, 4);
    EXPECT_EQ(call(maker.bytes(), "rva_to_offset", {std::int64_t{0x1010}}), "1280");
    // A table of sections that the file does not hold makes all of it unknown.
    maker.put(0x86, 90, 2);
    EXPECT_EQ(call(maker.bytes(), "rva_to_offset", {std::int64_t{0x10}}), "undefined");
}

TEST(Pe, NamesSections) {
    Maker maker{true};
    maker.section(".text", 0x1000, 0x200, std::string(0x200, 'x'));
    maker.section("/4", 0x2000, 0x200, std::string(0x200, 'y'));
    maker.section("a\0b"s, 0x3000, 0x200, std::string(0x200, 'z'));
    EXPECT_EQ(line_of(maker.bytes(), "\t\tfull_name"), "\".text\"");
    std::string& bytes = maker.bytes();
    EXPECT_EQ(call(bytes, "section_index", {std::string_view{"/4"}}), "1");
    EXPECT_EQ(call(bytes, "section_index", {std::string_view{"a"}}), "2");
    EXPECT_EQ(call(bytes, "section_index", {std::string_view{".data"}}), "undefined");
    EXPECT_EQ(call(bytes, "section_index", {std::int64_t{0x600}}), "1");
    EXPECT_EQ(call(bytes, "section_index", {std::int64_t{0x3ff}}), "undefined");
    // A string table behind one symbol of 18 bytes.
    maker.put(0x8c, bytes.size(), 4);
    maker.put(0x90, 1, 4);
    bytes += std::string(22, '\0') + ".debug_info\0"s;
    Environment environment;
    environment.bytes = as_bytes(bytes);
    Instance in{kPe, environment};
    EXPECT_NE(dump(in).find("full_name = \".debug_info\""), std::string::npos);
    bytes.pop_back();  // and without its end
    environment.bytes = as_bytes(bytes);
    Instance cut{kPe, environment};
    EXPECT_EQ(dump(cut).find(".debug_info"), std::string::npos);
}

TEST(Pe, FindsTheOverlayAndTheChecksum) {
    Maker maker{false};
    maker.section(".text", 0x1000, 0x200, std::string(0x200, 'x'));
    EXPECT_EQ(line_of(maker.bytes(), "\toffset"), "0");
    const std::string before = call(maker.bytes(), "calculate_checksum");
    maker.put(0x98 + 64, 0x12345678, 4);
    EXPECT_EQ(call(maker.bytes(), "calculate_checksum"), before);
    EXPECT_EQ(before, "51549");
    maker.bytes() += "tail!";
    EXPECT_EQ(line_of(maker.bytes(), "\toffset"), "1536");
    EXPECT_EQ(line_of(maker.bytes(), "\tsize"), "5");
    EXPECT_NE(call(maker.bytes(), "calculate_checksum"), before);
}

}  // namespace
}  // namespace ward::modules
