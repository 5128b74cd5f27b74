// SPDX-License-Identifier: Apache-2.0
#include "walks/host_tables.h"

#include "walks/testing/parse_here.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ward::walks {
namespace {

using tables::TableSpec;

TableSpec lines_spec() {
    TableSpec spec;
    spec.name = "lines";
    spec.columns = {{"file", "text", "", "", ""}, {"bytes", "integer", "", "", ""}};
    spec.sources = {"/etc/*.conf"};
    spec.may_read = {"/etc/more/**"};
    return spec;
}

TableSpec needing_spec() {
    TableSpec spec = lines_spec();
    spec.name = "needing";
    spec.required = {"file"};
    return spec;
}

TableSpec live_spec() {
    TableSpec spec = lines_spec();
    spec.name = "live";
    spec.live = true;
    spec.sources = {"uname:", "/proc/none"};
    return spec;
}

// A parser for tests: a row for each source; the text "want NAME" asks for a further one.
wire::ParseAnswer list_sources(const wire::ParseRequest& request, Bytes bytes) {
    wire::ParseAnswer answer;
    for (const auto& source : request.sources) {
        const auto text = as_text(bytes.subspan(source.offset, source.bytes));
        if (source.state != wire::SourceBytes::State::whole) continue;
        answer.rows.rows.push_back({source.name, static_cast<std::int64_t>(source.bytes)});
        if (text.starts_with("want ")) answer.wants.emplace_back(text.substr(5));
    }
    return answer;
}

class HostTablesTest : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = std::filesystem::temp_directory_path() / ("ward-tables-" + std::to_string(::getpid()));
        std::filesystem::remove_all(root_);
        std::filesystem::create_directories(root_ / "etc/more");
        write("etc/a.conf", "12345");
        write("etc/more/b", "want /etc/more/c");
        write("etc/more/c", "c");
        write("etc/more/[b]", "d");
        write("etc/secret", "s");
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    void write(const std::string& path, std::string_view text) { std::ofstream{root_ / path} << text; }

    HostTables open(HostTablesSetup setup) {
        return HostTables::open(specs_, std::move(setup), [this](const wire::ParseRequest& request, Bytes bytes, int) {
                   ++parses_;
                   return parse_(request, bytes);
               }).value();
    }
    HostTables open() { return open({.root = root_.string()}); }

    std::filesystem::path root_;
    std::vector<TableSpec> specs_{lines_spec(), live_spec(), needing_spec()};
    std::function<Result<wire::ParseAnswer>(const wire::ParseRequest&, Bytes)> parse_ = list_sources;
    int parses_ = 0;
};

TEST_F(HostTablesTest, ReadsWhatTheDescriptionNames) {
    HostTables tables = open();
    const auto rows = tables.rows("lines", {});
    ASSERT_TRUE(rows) << rows.error().text;
    EXPECT_EQ(rows->rows, (std::vector<Row>{{std::string{"/etc/a.conf"}, std::int64_t{5}}}));
    EXPECT_TRUE(rows->gaps.empty());
    EXPECT_TRUE(tables.gaps_of({"lines", {}}).empty());
}

TEST_F(HostTablesTest, ReadsSlowSourcesAhead) {
    specs_[0].sources = {"setuid:"};
    write("etc/open", "x");
    std::filesystem::permissions(root_ / "etc/open", std::filesystem::perms::all);
    const RowSet plain = open().rows("lines", {}).value();
    ASSERT_EQ(plain.rows.size(), 1u);
    HostTables tables = open();
    const std::string names[] = {"lines", "none", "needing", "select"};
    tables.read_ahead(names);
    tables.read_ahead(names);
    HostTables moved = std::move(tables);
    EXPECT_EQ(moved.rows("lines", {}).value(), plain);
    HostTables unasked = open();
    unasked.read_ahead(names);  // and goes without being asked
}

TEST_F(HostTablesTest, GivesAParserWhatItWantsWhereThatIsAllowed) {
    struct Case { const char* name; const char* want; std::size_t rows; std::size_t gaps; };
    const Case cases[] = {
        {"a file that wants another", "/etc/more/b", 3, 0},
        {"a pattern", "/etc/more/[b]", 3, 0},
        {"a file whose name reads as a pattern", "file:/etc/more/[b]", 2, 0},
        {"one by its name alone, where that may be read", "file:/etc/more/../secret", 1, 1},
        {"one by its name alone, elsewhere", "file:/etc/secret", 1, 1},
        {"no path", "file:", 1, 1},
        {"a glob", "/etc/more/*", 4, 0},
        {"outside of what the table may read", "/etc/secret", 1, 1},
        {"a glob that reaches outside", "/etc/s*", 1, 1},
        {"dots", "/etc/more/../secret", 1, 1},
        {"what is not there", "/etc/more/none", 1, 0},
        {"a kind that the table has not", "proc:", 1, 1},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        write("etc/a.conf", std::string{"want "} + c.want);
        HostTables tables = open();
        const auto rows = tables.rows("lines", {}).value();
        EXPECT_EQ(rows.rows.size(), c.rows);
        ASSERT_EQ(rows.gaps.size(), c.gaps);
        for (const auto& gap : rows.gaps) EXPECT_EQ(gap.code, Code::denied);
        EXPECT_EQ(tables.gaps_of({"lines", {}}), rows.gaps);
    }
}

TEST_F(HostTablesTest, EndsWhenAParserWantsForEver) {
    int count = 0;
    parse_ = [&](const wire::ParseRequest&, Bytes) -> Result<wire::ParseAnswer> {
        return wire::ParseAnswer{{}, {"/etc/more/" + std::to_string(++count)}};
    };
    HostTables tables = open();
    const auto rows = tables.rows("lines", {}).value();
    EXPECT_LT(parses_, 30);
    ASSERT_EQ(rows.gaps.size(), 1u);
    EXPECT_EQ(rows.gaps[0].code, Code::over_limit);
}

TEST_F(HostTablesTest, MakesAGapOfWhatCouldNotBeRead) {
    std::filesystem::create_symlink("/dev/null", root_ / "etc/null.conf");  // in this root there is no /dev
    ASSERT_EQ(::mkfifo((root_ / "etc/fifo.conf").c_str(), 0600), 0);
    HostTables tables = open();
    const auto rows = tables.rows("lines", {}).value();
    EXPECT_EQ(rows.rows.size(), 1u);
    ASSERT_EQ(rows.gaps.size(), 1u);
    EXPECT_EQ(rows.gaps[0].where.path, "/etc/fifo.conf");
}

TEST_F(HostTablesTest, TakesNoAnswerThatDoesNotFit) {
    const std::vector<std::vector<Row>> answers = {
        {{std::string{"/etc/a"}}},
        {{std::string{"/etc/a"}, std::string{"5"}}},
        {{std::string{"/etc/a"}, std::int64_t{5}}, {Value{}, Value{}, Value{}}},
    };
    for (const auto& answer : answers) {
        parse_ = [&](const wire::ParseRequest&, Bytes) -> Result<wire::ParseAnswer> { return wire::ParseAnswer{{answer, {}}, {}}; };
        HostTables tables = open();
        const auto rows = tables.rows("lines", {}).value();
        EXPECT_TRUE(rows.rows.empty());
        ASSERT_EQ(rows.gaps.size(), 1u);
        EXPECT_EQ(rows.gaps[0].code, Code::malformed);
    }
    parse_ = [](const wire::ParseRequest&, Bytes) -> Result<wire::ParseAnswer> { return fail(Code::io, "the cell died"); };
    HostTables tables = open();
    EXPECT_EQ(tables.rows("lines", {})->gaps.at(0).why, "table lines: the cell died");
}

TEST_F(HostTablesTest, AsksForRequiredColumnsAndKnownTables) {
    HostTables tables = open();
    EXPECT_EQ(tables.rows("no_such", {}).error().code, Code::not_found);
    const auto refused = tables.rows("needing", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text, "table needing needs `file = ...` in the query");
    const Constraint constraint{"file", std::string{"/etc/a.conf"}};
    EXPECT_TRUE(tables.rows("needing", std::span{&constraint, 1}));
}

TEST_F(HostTablesTest, ReadsEachSourceOnce) {
    HostTables tables = open();
    const auto first = tables.rows("lines", {}).value();
    write("etc/a.conf", "changed meanwhile");
    write("etc/z.conf", "new");
    EXPECT_EQ(tables.rows("lines", {}).value(), first);
}

TEST_F(HostTablesTest, MakesATableFromOthersAndParsesEachOnce) {
    tables::TableSpec made = specs_[0];
    made.name = "made";
    made.sources = {};
    made.may_read = {};
    made.from = {specs_[0].name};
    made.from_live = {specs_[1].name};
    specs_.push_back(made);
    std::sort(specs_.begin(), specs_.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    parse_ = [](const wire::ParseRequest& request, Bytes bytes) -> Result<wire::ParseAnswer> {
        if (request.table != "made") return list_sources(request, bytes);
        wire::ParseAnswer answer;
        for (const auto& input : request.inputs) {
            answer.rows.rows.push_back({input.shape.name, static_cast<std::int64_t>(input.rows.rows.size())});
            EXPECT_TRUE(input.rows.gaps.empty());
        }
        return answer;
    };
    auto tables = open();
    const auto lines = tables.rows("lines", {}).value();
    const int before = parses_;
    EXPECT_EQ(tables.rows("made", {}).value().rows.size(), 2U);
    EXPECT_EQ(tables.rows("made", {}).value().rows[0], (Row{std::string{"lines"}, static_cast<std::int64_t>(lines.rows.size())}));
    EXPECT_EQ(tables.rows("lines", {}).value().rows, lines.rows);
    EXPECT_EQ(parses_, before + 1);  // `made`; of a tree nobody sees what runs, and that is no gap of it
    EXPECT_EQ(tables.rows("made", {}).value().gaps, lines.gaps);
}

TEST_F(HostTablesTest, ReplaysWhatItRecorded) {
    host::Recording recording;
    RowSet before;
    {
        HostTables tables = open({.root = "/"});
        EXPECT_EQ(tables.rows("live", {})->rows.size(), 1u);
        before = tables.rows("live", {}).value();
        recording = host::Recording::decode(tables.recording().encode()).value();
    }
    HostTables only_facts = open({.facts = recording});
    EXPECT_EQ(only_facts.rows("live", {}).value(), before);
    const auto lines = only_facts.rows("lines", {}).value();
    EXPECT_TRUE(lines.rows.empty());
    EXPECT_EQ(lines.gaps.at(0).why, "the recorded facts do not hold it");
    HostTables both = open({.root = root_.string(), .facts = recording});
    EXPECT_EQ(both.rows("live", {}).value(), before);
    EXPECT_EQ(both.rows("lines", {})->rows.size(), 1u);
}

TEST_F(HostTablesTest, HasNoLiveTableOfATree) {
    HostTables tables = open();
    const auto rows = tables.rows("live", {}).value();
    EXPECT_EQ(parses_, 0);
    EXPECT_TRUE(rows.rows.empty());
    ASSERT_EQ(rows.gaps.size(), 1u);
    EXPECT_EQ(rows.gaps[0].code, Code::unsupported);
}

// Every shipped table over a tree that has hardly anything, and over this machine: whatever is there, it becomes rows of the
// described form or gaps.
TEST(ShippedTables, GiveRowsThatFitTheirDescriptions) {
    const char* source = std::getenv("WARD_SOURCE");
    const auto specs = tables::load_specs((source != nullptr ? std::string{source} : "../..") + "/data/tables");
    ASSERT_TRUE(specs) << specs.error().text;
    for (const char* root : {"/", "/usr/share/doc"}) {
        auto tables = HostTables::open(*specs, {.root = root}, testing::parse_here);
        ASSERT_TRUE(tables) << tables.error().text;
        for (const auto& spec : *specs) {
            SCOPED_TRACE(spec.name);
            ASSERT_NE(facts::find_parser(spec.name), nullptr);
            std::vector<Constraint> constraints;
            for (const auto& column : spec.required) constraints.push_back({column, std::string{"/etc/passwd"}});
            const auto rows = tables->rows(spec.name, constraints);
            ASSERT_TRUE(rows) << rows.error().text;
            if (spec.name == "software") continue;  // anybody's files on these disks may be broken
            for (const auto& gap : rows->gaps) EXPECT_NE(gap.code, Code::malformed) << gap.where.path << ": " << gap.why;
        }
    }
}

}  // namespace
}  // namespace ward::walks
