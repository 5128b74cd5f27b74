// SPDX-License-Identifier: Apache-2.0
#include "walks/fixes_seen.h"

#include "host/read_all.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace ward::walks {
namespace {

// A host that answers what remember_fixes asks.
struct Host {
    std::int64_t advisories = 0;
    std::int64_t lists = 1;
    std::vector<Gap> gaps;     // of the table
    std::vector<Row> waiting;  // manager, source, installed, seen, at the first look, told of by advisories

    Ask ask() const {
        return [this](const std::string& sql) -> Result<HostDatabase::Answer> {
            HostDatabase::Answer answer;
            if (sql.find("EXISTS") != std::string::npos) answer.result.rows = {Row{advisories, lists}};
            else answer.result.rows = waiting, answer.gaps = gaps;
            return answer;
        };
    }
};

Row row(const char* source, Value seen = {}, Value at_first_look = {}, std::int64_t by_advisories = 0) {
    return {std::string{"dpkg"}, std::string{source}, std::string{"1.0"}, std::move(seen), std::move(at_first_look), by_advisories};
}

TEST(RememberFixes, KnowsWhatCameBetweenTwoLooks) {
    std::string state = ::testing::TempDir() + "ward-seen-XXXXXX";
    ASSERT_NE(::mkdtemp(state.data()), nullptr);
    state += "/not/made";  // as at the very first look
    const auto kept = [&] { return host::read_file(state + "/fixes-seen", 1 << 20).value_or("none"); };
    Host host;

    // Of what waits at the first look nobody knows for how long.
    host.waiting = {row("curl")};
    ASSERT_TRUE(remember_fixes(state, host.ask(), 100).ok());
    EXPECT_EQ(kept(), "# advisories=0 lists=1\n100\t1\tdpkg\tcurl\t1.0\n");

    // What comes later came meanwhile; what is gone is forgotten; a name that would break the file is left out.
    host.waiting = {row("curl", std::int64_t{100}, std::int64_t{1}), row("vim"), row("a\tb")};
    ASSERT_TRUE(remember_fixes(state, host.ask(), 200).ok());
    EXPECT_EQ(kept(), "# advisories=0 lists=1\n100\t1\tdpkg\tcurl\t1.0\n200\t0\tdpkg\tvim\t1.0\n");

    // But not what only advisories tell of, at the first look with them; at the next one it is again.
    host.advisories = 1;
    host.waiting = {row("openssl", {}, {}, 1), row("vim", std::int64_t{200}, std::int64_t{0})};
    ASSERT_TRUE(remember_fixes(state, host.ask(), 300).ok());
    EXPECT_EQ(kept(), "# advisories=1 lists=1\n300\t1\tdpkg\topenssl\t1.0\n200\t0\tdpkg\tvim\t1.0\n");
    host.waiting = {row("nginx", {}, {}, 1)};
    ASSERT_TRUE(remember_fixes(state, host.ask(), 400).ok());
    EXPECT_EQ(kept(), "# advisories=1 lists=1\n400\t0\tdpkg\tnginx\t1.0\n");

    // What a look with gaps does not tell of keeps its day.
    host.gaps = {Gap{{}, Code::io, "the advisories cannot be read"}};
    host.waiting = {row("bash")};
    ASSERT_TRUE(remember_fixes(state, host.ask(), 450).ok());
    EXPECT_EQ(kept(), "# advisories=1 lists=1\n450\t0\tdpkg\tbash\t1.0\n400\t0\tdpkg\tnginx\t1.0\n");
    host.gaps.clear();
    host.waiting = {row("nginx", std::int64_t{400}, std::int64_t{0}, 1)};
    ASSERT_TRUE(remember_fixes(state, host.ask(), 460).ok());

    // A table that cannot be asked costs nothing of what is known.
    const Ask broken = [](const std::string&) -> Result<HostDatabase::Answer> { return fail(Code::io, "no cell"); };
    EXPECT_FALSE(remember_fixes(state, broken, 500).ok());
    EXPECT_EQ(kept(), "# advisories=1 lists=1\n400\t0\tdpkg\tnginx\t1.0\n");
    std::filesystem::remove_all(state);
}

}  // namespace
}  // namespace ward::walks
