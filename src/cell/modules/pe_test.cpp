// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/pe.h"
#include "cell/modules/internal/pe_toolchain.h"

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

// What follows `name` in the dump, as often as it comes.
std::vector<std::string> lines_of(const std::string& bytes, const std::string& name) {
    Environment environment;
    environment.bytes = as_bytes(bytes);
    Instance in{kPe, environment};
    const std::string all = dump(in);
    std::vector<std::string> out;
    const std::string start = "\t" + name + " = ";
    for (std::size_t at = all.find(start); at != std::string::npos; at = all.find(start, at + 1)) {
        const std::size_t value = at + start.size();
        out.push_back(all.substr(value, all.find('\n', value) - value));
    }
    return out;
}

// Bytes that are put together from numbers and texts.
class Content {
public:
    std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }
    Content& number(std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) bytes_ += static_cast<char>(value >> (8 * i));
        return *this;
    }
    Content& words(std::initializer_list<std::uint64_t> values, std::size_t width = 4) {
        for (const auto value : values) number(value, width);
        return *this;
    }
    Content& text(const std::string& value) {
        bytes_ += value;
        return *this;
    }
    Content& wide(const std::string& value) {
        for (const char c : value) bytes_ += {c, '\0'};
        return *this;
    }
    Content& up_to(std::uint32_t offset) {
        bytes_.resize(offset);
        return *this;
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

// A file with this content at 0x1000, and a directory there.
std::string with_directory(bool is_64bit, std::size_t number, const Content& content) {
    Maker maker{is_64bit};
    maker.section(".rdata", 0x1000, content.size(), content.bytes());
    maker.directory(number, 0x1000, 0x80);
    return maker.bytes();
}

// What a function of the root gives, as text.
std::string call(const std::string& bytes, std::string_view name, const std::vector<Value>& arguments = {}, Deadline* deadline = nullptr) {
    Environment environment;
    environment.deadline = deadline;
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
        EXPECT_EQ(lines_of(bytes, "minor").back(), "24");
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
        {"in the file, not in memory", 0x2100, 0x700},
        {"behind the last section", 0x2200, std::nullopt},
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
    Deadline deadline{std::chrono::milliseconds{0}};
    EXPECT_TRUE(deadline.passed(1 << 20));
    environment.deadline = &deadline;
    Instance late{kPe, environment};
    EXPECT_EQ(dump(late).find(".debug_info"), std::string::npos);
    environment.deadline = nullptr;
    bytes.pop_back();  // and without its end
    environment.bytes = as_bytes(bytes);
    Instance cut{kPe, environment};
    EXPECT_EQ(dump(cut).find(".debug_info"), std::string::npos);
}

TEST(Pe, FindsTheOverlayAndTheChecksum) {
    Maker maker{false};
    maker.section(".text", 0x1000, 0x200, std::string(0x200, 'x'));
    EXPECT_EQ(lines_of(maker.bytes(), "offset").back(), "0");
    const std::string before = call(maker.bytes(), "calculate_checksum");
    maker.put(0x98 + 64, 0x12345678, 4);
    EXPECT_EQ(call(maker.bytes(), "calculate_checksum"), before);
    EXPECT_EQ(before, "51549");
    maker.bytes() += "tail!";
    EXPECT_EQ(lines_of(maker.bytes(), "offset").back(), "1536");
    EXPECT_EQ(lines_of(maker.bytes(), "size")[0], "5");
    EXPECT_NE(call(maker.bytes(), "calculate_checksum"), before);
    // Over the border between two steps, and no longer than there is time.
    maker.bytes().resize((std::size_t{1} << 20) - 3, 'y');
    maker.bytes() += "abcdefghijk";
    EXPECT_EQ(call(maker.bytes(), "calculate_checksum"), "1077470");
    Deadline deadline{std::chrono::milliseconds{0}};
    EXPECT_EQ(call(maker.bytes(), "calculate_checksum", {}, &deadline), "undefined");
}

// Two libraries: KERNEL32.dll with two names, one of which no linker writes, and ws2_32.dll with two numbers.
std::string with_imports(bool is_64bit) {
    const std::size_t width = is_64bit ? 8 : 4;
    const std::uint64_t flag = is_64bit ? std::uint64_t{1} << 63 : std::uint64_t{1} << 31;
    Content content;
    content.words({0x1080, 0, 0, 0x1040, 0x3000}).words({0x10a0, 0, 0, 0x1050, 0x3100}).up_to(0x40);
    content.text("KERNEL32.dll").up_to(0x50).text("ws2_32.dll").up_to(0x80);
    content.words({0x10c0, 0x10d0}, width).up_to(0xa0).words({flag | 3, flag | 900}, width).up_to(0xc0);
    content.text("\1\0Sleep"s).up_to(0xd0).text("\2\0not a name"s).up_to(0xe0);
    return with_directory(is_64bit, PeImage::kImport, content);
}

TEST(Pe, ReadsImportsOfBothWidths) {
    for (const bool is_64bit : {false, true}) {
        SCOPED_TRACE(is_64bit);
        const std::string bytes = with_imports(is_64bit);
        EXPECT_EQ(line_of(bytes, "number_of_imports"), "2");
        EXPECT_EQ(line_of(bytes, "number_of_imported_functions"), "3");
        EXPECT_EQ(lines_of(bytes, "library_name"), (std::vector<std::string>{"\"KERNEL32.dll\"", "\"ws2_32.dll\""}));
        EXPECT_EQ(lines_of(bytes, "ordinal"), (std::vector<std::string>{"YR_UNDEFINED", "3", "900"}));
        EXPECT_EQ(line_of(bytes, "number_of_delayed_imports"), "0");
    }
}

TEST(Pe, AnswersWhatIsImported) {
    const std::string bytes = with_imports(true);
    using namespace std::string_view_literals;
    const Regex with_s{0};  // call() matches texts that have an s
    struct Case { const char* name; std::string_view function; std::vector<Value> arguments; const char* want; };
    const Case cases[] = {
        {"by name, in any case", "imports", {"kernel32.DLL"sv, "sleep"sv}, "1"},
        {"another library", "imports", {"user32.dll"sv, "Sleep"sv}, "0"},
        {"another function", "imports", {"kernel32.dll"sv, "Sleep2"sv}, "0"},
        {"functions of a library", "imports", {"ws2_32.dll"sv}, "2"},
        {"by number", "imports", {"ws2_32.dll"sv, std::int64_t{3}}, "1"},
        {"a number that is not there", "imports", {"ws2_32.dll"sv, std::int64_t{4}}, "0"},
        {"the name that a number has", "imports", {"ws2_32.dll"sv, "closesocket"sv}, "1"},
        {"a number without a name", "imports", {"ws2_32.dll"sv, "ord900"sv}, "1"},
        {"by regular expressions", "imports", {with_s, with_s}, "1"},
        {"standard", "imports", {std::int64_t{1}, "ws2_32.dll"sv}, "2"},
        {"delayed", "imports", {std::int64_t{2}, "ws2_32.dll"sv}, "0"},
        {"any", "imports", {std::int64_t{-1}, "ws2_32.dll"sv, std::int64_t{900}}, "1"},
        {"where the address goes", "import_rva", {"ws2_32.dll"sv, std::int64_t{900}}, "12552"},
        {"where it goes, by name", "import_rva", {"kernel32.dll"sv, "Sleep"sv}, "12288"},
        {"it goes nowhere", "import_rva", {"kernel32.dll"sv, "Beep"sv}, "undefined"},
        {"nothing is delayed", "delayed_import_rva", {"kernel32.dll"sv, "Sleep"sv}, "undefined"},
        // md5 of "kernel32.sleep,ws2_32.closesocket,ws2_32.ord900"
        {"the hash", "imphash", {}, "ed7b8ea3e320b781a5e3a61d64d018f1"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(call(bytes, c.function, c.arguments), c.want);
    }
    EXPECT_EQ(call("MZ", "imphash"), "undefined");
    EXPECT_EQ(call("MZ", "imports", {"kernel32.dll"sv}), "undefined");
}

TEST(Pe, ReadsDelayedImportsOfOldAndNewLinkers) {
    for (const bool old : {false, true}) {
        SCOPED_TRACE(old);
        const std::uint64_t base = old ? 0x400000 : 0;  // old linkers add the image's base to all addresses
        Content content;
        content.words({old ? 0u : 1u, base + 0x1040, 0, base + 0x1080, base + 0x1080, 0, 0, 0}).up_to(0x40);
        content.text("gdi32.dll").up_to(0x80).words({base + 0x10a0, std::uint64_t{1} << 31 | 7}).up_to(0xa0);
        content.text("\1\0BitBlt"s).up_to(0xb0);
        const std::string bytes = with_directory(false, PeImage::kDelayImport, content);
        EXPECT_EQ(line_of(bytes, "number_of_delayed_imports"), "1");
        EXPECT_EQ(line_of(bytes, "number_of_delayed_imported_functions"), "2");
        EXPECT_EQ(call(bytes, "delayed_import_rva", {std::string_view{"GDI32.dll"}, std::string_view{"BitBlt"}}), "4224");
        EXPECT_EQ(call(bytes, "imports", {std::int64_t{2}, std::string_view{"gdi32.dll"}, std::int64_t{7}}), "1");
        EXPECT_EQ(call(bytes, "imports", {std::string_view{"gdi32.dll"}}), "0");
    }
}

TEST(Pe, StopsAtTheLimitOfDelayedImports) {
    Content content;
    content.words({1, 0x1040, 0, 0x1080, 0x1080, 0, 0, 0}).up_to(0x40).text("gdi32.dll").up_to(0x80);
    for (std::uint64_t i = 0; i < 20'000; ++i) content.number(std::uint64_t{1} << 31 | (i & 0xffff), 4);
    Maker maker{false};
    maker.section(".rdata", 0x1000, content.size(), content.bytes());
    maker.directory(PeImage::kDelayImport, 0x1000, 0x80);
    maker.put(0xd0, 0x100000, 4);
    EXPECT_EQ(line_of(maker.bytes(), "number_of_delayed_imported_functions"), "16384");
}

TEST(Pe, ReadsExports) {
    Content content;
    content.words({0, 0x1234, 0, 0x1040, 5, 3, 2, 0x1050, 0x1060, 0x1068}).up_to(0x40);
    content.text("own.dll").up_to(0x50).words({0x10c0, 0x1078, 0x9999}).up_to(0x60).words({0x1070, 0x1074});
    content.words({2, 0}, 2).number(9, 2).up_to(0x70).text("abc\0xyz\0ntdll.x"s).up_to(0xd0);
    const std::string bytes = with_directory(true, PeImage::kExport, content);
    EXPECT_EQ(line_of(bytes, "number_of_exports"), "3");
    EXPECT_EQ(line_of(bytes, "dll_name"), "\"own.dll\"");
    EXPECT_EQ(line_of(bytes, "export_timestamp"), "4660");
    EXPECT_EQ(lines_of(bytes, "ordinal"), (std::vector<std::string>{"5", "6", "7"}));
    EXPECT_EQ(lines_of(bytes, "\tname").size(), 4u);  // and the section's
    EXPECT_EQ(lines_of(bytes, "forward_name"), (std::vector<std::string>{"YR_UNDEFINED", "\"ntdll.x\"", "YR_UNDEFINED"}));
    EXPECT_EQ(call(bytes, "exports", {std::string_view{"XYZ"}}), "1");
    EXPECT_EQ(call(bytes, "exports", {std::string_view{"nothing"}}), "0");
    EXPECT_EQ(call(bytes, "exports_index", {std::string_view{"abc"}}), "2");
    EXPECT_EQ(call(bytes, "exports_index", {std::string_view{"nothing"}}), "undefined");
    EXPECT_EQ(call(bytes, "exports", {Regex{0}}), "0");
    // No number above the count of exports is looked for.
    EXPECT_EQ(call(bytes, "exports", {std::int64_t{3}}), "0");
    EXPECT_EQ(call(bytes, "exports", {std::int64_t{5}}), "0");
}

// A block of a version resource; what is inside of it follows.
std::string version_block(const std::string& key, const std::string& value, const std::string& inside) {
    Content content;
    content.number(0, 6).wide(key + '\0').up_to((content.size() + 3) & ~3u).text(value);
    content.up_to((content.size() + 3) & ~3u).text(inside);
    Content size;
    size.number(content.size(), 2).number(value.size() / 2, 2);
    return size.bytes() + content.bytes().substr(4);
}

TEST(Pe, ReadsResourcesAndVersions) {
    const auto wide = [](const std::string& text) { return Content{}.wide(text + '\0').bytes(); };
    const std::string texts = version_block("A", wide("one"), "") + version_block("B", wide("two"), "") + version_block("A", wide("three"), "") +
                              version_block("C", "", "") + wide("");
    const std::string version =
        version_block("VS_VERSION_INFO", std::string(52, '\0'), version_block("StringFileInfo", "", version_block("040904b0", "", texts)));
    Content content;
    // Types: the name "AB" with data at once, and versions.
    content.words({0, 77}).words({4, 2, 1, 1}, 2).words({0x80000080, 0x90, 16, 0x80000020});
    content.words({0, 0}).words({0, 0, 0, 1}, 2).words({1, 0x80000040}).up_to(0x40);
    content.words({0, 0}).words({0, 0, 0, 1}, 2).words({0x409, 0x60}).up_to(0x60);
    content.words({0x1100, version.size(), 0, 0}).up_to(0x80).number(2, 2).wide("AB").up_to(0x90).words({0x1100, 3, 0, 0}).up_to(0x100);
    content.text(version).up_to(0x400);
    const std::string bytes = with_directory(true, PeImage::kResource, content);
    EXPECT_EQ(line_of(bytes, "resource_timestamp"), "77");
    EXPECT_EQ(line_of(bytes, "number_of_resources"), "2");
    EXPECT_EQ(lines_of(bytes, "type_string"), (std::vector<std::string>{R"("A\x00B\x00")", "YR_UNDEFINED"}));
    EXPECT_EQ(lines_of(bytes, "type"), (std::vector<std::string>{"YR_UNDEFINED", "16"}));
    EXPECT_EQ(lines_of(bytes, "language"), (std::vector<std::string>{"YR_UNDEFINED", "1033"}));
    EXPECT_EQ(lines_of(bytes, "length"), (std::vector<std::string>{"YR_UNDEFINED", "3", std::to_string(version.size())}));
    EXPECT_EQ(call(bytes, "locale", {std::int64_t{0x409}}), "1");
    EXPECT_EQ(call(bytes, "locale", {std::int64_t{0x407}}), "0");
    EXPECT_EQ(call(bytes, "language", {std::int64_t{9}}), "1");
    EXPECT_EQ(line_of(bytes, "number_of_version_infos"), "4");
    EXPECT_EQ(lines_of(bytes, "value"), (std::vector<std::string>{R"("one")", R"("two")", R"("three")", R"("")"}));
    EXPECT_EQ(line_of(bytes, "\tA"), R"("three")");
}

TEST(Pe, EndsTreesThatNameThemselves) {
    // Every entry of the root leads back to the root: 500 * 500 * 500 ways.
    Content content;
    content.words({0, 0}).words({0, 0, 0, 500}, 2);
    for (std::uint64_t i = 0; i < 500; ++i) content.words({i, 0x80000000});
    EXPECT_EQ(line_of(with_directory(true, PeImage::kResource, content), "number_of_resources"), "0");
}

TEST(Pe, ReadsTheRichSignature) {
    const std::uint32_t key = 0x12345678;
    Content rich;
    for (const std::uint32_t word : {0x536e6144u, 0u, 0u, 0u, 0x00010002u, 5u, 0x00030004u, 6u}) rich.number(word ^ key, 4);
    rich.text("Rich").number(key, 4);
    Maker maker{true};
    std::string& bytes = maker.bytes();
    const std::string headers = bytes.substr(0x80, 0x200);
    maker.put(0xc0, headers);
    maker.put(60, 0xc0, 4);
    maker.put(0x80, std::string(0x40, '\0'));
    maker.put(0x80, rich.bytes());
    EXPECT_EQ(lines_of(bytes, "key"), (std::vector<std::string>{"305419896"}));
    EXPECT_EQ(lines_of(bytes, "length"), (std::vector<std::string>{"32"}));
    EXPECT_EQ(lines_of(bytes, "version_data"), (std::vector<std::string>{R"("\x02\x00\x01\x00\x04\x00\x03\x00")"}));
    const auto rich_read = PeRichSignature::read(PeImage::read(as_bytes(bytes)).value()).value();
    EXPECT_EQ(rich_read.objects(2, std::nullopt), 5);
    EXPECT_EQ(rich_read.objects(std::nullopt, 3), 6);
    EXPECT_EQ(rich_read.objects(2, 3), 0);
    EXPECT_EQ(rich_read.objects(4, 3), 6);
    maker.put(0x80, "Dana");
    EXPECT_EQ(lines_of(bytes, "key"), (std::vector<std::string>{"YR_UNDEFINED"}));
}

TEST(Pe, FindsThePathOfTheSymbols) {
    Content content;
    content.words({0, 0, 0, 4, 0x20, 0x1000, 0}).words({0, 0, 0, 2, 0x20, 0x1040, 0}).up_to(0x40).text("RSDS").up_to(0x58).text("c:\\a.pdb");
    content.up_to(0x80);
    EXPECT_EQ(line_of(with_directory(true, PeImage::kDebug, content), "pdb_path"), R"("c:\a.pdb")");
}

}  // namespace
}  // namespace ward::modules
