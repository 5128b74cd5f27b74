// SPDX-License-Identifier: Apache-2.0
#include "walks/places.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>

namespace ward::walks {
namespace {

TEST(Places, NamesWhatExistsBelowTheRootAndFollowsNoLink) {
    std::string root = ::testing::TempDir() + "ward-places-XXXXXX";
    ASSERT_NE(::mkdtemp(root.data()), nullptr);
    std::filesystem::create_directories(root + "/etc/cron.d");
    std::filesystem::create_directories(root + "/var/www");
    std::filesystem::create_directories(root + "/home/a");
    std::filesystem::create_symlink("/tmp", root + "/tmp");
    EXPECT_EQ(telling_places(root, {"/home/a", "/home/b", "/home/a"}),
              (std::vector<std::string>{root + "/etc/cron.d", root + "/var/www", root + "/home/a"}));
    std::filesystem::remove_all(root);
}

TEST(Places, ListThisProgramAmongTheRunning) {
    std::array<char, PATH_MAX> self{};
    ASSERT_GT(::readlink("/proc/self/exe", self.data(), self.size() - 1), 0);
    const auto running = running_programs();
    const auto found = std::count_if(running.files.begin(), running.files.end(),
                                     [&](const auto& file) { return file.object.path == self.data(); });
    EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace ward::walks
