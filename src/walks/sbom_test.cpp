// SPDX-License-Identifier: Apache-2.0
#include "walks/sbom.h"

#include <gtest/gtest.h>

namespace ward::walks {
namespace {

Value text(const char* value) { return std::string{value}; }

// A host that answers by the table that a query names.
class Host {
public:
    std::vector<Row> systems = {{text("debian"), text("12"), text("bookworm"), text("Debian 12")}};
    std::vector<Row> packages;
    std::vector<Row> software;
    std::vector<Gap> gaps;  // of `software`
    std::string broken;     // tables that fail

    Result<HostDatabase::Answer> operator()(const std::string& sql) const {
        const auto asks = [&](const char* table) { return sql.find(std::string{"FROM "} + table) != std::string::npos; };
        for (const auto& [name, rows] : {std::pair{"os_release", &systems}, std::pair{"packages", &packages}, std::pair{"software", &software}}) {
            if (!asks(name)) continue;
            if (broken.find(name) != std::string::npos) return fail(Code::over_limit, "too slow");
            HostDatabase::Answer answer;
            answer.result.rows = *rows;
            if (rows == &software) answer.gaps = gaps;
            return answer;
        }
        HostDatabase::Answer answer;
        answer.result.rows = {{text("web1")}};
        return answer;
    }
};

Row package(const char* name) {
    return {text("dpkg"), text(name), text("1"), text("all"), text(name), text("1"), text("net"), text("installed"), Value{}, text("A <a@b.c>"), text("x"), text("/status")};
}
Row module(const char* name, const char* state, const char* path) {
    return {text("npm"), text(name), Value{}, text("MIT"), Value{}, text(state), text(path)};
}

TEST(Inventory, PutsTheTablesTogether) {
    Host host;
    host.packages = {package("a"), package("b")};
    host.software = {module("m", "installed", "/1"), module("m", "installed", "/2"), module("m", "locked", "/lock"), module("n", "installed", "/3")};
    const auto sbom = inventory(host, true);
    ASSERT_TRUE(sbom) << sbom.error().text;
    EXPECT_EQ(sbom->system.id, "debian");
    EXPECT_EQ(sbom->system_name, "Debian 12");
    EXPECT_EQ(sbom->host, "web1");
    EXPECT_TRUE(sbom->gaps.empty());
    ASSERT_EQ(sbom->components.size(), 5u);
    EXPECT_EQ(sbom->components[1].name, "b");
    EXPECT_EQ(sbom->components[1].maintainer, "A <a@b.c>");
    EXPECT_EQ(sbom->components[1].paths, std::vector<std::string>{"/status"});
    EXPECT_EQ(sbom->components[2].paths, (std::vector<std::string>{"/1", "/2"})) << "one component in two places";
    EXPECT_FALSE(sbom->components[2].locked);
    EXPECT_TRUE(sbom->components[3].locked) << "what is wanted is not what is installed";
    EXPECT_EQ(sbom->components[4].name, "n");
}

TEST(Inventory, TellsWhatItDidNotSee) {
    Host host;
    host.packages = {package("a"), package("")};
    host.gaps = {{{"/x/package.json", 0, {}}, Code::malformed, "is no JSON"}};
    struct Case { const char* name; std::string broken; bool everything; std::size_t components; std::vector<std::string> whys; };
    const Case cases[] = {
        {"all there", "", true, 1, {"names software without a name", "is no JSON"}},
        {"an ordinary user", "", false, 1, {"table software: only root sees it all", "names software without a name", "is no JSON"}},
        {"one table fails", "software", true, 1, {"names software without a name", "table software: too slow"}},
        {"another", "packages", true, 0, {"table packages: too slow", "is no JSON"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        host.broken = c.broken;
        const auto sbom = inventory(host, c.everything);
        ASSERT_TRUE(sbom);
        EXPECT_EQ(sbom->components.size(), c.components);
        std::vector<std::string> whys;
        for (const auto& gap : sbom->gaps) whys.push_back(gap.why);
        EXPECT_EQ(whys, c.whys);
    }
    host.broken = "os_release packages software";
    EXPECT_FALSE(inventory(host, true)) << "nothing could be asked";
    host.broken.clear();
    host.systems.clear();
    const auto nameless = inventory(host, true);
    ASSERT_TRUE(nameless);
    EXPECT_EQ(nameless->gaps.at(0).where.path, "/etc/os-release");
}

TEST(Inventory, KeepsEachFaultWithWhatItIsIn) {
    Host host;
    host.packages = {package("a"), package("b")};
    host.software = {module("a lib", "installed", "/1")};
    auto sbom = inventory(host, true);
    ASSERT_TRUE(sbom);
    const auto fault = [](const char* state, const char* keeper, Value version, const char* packages) {
        Row row(12);
        row[0] = text("CVE-2026-1");
        row[6] = text(state);
        row.insert(row.end(), {text(keeper), std::move(version), text(packages)});
        return row;
    };
    const Ask ask = [&](const std::string&) -> Result<HostDatabase::Answer> {
        HostDatabase::Answer answer;
        answer.result.rows = {fault("affected", "dpkg", text("other"), "a b"), fault("affected", "npm", {}, "a lib"), fault("removed", "dpkg", text("1"), "gone"),
                              fault("affected", "rpm", text("1"), "c")};
        return answer;
    };
    add_faults(*sbom, ask);
    ASSERT_TRUE(sbom->faults && sbom->faults->size() == 2);
    EXPECT_EQ(sbom->faults->at(0).components, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(sbom->faults->at(1).components, std::vector<std::size_t>{2});
    ASSERT_EQ(sbom->gaps.size(), 1U) << "what fits to nothing is not dropped silently, but for what is removed";
    EXPECT_EQ(sbom->gaps[0].why, "table vulnerabilities: CVE-2026-1 is in c 1, which is not listed");
}

}  // namespace
}  // namespace ward::walks
