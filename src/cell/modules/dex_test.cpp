// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"
#include "cell/modules/internal/declarations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ward::modules {
namespace {

using namespace std::string_literals;

// A dex file made by hand: class La; with the static field I a, the direct method <init> and the virtual method run.
class Maker {
public:
    Maker() : bytes_(kEnd, '\0') {
        put(0, "dex\n035\0"s);
        put(8, 0x11223344, 4);
        put(12, std::string(20, 's'));
        put(36, 112, 4);
        put(40, 0x12345678, 4);
        put(52, kMap, 4);
        table(56, kStrings.size(), kStringIds);
        table(64, 3, kTypeIds);
        table(72, 1, kProtoIds);
        table(80, 1, kFieldIds);
        table(88, 2, kMethodIds);
        table(96, 1, kClassDefs);
        std::size_t at = kStringData;
        for (std::size_t i = 0; i < kStrings.size(); ++i) {
            put(kStringIds + 4 * i, at, 4);
            put(at, kStrings[i].size(), 1);
            put(at + 1, kStrings[i]);
            at += kStrings[i].size() + 2;
        }
        // Types: I, La;, V.
        put(kTypeIds, 0, 4);
        put(kTypeIds + 4, 1, 4);
        put(kTypeIds + 8, 2, 4);
        put(kProtoIds, 2, 4);
        put(kProtoIds + 4, 2, 4);
        put(kFieldIds, 1, 2);
        put(kFieldIds + 4, 3, 4);
        put(kMethodIds, 1, 2);
        put(kMethodIds + 4, 4, 4);
        put(kMethodIds + 8, 1, 2);
        put(kMethodIds + 12, 5, 4);
        put(kClassDefs, 1, 4);
        put(kClassDefs + 4, 1, 4);
        put(kClassDefs + 8, 0xffffffff, 4);
        put(kClassDefs + 24, kClassData, 4);
        put(kMap, 1, 4);
        put(kMap + 4, 0x2001, 2);
        put(kMap + 8, 1, 4);
        put(kMap + 12, kCode, 4);
        // Sizes 1 0 1 1; field 0 static; method 0 with its code, then method 1 (a difference to nothing: a new list begins).
        put(kClassData, "\x01\x00\x01\x01"s + "\x00\x08"s + "\x00\x81\x80\x04\xc0\x02"s + "\x01\x01\x00"s);
        put(kCode, 2, 2);
        put(kCode + 2, 1, 2);
        put(kCode + 8, 7, 4);
        put(kCode + 12, 1, 4);
        put(kCode + 16, "\x0e\x00"s);
    }

    void put(std::size_t at, const std::string& text) { bytes_.replace(at, text.size(), text); }
    void put(std::size_t at, std::uint64_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) bytes_[at + i] = static_cast<char>(value >> (8 * i));
    }
    std::string& bytes() { return bytes_; }

    static constexpr std::size_t kStringIds = 112, kTypeIds = 136, kProtoIds = 148, kFieldIds = 160, kMethodIds = 168, kClassDefs = 184,
                                 kMap = 216, kClassData = 240, kStringData = 260, kCode = 320, kEnd = 340;
    inline static const std::vector<std::string> kStrings{"I", "La;", "V", "a", "<init>", "run"};

private:
    void table(std::size_t at, std::size_t count, std::size_t offset) {
        put(at, count, 4);
        put(at + 4, offset, 4);
    }
    std::string bytes_;
};

std::string all_of(const std::string& bytes) {
    Environment environment;
    environment.bytes = as_bytes(bytes);
    Instance in{kDex, environment};
    return dump(in);
}

// The line of the dump that gives this field of the root.
std::string line_of(const std::string& bytes, const std::string& name) {
    const std::string all = all_of(bytes);
    const std::size_t at = all.find("\n\t" + name + " = ");
    if (at == std::string::npos) return "";
    const std::size_t start = at + 2 + name.size() + 3;
    return all.substr(start, all.find('\n', start) - start);
}

bool has(const std::string& bytes, const std::string& lines) { return all_of(bytes).find(lines) != std::string::npos; }

// A regular expression stands for its number: 1 finds "r", 2 finds "L", others nothing.
std::string call(const std::string& bytes, std::string_view name, const std::vector<Value>& arguments) {
    Environment environment;
    environment.bytes = as_bytes(bytes);
    environment.matches = [](Regex regex, std::string_view text) {
        return regex.offset == 1 ? text.find('r') != text.npos : regex.offset == 2 && text.find('L') != text.npos;
    };
    Instance in{kDex, environment};
    for (const auto& field : kDex.fields) {
        if (field.name != name) continue;
        for (const auto& form : field.signatures) {
            if (form.arguments.size() != arguments.size() || (form.arguments[0] == 'r') != std::holds_alternative<Regex>(arguments[0])) continue;
            const Value value = form.run(in, in.root(), arguments);
            const auto* number = std::get_if<std::int64_t>(&value);
            return number == nullptr ? "undefined" : std::to_string(*number);
        }
    }
    return "no such form";
}

TEST(Dex, FindsNoExpressionWhereNobodyMatchesAny) {
    const std::string bytes = Maker{}.bytes();
    Environment environment;
    environment.bytes = as_bytes(bytes);
    Instance in{kDex, environment};
    const std::vector<Value> wanted{Regex{1}};
    const auto has_class = std::find_if(kDex.fields.begin(), kDex.fields.end(), [](const Field& field) { return field.name == "has_class"; });
    ASSERT_NE(has_class, kDex.fields.end());
    EXPECT_EQ(has_class->signatures[1].run(in, in.root(), wanted), Value{std::int64_t{0}});
}

TEST(Dex, ReadsHeaderTablesClassesAndMethods) {
    Maker maker;
    const std::string& bytes = maker.bytes();
    EXPECT_TRUE(has(bytes, "\tmagic = \"dex\\x0a035\\x00\"\n"));
    EXPECT_TRUE(has(bytes, "\tsignature = \"ssssssssssssssssssss\"\n\t\tchecksum = 287454020\n"));
    EXPECT_TRUE(has(bytes, "\tendian_tag = 305419896\n\t\theader_size = 112\n"));
    EXPECT_TRUE(has(bytes, "\t\t[4]\n\t\t\toffset = 274\n\t\t\tsize = 6\n\t\t\tvalue = \"<init>\"\n"));
    EXPECT_TRUE(has(bytes, "\tmap_item\n\t\t\t[0]\n\t\t\t\ttype = 8193\n\t\t\t\tunused = 0\n\t\t\t\tsize = 1\n\t\t\t\toffset = 320\n\t\tsize = 1\n"));
    EXPECT_TRUE(has(bytes, "\tclass_data_offset = 240\n"));
    EXPECT_TRUE(has(bytes, "super_class_idx = 4294967295\n"));
    EXPECT_TRUE(has(bytes, "\t\t\tclass_name = \"La;\"\n\t\t\tname = \"a\"\n\t\t\tproto = \"I\"\n\t\t\tstatic = 1\n\t\t\tinstance = 0\n"
                           "\t\t\tfield_idx_diff = 0\n\t\t\taccess_flags = 8\n"));
    EXPECT_TRUE(has(bytes, "debug_info_off = 7\n\t\t\t\tinsns_size = 1\n\t\t\t\tinsns = \"\\x0e\\x00\"\n"));
    EXPECT_TRUE(has(bytes, "\t\t\tclass_name = \"La;\"\n\t\t\tname = \"<init>\"\n\t\t\tproto = \"V\"\n\t\t\tdirect = 1\n\t\t\tvirtual = 0\n"
                           "\t\t\tmethod_idx_diff = 0\n\t\t\taccess_flags = 65537\n\t\t\tcode_off = 320\n"));
    EXPECT_TRUE(has(bytes, "\tname = \"run\"\n"));
    EXPECT_EQ(line_of(bytes, "number_of_methods"), "2");
    EXPECT_EQ(line_of(bytes, "number_of_fields"), "1");
}

TEST(Dex, KnowsItsConstantsWithoutADexFile) {
    EXPECT_EQ(line_of("text", "DEX_FILE_MAGIC_039"), "\"dex\\x0a039\\x00\"");
    EXPECT_EQ(line_of("text", "NO_INDEX"), "4294967295");
    EXPECT_EQ(line_of("text", "number_of_methods"), "YR_UNDEFINED");
    EXPECT_EQ(call("text", "has_method", {"run"}), "undefined");
}

TEST(Dex, FindsMethodsAndClasses) {
    Maker maker;
    struct Case { const char* name; std::vector<Value> arguments; const char* want; };
    const Case cases[] = {
        {"has_method", {"run"}, "1"},
        {"has_method", {"ru"}, "0"},
        {"has_method", {std::string_view{"run\0more", 8}}, "1"},
        {"has_method", {"La;", "run"}, "1"},
        {"has_method", {"Lb;", "run"}, "0"},
        {"has_method", {Regex{1}}, "1"},
        {"has_method", {Regex{3}}, "0"},
        {"has_method", {Regex{2}, Regex{1}}, "1"},
        {"has_method", {Regex{1}, Regex{1}}, "0"},
        {"has_class", {"La;"}, "1"},
        {"has_class", {"run"}, "0"},
        {"has_class", {Regex{2}}, "1"},
        {"has_class", {Regex{1}}, "0"},
    };
    for (const auto& c : cases) EXPECT_EQ(call(maker.bytes(), c.name, c.arguments), c.want) << c.name << ' ' << &c - cases;
    // The class's name lies outside of the table of strings: any class is meant.
    maker.put(Maker::kTypeIds + 4, 6, 4);
    EXPECT_EQ(call(maker.bytes(), "has_method", {"Lb;", "run"}), "1");
    EXPECT_EQ(call(maker.bytes(), "has_class", {"La;"}), "0");
}

TEST(Dex, GoesAsFarAsAFileGoes) {
    struct Case { const char* name; std::size_t at; std::uint64_t value; std::size_t width; const char* methods; const char* lines; };
    const Case cases[] = {
        {"another version", 6, '0', 1, "YR_UNDEFINED", "\theader\n\t\tdata_offset = YR_UNDEFINED\n"},
        {"strings behind the end", 60, 0x7fffffff, 4, "YR_UNDEFINED", "\ttype_ids\n\tstring_ids\n\theader\n\t\tdata_offset = 0\n"},
        {"types behind the end", 64, 0x40000000, 4, "YR_UNDEFINED", "\tproto_ids\n\ttype_ids\n\tstring_ids\n\t\t[0]\n"},
        {"fields behind the end", 84, 341, 4, "YR_UNDEFINED", "\tmethod_ids\n\tfield_ids\n\tproto_ids\n\t\t[0]\n"},
        {"no map", 52, 0, 4, "2", "\tmap_list\n\t\tmap_item\n\t\tsize = YR_UNDEFINED\n"},
        {"a map behind the end", 52, 337, 4, "2", "\tmap_list\n\t\tmap_item\n\t\tsize = YR_UNDEFINED\n"},
        {"a map that is cut short", Maker::kMap, 20, 4, "YR_UNDEFINED", "\tmap_list\n\t\tmap_item\n\t\t\t[0]\n"},
        {"a map larger than the file", Maker::kMap, 0xffffffff, 4, "YR_UNDEFINED", "\t\tmap_item\n\t\tsize = 4294967295\n"},
        {"classes behind the end", 96, 11, 4, "YR_UNDEFINED", "\tclass_data_item\n\tclass_defs\n"},
        {"class data behind the end", Maker::kClassDefs + 24, 325, 4, "YR_UNDEFINED", "\tclass_data_item\n\tclass_defs\n\t\t[0]\n"},
        {"no class data", Maker::kClassDefs + 24, 0, 4, "0", "\tclass_data_item\n\tclass_defs\n\t\t[0]\n"},
        {"a string behind the end", Maker::kStringIds + 16, 337, 4, "2", "\tclass_name = \"La;\"\n\t\t\tname = YR_UNDEFINED\n"},
        {"a text behind the end", Maker::kStringData + 3, 255, 1, "2", "\t\t\tvalue = \"I\"\n\t\t[2]\n\t\t\toffset = 268\n"},
        {"code behind the end", Maker::kClassData + 9, 0x4fd4, 2, "2", "\tinsns = YR_UNDEFINED\n"},
        {"a method that is none", Maker::kClassData + 6, 9, 1, "0", "\tnumber_of_methods = 0\n"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Maker maker;
        maker.put(c.at, c.value, c.width);
        EXPECT_EQ(line_of(maker.bytes(), "number_of_methods"), c.methods);
        EXPECT_TRUE(has(maker.bytes(), c.lines)) << all_of(maker.bytes());
    }
    Maker maker;
    for (std::size_t size = 0; size < maker.bytes().size(); ++size) {
        const std::string cut = maker.bytes().substr(0, size);
        // The last method is read from twelve bytes, whatever it takes.
        EXPECT_EQ(line_of(cut, "number_of_methods") == "2", size >= Maker::kClassData + 12 + 12) << size;
    }
}

TEST(Dex, EndsWhereClassesShareTheirData) {
    Maker maker;
    constexpr std::size_t kClasses = 1000;
    const std::size_t at = maker.bytes().size();
    maker.bytes().append(32 * kClasses, '\0');
    maker.put(96, kClasses, 4);
    maker.put(100, at, 4);
    // Static fields to the end of the file, of two bytes each: more than the file has for all classes together.
    const std::size_t data = maker.bytes().size();
    maker.bytes() += "\xff\x7f\x00\x00\x00"s + std::string(40'000, '\0');
    for (std::size_t i = 0; i < kClasses; ++i) maker.put(at + 32 * i + 24, data, 4);
    const std::string all = all_of(maker.bytes());
    EXPECT_LT(all.size(), maker.bytes().size() * 200);
    EXPECT_EQ(line_of(maker.bytes(), "number_of_fields"), "YR_UNDEFINED");
}

}  // namespace
}  // namespace ward::modules
