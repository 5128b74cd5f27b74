// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/testing/table.h"

#include <gtest/gtest.h>

namespace ward::facts {
namespace {

using testing::columns;
using testing::gaps_of;
using testing::Sources;
using testing::Strings;

struct Case { const char* name; std::string text; Strings rows; Strings gaps; };

void expect(const std::string& file, const std::vector<Case>& cases) {
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto answer = Sources{}.file("/etc/passwd", "a:x:1:1::/home/a:/bin/sh\n").file(file, c.text).parse(parse_package_indexes);
        EXPECT_EQ(columns("package_indexes", answer, {"kind", "url", "scheme", "host", "line"}), c.rows);
        EXPECT_EQ(gaps_of(answer), c.gaps);
    }
}

TEST(PackageIndexes, ReadWhatPipReads) {
    const Strings bad = {"/etc/pip.conf:2 malformed"};
    expect("/etc/pip.conf", {
        {"one index", "[global]\nindex-url = https://Pypi.Internal/simple\n", {"main|https://Pypi.Internal/simple|https|pypi.internal|2"}, {}},
        {"names as pip takes them", "[install]\nINDEX_URL: http://a/\n--pypi-url=http://b/\n", {"main|http://a/|http|a|2", "main|http://b/|http|b|3"}, {}},
        {"several, also on further lines", "[global]\nextra-index-url =\n  https://a/ http://b:81/\n\n  # no\n\thttps://c/\nx = y\n", {"extra|https://a/|https|a|3", "extra|http://b:81/|http|b|3", "extra|https://c/|https|c|6"}, {}},
        {"places to look in", "[global]\nfind-links = https://a/l.html\n    /srv/wheels file:///srv/w\n", {"extra|https://a/l.html|https|a|2", "extra|/srv/wheels|||3", "extra|file:///srv/w|file||3"}, {}},
        {"no user, no password", "[global]\nindex-url = https://token@h/s\nextra-index-url = https://u:p@q@h:8/s\n", {"main|https://h/s|https|h|2", "extra|https://h:8/s|https|h|3"}, {}},
        {"comments, and one that is none", "# [a]\n[global] ; x\n; index-url = http://a/\nindex-url = http://b/ # c\n", {"main|http://b/ # c|http|b|4"}, {}},
        {"further lines of another key", "[global]\ntrusted-host =\n    index-url = http://a/\n", {}, {}},
        {"nothing", "", {}, {}},
        {"no section", "index-url = http://a/\n", {}, {"/etc/pip.conf:1 malformed"}},
        {"no delimiter", "[a]\nindex-url http//a/\nindex-url=http://b/\n", {"main|http://b/|http|b|3"}, bad},
        {"no name", "[a]\n= http://a/\n", {}, bad},
        {"a section twice", "[a]\n[a]\n", {}, bad},
        {"a key twice", "[a]\nindex-url = http://a/\nINDEX-URL = http://b/\n[b]\nindex-url = http://c/\n", {"main|http://a/|http|a|2", "main|http://b/|http|b|3", "main|http://c/|http|c|5"}, {"/etc/pip.conf:3 malformed"}},
    });
}

TEST(PackageIndexes, ReadWhatNpmReads) {
    expect("/etc/npmrc", {
        {"for all and for a scope", "registry=http://npm.internal/\n@corp:registry = https://corp/\n//corp/:_authToken=x\n", {"scope|https://corp/|https|corp|2", "main|http://npm.internal/|http|npm.internal|1"}, {}},
        {"the last wins", "registry=http://a/\nregistry=https://b/\n", {"main|https://b/|https|b|2"}, {}},
        {"the last without a value", "registry=http://a/\nregistry\n@a:registry = https://b/\n", {"scope|https://b/|https|b|3"}, {}},
        {"quotes and comments", "registry = \"https://a/;b\"\n@x:registry = https://b/ ; c\n'@y:registry'='https://c/'\n; registry=http://d/\n", {"scope|https://b/|https|b|2", "scope|https://c/|https|c|3", "main|https://a/;b|https|a|1"}, {}},
        {"escapes", "registry = https://a/\\;\\#\\\\\\x#y\n", {"main|https://a/;#\\\\x|https|a|1"}, {}},
        {"a list", "registry[] = https://a/\n", {"main|https://a/|https|a|1"}, {}},
        {"in a section", "[x]\nregistry=http://a/\n", {}, {}},
        {"empty, and no value", "registry=\n@a:registry\n", {}, {}},
        {"of the environment", "registry=${REGISTRY}\n@a:registry=https://${U}:${P}@a/\n", {"scope|https://a/|https|a|2"}, {"/etc/npmrc:1 unsupported"}},
    });
}

TEST(PackageIndexes, ReadWhatYarnReads) {
    expect("/home/a/.yarnrc", {
        {"the first yarn's", "# x\nregistry \"http://a/\"\n\"@corp:registry\" \"https://b/\"\n", {"scope|https://b/|https|b|3", "main|http://a/|http|a|2"}, {}},
        {"with a colon", "registry: https://a/ # b\n", {"main|https://a/|https|a|1"}, {}},
        {"deeper", "x:\n  registry \"http://a/\"\n", {}, {}},
        {"an open quote", "registry \"http://a/\n\"x", {"main|http://a/|http|a|1"}, {}},
    });
    const std::string yaml = "/home/a/.yarnrc.yml";
    expect(yaml, {
        {"for all", "npmRegistryServer: \"http://a/\"\n", {"main|http://a/|http|a|1"}, {}},
        {"for scopes", "npmScopes:\n  corp:\n    npmRegistryServer: 'https://b/'\n    npmAlwaysAuth: true\n  'more':\n    npmRegistryServer: https://c/\n", {"scope|https://b/|https|b|3", "scope|https://c/|https|c|6"}, {}},
        {"elsewhere", "npmRegistries:\n  //a:\n    npmRegistryServer: http://a/\n", {}, {}},
        {"not in blocks", "npmScopes: { corp: { npmRegistryServer: http://a/ } }\nnpmRegistryServer: *a\n", {}, {yaml + ":1 unsupported", yaml + ":2 unsupported"}},
        {"of the environment", "npmRegistryServer: ${R:-https://a/}\n", {}, {yaml + ":1 unsupported"}},
    });
}

TEST(PackageIndexes, ReadWhatCargoReads) {
    const std::string file = "/home/a/.cargo/config.toml";
    expect(file, {
        {"in place of crates.io", "[source.crates-io]\nreplace-with = 'm'\n[source.m]\nreplace-with = \"n\"\nregistry = 'http://m/'\n[source.n]\nregistry = 'sparse+http://n/'\n", {"scope|http://m/|http|m|5", "main|sparse+http://n/|http|n|7"}, {}},
        {"a registry in its place", "source.crates-io.replace-with = 'c'\n[registries]\nc = { index = 'https://c/i' }\nd.index = 'https://d/i'\n", {"main|https://c/i|https|c|3", "scope|https://d/i|https|d|4"}, {}},
        {"by git", "[source.g]\ngit = \"ssh://git@h/x\"\n", {"scope|ssh://h/x|ssh|h|2"}, {}},
        {"a circle", "[source]\ncrates-io = { replace-with = 'a', registry = 'https://o/' }\na.replace-with = 'crates-io'\n", {"main|https://o/|https|o|2"}, {}},
        {"in a text", "x = '''\n[source.g]\nregistry = \"http://a/\"\n'''\n", {}, {}},
        {"other forms", "source = 1\n[registries.a]\nindex = 2\n[registries]\nb = 'x'\n", {}, {}},
        {"no TOML", "[source\n", {}, {file + ":0 malformed"}},
        {"too deep", "x = 1\na" + [] { std::string dots; for (int i = 0; i < 33; ++i) dots += ".a"; return dots; }() + " = 1\n", {}, {file + ":2 over_limit"}},
        {"too much", "# " + std::string(64 * 1024, 'x'), {}, {file + ":0 over_limit"}},
    });
    const auto both = Sources{}.file("/usr/local/cargo/config", "registries.a.index = 'https://a/'").file("/usr/local/cargo/config.toml", "registries.b.index = 'https://b/'").parse(parse_package_indexes);
    EXPECT_EQ(columns("package_indexes", both, {"url"}), (Strings{"https://a/"}));
    const auto one = Sources{}.state("/usr/local/cargo/config", wire::SourceBytes::State::missing).file("/usr/local/cargo/config.toml", "registries.b.index = 'https://b/'").parse(parse_package_indexes);
    EXPECT_EQ(columns("package_indexes", one, {"url"}), (Strings{"https://b/"}));
}

TEST(PackageIndexes, LookIntoEachHomeOnce) {
    const auto answer = Sources{}
                            .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\na:x:1:1::/home/a/:/bin/sh\nb:x:2:2::/home/a:/bin/sh\nc:x:3:3::/:/bin/sh\nd:x:4:4::/h*:/bin/sh\n")
                            .file("/etc/pip.conf", "[a]\nindex-url = https://a/\n")
                            .file("/home/a/.npmrc", "registry = https://b/\n")
                            .file("/home/c/.npmrc", "registry = https://c/\n")
                            .parse(parse_package_indexes);
    EXPECT_EQ(columns("package_indexes", answer, {"tool", "url", "user", "file"}), (Strings{"pip|https://a/||/etc/pip.conf", "npm|https://b/|a|/home/a/.npmrc"}));
    EXPECT_EQ(gaps_of(answer), (Strings{"/etc/passwd:5 unsupported"}));
    EXPECT_EQ(answer.wants, (Strings{"/root/.pip/pip.conf", "/root/.config/pip/pip.conf", "/root/.npmrc", "/root/.yarnrc", "/root/.yarnrc.yml", "/root/.cargo/config",
                                     "/root/.cargo/config.toml", "/home/a/.pip/pip.conf", "/home/a/.config/pip/pip.conf", "/home/a/.npmrc", "/home/a/.yarnrc",
                                     "/home/a/.yarnrc.yml", "/home/a/.cargo/config", "/home/a/.cargo/config.toml"}));
    std::string many;
    for (int i = 0; i < 1'001; ++i) many += fmt::format("u{}:x:{}:1::/home/u{}:/bin/sh\n", i, i, i);
    const auto limited = Sources{}.file("/etc/passwd", many).parse(parse_package_indexes);
    EXPECT_EQ(limited.wants.size(), 7'000u);
    EXPECT_EQ(gaps_of(limited), (Strings{"/etc/passwd:1001 over_limit"}));
}

}  // namespace
}  // namespace ward::facts
