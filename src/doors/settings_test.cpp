// SPDX-License-Identifier: Apache-2.0
#include "doors/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ward::doors {
namespace {

class SettingsFile : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "ward-settings-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string write(const char* name, std::string_view text) const {
        std::ofstream{folder_ + "/" + name} << text;
        return folder_ + "/" + name;
    }
    std::string folder_;
};

TEST_F(SettingsFile, LaterFilesWinKeyByKey) {
    const auto got = read_settings({write("a.toml", "[scan]\nthreads = 3\nexclude = [\"/a\"]\n[limits]\nmax_depth = 4\n"),
                                    write("b.toml", "[scan]\nexclude = \"/b\"\n[check]\nbudget_seconds = 7\n"), folder_ + "/none.toml"});
    ASSERT_TRUE(got.ok()) << got.error().text;
    EXPECT_EQ(got->threads, 3U);
    EXPECT_EQ(got->exclude, std::vector<std::string>{"/b"});
    EXPECT_EQ(got->limits.max_depth, 4U);
    EXPECT_EQ(got->budget, std::chrono::seconds{7});
}

TEST_F(SettingsFile, SaysFileLineAndKeyOfAFault) {
    struct Case { const char* text; const char* says; };
    const Case cases[] = {
        {"[scan]\nthread = 3\n", ":2: `thread` is not a key"},
        {"[scan]\nthreads = -1\n", ":2: `threads` must lie between"},
        {"[scan]\nthreads = \"many\"\n", ":2: `threads` must be a whole number"},
        {"[scan\n", "f.toml:1:"},
        {"scan = 3\n", "`scan` must be a table"},
        {"[sacn]\n", "`sacn` is not a key"},
        {"[limits]\nmax_depth = 100000\n", "`max_depth` must lie between"},
        {"[scan]\nexclude = [1]\n", "must be a list of texts"},
        {"\xff\xfe", "f.toml"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto got = read_settings({write("f.toml", c.text)});
        ASSERT_FALSE(got.ok());
        EXPECT_NE(got.error().text.find(c.says), std::string::npos) << got.error().text;
    }
}

}  // namespace
}  // namespace ward::doors
