// SPDX-License-Identifier: Apache-2.0
#include "tables/spec.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ward::tables {
namespace {

constexpr std::string_view kGood = R"(
name = "file"
title = "A file"
sources = ["/etc/x"]
may_read = ["/**"]
required = ["path"]
live = true

[[column]]
name = "path"
type = "text"
description = "absolute"

[[column]]
name = "size"
type = "integer"
unit = "bytes"

[[example]]
title = "How large"
query = "SELECT size FROM file WHERE path = '/etc/x'"
)";

TEST(TableSpec, ReadsADescription) {
    const auto spec = parse_spec(kGood, "file.toml");
    ASSERT_TRUE(spec) << spec.error().text;
    EXPECT_EQ(spec->name, "file");
    EXPECT_TRUE(spec->live);
    EXPECT_FALSE(spec->needs_root);
    EXPECT_EQ(spec->may_read, std::vector<std::string>{"/**"});
    EXPECT_EQ(spec->examples.at(0).title, "How large");
    EXPECT_EQ(spec->shape(), (TableShape{"file", {{"path", "text"}, {"size", "integer"}}, {"path"}}));
    EXPECT_EQ(spec->schema(),
              "-- A file\nCREATE TABLE file (\n    path text,  -- absolute; must be fixed\n    size integer  -- in bytes\n);\n");
}

TEST(TableSpec, RefusesWhatIsWrong) {
    struct Case { const char* name; const char* text; const char* message; };
    const Case cases[] = {
        {"no columns", "name = 'a'\ntitle = 'b'", "needs columns"},
        {"an unknown key", "name = 'a'\ntitle = 'b'\nlife = true", "life"},
        {"an unknown type", "name = 'a'\ntitle = 'b'\n[[column]]\nname = 'x'\ntype = 'blob'", "text, integer or real"},
        {"a name for SQL to trip over", "name = 'a b'\ntitle = 'b'", "table's name"},
        {"a column twice", "name = 'a'\ntitle = 'b'\n[[column]]\nname = 'x'\ntype = 'text'\n[[column]]\nname = 'x'\ntype = 'text'",
         "twice"},
        {"a required column that is none", "name = 'a'\ntitle = 'b'\nrequired = ['y']\n[[column]]\nname = 'x'\ntype = 'text'",
         "names no column: y"},
        {"a column that is no table", "name = 'a'\ntitle = 'b'\ncolumn = ['x']", "[[column]]"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto spec = parse_spec(c.text, "a.toml");
        ASSERT_FALSE(spec);
        EXPECT_NE(spec.error().text.find(c.message), std::string::npos) << spec.error().text;
    }
}

TEST(TableSpec, LoadsTheShippedTables) {
    const char* source = std::getenv("WARD_SOURCE");
    const auto specs = load_specs((source != nullptr ? std::string{source} : "../..") + "/data/tables");
    ASSERT_TRUE(specs) << specs.error().text;
    EXPECT_NE(find_spec(*specs, "kernel_modules"), nullptr);
    EXPECT_EQ(find_spec(*specs, "no_such_table"), nullptr);
    EXPECT_FALSE(load_specs("/nonexistent"));
}

}  // namespace
}  // namespace ward::tables
