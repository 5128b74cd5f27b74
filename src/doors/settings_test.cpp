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

constexpr const char* kSource =
    "[[update.source]]\nid = \"mirror\"\ntitle = \"Ours\"\npublisher = \"Us\"\nkind = \"kev\"\nurl = \"https://mirror.example.org/kev.json\"\n"
    "origins = [\"mirror.example.org\"]\nfile = \"kev.json\"\nmax_bytes = 1000\nlicence = \"CC0-1.0\"\n";

TEST_F(SettingsFile, SaysWhatUpdateMayAskFor) {
    const auto got = read_settings({write("a.toml", std::string{"[update]\non = [\"x\"]\nproxy = \"none\"\nrequire = \"set\"\n"} + kSource),
                                    write("b.toml", std::string{"[update]\noff = [\"y\"]\nca_file = \"/ca.pem\"\n"} + kSource + "on = true\n")});
    ASSERT_TRUE(got.ok()) << got.error().text;
    EXPECT_EQ(got->update.on, std::vector<std::string>{"x"});
    EXPECT_EQ(got->update.off, std::vector<std::string>{"y"});
    EXPECT_EQ(got->update.proxy, "none");
    EXPECT_EQ(got->update.ca_file, "/ca.pem");
    EXPECT_TRUE(got->update.require_set);
    ASSERT_EQ(got->update.sources.size(), 1U);
    EXPECT_TRUE(got->update.sources[0].on);
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
        {"[update]\nrequire = \"tls\"\n", ":2: `require` is"},
        {"[update]\nca_file = \"ca.pem\"\n", ":2: `ca_file` must be an absolute path"},
        {"[update]\nverify = false\n", ":2: `verify` is not a key"},
        {"[update]\nsource = \"x\"\n", "[[update.source]]"},
        {"[[update.source]]\nid = \"mirror\"\n", "f.toml:1: `title` is missing"},
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
