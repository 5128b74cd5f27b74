// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/testing/archives.h"
#include "cell/modules/internal/cli.h"
#include "cell/modules/internal/declarations.h"
#include "cell/modules/testing/module_file.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ward::modules {
namespace {

using namespace std::string_literals;
using testing::ModuleFile;

// A place in #Blob.
struct Blob {
    std::string bytes;
};
// A number, a text for #Strings, or a blob; an empty text is at the start of its heap, as a 0 is.
using Cell = std::variant<std::uint32_t, std::string, Blob>;
using Rows = std::vector<std::vector<Cell>>;

// A program of one section, with metadata made by hand. Indexes have two bytes.
struct Maker {
    std::map<int, Rows> tables;
    std::string user_strings;
    std::string guids = std::string(16, '\x11');
    std::string blobs_name = "#Blob";
    std::uint8_t heaps = 0;
    std::uint32_t header_bytes = 72;
    std::uint32_t version_bytes = 12;
    std::string resources;  // at the end of the section

    static void put(std::string& out, std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i));
    }

    // The width of a column that is no heap's, by table.
    static std::string columns(int table) {
        static const std::map<int, std::string> kColumns{
            {0x00, "2s222"}, {0x01, "2ss"},       {0x02, "4ss222"}, {0x06, "422sb2"}, {0x08, "22s"}, {0x09, "22"},
            {0x0a, "2sb"},   {0x0b, "112b"},      {0x0c, "22b"},    {0x1a, "s"},      {0x1b, "b"},   {0x1d, "42"},
            {0x20, "422224bss"}, {0x23, "22224bssb"}, {0x28, "44s2"}, {0x29, "22"},   {0x2a, "222s"}, {0x2d, "2"}};
        return kColumns.at(table);
    }

    std::string make() const {
        std::string strings(1, '\0');
        std::string blobs(1, '\0');
        std::string counts;
        std::string rows;
        std::uint64_t valid = 0;
        for (const auto& [table, items] : tables) {
            valid |= std::uint64_t{1} << table;
            put(counts, items.size(), 4);
            const std::string kinds = columns(table);
            for (const auto& item : items) {
                for (std::size_t i = 0; i < kinds.size(); ++i) {
                    std::uint32_t value = 0;
                    if (const auto* number = std::get_if<std::uint32_t>(&item[i])) value = *number;
                    if (const auto* text = std::get_if<std::string>(&item[i]); text != nullptr && !text->empty()) {
                        value = static_cast<std::uint32_t>(strings.size());
                        strings += *text + '\0';
                    }
                    if (const auto* blob = std::get_if<Blob>(&item[i])) {
                        value = static_cast<std::uint32_t>(blobs.size());
                        blobs += static_cast<char>(blob->bytes.size());
                        blobs += blob->bytes;
                    }
                    const bool is_wide = (kinds[i] == 's' && (heaps & 1) != 0) || (kinds[i] == 'b' && (heaps & 4) != 0);
                    put(rows, value, is_wide ? 4 : kinds[i] == 's' || kinds[i] == 'b' ? 2 : static_cast<std::size_t>(kinds[i] - '0'));
                }
            }
        }
        std::string stream;
        put(stream, 0, 4);
        put(stream, 2, 2);
        put(stream, heaps, 1);
        put(stream, 1, 1);
        put(stream, valid, 8);
        put(stream, 0, 8);
        stream += counts + rows;

        const std::vector<std::pair<std::string, std::string>> streams{
            {"#~", stream}, {"#Strings", strings}, {"#US", user_strings}, {"#GUID", guids}, {blobs_name, blobs}};
        std::string headers;
        std::string contents;
        std::uint64_t header_size = 16 + version_bytes + 4;
        for (const auto& [name, content] : streams) header_size += 8 + (name.size() / 4 + 1) * 4;
        for (const auto& [name, content] : streams) {
            put(headers, header_size + contents.size(), 4);
            put(headers, content.size(), 4);
            headers += name + std::string(4 - name.size() % 4, '\0');
            contents += content;
        }
        std::string root = "BSJB\1\0\1\0\0\0\0\0"s;
        put(root, version_bytes, 4);
        root += ("v4.0.30319"s + std::string(300, '\0')).substr(0, version_bytes);
        put(root, 0, 2);
        put(root, streams.size(), 2);
        root += headers + contents;

        std::string section;  // at 0x2000, in the file at 0x200
        put(section, header_bytes, 4);
        put(section, 0x50002, 4);
        put(section, 0x2000 + 72, 4);
        put(section, root.size(), 4);
        put(section, 1, 4);
        put(section, 0, 4);
        put(section, resources.empty() ? 0 : 0x2000 + 72 + root.size(), 4);
        section.resize(72, '\0');
        section += root + resources;
        section.resize(section.size() + 0x40, '\0');

        std::string out = "MZ"s + std::string(58, '\0') + "\x80\0\0\0"s + std::string(64, '\0');
        out += "PE\0\0\x4c\x01\1\0"s + std::string(12, '\0') + "\xe0\0\x02\x21"s;
        std::string optional = "\x0b\x01"s;
        optional.resize(224, '\0');
        optional.replace(32, 8, "\0\x20\0\0\0\2\0\0"s);  // alignments
        optional.replace(92, 4, "\x10\0\0\0"s);
        optional.replace(96 + 14 * 8, 8, "\0\x20\0\0\x48\0\0\0"s);
        out += optional + ".text\0\0\0"s;
        put(out, section.size(), 4);
        put(out, 0x2000, 4);
        put(out, section.size(), 4);
        put(out, 0x200, 4);
        out.resize(0x200, '\0');
        return out + section;
    }
};

constexpr std::uint32_t kPublic = 1;
constexpr std::uint32_t kNestedPublic = 2;

std::vector<Cell> type(std::uint32_t flags, std::string name, std::string space = "", std::uint32_t extends = 0, std::uint32_t methods = 1) {
    return {flags, std::move(name), std::move(space), extends, 1U, methods};
}
std::vector<Cell> method(std::string name, std::string signature, std::uint32_t flags = 6, std::uint32_t parameters = 1) {
    return {0U, 0U, flags, std::move(name), Blob{std::move(signature)}, parameters};
}

std::string value(const Maker& maker, std::string_view path) { return ModuleFile{kDotnet, maker.make()}[path]; }

TEST(Dotnet, ReadsAProgramAsCompiled) {
    ModuleFile file{kDotnet, to_string(formats::testing::read_hex("testdata/modules/dotnet_library.hex"))};
    const std::pair<const char*, std::string> cases[] = {
        {"is_dotnet", "1"},
        {"version", "'v4.0.30319'"},
        {"module_name", "'small.dll'"},
        {"number_of_streams", "5"},
        {"streams[0].name", "'#~'"},
        {"number_of_guids", "1"},
        {"assembly.name", "'small'"},
        {"assembly.version.major", "1"},
        {"assembly.version.revision_number", "4"},
        {"assembly.culture", "-"},
        {"number_of_assembly_refs", "1"},
        {"assembly_refs[0].name", "'mscorlib'"},
        {"assembly_refs[0].version.major", "4"},
        {"typelib", "'01234567-89ab-cdef-0123-456789abcdef'"},
        {"number_of_modulerefs", "1"},
        {"modulerefs[0]", "'kernel32'"},
        {"number_of_user_strings", "1"},
        {"user_strings[0]", "'h\0e\0l\0l\0o\0'"s},
        {"number_of_constants", "1"},
        {"constants[0]", "'c\0'"s},
        {"number_of_field_offsets", "1"},
        {"number_of_resources", "1"},
        {"resources[0].name", "'one'"},
        {"resources[0].length", "6"},
        {"number_of_classes", "5"},
        {"classes[0].fullname", "'Small.Base'"},
        {"classes[0].abstract", "1"},
        {"classes[0].number_of_generic_parameters", "1"},
        {"classes[0].generic_parameters[0]", "'T'"},
        {"classes[0].base_types[1]", "'System.IComparable<T>'"},
        {"classes[0].methods[2].name", "'Make'"},
        {"classes[0].methods[2].visibility", "'protected internal'"},
        {"classes[0].methods[2].return_type", "'V[]'"},
        {"classes[0].methods[2].generic_parameters[0]", "'V'"},
        {"classes[0].methods[2].parameters[0].name", "'a'"},
        {"classes[0].methods[2].parameters[0].type", "'System.Collections.Generic.Dictionary<T,int[,]>'"},
        {"classes[0].methods[2].parameters[1].type", "'ref string'"},
        {"classes[1].fullname", "'Small.Base.Inner'"},
        {"classes[1].namespace", "'Small.Base'"},
        {"classes[1].visibility", "'private'"},
        {"classes[2].methods[0].name", "'Beep'"},
        {"classes[2].methods[0].static", "1"},
    };
    for (const auto& [path, want] : cases) {
        SCOPED_TRACE(path);
        EXPECT_EQ(file[path], want);
    }
}

TEST(Dotnet, TellsWhatIsNoProgramOfIts) {
    EXPECT_EQ(value({}, "is_dotnet"), "1");
    EXPECT_EQ((ModuleFile{kDotnet, "text"}["is_dotnet"]), "-");
    Maker maker;
    maker.header_bytes = 71;
    EXPECT_EQ(value(maker, "is_dotnet"), "0");
    EXPECT_EQ(value(maker, "number_of_streams"), "-");
    for (const auto& [bytes, is_one] : {std::pair{0U, false}, {4U, true}, {10U, false}, {252U, true}, {256U, false}}) {
        Maker other;
        other.version_bytes = bytes;
        EXPECT_EQ(value(other, "is_dotnet"), is_one ? "1" : "0") << bytes;
    }
}

TEST(Dotnet, CountsWhatATableHasAndKnowsNothingOfOneThatIsNotThere) {
    Maker maker;
    EXPECT_EQ(value(maker, "number_of_classes"), "0");
    EXPECT_EQ(value(maker, "number_of_constants"), "-");
    maker.tables[0x0b] = {{8U, 0U, 1U, Blob{"abcd"}}, {14U, 0U, 1U, Blob{"a"}}, {14U, 1U, 1U, Blob{"b"}}, {14U, 0U, 1U, Blob{""}}};
    EXPECT_EQ(value(maker, "number_of_constants"), "2");
    EXPECT_EQ(value(maker, "constants[1]"), "''");
    // A table that nobody knows ends the reading: those before it count.
    maker.tables[0x2d] = {{0U}};
    EXPECT_EQ(value(maker, "number_of_constants"), "2");
    EXPECT_EQ(value(maker, "number_of_classes"), "-");
    // Names of streams may go on; without one for blobs there are no tables.
    maker.blobs_name = "#Blobs";
    EXPECT_EQ(value(maker, "number_of_constants"), "2");
    maker.blobs_name = "#Bl";
    EXPECT_EQ(value(maker, "number_of_constants"), "-");
    EXPECT_EQ(value(maker, "number_of_streams"), "5");
}

TEST(Dotnet, StopsAtALongTable) {
    for (const auto& [rows, want] : {std::pair{std::size_t{Cli::kMaxRows}, "0"}, {std::size_t{Cli::kMaxRows} + 1, "-"}}) {
        Maker maker;
        maker.tables[0x0b] = Rows(rows, {8U, 0U, 1U, 0U});
        EXPECT_EQ(value(maker, "number_of_classes"), want);
        EXPECT_EQ(value(maker, "number_of_constants"), want);
    }
}

TEST(Dotnet, ReadsWideIndexes) {
    for (const int heaps : {0, 1, 4, 5}) {
        Maker maker;
        maker.heaps = static_cast<std::uint8_t>(heaps);
        maker.tables[0x00] = {{0U, "name"s, 1U, 0U, 0U}};
        maker.tables[0x20] = {{0U, 1U, 2U, 3U, 4U, 0U, Blob{"key"}, "asm"s, "en"s}};
        maker.tables[0x23] = {{1U, 2U, 3U, 4U, 0U, Blob{"key"}, "ref"s, ""s, 0U}};
        ModuleFile file{kDotnet, maker.make()};
        EXPECT_EQ(file["module_name"], "'name'");
        EXPECT_EQ(file["assembly.name"], "'asm'");
        EXPECT_EQ(file["assembly.culture"], "'en'");
        EXPECT_EQ(file["assembly.version.build_number"], "3");
        EXPECT_EQ(file["assembly_refs[0].public_key_or_token"], "'key'");
        EXPECT_EQ(file["assembly_refs[0].name"], "'ref'");
    }
}

TEST(Dotnet, TakesNoLongTexts) {
    for (const std::size_t bytes : {std::size_t{1024}, std::size_t{1025}}) {
        Maker maker;
        maker.tables[0x1a] = {{std::string(bytes, 'x')}};
        EXPECT_EQ(value(maker, "number_of_modulerefs"), bytes == 1024 ? "1" : "0");
    }
}

TEST(Dotnet, ListsSixteenGuidsAtMost) {
    Maker maker;
    maker.guids = "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"s + std::string(16 * 20, '\1');
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["guids[0]"], "'00112233-4455-6677-8899-aabbccddeeff'");
    EXPECT_EQ(file["number_of_guids"], "16");
}

TEST(Dotnet, ListsUserStringsThatAreNotEmpty) {
    Maker maker;
    maker.user_strings = "\0\3a\0\0\0\1\0\5b\0c\0\1"s;
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["number_of_user_strings"], "2");
    EXPECT_EQ(file["user_strings[1]"], "'b\0c\0'"s);
    maker.user_strings = "\0\3a\0\0\xff"s;  // the second is malformed
    EXPECT_EQ(value(maker, "number_of_user_strings"), "1");
    maker.user_strings = "\0\3a\0\2b\1"s;  // a last byte that is not 0 or 1 is another string's length
    EXPECT_EQ(value(maker, "user_strings[1]"), "'b'");
}

TEST(Dotnet, ListsAMillionUserStringsAtMost) {
    Maker maker;
    maker.user_strings = "\0"s;
    for (int i = 0; i < 1'000'010; ++i) maker.user_strings += "\2x";
    EXPECT_EQ(value(maker, "number_of_user_strings"), "1000000");
}

TEST(Dotnet, ListsResourcesOfOtherFilesByName) {
    Maker maker;
    maker.resources = "\3\0\0\0abc"s;
    maker.tables[0x28] = {{0U, 0U, "here"s, 0U}, {0U, 0U, "there"s, 4U}};
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["number_of_resources"], "2");
    EXPECT_EQ(file["resources[0].length"], "3");
    EXPECT_EQ(file["resources[1].name"], "'there'");
    EXPECT_EQ(file["resources[1].length"], "-");
}

TEST(Dotnet, TakesTheTypelibOfTheLastAttributeOnTheAssembly) {
    struct Case { const char* name; std::string attribute; std::string blob; std::uint32_t parent; std::uint32_t constructor; const char* want; };
    const Case cases[] = {
        {"plain", "GuidAttribute", "\1\0\3abc\0\0"s, 46, 11, "'abc'"},
        {"the beginning of a name", "GuidAttributes", "\1\0\3abc"s, 46, 11, "'abc'"},
        {"another name", "Guid", "\1\0\3abc"s, 46, 11, "-"},
        {"row 0 is the first", "GuidAttribute", "\1\0\3abc"s, 46, 3, "'abc'"},
        {"of a module", "GuidAttribute", "\1\0\3abc"s, 39, 11, "-"},
        {"no such row", "GuidAttribute", "\1\0\3abc"s, 46, 19, "-"},
        {"a zero byte ends it", "GuidAttribute", "\1\0\3a\0c"s, 46, 11, "'a'"},
        {"empty", "GuidAttribute", "\1\0\0"s, 46, 11, "''"},
        {"no mark", "GuidAttribute", "\0\0\3abc"s, 46, 11, "-"},
        {"cut", "GuidAttribute", "\1\0\4abc"s, 46, 11, "-"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Maker maker;
        maker.tables[0x01] = {{0U, c.attribute, "N"s}};
        maker.tables[0x0a] = {{9U, ".ctor"s, 0U}};
        maker.tables[0x0c] = {{c.parent, c.constructor, Blob{c.blob}}};
        EXPECT_EQ(value(maker, "typelib"), c.want);
        // A later one that cannot be read changes nothing, one that can does.
        maker.tables[0x0c].push_back({46U, 11U, Blob{"\1"s}});
        EXPECT_EQ(value(maker, "typelib"), c.want);
        maker.tables[0x0c].push_back({46U, 11U, Blob{"\1\0\1z"s}});
        EXPECT_EQ(value(maker, "typelib"), c.attribute == "Guid" ? "-" : "'z'");
    }
}

TEST(Dotnet, HasNoVersionThatNoZeroByteEnds) {
    Maker maker;
    EXPECT_EQ(value(maker, "version"), "'v4.0.30319'");
    maker.version_bytes = 8;
    EXPECT_EQ(value(maker, "version"), "-");
    EXPECT_EQ(value(maker, "number_of_streams"), "5");
}

TEST(Dotnet, NamesNestedTypes) {
    Maker maker;
    maker.tables[0x02] = {type(kPublic, "<Module>"),         type(kPublic, "Outer`1", "S`2"), type(kNestedPublic, "In"),
                          type(kNestedPublic, "Deep", "D"),  type(kNestedPublic, "Alone"),    type(kNestedPublic, "Self"),
                          type(kNestedPublic, "`1"),         type(kPublic, "Outer`1", "S")};
    maker.tables[0x29] = {{3U, 8U}, {4U, 3U}, {6U, 6U}, {3U, 2U}};
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["number_of_classes"], "6");  // <Module> is none, nor is one without a name
    EXPECT_EQ(file["classes[0].fullname"], "'S'");
    EXPECT_EQ(file["classes[0].namespace"], "'S`2'");
    EXPECT_EQ(file["classes[0].name"], "'Outer'");
    EXPECT_EQ(file["classes[1].fullname"], "'S.Outer.In'");
    EXPECT_EQ(file["classes[1].namespace"], "'S.Outer'");
    EXPECT_EQ(file["classes[2].fullname"], "'S.Outer.In.D.Deep'");
    EXPECT_EQ(file["classes[3].fullname"], "'Alone'");
    EXPECT_EQ(file["classes[3].namespace"], "-");
    EXPECT_EQ(file["classes[4].fullname"], "'Self.Self'");
}

TEST(Dotnet, EndsNestingThatHasNoEnd) {
    Maker maker;
    maker.tables[0x02] = {type(kNestedPublic, "A"), type(kNestedPublic, "B")};
    maker.tables[0x29] = {{1U, 2U}, {2U, 1U}};
    EXPECT_EQ(value(maker, "classes[0].fullname"), "'A.B.A.B.A.B.A.B.A.B.A'");
}

TEST(Dotnet, DividesMethodsAmongClasses) {
    struct Case { std::uint32_t first; std::uint32_t second; const char* want_first; const char* want_second; };
    const Case cases[] = {{1, 3, "2", "1"}, {3, 1, "0", "3"}, {0, 2, "-", "2"}, {1, 9, "3", "0"}, {1, 20'001, "3", "0"}, {1, 20'002, "-", "0"}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.first);
        SCOPED_TRACE(c.second);
        Maker maker;
        maker.tables[0x02] = {type(kPublic, "A", "", 0, c.first), type(kPublic, "B", "", 0, c.second)};
        maker.tables[0x06] = Rows(3, method("m", "\0\0\1"s));
        ModuleFile file{kDotnet, maker.make()};
        EXPECT_EQ(file["classes[0].number_of_methods"], c.want_first);
        EXPECT_EQ(file["classes[1].number_of_methods"], c.want_second);
    }
}

TEST(Dotnet, NamesParametersByTheirRows) {
    Maker maker;
    maker.tables[0x02] = {type(kPublic, "A")};
    maker.tables[0x06] = {method("a", "\0\2\1\x08\x08"s, 6, 1), method("b", "\0\2\1\x08\x08"s, 6, 2), method(".ctor", "\0\1\1\x08"s, 6, 0)};
    maker.tables[0x08] = {{0U, 0U, "returned"s}, {0U, 2U, ""s}};
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["classes[0].methods[0].parameters[0].name"], "'returned'");
    EXPECT_EQ(file["classes[0].methods[0].parameters[1].name"], "''");
    EXPECT_EQ(file["classes[0].methods[1].parameters[1].name"], "'P_1'");
    EXPECT_EQ(file["classes[0].methods[2].number_of_parameters"], "-");
    EXPECT_EQ(file["classes[0].methods[2].return_type"], "-");
    EXPECT_EQ(file["classes[0].methods[1].return_type"], "'void'");
}

// What a parameter of this type is called; "-" when its method is not listed.
std::string type_name(const std::string& signature) {
    Maker maker;
    maker.tables[0x01] = {{0U, "T"s, "N"s}};
    maker.tables[0x02] = {type(kPublic, "C`1", "N", 6)};
    maker.tables[0x06] = {method("m", "\x10\1\1\1"s + signature)};
    maker.tables[0x08] = {{0U, 1U, "p"s}};
    maker.tables[0x09] = {{1U, 5U}};
    maker.tables[0x1b] = {{Blob{"\x12\x06"s}}};
    maker.tables[0x2a] = {{0U, 0U, 2U, "A"s}, {0U, 0U, 3U, "M"s}};
    return value(maker, "classes[0].methods[0].parameters[0].type");
}

std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

TEST(Dotnet, WritesTypes) {
    struct Case { const char* name; std::string signature; std::string want; };
    const Case cases[] = {
        {"simple", "\x0b"s, "'ulong'"},
        {"pointers", "\x0f\x0f\1"s, "'Ptr<Ptr<void>>'"},
        {"reference", "\x10\x0e"s, "'ref string'"},
        {"class", "\x12\x05"s, "'N.T'"},
        {"own", "\x11\x04"s, "'N.C'"},
        {"parameter of the class", "\x13\0"s, "'A'"},
        {"there is no second", "\x13\1"s, "-"},
        {"parameter of the method", "\x1e\0"s, "'M'"},
        {"vectors", "\x1d\x1d\x1c"s, "'object[][]'"},
        {"array", "\x14\x08\2\0\0"s, "'int[,]'"},
        {"array with sizes", "\x14\x08\3\2\4\0\0"s, "'int[4,0,]'"},
        {"array with lowest indexes", "\x14\x08\2\1\4\2\2\x7b"s, "'int[1...4,-3...]'"},
        {"array of rank 0", "\x14\x08\0\0\0"s, "-"},
        {"array of rank 50", "\x14\x08\x32\0\0"s, "'int[" + std::string(49, ',') + "]'"},
        {"array of rank 51", "\x14\x08\x33\0\0"s, "-"},
        {"more sizes than dimensions", "\x14\x08\1\2\1\1\0"s, "-"},
        {"instance", "\x15\x12\x05\2\x08\x13\0"s, "'N.T<int,A>'"},
        {"instance with what is unknown", "\x15\x12\x05\3\x13\7\x08\x13\7"s, "'N.T<,int>'"},
        {"function", "\x1b\0\2\1\x08\x0e"s, "'FnPtr<void(int, string)>'"},
        {"modifier", "\x1f\x05\x20\x05\x18"s, "'IntPtr'"},
        {"nothing", ""s, "-"},
        {"unknown", "\x45"s, "-"},
        {"sixteen deep", std::string(16, '\x0f') + "\2", "'" + repeat("Ptr<", 16) + "bool" + repeat(">", 16) + "'"},
        {"seventeen deep", std::string(17, '\x1d') + "\2", "-"},
        {"of itself", "\x12\x06"s, "-"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(type_name(c.signature), c.want);
    }
}

TEST(Dotnet, SpendsNoMoreOnNamesThanItsBudget) {
    // Types of 100 arguments that are such types again, sixteen levels deep.
    Maker maker;
    maker.tables[0x01] = {{0U, "T"s, "N"s}};
    maker.tables[0x02] = {type(kPublic, "C", "", 6)};
    std::string wide = "\x15\x12\x05\x64"s;
    for (int i = 0; i < 50; ++i) wide += "\x12\x06"s;
    maker.tables[0x1b] = {{Blob{wide}}};
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["number_of_classes"], "1");
    EXPECT_EQ(file["classes[0].number_of_base_types"], "0");
}

TEST(Dotnet, ListsNoMoreThanTheFileCanHave) {
    // Every second class claims all methods.
    Maker maker;
    for (std::uint32_t i = 0; i < 2000; ++i) maker.tables[0x02].push_back(type(kPublic, "C", "", 0, i % 2 == 0 ? 1 : 2001));
    maker.tables[0x06] = Rows(2000, method("m", "\0\0\1"s));
    ModuleFile file{kDotnet, maker.make()};
    EXPECT_EQ(file["classes[0].number_of_methods"], "2000");
    EXPECT_NE(file["number_of_classes"], "2000");
}

TEST(Compressed, ReadsNumbersOfEachWidth) {
    struct Case { std::string bytes; std::optional<std::uint32_t> plain; std::optional<std::int32_t> with_sign; };
    // The examples of section II.23.2.
    const Case cases[] = {
        {"\x06"s, 6, 3}, {"\x7f"s, 0x7f, -1}, {"\x80\x80"s, 0x80, 64}, {"\xae\x57"s, 0x2e57, 5931 - 8192}, {"\xbf\xff"s, 0x3fff, -1},
        {"\xc0\0\x40\0"s, 0x4000, 8192}, {"\xdf\xff\xff\xff"s, 0x1fffffff, -1}, {"\x01"s, 1, -64}, {"\x80\x01"s, 1, -8192},
        {"\xc0\0\0\1"s, 1, -268435456}, {"\x80"s, {}, {}}, {"\xc0\0\0"s, {}, {}}, {"\xe0\0\0\0"s, {}, {}}, {""s, {}, {}}};
    for (const auto& c : cases) {
        SCOPED_TRACE(to_hex(as_bytes(c.bytes)));
        Bytes plain = as_bytes(c.bytes);
        EXPECT_EQ(compressed(plain), c.plain);
        Bytes with_sign = as_bytes(c.bytes);
        EXPECT_EQ(compressed_signed(with_sign), c.with_sign);
    }
}

}  // namespace
}  // namespace ward::modules
