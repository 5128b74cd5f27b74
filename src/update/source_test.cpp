// SPDX-License-Identifier: Apache-2.0
#include "update/source.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

namespace ward::update {
namespace {

const std::map<std::string, std::string> kGood = {
    {"id", "\"osv-debian\""},
    {"title", "\"Debian's advisories\""},
    {"publisher", "\"OSV\""},
    {"kind", "\"osv\""},
    {"ecosystem", "\"Debian\""},
    {"url", "\"https://example.org/Debian/all.zip\""},
    {"origins", "[\"example.org\", \"cdn.example.org:8443\"]"},
    {"file", "\"osv-debian.zip\""},
    {"begins", "[\"504b0304\"]"},
    {"min_bytes", "100"},
    {"max_bytes", "1000"},
    {"licence", "\"Apache-2.0\""},
};

// The good file with one line changed, added, or (an empty value) taken out.
Result<SourceSpec> with(const std::string& key, const std::string& value) {
    auto lines = kGood;
    lines[key] = value;
    std::string text;
    for (const auto& [name, each] : lines) {
        if (!each.empty()) text += name + " = " + each + "\n";
    }
    return parse_source(text, "osv-debian.toml");
}

TEST(SourceFile, SaysWhatToAskAndWhom) {
    const auto source = with("schedule_hours", "12");
    ASSERT_TRUE(source.ok()) << source.error().text;
    EXPECT_EQ(source->id, "osv-debian");
    EXPECT_EQ(kind_name(source->kind), "osv");
    EXPECT_EQ(source->urls, std::vector<std::string>{"https://example.org/Debian/all.zip"});
    EXPECT_EQ(source->origins.size(), 2U);
    EXPECT_EQ(source->begins, std::vector<std::string>{"PK\3\4"});
    EXPECT_EQ(source->schedule_hours, 12U);
    EXPECT_FALSE(source->on) << "what is not said to be on is off";
}

TEST(SourceFile, SaysWhatIsWrong) {
    struct Case { const char* key; const char* value; const char* says; };
    const Case cases[] = {
        {"id", "\"../x\"", "a source's id is"},
        {"id", "\"\"", "a source's id is"},
        {"title", "\"\"", "`title` is empty"},
        {"kind", "\"clamav\"", "`kind` is osv"},
        {"ecosystem", "", "`ecosystem` belongs to"},
        {"kind", "\"kev\"", "`ecosystem` belongs to"},
        {"url", "", "`url` is missing"},
        {"url", "\"http://example.org/all.zip\"", "must begin with https://"},
        {"url", "\"https://me:secret@example.org/all.zip\"", "no name and no password"},
        {"url", "\"https://example.org/{host}.zip\"", "the same on every machine"},
        {"url", "\"https://example.com/all.zip\"", "must name example.com too"},
        {"url", "\"https://example.org:8443/all.zip\"", "must name example.org:8443 too"},
        {"url", "\"example.org\"", "not an address"},
        {"origins", "", "must name example.org too"},
        {"origins", "[\"https://example.org\"]", "`origins` are host names"},
        {"origins", "[\"example.org/x\"]", "`origins` are host names"},
        {"origins", "[\"*.example.org\"]", "`origins` are host names"},
        {"file", "\"../all.zip\"", "`file` is a plain name"},
        {"file", "\".all.zip\"", "`file` is a plain name"},
        {"begins", "[\"PK\"]", "`begins` are bytes in hex"},
        {"min_bytes", "0", "`min_bytes` must lie between"},
        {"max_bytes", "", "`max_bytes` must lie between"},
        {"max_bytes", "99999999999999", "`max_bytes` must lie between"},
        {"max_bytes", "99", "`min_bytes` is more than"},
        {"schedule_hours", "0", "`schedule_hours` must lie between"},
        {"licence", "", "`licence` is missing"},
        {"on", "\"yes\"", "`on` must be true or false"},
        {"query", "\"SELECT 1\"", "`query` is not a key"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string{c.key} + " = " + c.value);
        const auto source = with(c.key, c.value);
        ASSERT_FALSE(source.ok());
        EXPECT_NE(source.error().text.find(c.says), std::string::npos) << source.error().text;
        EXPECT_NE(source.error().text.find("osv-debian.toml:"), std::string::npos) << source.error().text;
    }
}

TEST(SourceFile, PinsWhereARequestMayGo) {
    const auto source = *with("on", "true");
    struct Case { const char* url; bool may; };
    const Case cases[] = {
        {"https://example.org/anything", true},      {"https://cdn.example.org:8443/x", true}, {"https://EXAMPLE.org/", true},
        {"http://example.org/Debian/all.zip", false}, {"https://cdn.example.org/x", false},     {"https://example.org:444/", false},
        {"https://example.org.evil.net/", false},     {"https://sub.example.org/", false},      {"https://a:b@example.org/", false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.url);
        EXPECT_EQ(may_ask(source, *parse_url(c.url)).ok(), c.may);
    }
}

TEST(SourceFile, LooksAtSizeAndFirstBytesOnly) {
    const auto source = *with("on", "true");
    EXPECT_TRUE(looks_right(source, 100, "PK\3\4..."));
    EXPECT_EQ(looks_right(source, 99, "PK\3\4...").error().code, Code::truncated);
    EXPECT_EQ(looks_right(source, 1001, "PK\3\4...").error().code, Code::over_limit);
    EXPECT_EQ(looks_right(source, 100, "<!DOCTYPE html>").error().code, Code::malformed);
    EXPECT_EQ(looks_right(source, 100, "PK").error().code, Code::malformed);
}

TEST(SourceFile, IsDueByItsSchedule) {
    const auto source = *with("schedule_hours", "2");
    EXPECT_FALSE(due(source, 1000, 1000));
    EXPECT_FALSE(due(source, 1000, 1000 + 7199));
    EXPECT_TRUE(due(source, 1000, 1000 + 7200));
    EXPECT_TRUE(due(source, 1000, 999)) << "the clock was set back";
}

TEST(Sources, AreTurnedOnAndOffByTheConfiguration) {
    SourceSpec a = *with("id", "\"a\"");
    SourceSpec b = *with("id", "\"b\"");
    a.on = true;
    SourceSpec mirror = a;
    mirror.title = "ours";
    SourceSpec further = *with("id", "\"c\"");
    const auto merged = merge_sources({a, b}, {further, mirror}, {"b", "c"}, {"c"});
    ASSERT_TRUE(merged.ok()) << merged.error().text;
    ASSERT_EQ(merged->size(), 3U);
    EXPECT_EQ((*merged)[0].title, "ours");
    EXPECT_TRUE((*merged)[0].on);
    EXPECT_TRUE((*merged)[1].on);
    EXPECT_FALSE((*merged)[2].on) << "off wins";
    EXPECT_FALSE(merge_sources({a, b}, {}, {"z"}, {}).ok());
    EXPECT_FALSE(merge_sources({a, b}, {}, {}, {"z"}).ok());
}

TEST(ShippedSources, AreAllSound) {
    const char* checkout = std::getenv("WARD_SOURCE");
    ASSERT_NE(checkout, nullptr);
    const auto sources = load_sources(std::string{checkout} + "/data/sources");
    ASSERT_TRUE(sources.ok()) << sources.error().text;
    std::set<std::string> files;
    std::set<std::string> kinds;
    for (const auto& source : *sources) {
        SCOPED_TRACE(source.id);
        EXPECT_TRUE(files.insert(source.file).second) << "two sources with one file name cannot lie in one folder";
        kinds.insert(std::string{kind_name(source.kind)});
        EXPECT_FALSE(source.begins.empty());
        EXPECT_FALSE(source.licence_page.empty());
        // Rules are off until somebody turns them on.
        EXPECT_FALSE(source.kind == SourceKind::yara && source.on);
    }
    EXPECT_EQ(kinds.size(), 6U) << "a kind without a source";
}

TEST(ShippedSources, AreNotTakenFromABrokenFolder) {
    EXPECT_EQ(load_sources("/nonexistent").error().code, Code::io);
    EXPECT_EQ(load_sources("/proc/self/fdinfo").error().code, Code::not_found);
}

}  // namespace
}  // namespace ward::update
