// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/match.h"

#include "cell/advisories/testing/database.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace ward::advisories {
namespace {

// "affected, fixed in 1.2", "affected", "not affected", "unknown".
std::string judged(std::string_view ecosystem, const std::string& what, std::string_view version) {
    const std::string record = fmt::format(R"({{"id": "A-1", "affected": [{{"package": {{"ecosystem": "{}", "name": "p"}}, {}}}]}})", ecosystem, what);
    const Buffer bytes = testing::database_of({record});
    const auto view = View::open(bytes);
    EXPECT_TRUE(view.ok());
    if (!view) return "no database";
    const auto package = view->find(ecosystem, "p");
    if (package.count != 1) return "nothing said";
    const Judgement judgement = judge(*view, view->affected(package.first), scheme_of(ecosystem), version);
    if (judgement.standing == Standing::unknown) return "unknown";
    if (judgement.standing == Standing::not_affected) return "not affected";
    return judgement.fixed_in.empty() ? "affected" : fmt::format("affected, fixed in {}", judgement.fixed_in);
}

std::string events(std::string_view list, std::string_view type = "ECOSYSTEM") {
    return fmt::format(R"("ranges": [{{"type": "{}", "events": [{}]}}])", type, list);
}

struct Case {
    const char* name;
    std::string_view ecosystem;
    std::string what;
    std::string_view version;
    std::string_view want;
};

void check(std::span<const Case> cases) {
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(judged(c.ecosystem, c.what, c.version), c.want) << c.version;
    }
}

TEST(Judge, FollowsOsvsEvaluation) {
    const std::string simple = events(R"({"introduced": "0"}, {"fixed": "1.2-3"})");
    const std::string two = events(R"({"fixed": "4"}, {"introduced": "3"}, {"fixed": "2"}, {"introduced": "1"})");
    const std::string last = events(R"({"introduced": "1"}, {"last_affected": "2"}, {"introduced": "3"}, {"last_affected": "4"})");
    const Case cases[] = {
        {"before the fix", "Debian:12", simple, "1.2-2", "affected, fixed in 1.2-3"},
        {"a tilde is before", "Debian:12", simple, "1.2-3~deb12u1", "affected, fixed in 1.2-3"},
        {"the fix", "Debian:12", simple, "1.2-3", "not affected"},
        {"behind the fix", "Debian:12", simple, "1:0", "not affected"},
        {"no fix yet", "Debian:12", events(R"({"introduced": "0"})"), "9", "affected"},
        {"introduced later", "Debian:12", events(R"({"introduced": "10"})"), "9", "not affected"},
        {"unsorted, before all", "Debian:12", two, "0.9", "not affected"},
        {"unsorted, in the first", "Debian:12", two, "1", "affected, fixed in 2"},
        {"unsorted, between", "Debian:12", two, "2.5", "not affected"},
        {"unsorted, in the second", "Debian:12", two, "3", "affected, fixed in 4"},
        {"unsorted, behind all", "Debian:12", two, "4", "not affected"},
        {"the last affected one is affected", "Debian:12", last, "2", "affected"},
        {"behind the last affected one", "Debian:12", last, "2.0.1", "not affected"},
        {"affected again", "Debian:12", last, "3.5", "affected"},
        {"a last affected one and a later fix", "Debian:12", events(R"({"introduced": "0"}, {"last_affected": "1"}, {"introduced": "2"}, {"fixed": "3"})"), "0.5",
         "affected, fixed in 3"},
        {"introduced and last affected at once is that version alone", "Debian:12", events(R"({"last_affected": "1"}, {"introduced": "1"})"), "1", "affected"},
        {"and not the one behind it", "Debian:12", events(R"({"last_affected": "1"}, {"introduced": "1"})"), "1.1", "not affected"},
        {"fixed where it comes in: never there", "Debian:12", events(R"({"introduced": "1"}, {"fixed": "1"})"), "2", "not affected"},
        {"a fix that is undone at once", "Debian:12", events(R"({"introduced": "0"}, {"introduced": "2"}, {"fixed": "2"}, {"fixed": "3"})"), "2",
         "affected, fixed in 3"},
        {"spellings of one version are one", "Debian:12", events(R"({"introduced": "1.0-0"}, {"fixed": "1.0"})"), "1.0", "not affected"},
        {"two ranges, the second holds it", "Debian:12",
         R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "2"}]}, {"type": "ECOSYSTEM", "events": [{"introduced": "5"}, {"fixed": "6"}]}])",
         "5.1", "affected, fixed in 6"},
    };
    check(cases);
}

TEST(Judge, LooksBeforeAnyLimitOnly) {
    const std::string two = events(R"({"introduced": "0"}, {"limit": "1"}, {"limit": "2"})");
    const Case cases[] = {
        {"before both", "Debian:12", two, "0.5", "affected"},
        {"before one is enough", "Debian:12", two, "1.5", "affected"},
        {"before none", "Debian:12", two, "2", "not affected"},
        {"nothing comes in behind a limit", "Debian:12", events(R"({"introduced": "0"}, {"limit": "1"}, {"introduced": "2"})"), "3", "not affected"},
        {"all are before a star", "Debian:12", events(R"({"introduced": "0"}, {"limit": "1"}, {"limit": "*"})"), "3", "affected"},
    };
    check(cases);
}

TEST(Judge, TakesListsBesideRanges) {
    const std::string both = R"("versions": ["1.0", "5.0"], )" + events(R"({"introduced": "0"}, {"fixed": "2"})");
    const Case cases[] = {
        {"named, and no version of the order", "npm", both, "1.0", "affected"},
        {"named alone", "PyPI", both, "5.0", "affected"},
        {"in the range alone", "PyPI", both, "1.5", "affected, fixed in 2"},
        {"neither", "PyPI", both, "3", "not affected"},
        {"a list alone", "Debian:12", R"("versions": ["1-1"])", "1-1", "affected"},
        {"a list compares letters", "Debian:12", R"("versions": ["1-1"])", "01-1", "not affected"},
        {"a list decides what no order reads", "npm", both, "latest", "not affected"},
        {"an ecosystem without order", "Strange", both, "5.0", "affected"},
        {"an ecosystem without order, not named", "Strange", both, "1.5", "not affected"},
        {"an ecosystem without order or list", "Strange", events(R"({"introduced": "0"})"), "1.5", "unknown"},
    };
    check(cases);
}

TEST(Judge, LeavesOpenWhatCannotBeRead) {
    const Case cases[] = {
        {"the version", "Debian:12", events(R"({"introduced": "0"}, {"fixed": "2"})"), "one!", "unknown"},
        {"no version at all", "Debian:12", events(R"({"introduced": "0"}, {"fixed": "2"})"), "", "unknown"},
        {"but all are behind the beginning", "Debian:12", events(R"({"introduced": "0"})"), "one!", "affected"},
        {"an event", "Debian:12", events(R"({"introduced": "0"}, {"fixed": "<end-of-life>"})"), "1", "unknown"},
        {"a second range decides", "Debian:12",
         R"("ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "<x>"}]}, {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}])", "1",
         "affected, fixed in 2"},
        {"two branches have no order", "Packagist", events(R"({"introduced": "dev-a"}, {"introduced": "dev-b"}, {"fixed": "2"})"), "1.0", "unknown"},
    };
    check(cases);
}

TEST(Judge, ReadsVersionsAsTheirEcosystemWritesThem) {
    const std::string semver = events(R"({"introduced": "1.0.0"}, {"fixed": "1.2.3"})", "SEMVER");
    const std::string plain = events(R"({"introduced": "0"}, {"fixed": "5-3.el9"})");
    const std::string modular = events(R"({"introduced": "0"}, {"fixed": "5-3.module_el9+1"})");
    const std::string last = events(R"({"introduced": "0"}, {"last_affected": "5-3.module_el9+1"})");
    const Case cases[] = {
        {"Go with v", "Go", semver, "v1.2.2", "affected, fixed in 1.2.3"},
        {"Go with v, mended", "Go", semver, "v1.2.3", "not affected"},
        {"Go without v", "Go", semver, "1.2.2", "affected, fixed in 1.2.3"},
        {"Go's pseudo-version", "Go", semver, "v1.2.3-0.20240101000000-abcdefabcdef", "affected, fixed in 1.2.3"},
        {"npm, before a release", "npm", semver, "1.2.3-rc.1", "affected, fixed in 1.2.3"},
        {"rpm", "AlmaLinux:9", plain, "5-2.el9", "affected, fixed in 5-3.el9"},
        {"rpm with an epoch", "AlmaLinux:9", plain, "1:1-1.el9", "not affected"},
        {"rpm of a module against one of none", "AlmaLinux:9", plain, "5-2.module_el9+1", "not affected"},
        {"rpm of no module against one of a module", "AlmaLinux:9", modular, "5-2.el9", "not affected"},
        {"rpm, both of a module", "AlmaLinux:9", modular, "5-2.module_el9+1", "affected, fixed in 5-3.module_el9+1"},
        {"rpm, last affected of a module", "AlmaLinux:9", last, "5-2.el9", "not affected"},
        {"Alpine", "Alpine:v3.20", events(R"({"introduced": "0"}, {"fixed": "1.2.5-r10"})"), "1.2.5-r9", "affected, fixed in 1.2.5-r10"},
        {"Python", "PyPI", events(R"({"introduced": "0"}, {"fixed": "2.0"})"), "2.0rc1", "affected, fixed in 2.0"},
    };
    check(cases);
}

TEST(Judge, TakesManyEventsInAnyOrder) {
    std::string list = R"({"introduced": "0"})";
    for (int i = 20'000; i > 0; --i) list += fmt::format(R"(, {{"introduced": "{}.1"}}, {{"fixed": "{}.2"}})", i, i);
    EXPECT_EQ(judged("Debian:12", events(list), "15000.1"), "affected, fixed in 15000.2");
}

}  // namespace
}  // namespace ward::advisories
