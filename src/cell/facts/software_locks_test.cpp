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

struct Case {
    const char* name;
    std::string path;
    std::string content;
    Strings rows;
    Strings gaps;
};

void expect(const std::vector<Case>& cases) {
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto list = to_bytes(std::vector<FolderEntry>{{c.path, 0100644, 0, 0, 0, 1, {}, {}}});
        const auto answer = Sources{}.bytes("software:", list).file(c.path, c.content).parse(parse_software);
        Strings rows;
        for (const auto& row : columns("software", answer, {"ecosystem", "name", "version", "state"})) {
            EXPECT_TRUE(row.ends_with("|locked")) << row;
            rows.push_back(row.substr(0, row.rfind('|')));
        }
        EXPECT_EQ(rows, c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(LockFiles, ReadsTablesOfPackages) {
    const std::string cargo = "# generated\nversion = 3\n\n[[package]]\nname = \"adler\"\nversion = \"1.0.2\"\nsource = \"registry+https://x\"\nchecksum = \"f\"\n\n"
                              "[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"adler\",\n]\n";
    expect({
        {"Cargo, without the project", "/p/Cargo.lock", cargo, {"crates.io|adler|1.0.2"}, {}},
        {"Cargo, nothing locked", "/p/Cargo.lock", "version = 3\n", {}, {}},
        {"Cargo, empty", "/p/Cargo.lock", "", {}, {}},
        {"Cargo, something else", "/p/Cargo.lock", "hello\n", {}, {"/p/Cargo.lock:0 malformed"}},
        {"Cargo, no name", "/p/Cargo.lock", "[[package]]\nversion = \"1\"\n", {}, {"/p/Cargo.lock:0 malformed"}},
        {"Poetry; keys of tables below are no package's", "/p/poetry.lock",
         "[[package]]\nname = \"Zope.Interface\"\nversion = \"5.0\"\nfiles = [\n    {file = \"a\", hash = \"b\"},\n]\n\n[package.dependencies]\nversion = \"9\"\nname = \"x\"\n\n[metadata]\nname = \"y\"\n",
         {"PyPI|zope-interface|5.0"}, {}},
        {"uv, without the project", "/p/uv.lock",
         "version = 1\n[[package]]\nname = \"idna\"\nversion = \"3.7\"\nsource = { registry = \"https://x\" }\n[[package]]\nname = \"p\"\nversion = \"0\"\nsource = { virtual = \".\" }\n"
         "[[package]]\nname = \"q\"\nversion = \"0\"\nsource = { editable = \"q\" }\n",
         {"PyPI|idna|3.7"}, {}},
        {"Pipenv", "/p/Pipfile.lock", R"({"_meta":{"x":{"version":"==9"}},"default":{"Idna":{"version":"==3.7"},"git":{"ref":"x"}},"develop":{"six":{"version":"==1.16"}}})",
         {"PyPI|idna|3.7", "PyPI|git|", "PyPI|six|1.16"}, {}},
        {"Pipenv, no JSON", "/p/Pipfile.lock", "[[", {}, {"/p/Pipfile.lock:0 malformed"}},
        {"Pipenv, no object", "/p/Pipfile.lock", "[]", {}, {"/p/Pipfile.lock:0 malformed"}},
    });
}

TEST(LockFiles, ReadsWhatYarnAndPnpmLock) {
    expect({
        {"yarn 1", "/p/yarn.lock",
         "# yarn lockfile v1\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.1.0\":\n  version \"7.1.0\"\n  dependencies:\n    version \"^9\"\n\nms@2.0.0, ms@^2:\n  version \"2.0.0\"\n\n"
         "\"alias@npm:real@^1.0\":\n  version \"1.5.0\"\n",
         {"npm|@babel/core|7.1.0", "npm|ms|2.0.0", "npm|real|1.5.0"}, {}},
        {"yarn since", "/p/yarn.lock",
         "__metadata:\n  version: 8\n  cacheKey: 10\n\n\"@babel/core@npm:^7.0.0, @babel/core@npm:^7.1.0\":\n  version: 7.1.0\n  resolution: \"@babel/core@npm:7.1.0\"\n\n"
         "\"own@workspace:.\":\n  version: 0.0.0-use.local\n\n\"a@npm:b@^2\":\n  version: 2.1.0\n",
         {"npm|@babel/core|7.1.0", "npm|b|2.1.0"}, {}},
        {"yarn, a line that is none", "/p/yarn.lock", "nothing\n  version \"1\"\na@1:\n  version \"1\"\n", {"npm|a|1"}, {"/p/yarn.lock:1 malformed"}},
        {"yarn, empty", "/p/yarn.lock", "", {}, {}},
        {"pnpm 5", "/p/pnpm-lock.yaml",
         "lockfileVersion: 5.4\n\ndependencies:\n  ms: 2.0.0\n\npackages:\n\n  /@babel/core/7.1.0:\n    resolution: {integrity: x}\n    dependencies:\n      x: 1\n\n  /a/1.0.0_react@16.0.0:\n    dev: true\n"
         "  github.com/a/b/0123: \n",
         {"npm|@babel/core|7.1.0", "npm|a|1.0.0"}, {}},
        {"pnpm 6", "/p/pnpm-lock.yaml", "lockfileVersion: '6.0'\n\npackages:\n\n  /@babel/core@7.1.0(react@18.0.0):\n    dev: true\n\n  /ms@2.0.0:\n", {"npm|@babel/core|7.1.0", "npm|ms|2.0.0"}, {}},
        {"pnpm 9", "/p/pnpm-lock.yaml",
         "lockfileVersion: '9.0'\n\npackages:\n\n  '@babel/core@7.1.0':\n    resolution: {integrity: x}\n\n  ms@2.0.0: {}\n\n  g@https://codeload.example.org/x:\n    a: b\n\nsnapshots:\n\n  ms@2.0.0: {}\n",
         {"npm|@babel/core|7.1.0", "npm|ms|2.0.0", "npm|g|"}, {}},
        {"pnpm, of no version", "/p/pnpm-lock.yaml", "packages:\n  ms@2.0.0:\n", {}, {"/p/pnpm-lock.yaml:0 malformed"}},
        {"pnpm, a key that is none", "/p/pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n  ms:\n", {}, {"/p/pnpm-lock.yaml:3 malformed"}},
    });
}

TEST(LockFiles, ReadsWhatBundlerGradleAndGoModSay) {
    expect({
        {"Bundler", "/p/Gemfile.lock",
         "PATH\n  remote: .\n  specs:\n    own (0.1)\n\nGIT\n  remote: x\n  specs:\n    g (1.0)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.15.0-x86_64-linux)\n      racc (~> 1.4)\n    racc (1.7.1)\n\n"
         "PLATFORMS\n  ruby\n\nDEPENDENCIES\n  nokogiri\n\nBUNDLED WITH\n   2.4.1\n",
         {"RubyGems|g|1.0", "RubyGems|nokogiri|1.15.0", "RubyGems|racc|1.7.1"}, {}},
        {"Bundler, cut off", "/p/gems.locked", "GEM\n  specs:\n    racc (1.\n    b\n", {}, {"/p/gems.locked:3 malformed", "/p/gems.locked:4 malformed"}},
        {"Gradle", "/p/gradle.lockfile", "# This is a Gradle generated file\norg.a:b:1.0=compileClasspath,runtimeClasspath\nempty=annotationProcessor\n", {"Maven|org.a:b|1.0"}, {}},
        {"Gradle, two columns", "/p/buildscript-gradle.lockfile", "org.a:b=x\n:b:1=x\n", {}, {"/p/buildscript-gradle.lockfile:1 malformed", "/p/buildscript-gradle.lockfile:2 malformed"}},
        {"Go", "/p/go.mod",
         "module example.org/p // own\n\ngo 1.21\n\nrequire a.org/one v1.0.0\nrequire (\n\ta.org/two v2.0.0+incompatible // indirect\n\t\"a.org/three\" v3.0.0\n\ta.org/four v4.0.0\n\ta.org/five v5.0.0\n)\n"
         "exclude a.org/two v1.0.0\nreplace (\n\ta.org/three => b.org/three v3.1.0\n\ta.org/four v4.0.0 => ../four\n\ta.org/five v5.1.0 => b.org/five v5.2.0\n)\n",
         {"Go|a.org/one|v1.0.0", "Go|a.org/two|v2.0.0+incompatible", "Go|b.org/three|v3.1.0", "Go|a.org/four|", "Go|a.org/five|v5.0.0"}, {}},
        {"Go, a requirement without a version", "/p/go.mod", "module p\nrequire a.org/one\nreplace x\n", {}, {"/p/go.mod:2 malformed", "/p/go.mod:3 malformed"}},
        {"Go, something else", "/p/go.mod", "MThd\n", {}, {"/p/go.mod:0 malformed"}},
    });
}

}  // namespace
}  // namespace ward::facts
