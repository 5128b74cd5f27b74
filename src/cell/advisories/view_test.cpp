// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/view.h"

#include "cell/advisories/testing/ask.h"
#include "cell/advisories/testing/database.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ward::advisories {
namespace {

using testing::advisory_of;
using testing::ask_everything;
using testing::database_of;
using testing::finished;

std::string record(std::string_view id, std::string_view ecosystem, std::string_view package, std::string_view more = {}) {
    return fmt::format(R"({{"id": "{}", "affected": [{{"package": {{"ecosystem": "{}", "name": "{}"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}]}}]}}]{}{}}})",
                       id, ecosystem, package, more.empty() ? "" : ", ", more);
}

Buffer everything() {
    Builder builder;
    builder.begin_source({"osv", "OSV", "abcd", 1'700'000'000, 0, 0, 2});
    for (const char* id : {"B-2", "A-1", "C-3"}) {
        WARD_CHECK(builder.add(advisory_of(record(id, "Debian:12", "openssl", R"("aliases": ["CVE-2024-0001", "X"], "summary": "A hole", "withdrawn": "2024-01-01")"))).ok());
    }
    WARD_CHECK(builder.add(advisory_of(record("D-4", "npm", "left-pad", R"("severity": [{"score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}])"))).ok());
    WARD_CHECK(builder.add(advisory_of(R"({"id": "E-5", "affected": [{"package": {"ecosystem": "Debian:12", "name": "bash"}, "versions": ["2", "1"]},
                                           {"package": {"ecosystem": "Debian:11", "name": "bash"}, "versions": ["0"], "database_specific": {"fixed_on": "2024-05-05"}}]})")).ok());
    WARD_CHECK(builder.add(KnownExploited{"CVE-2024-0001", "Of OpenSSL", 100, 200, true}).ok());
    WARD_CHECK(builder.add(Exploitability{"CVE-2024-0001", 43, 1'000}).ok());
    WARD_CHECK(builder.add(Exploitability{"CVE-2024-0002", 100'000, 100'000}).ok());
    WARD_CHECK(builder.add(LifeCycle{"nginx", "1.22", "1.22.1", 1, 2, 3, true}).ok());
    return finished(std::move(builder));
}

TEST(AdvisoryView, TellsWhatWasBuilt) {
    const Buffer bytes = everything();
    const auto view = View::open(bytes);
    ASSERT_TRUE(view.ok());
    EXPECT_TRUE(view->verify().ok());
    EXPECT_EQ(view->packages(), 4U);
    EXPECT_EQ(view->records(), 5U);
    const auto openssl = view->find("Debian:12", "openssl");
    ASSERT_EQ(openssl.count, 3U);
    const auto first = view->record(view->affected(openssl.first).record);
    EXPECT_EQ(first.id, "A-1");
    EXPECT_EQ(first.summary, "A hole");
    EXPECT_EQ(first.withdrawn, 1'704'067'200);
    EXPECT_EQ(first.score, std::nullopt);
    ASSERT_EQ(first.cves, 1U);
    ASSERT_EQ(first.aliases, 1U);
    EXPECT_EQ(view->name(first.first_name), "CVE-2024-0001");
    EXPECT_EQ(view->name(first.first_name + 1), "X");
    const auto scored = view->record(view->affected(view->find("npm", "left-pad").first).record);
    EXPECT_EQ(scored.score, 9.8);
    EXPECT_EQ(scored.level, Level::critical);
    const auto bash = view->affected(view->find("Debian:12", "bash").first);
    ASSERT_EQ(bash.versions, 2U);
    EXPECT_EQ(view->version(bash.first_version), "1");
    EXPECT_EQ(view->version(bash.first_version + 1), "2");
    EXPECT_EQ(view->affected(view->find("Debian:11", "bash").first).fixed_on, 1'714'867'200);
    const auto cve = view->cve("CVE-2024-0001");
    ASSERT_TRUE(cve);
    EXPECT_TRUE(cve->exploited && cve->ransomware);
    EXPECT_EQ(cve->name, "Of OpenSSL");
    EXPECT_EQ(cve->added, 100);
    EXPECT_EQ(cve->due, 200);
    EXPECT_DOUBLE_EQ(cve->epss.value_or(0), 0.00043);
    EXPECT_DOUBLE_EQ(cve->percentile.value_or(0), 0.01);
    EXPECT_FALSE(view->cve("CVE-2024-0002")->exploited);
    EXPECT_FALSE(view->cve("CVE-2024-0003"));
    EXPECT_EQ(view->exploited(), 1U);
    EXPECT_EQ(view->forecasts(), 2U);
    ASSERT_EQ(view->cycles(), 1U);
    EXPECT_EQ(view->cycle(0).latest, "1.22.1");
    EXPECT_TRUE(view->cycle(0).is_over);
    ASSERT_EQ(view->sources(), 1U);
    EXPECT_EQ(view->source(0).title, "OSV");
    EXPECT_EQ(view->source(0).digest, "abcd");
    EXPECT_EQ(view->source(0).records, 9U);
    EXPECT_EQ(view->source(0).refused, 2U);
    EXPECT_EQ(view->source(0).newest, 100);
    ASSERT_EQ(view->ecosystems(), 3U);
    EXPECT_EQ(view->ecosystem(1).name, "Debian:12");
    EXPECT_EQ(view->ecosystem(1).packages, 2U);
}

TEST(AdvisoryView, FindsEachPackageAndNoOther) {
    std::vector<std::string> records;
    for (int i = 0; i < 300; ++i) records.push_back(record(fmt::format("A-{}", i), i % 2 == 0 ? "Debian:12" : "Debian:1", fmt::format("p{}", i / 2)));
    const Buffer bytes = database_of(records);
    const auto view = View::open(bytes);
    ASSERT_TRUE(view.ok());
    ASSERT_TRUE(view->verify().ok());
    for (std::uint32_t i = 0; i < view->packages(); ++i) {
        const auto package = view->package(i);
        const auto found = view->find(package.ecosystem, package.name);
        EXPECT_EQ(found.first, package.first);
        EXPECT_EQ(found.count, 1U);
    }
    for (const auto& [ecosystem, name] : std::vector<std::pair<const char*, const char*>>{
             {"Debian:12", "p150"}, {"Debian:12", "p"}, {"Debian:12", ""}, {"", ""}, {"Debian:2", "p1"}, {"Debian", "p1"}, {"\xff", "p1"}, {"Debian:12", "p1\xff"}})
        EXPECT_EQ(view->find(ecosystem, name).count, 0U) << ecosystem << " " << name;
    struct Case { const char* name; std::uint32_t want; };
    for (const auto& c : {Case{"", 0}, Case{"Debian:1", 0}, Case{"Debian:10", 1}, Case{"Debian:12", 1}, Case{"Debian:13", 2}, Case{"z", 2}})
        EXPECT_EQ(view->first_ecosystem(c.name), c.want) << c.name;
}

TEST(AdvisoryView, OfNothingTellsNothing) {
    const Buffer bytes = finished(Builder{});
    const auto view = View::open(bytes);
    ASSERT_TRUE(view.ok());
    EXPECT_TRUE(view->verify().ok());
    EXPECT_EQ(view->packages() + view->records() + view->sources() + view->ecosystems() + view->cycles() + view->cves(), 0U);
    EXPECT_EQ(view->find("Debian:12", "openssl").count, 0U);
    EXPECT_EQ(ask_everything(*view), 0U);
    EXPECT_FALSE(View::open({}).ok());
}

TEST(AdvisoryView, TellsNoEndlessText) {
    for (const auto& [size, want] : {std::pair{std::size_t{64 * 1024}, std::size_t{64 * 1024}}, std::pair{std::size_t{64 * 1024 + 1}, std::size_t{0}}}) {
        Builder builder;
        builder.begin_source({"osv", std::string(size, 'x')});
        const Buffer bytes = finished(std::move(builder));
        const auto view = View::open(bytes);
        ASSERT_TRUE(view.ok());
        EXPECT_EQ(view->source(0).title.size(), want);
    }
}

TEST(AdvisoryBuilder, GivesTheSameBytesWhateverTheOrder) {
    const std::string at = R"("modified": "2024-01-01T00:00:00Z")";
    // Of one id, and alike in when they were modified: they differ in one thing each.
    const std::vector<std::string> twins = {
        record("A-1", "Debian:12", "a", at), record("A-1", "Debian:12", "a", at + R"(, "published": "2023-01-01")"),
        record("A-1", "Debian:12", "a", at + R"(, "withdrawn": "2024-01-01")"), record("A-1", "Debian:12", "a", at + R"(, "database_specific": {"severity": "low"})"),
        record("A-1", "Debian:12", "a", at + R"(, "summary": "x")"), record("A-1", "Debian:12", "a", at + R"(, "aliases": ["CVE-2024-0001"])"),
        record("A-1", "Debian:12", "b", at), record("A-1", "Debian:12", "a", at + R"(, "references": [{"url": "https://a"}])"),
        R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "versions": ["1"], "database_specific": {"severity": "high"}}]})",
        R"({"id": "A-1", "modified": "2024-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "versions": ["1"], "database_specific": {"fixed_on": "2024-01-01"}}]})",
    };
    struct Part { std::optional<Advisory> advisory; std::optional<KnownExploited> known; std::optional<Exploitability> forecast; std::optional<LifeCycle> cycle; };
    const auto build = [](const std::vector<Part>& parts) {
        Builder builder;
        builder.begin_source({"osv", "OSV"});
        for (const auto& part : parts) {
            if (part.advisory) WARD_CHECK(builder.add(*part.advisory).ok());
            if (part.known) WARD_CHECK(builder.add(*part.known).ok());
            if (part.forecast) WARD_CHECK(builder.add(*part.forecast).ok());
            if (part.cycle) WARD_CHECK(builder.add(*part.cycle).ok());
        }
        return finished(std::move(builder));
    };
    std::vector<Part> all;
    for (const auto& a : twins) {
        all.push_back({advisory_of(a), {}, {}, {}});
        for (const auto& b : twins) EXPECT_EQ(build({{advisory_of(a), {}, {}, {}}, {advisory_of(b), {}, {}, {}}}), build({{advisory_of(b), {}, {}, {}}, {advisory_of(a), {}, {}, {}}})) << a << "\n" << b;
    }
    for (const char* name : {"npm", "Debian:11", "Debian:12"}) all.push_back({advisory_of(record(fmt::format("B-{}", name), name, "p")), {}, {}, {}});
    for (const std::uint32_t percentile : {10U, 20U, 30U}) all.push_back({{}, {}, Exploitability{"CVE-2024-0001", 5, percentile}, {}});
    for (const char* name : {"one", "two"}) all.push_back({{}, KnownExploited{"CVE-2024-0001", name, 7, 8, *name == 't'}, {}, {}});
    all.push_back({{}, KnownExploited{"CVE-2024-0001", "earlier", 6, 0, false}, {}, {}});
    for (const char* cycle : {"2", "1", "1"}) all.push_back({{}, {}, {}, LifeCycle{"nginx", cycle, "", 0, 0, 0, false}});
    const Buffer want = build(all);
    std::mt19937 random{7};
    for (int i = 0; i < 20; ++i) {
        std::shuffle(all.begin(), all.end(), random);
        EXPECT_EQ(build(all), want);
    }
}

TEST(AdvisoryBuilder, KeepsOfAnIdTheLastModified) {
    const auto at = [](const char* day, const char* summary) { return advisory_of(record("A-1", "Debian:12", "p", fmt::format(R"("modified": "{}", "summary": "{}")", day, summary))); };
    struct Case { const char* name; const char* first; const char* second; std::string_view want; };
    for (const auto& c : {Case{"the second is newer", "2024-01-01", "2024-01-02", "second"}, Case{"the first is newer", "2024-01-02", "2024-01-01", "first"},
                          Case{"both alike: the first source", "2024-01-01", "2024-01-01", "first"}, Case{"neither says", "", "", "first"}}) {
        SCOPED_TRACE(c.name);
        Builder builder;
        builder.begin_source({"one", "One"});
        ASSERT_TRUE(builder.add(at(c.first, "first")).ok());
        builder.begin_source({"two", "Two"});
        ASSERT_TRUE(builder.add(at(c.second, "second")).ok());
        const Buffer bytes = finished(std::move(builder));
        const auto view = View::open(bytes);
        ASSERT_TRUE(view.ok() && view->verify().ok());
        ASSERT_EQ(view->records(), 1U);
        EXPECT_EQ(view->record(0).summary, c.want);
        EXPECT_EQ(view->source(view->record(0).source).name, c.want == "first" ? "one" : "two");
        EXPECT_EQ(view->find("Debian:12", "p").count, 1U);
    }
}

TEST(AdvisoryBuilder, TakesFromTheOthersWhatTheLastDoesNotSay) {
    Advisory newer;
    newer.id = "DEBIAN-CVE-2024-1";
    newer.modified = 200;
    newer.summary = "newer";
    newer.affected = {{"Debian:bookworm", "p", {{false, {{Event::Kind::introduced, "0"}}}}, {}, Level::none, {}, 0}};
    Advisory older = newer;
    older.modified = 100;
    older.summary = "older";
    older.url = "https://example.org/";
    older.score = 7.5;
    older.vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";
    older.level = Level::high;
    older.published = 50;
    Advisory oldest = older;
    oldest.modified = 10;
    oldest.score = 9.9;
    for (const bool newer_first : {true, false}) {
        Builder builder;
        builder.begin_source({"one", "One"});
        ASSERT_TRUE(builder.add(newer_first ? newer : oldest).ok());
        ASSERT_TRUE(builder.add(older).ok());
        builder.begin_source({"two", "Two"});
        ASSERT_TRUE(builder.add(newer_first ? oldest : newer).ok());
        const Buffer bytes = finished(std::move(builder));
        const auto view = View::open(bytes);
        ASSERT_TRUE(view.ok());
        ASSERT_EQ(view->records(), 1U);
        const auto record = view->record(0);
        EXPECT_EQ(record.summary, "newer");
        EXPECT_EQ(record.url, "https://example.org/");
        EXPECT_EQ(record.score, 7.5) << "of the next newest";
        EXPECT_EQ(record.level, Level::high);
        EXPECT_EQ(record.published, 50);
    }
}

// Opening does not look at the digest, so what is damaged is read; verify() finds it.
TEST(AdvisoryView, TakesDamageForAWrongAnswer) {
    const Buffer good = everything();
    const auto number_of_lies = {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU};
    std::size_t opened = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const auto lie : number_of_lies) {
            Buffer bytes = good;
            // Four at a time make places and counts that are far outside.
            for (std::size_t i = at; i < std::min(at + (lie == 0xff ? 4 : 1), bytes.size()); ++i) bytes[i] = static_cast<std::uint8_t>(lie);
            if (bytes == good) continue;
            const auto view = View::open(bytes);
            if (!view) continue;
            ++opened;
            ask_everything(*view);
            const bool is_reserved = at + 3 >= 24 && at < 32;  // of the container's header: not looked at
            EXPECT_TRUE(is_reserved || !view->verify().ok()) << at << " " << lie;
        }
    }
    EXPECT_GT(opened, good.size());
    for (std::size_t size = 0; size < good.size(); ++size) {
        if (const auto view = View::open(Bytes{good}.first(size))) ask_everything(*view);
    }
}

TEST(AdvisoryView, KeepsTimesAndCountsInBounds) {
    const Buffer good = everything();
    for (std::size_t at = 0; at + 8 <= good.size(); at += 4) {
        for (const auto byte : {std::uint8_t{0x80}, std::uint8_t{0xff}, std::uint8_t{0x7f}}) {
            Buffer bytes = good;
            for (std::size_t i = 0; i < 7; ++i) bytes[at + i] = byte == 0x80 ? 0 : 0xff;
            bytes[at + 7] = byte;
            const auto view = View::open(bytes);
            if (!view) continue;
            for (std::uint32_t i = 0; i < view->records(); ++i) {
                for (const auto time : {view->record(i).published, view->record(i).modified, view->record(i).withdrawn}) EXPECT_TRUE(time >= 0 && time < 253'402'300'800);
                EXPECT_LE(view->record(i).cves, 1'000'000U);
            }
            for (std::uint32_t i = 0; i < view->sources(); ++i) EXPECT_TRUE(view->source(i).fetched >= 0 && view->source(i).fetched < 253'402'300'800);
        }
    }
}

}  // namespace
}  // namespace ward::advisories
