// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace ward::modules {
namespace {

using namespace std::string_literals;

// The database that ships with Ward.
const std::string& database() {
    static const std::string bytes = [] {
        std::ifstream in{std::string{std::getenv("WARD_BIN")} + "/../share/ward/magic.mgc", std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{in}, {}};
    }();
    return bytes;
}

std::string ask(const std::string& bytes, std::string_view name, const std::string* data) {
    Environment environment;
    environment.bytes = as_bytes(bytes);
    if (data != nullptr) environment.data["magic"] = as_bytes(*data);
    Instance in{kMagic, environment};
    for (const auto& field : kMagic.fields) {
        if (field.name != name) continue;
        const Value first = field.signatures[0].run(in, in.root(), {});
        const Value again = field.signatures[0].run(in, in.root(), {});
        EXPECT_EQ(first == again, true);
        const auto* text = std::get_if<std::string_view>(&first);
        return text == nullptr ? "undefined" : std::string{*text};
    }
    return "no such function";
}

TEST(Magic, NamesTypesAsLibmagicDoes) {
    struct Case { std::string bytes; const char* type; const char* mime_type; };
    const Case cases[] = {
        {"", "undefined", "undefined"},
        {"plain words\n", "ASCII text", "text/plain"},
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\2\x08\2\0\0\0"s, "PNG image data, 1 x 2, 8-bit/color RGB, non-interlaced", "image/png"},
        {"#!/bin/sh\necho\n", "POSIX shell script, ASCII text executable", "text/x-shellscript"},
        {"\x01\x02\x03\xff"s, "data", "application/octet-stream"},
        {"{\"a\": 1}\n", "JSON text data", "application/json"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(ask(c.bytes, "type", &database()), c.type);
        EXPECT_EQ(ask(c.bytes, "mime_type", &database()), c.mime_type);
    }
}

TEST(Magic, KnowsNothingWithoutItsDatabase) {
    EXPECT_EQ(ask("plain words\n", "type", nullptr), "undefined");
    EXPECT_FALSE(check_data("magic", {}).ok());
    const std::string broken = "\x1c\x04\x1e\xf1" + std::string(1000, '\x7f');
    EXPECT_FALSE(check_data("magic", as_bytes(broken)).ok());
    EXPECT_EQ(ask("plain words\n", "type", &broken), "undefined");
    const std::string cut = database().substr(0, database().size() / 2);
    EXPECT_FALSE(check_data("magic", as_bytes(cut)).ok());
    EXPECT_TRUE(check_data("magic", as_bytes(database())).ok());
}

}  // namespace
}  // namespace ward::modules
