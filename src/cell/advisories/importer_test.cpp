// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/importer.h"

#include "cell/advisories/testing/database.h"
#include "cell/advisories/view.h"
#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ward::advisories {
namespace {

using Strings = std::vector<std::string>;

std::string osv(std::string_view id) {
    return fmt::format(R"({{"id": "{}", "modified": "2024-01-01T00:00:00Z", "affected": [{{"package": {{"ecosystem": "Debian:12", "name": "p"}}, "versions": ["1"]}}]}})", id);
}
std::string text_of(const Buffer& bytes) { return std::string{as_text(bytes)}; }

// What comes of one file.
struct Outcome {
    Strings ids;
    Strings faults;  // "where: text"
    std::uint64_t records = 0, refused = 0;
    std::int64_t newest = 0;
    Buffer database;
    View view() const { return *View::open(database); }
};

Outcome import(std::string_view content, std::int64_t fetched = 1'700'000'000) {
    Outcome outcome;
    auto store = formats::Store::open(-1);
    EXPECT_TRUE(store.ok());
    Builder builder;
    Importer importer{builder, *store};
    importer.add({"s", "S", {}, fetched}, as_bytes(content));
    for (const auto& fault : importer.faults()) outcome.faults.push_back(fmt::format("{}: {}", fault.where, fault.error.text));
    outcome.records = builder.source().records;
    outcome.refused = builder.source().refused;
    outcome.newest = builder.source().newest;
    outcome.database = testing::finished(std::move(builder));
    EXPECT_TRUE(View::open(outcome.database).ok() && outcome.view().verify().ok());
    for (std::uint32_t i = 0; i < outcome.view().records(); ++i) outcome.ids.emplace_back(outcome.view().record(i).id);
    return outcome;
}

TEST(Importer, ReadsOsvInEachOfItsFolds) {
    const std::string two = osv("A-1") + "\n" + osv("A-2") + "\n";
    struct Case { const char* name; std::string content; Strings ids; };
    const Case cases[] = {
        {"one", osv("A-1"), {"A-1"}},
        {"with a mark of its order of bytes", "\xef\xbb\xbf" + osv("A-1"), {"A-1"}},
        {"JSON lines", two, {"A-1", "A-2"}},
        {"one behind the other", osv("A-1") + osv("A-2"), {"A-1", "A-2"}},
        {"an array", "[" + osv("A-1") + ",\n" + osv("A-2") + "]", {"A-1", "A-2"}},
        {"an array and another", "[" + osv("A-1") + "]\n" + osv("A-2"), {"A-1", "A-2"}},
        {"zip", text_of(formats::testing::zipped({{"A-1.json", osv("A-1")}, {"f/A-2.json", osv("A-2")}})), {"A-1", "A-2"}},
        {"gzip", text_of(formats::testing::gzipped(two)), {"A-1", "A-2"}},
        {"zstd", text_of(formats::testing::zstd_packed(two)), {"A-1", "A-2"}},
        {"xz", text_of(formats::testing::xz_packed(two)), {"A-1", "A-2"}},
        {"bzip2", text_of(formats::testing::bzip2_packed(two)), {"A-1", "A-2"}},
        {"tar in gzip", text_of(formats::testing::gzipped(text_of(formats::testing::tarred({{"a", osv("A-1")}, {"b", osv("A-2")}})))), {"A-1", "A-2"}},
        {"an id twice", osv("A-1") + osv("A-1"), {"A-1"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto outcome = import(c.content);
        EXPECT_EQ(outcome.ids, c.ids);
        EXPECT_EQ(outcome.faults, Strings{});
        EXPECT_EQ(outcome.refused, 0U);
        EXPECT_EQ(outcome.newest, 1'704'067'200);
    }
}

TEST(Importer, CountsWhatItLeavesOut) {
    const std::string good = osv("A-1");
    struct Case { const char* name; std::string content; Strings ids; std::uint64_t refused; Strings faults; };
    const Case cases[] = {
        {"a broken line", good + "\n{\"id\": \"broken\n" + osv("A-2") + "\n", {"A-1", "A-2"}, 1, {}},
        {"a broken first line", "{\"id\": \"broken\n" + good + "\n", {"A-1"}, 1, {}},
        {"a broken last line", good + "\n{\"id\": \"bro", {"A-1"}, 1, {}},
        {"a line that is no JSON", good + "\n{\"id\": 1, \"modified\": nope}\n", {"A-1"}, 1, {}},
        {"a record without an id", good + R"({"id": "", "modified": "2024-01-01", "affected": []})", {"A-1"}, 1, {}},
        {"no record", good + R"({"hello": 1})", {"A-1"}, 1, {": is none of the forms that Ward reads advisories from"}},
        {"an array with a broken record", "[" + good + R"(, {"id": 7}, {]})", {"A-1"}, 3,
         {": a record without an id", ": no text at offset 1 of the JSON", ": no comma between values at offset 152"}},
        {"an array with another record in it", "[" + good + R"(, {"id": 7}, 8])", {"A-1"}, 2, {": a record without an id", ": a record that is no object"}},
        {"a member of a zip", text_of(formats::testing::zipped({{"a", good}, {"b.json", R"({"id": "B", "affected": [{"package": {}}]})"}})), {"A-1"}, 1,
         {"b.json: B: a package without ecosystem or name"}},
        {"commits alone", good + R"({"id": "A-2", "affected": [{"ranges": [{"type": "GIT"}]}]})", {"A-1"}, 0, {}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto outcome = import(c.content);
        EXPECT_EQ(outcome.ids, c.ids);
        EXPECT_EQ(outcome.refused, c.refused);
        if (!c.faults.empty()) {
            EXPECT_EQ(outcome.faults, c.faults);
        }
        EXPECT_EQ(outcome.faults.empty(), c.refused == 0);
    }
    std::string many = good;
    for (int i = 0; i < 100; ++i) many += "\n{\"hello\": 1}";
    const auto outcome = import(many);
    EXPECT_EQ(outcome.refused, 100U);
    ASSERT_EQ(outcome.faults.size(), Importer::kMaxFaults + 1);
    EXPECT_EQ(outcome.faults.back(), "...: and 80 more faults of this source");
}

TEST(Importer, SaysThatItKnowsNothingOfAFile) {
    std::string deep = osv("A-1");
    for (int i = 0; i < 4; ++i) deep = text_of(formats::testing::gzipped(deep));
    struct Case { const char* name; std::string content; };
    const Case cases[] = {
        {"nothing", ""}, {"blanks", " \n"}, {"a text", "hello"}, {"HTML", "<html></html>"}, {"an object", "{}"}, {"an array", "[]"}, {"an array of arrays", "[[" + osv("A") + "]]"},
        {"an array of nothing that ends", "[{"}, {"a zip of nothing", text_of(formats::testing::zipped({}))}, {"too deep", deep},
        {"a catalogue of nothing", R"({"catalogVersion": "1", "vulnerabilities": 7})"}, {"a result of nothing", R"({"result": 7})"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto outcome = import(c.content);
        EXPECT_EQ(outcome.records, 0U);
        EXPECT_FALSE(outcome.faults.empty());
    }
}

// Depth of the stack, and time: what has no end was searched to the end of the file at each line.
TEST(Importer, IsNotTiredOutByBrackets) {
    EXPECT_EQ(import(std::string(1'000'000, '[') + std::string(1'000'000, ']')).records, 0U);
    EXPECT_EQ(import(std::string(1'000'000, '[')).records, 0U);
    std::string nested = R"({"id": )";
    nested += std::string(200'000, '[') + std::string(200'000, ']') + R"(, "modified": 1})";
    EXPECT_EQ(import(nested).refused, 1U);
    std::string lines;
    for (int i = 0; i < 40'000; ++i) lines += "{" + std::string(40, ' ') + "\n";
    const auto outcome = import(lines);
    EXPECT_EQ(outcome.records, 0U);
    EXPECT_GT(outcome.refused, 0U);
    EXPECT_LT(outcome.refused, 39'000U);
    EXPECT_EQ(import("cve,epss,percentile\n" + std::string(1'000'000, ',') + "\n").refused, 1U);
}

TEST(Importer, ReadsTheCatalogueOfExploitedVulnerabilities) {
    std::string name;
    for (int i = 0; i < 200; ++i) name += "\xc3\xa9";
    const auto outcome = import(fmt::format(R"({{"title": "CISA", "catalogVersion": "2024.05.05", "dateReleased": "2024-05-05T10:00:00.0Z", "vulnerabilities": [
        {{"cveID": "CVE-2024-0001", "vulnerabilityName": "x{}", "dateAdded": "2024-01-02", "dueDate": "2024-01-23", "knownRansomwareCampaignUse": "Known"}},
        {{"cveID": "CVE-2024-0002", "knownRansomwareCampaignUse": "Unknown"}}, {{"cveID": "nonsense"}}, 7]}})", name));
    EXPECT_EQ(outcome.records, 2U);
    EXPECT_EQ(outcome.refused, 2U);
    EXPECT_EQ(outcome.newest, 1'714'903'200);
    const auto first = outcome.view().cve("CVE-2024-0001");
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->exploited && first->ransomware);
    EXPECT_EQ(first->added, 1'704'153'600);
    EXPECT_EQ(first->due, 1'705'968'000);
    EXPECT_EQ(first->name, "x" + name.substr(0, 298)) << "cut between characters";
    const auto second = outcome.view().cve("CVE-2024-0002");
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->exploited && !second->ransomware);
    EXPECT_EQ(outcome.view().exploited(), 2U);
}

TEST(Importer, ReadsScoresOfEpss) {
    const std::string head = "#model_version:v2023.03.01,score_date:2024-05-05T00:00:00+0000\ncve,epss,percentile\n";
    const auto outcome = import(text_of(formats::testing::gzipped(head + "CVE-2024-0001,0.00043,0.08123\r\nCVE-2024-0002,1,1\n\nCVE-2024-0003,0,0.00001")));
    EXPECT_EQ(outcome.faults, Strings{});
    EXPECT_EQ(outcome.records, 3U);
    EXPECT_EQ(outcome.newest, 1'714'867'200);
    EXPECT_DOUBLE_EQ(outcome.view().cve("CVE-2024-0001")->epss.value_or(9), 0.00043);
    EXPECT_DOUBLE_EQ(outcome.view().cve("CVE-2024-0001")->percentile.value_or(9), 0.08123);
    EXPECT_DOUBLE_EQ(outcome.view().cve("CVE-2024-0002")->epss.value_or(9), 1.0);
    EXPECT_EQ(outcome.view().exploited(), 0U);
    for (const char* line : {"CVE-2024-0001", "CVE-2024-0001,0.5", "CVE-2024-0001,1.5,0.5", "CVE-2024-0001,-0.5,0.5", "CVE-2024-0001,nan,0.5", "CVE-2024-0001,0.5x,0.5", "x,0.5,0.5", "CVE-2024-0001,,"}) {
        const auto broken = import(head + line);
        EXPECT_EQ(broken.refused, 1U) << line;
        EXPECT_EQ(broken.faults, Strings{": line 3 is no score of a CVE"}) << line;
    }
}

TEST(Importer, ReadsDebiansTracker) {
    const auto outcome = import(R"({"0ad": {}, "open\u0073sl": {
        "CVE-2024-0001": {"description": "A hole", "releases": {
            "bookworm": {"status": "resolved", "fixed_version": "3.0.15-1~deb12u1", "urgency": "high**"},
            "trixie": {"status": "resolved", "fixed_version": "0"}, "sid": {"status": "open", "urgency": "not yet assigned", "nodsa": "Minor issue"},
            "bullseye": {"status": "undetermined"}, "buster": {"status": "resolved"}, "b\u001b": {"status": "open"}}},
        "CVE-2024-0002": {"description": "nothing of a release"}, "TEMP-0000001-ABCDEF": {"releases": {"sid": {"status": "open"}}}},
        "": {"CVE-2024-0003": {"releases": {"sid": {"status": "open"}}}}, "b\nad": {},
        "bash": {"CVE-2024-0001": {"releases": {"bookworm": {"status": "open"}}}}})");
    EXPECT_EQ(outcome.ids, (Strings{"DEBIAN-CVE-2024-0001", "DEBIAN-TEMP-0000001-ABCDEF"}));
    EXPECT_EQ(outcome.refused, 4U);
    const View view = outcome.view();
    const auto openssl = view.find("Debian:bookworm", "openssl");
    ASSERT_EQ(openssl.count, 1U);
    const auto said = view.affected(openssl.first);
    ASSERT_EQ(said.events, 2U);
    EXPECT_EQ(view.event(said.first_event + 1).version, "3.0.15-1~deb12u1");
    EXPECT_EQ(said.level, Level::high);
    const auto record = view.record(said.record);
    EXPECT_EQ(record.url, "https://security-tracker.debian.org/tracker/CVE-2024-0001");
    EXPECT_EQ(record.modified, 1'700'000'000);
    EXPECT_EQ(view.name(record.first_name), "CVE-2024-0001");
    EXPECT_EQ(view.affected(view.find("Debian:sid", "openssl").first).note, "Minor issue");
    EXPECT_EQ(view.find("Debian:bookworm", "bash").count, 1U);
    for (const char* release : {"Debian:trixie", "Debian:bullseye", "Debian:buster"}) EXPECT_EQ(view.find(release, "openssl").count, 0U) << release;
    EXPECT_EQ(view.record(1).cves, 0U);
}

TEST(Importer, LetsWhatWasModifiedLastCount) {
    auto store = formats::Store::open(-1);
    ASSERT_TRUE(store.ok());
    Builder builder;
    Importer importer{builder, *store};
    importer.add({"osv", "OSV", {}, 1'800'000'000}, as_bytes(std::string_view{R"({"id": "DEBIAN-CVE-2024-0001", "modified": "2024-01-01", "affected": [{"package": {"ecosystem": "Debian:12", "name": "p"}, "versions": ["1"]}]})"}));
    importer.add({"tracker", "Tracker", {}, 1'800'000'000}, as_bytes(std::string_view{R"({"p": {"CVE-2024-0001": {"releases": {"bookworm": {"status": "open"}}}}})"}));
    const Buffer bytes = testing::finished(std::move(builder));
    const auto view = View::open(bytes);
    ASSERT_TRUE(view.ok());
    EXPECT_EQ(view->records(), 1U);
    EXPECT_EQ(view->find("Debian:12", "p").count, 0U);
    EXPECT_EQ(view->find("Debian:bookworm", "p").count, 1U);
}

TEST(Importer, ReadsLifeCycles) {
    const std::string product = R"({"name": "nginx", "releases": [
        {"name": "1.22", "releaseDate": "2022-05-24", "isEol": true, "eolFrom": "2023-04-11", "eoasFrom": null, "latest": {"name": "1.22.1"}},
        {"name": "1.26", "isEol": false}, {"isEol": true}, {"name": "a\u0007"}]})";
    for (const std::string& text : {R"({"schema_version": "1.0", "generated_at": "2024-05-05T10:00:00Z", "result": )" + product + "}", R"({"result": [)" + product + R"(, {"name": "x"}], "generated_at": "2024-05-05T10:00:00Z"})"}) {
        const auto outcome = import(text);
        EXPECT_EQ(outcome.records, 2U);
        EXPECT_EQ(outcome.refused, 2U);
        EXPECT_EQ(outcome.newest, 1'714'903'200);
        const auto cycle = outcome.view().cycle(0);
        EXPECT_EQ(cycle.product, "nginx");
        EXPECT_EQ(cycle.cycle, "1.22");
        EXPECT_EQ(cycle.latest, "1.22.1");
        EXPECT_TRUE(cycle.is_over);
        EXPECT_EQ(cycle.fixes_end, 1'681'171'200);
        EXPECT_EQ(cycle.support_ends, 0);
        EXPECT_EQ(outcome.view().cycle(1).latest, "");
    }
}

}  // namespace
}  // namespace ward::advisories
