// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"
#include "model/encode.h"
#include "model/snapshots.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

// What a walk found.
Buffer found(const std::vector<std::string>& paths) {
    std::vector<FolderEntry> entries;
    for (const auto& path : paths) entries.push_back({path, 0100644, 0, 0, 0, 1, {}, {}});
    return to_bytes(entries);
}

Strings read(const std::string& path, const std::string& content, Strings& gaps) {
    const auto answer = Sources{}.bytes("software:", found({path})).file(path, content).parse(parse_software);
    gaps = gaps_of(answer);
    return columns("software", answer, {"ecosystem", "name", "version", "license", "folder", "package"});
}

TEST(Software, AsksForEachFileThatTheWalkFound) {
    const auto answer = Sources{}.bytes("software:", found({"/a.dist-info/METADATA", "/node_modules/b/package.json"})).parse(parse_software);
    EXPECT_EQ(answer.wants, (std::vector<std::string>{"file:/a.dist-info/METADATA", "file:/node_modules/b/package.json"}));
    EXPECT_TRUE(answer.rows.rows.empty());
    EXPECT_EQ(Sources{}.bytes("software:", {9}).parse(parse_software).rows.gaps.size(), 1U);
}

// An answer that asks for more does not cross the wall, and nothing would be known.
TEST(Software, AsksForNoMoreFilesThanItMay) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < wire::kMaxWants + std::size_t{2}; ++i) paths.push_back(fmt::format("/node_modules/{}/package.json", i));
    const auto answer = Sources{}.bytes("software:", found(paths)).file(paths[0], R"({"name":"a"})").parse(parse_software);
    EXPECT_EQ(answer.wants.size(), wire::kMaxWants);
    EXPECT_EQ(columns("software", answer, {"name"}), Strings{"a"});
    EXPECT_EQ(gaps_of(answer), Strings{":0 over_limit"});
    Buffer encoded;
    Encoder out{encoded};
    wire::encode(answer, out);
    Decoder in{encoded};
    EXPECT_TRUE(wire::decode_parse_answer(in));
}

TEST(Software, ReadsWhatPythonSaysOfItself) {
    struct Case { const char* name; std::string content; Strings rows; Strings gaps; };
    const std::string head = "Metadata-Version: 2.1\n";
    const Case cases[] = {
        {"as written", head + "Name: requests\nVersion: 2.28.1\nLicense: Apache 2.0\n", {"PyPI|requests|2.28.1|Apache 2.0|/p/x.dist-info|"}, {}},
        {"one spelling of a name", head + "Name: Zope._-Interface\nVersion: 5\n", {"PyPI|zope-interface|5||/p/x.dist-info|"}, {}},
        {"an expression wins", head + "License: old text\nLicense-Expression: MIT\nLicense: later\nname: a\n", {"PyPI|a||MIT|/p/x.dist-info|"}, {}},
        {"fields in any case, CR LF", "NAME:a\r\nvERSION :x\r\nVersion:1\r\n", {"PyPI|a|1||/p/x.dist-info|"}, {}},
        {"a field that goes on is no other", "Name: a\nSummary: x\n Version: 9\n\tName: b\nVersion: 1\n", {"PyPI|a|1||/p/x.dist-info|"}, {}},
        {"nothing of the text behind the head", "Name: a\n\nVersion: 9\n", {"PyPI|a|||/p/x.dist-info|"}, {}},
        {"no license", "Name: a\nVersion: 1\nLicense: UNKNOWN\n", {"PyPI|a|1||/p/x.dist-info|"}, {}},
        {"the first of two", "Name: a\nName: b\nVersion: 1\nVersion: 2\n", {"PyPI|a|1||/p/x.dist-info|"}, {}},
        {"no name", "Version: 1\n", {}, {"/p/x.dist-info/METADATA:0 malformed"}},
        {"nothing at all", "", {}, {"/p/x.dist-info/METADATA:0 malformed"}},
        {"a line with a zero byte", std::string{"Name: a\nVer\0sion: 1\nVersion: 2\n", 31}, {"PyPI|a|2||/p/x.dist-info|"}, {"/p/x.dist-info/METADATA:2 malformed"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Strings gaps;
        EXPECT_EQ(read("/p/x.dist-info/METADATA", c.content, gaps), c.rows);
        EXPECT_EQ(gaps, c.gaps);
    }
    Strings gaps;
    EXPECT_EQ(read("/p/A-1.egg-info", "Name: A\nVersion: 1\n", gaps), (Strings{"PyPI|a|1||/p|"}));
    EXPECT_EQ(read("/p/A.egg-info/PKG-INFO", "Name: A\nVersion: 1\n", gaps), (Strings{"PyPI|a|1||/p/A.egg-info|"}));
}

TEST(Software, ReadsWhatNpmPackagesSayOfThemselves) {
    struct Case { const char* name; std::string content; Strings rows; Strings gaps; };
    const Case cases[] = {
        {"as written", R"({"name":"@s/left-pad","version":"1.3.0","license":"WTFPL"})", {"npm|@s/left-pad|1.3.0|WTFPL|/node_modules/b|"}, {}},
        {"a license of old", R"({"name":"b","version":"1","license":{"type":"MIT","url":"x"}})", {"npm|b|1|MIT|/node_modules/b|"}, {}},
        {"no version, no license", R"({"name":"b","version":3,"license":[]})", {"npm|b|||/node_modules/b|"}, {}},
        {"no name: part of a package", R"({"type":"module"})", {}, {}},
        {"no object", "[1]", {}, {"/node_modules/b/package.json:0 malformed"}},
        {"no JSON", "{", {}, {"/node_modules/b/package.json:0 malformed"}},
        {"empty", "", {}, {"/node_modules/b/package.json:0 malformed"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Strings gaps;
        EXPECT_EQ(read("/node_modules/b/package.json", c.content, gaps), c.rows);
        EXPECT_EQ(gaps, c.gaps);
    }
}

TEST(Software, ReadsGemsComposerAndLockFiles) {
    struct Case { const char* name; const char* path; std::string content; Strings rows; Strings gaps; };
    const Case cases[] = {
        {"a gem", "/s/rake-13.gemspec", "# -*- encoding: utf-8 -*-\n# stub: rake 13.0.6 ruby lib\n\nGem::Specification.new do |s|\n", {"RubyGems|rake|13.0.6||installed"}, {}},
        {"a gem without its line", "/s/a.gemspec", "Gem::Specification.new do |s|\n  s.name = \"a\"\nend\n", {}, {"/s/a.gemspec:0 malformed"}},
        {"a gem's line cut off", "/s/a.gemspec", "# stub: a\n", {}, {"/s/a.gemspec:0 malformed"}},
        {"a line that comes too late", "/s/a.gemspec", "\n\n\n\n\n# stub: a 1 ruby lib\n", {}, {"/s/a.gemspec:0 malformed"}},
        {"Composer 2", "/v/composer/installed.json", R"({"packages":[{"name":"Twig/Twig","version":"v3.4.0","license":["BSD-3-Clause","MIT"]},{"x":1}],"dev":false})",
         {"Packagist|twig/twig|v3.4.0|BSD-3-Clause OR MIT|installed"}, {}},
        {"Composer 1", "/v/composer/installed.json", R"([{"name":"a/b","version":"1"}, 7])", {"Packagist|a/b|1||installed"}, {}},
        {"Composer's lock", "/p/composer.lock", R"({"packages":[{"name":"a/b","version":"1"}],"packages-dev":[{"name":"c/d","version":"2"}]})",
         {"Packagist|a/b|1||locked", "Packagist|c/d|2||locked"}, {}},
        {"npm's lock, version 3", "/p/package-lock.json",
         R"({"lockfileVersion":3,"packages":{"":{"name":"p"},"lib/w":{"version":"1"},"node_modules/w":{"resolved":"lib/w","link":true},
            "node_modules/@s/a":{"version":"2","license":"MIT"},"node_modules/@s/a/node_modules/b":{"version":"3"},"node_modules/alias":{"name":"real","version":"4"}}})",
         {"npm|@s/a|2|MIT|locked", "npm|b|3||locked", "npm|real|4||locked"}, {}},
        {"npm's lock, version 1", "/p/npm-shrinkwrap.json", R"({"dependencies":{"a":{"version":"1","dependencies":{"b":{"version":"2"}}},"c":5}})",
         {"npm|a|1||locked", "npm|b|2||locked"}, {}},
        {"no object", "/p/package-lock.json", "[]", {}, {"/p/package-lock.json:0 malformed"}},
        {"no JSON", "/p/composer.lock", "{", {}, {"/p/composer.lock:0 malformed"}},
        {"of other types", "/p/package-lock.json", R"({"packages":[1],"dependencies":7})", {}, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.bytes("software:", found({c.path})).file(c.path, c.content).parse(parse_software);
        EXPECT_EQ(columns("software", answer, {"ecosystem", "name", "version", "license", "state"}), c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(Software, NamesThePackageThatBroughtIt) {
    const std::string path = "/usr/lib/python3/dist-packages/a.dist-info/METADATA";
    const auto answer = Sources{}.bytes("software:", found({path})).file("/var/lib/dpkg/info/python3-a.list", "/.\n/usr\n" + path + "\n")
                            .file(path, "Name: a\nVersion: 1\n").parse(parse_software);
    EXPECT_EQ(columns("software", answer, {"name", "package"}), (Strings{"a|python3-a"}));
}

TEST(Software, ReadsWhatSnapdAndFlatpakSetUp) {
    const std::string snap = "/snap/hello/current/meta/snap.yaml";
    const std::string flatpak = "/var/lib/flatpak/app/org.x.Y/current/active/metadata";
    const auto answer = Sources{}.bytes("software:", found({})).file(snap, "name: hello\nversion: '2.10'\napps:\n  hello:\n    version: 9\n")
                            .file(flatpak, "[Application]\nname=org.x.Y\nruntime=org.x.P/x86_64/1\n").file("/snap/b/current/meta/snap.yaml", "x\n").parse(parse_software);
    EXPECT_EQ(columns("software", answer, {"ecosystem", "name", "version", "state"}), (Strings{"snap|hello|2.10|installed", "flatpak|org.x.Y||installed"}));
    EXPECT_EQ(gaps_of(answer), Strings{"/snap/b/current/meta/snap.yaml:0 malformed"});
}

}  // namespace
}  // namespace ward::facts
