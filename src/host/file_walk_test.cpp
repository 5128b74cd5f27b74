// SPDX-License-Identifier: Apache-2.0
#include "host/file_walk.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace ward::host {
namespace {

namespace fs = std::filesystem;

class Walk : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "ward-walk-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root = fs::canonical(pattern).string();
    }
    void TearDown() override {
        for (const auto& path : locked) ::chmod(path.c_str(), 0700);
        fs::remove_all(root);
    }
    void put(const std::string& name, std::string_view text = "x") {
        const fs::path path = fs::path{root} / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
    }
    void lock(const std::string& path) {
        ::chmod(path.c_str(), 0);
        locked.push_back(path);
    }

    struct Seen {
        std::vector<std::string> files;  // below the root
        std::vector<Gap> gaps;
        WalkCounts counts;
        std::uint32_t roots_failed = 0;
    };
    Seen walk(WalkRequest request) {
        Seen seen;
        FileWalk walk{std::move(request)};
        while (auto step = walk.next()) {
            if (auto* file = std::get_if<FileWalk::File>(&*step)) {
                EXPECT_GE(file->descriptor.get(), 0);
                std::string path = file->object.path;
                if (path.starts_with(root + "/")) path.erase(0, root.size() + 1);
                seen.files.push_back(path);
            } else {
                seen.gaps.push_back(std::get<Gap>(*step));
            }
        }
        seen.counts = walk.counts();
        seen.roots_failed = walk.roots_failed();
        return seen;
    }
    Seen walk() { return walk(WalkRequest{.roots = {root}}); }

    std::string root;
    std::vector<std::string> locked;
};

using Names = std::vector<std::string>;

TEST_F(Walk, YieldsFilesInOrderOfTheirNames) {
    put("b");
    put("a/z");
    put("a/b/c");
    put("c");
    const Seen seen = walk();
    EXPECT_EQ(seen.files, (Names{"a/b/c", "a/z", "b", "c"}));
    EXPECT_TRUE(seen.gaps.empty());
    EXPECT_EQ(seen.counts.folders, 3U);
}

TEST_F(Walk, TakesNamesAsBytes) {
    const Names hostile = {"\x1b[31mred", "\xff\xfe", "line\nbreak", "-rf", " ", "*", "$(reboot)", "\xe2\x80\xae" "fdp.exe"};
    for (const auto& name : hostile) put(name);
    Seen seen = walk();
    Names want = hostile;
    std::sort(want.begin(), want.end());
    EXPECT_EQ(seen.files, want);
}

TEST_F(Walk, NeverFollowsLinksNorOpensWhatIsNoFile) {
    put("real");
    fs::create_symlink("real", fs::path{root} / "link");
    fs::create_directory_symlink(".", fs::path{root} / "loop");
    fs::create_symlink("nowhere", fs::path{root} / "dangling");
    ASSERT_EQ(::mkfifo((root + "/fifo").c_str(), 0600), 0);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s/s", root.c_str());
    ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const Seen seen = walk();
    ::close(socket);
    EXPECT_EQ(seen.files, Names{"real"});
    EXPECT_TRUE(seen.gaps.empty());
    EXPECT_EQ(seen.counts.links, 3U);
    EXPECT_EQ(seen.counts.special, 2U);
}

TEST_F(Walk, FollowsLinksWhenAskedButNotRoundInCircles) {
    put("real");
    put("outer/inner/deep");
    fs::create_hard_link(root + "/real", root + "/outer/again");
    fs::create_symlink("real", fs::path{root} / "link");
    fs::create_symlink("nowhere", fs::path{root} / "dangling");
    fs::create_directory_symlink(".", fs::path{root} / "self");
    fs::create_directory_symlink("../..", fs::path{root} / "outer/inner/up");
    fs::create_directory_symlink("outer/inner", fs::path{root} / "short");
    ASSERT_EQ(::mkfifo((root + "/fifo").c_str(), 0600), 0);
    fs::create_symlink("fifo", fs::path{root} / "pipe");
    struct Case { const char* name; WalkRequest request; Names want; };
    const Case cases[] = {
        {"all", {.roots = {root}, .as_written = true, .follow_links = true},
         {"link", "outer/again", "outer/inner/deep", "real", "short/deep"}},
        {"no links", {.roots = {root}, .as_written = true}, {"outer/again", "outer/inner/deep", "real"}},
        {"only the folder itself", {.roots = {root}, .as_written = true, .follow_links = true, .below = false}, {"link", "real"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Seen seen = walk(c.request);
        std::sort(seen.files.begin(), seen.files.end());
        EXPECT_EQ(seen.files, c.want);
        EXPECT_TRUE(seen.gaps.empty());
    }
}

TEST_F(Walk, KeepsPathsAsTheyWereWritten) {
    put("d/a");
    fs::create_directory_symlink("d", fs::path{root} / "link");
    const fs::path before = fs::current_path();
    fs::current_path(root);
    const Seen seen = walk(WalkRequest{.roots = {"d", "./d/", "link", "d/../d/a", "none"}, .as_written = true});
    fs::current_path(before);
    EXPECT_EQ(seen.files, (Names{"d/a", "./d//a", "link/a", "d/../d/a"}));
    ASSERT_EQ(seen.gaps.size(), 1U);
    EXPECT_EQ(seen.gaps[0].where.path, "none");
    EXPECT_EQ(seen.roots_failed, 1U);
}

TEST_F(Walk, ReportsWhatItMayNotRead) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    put("secret");
    put("closed/inside");
    put("open");
    lock(root + "/secret");
    lock(root + "/closed");
    const Seen seen = walk();
    EXPECT_EQ(seen.files, Names{"open"});
    ASSERT_EQ(seen.gaps.size(), 2U);
    EXPECT_EQ(seen.gaps[0].where.path, root + "/closed");
    EXPECT_EQ(seen.gaps[0].code, Code::denied);
    EXPECT_EQ(seen.gaps[1].where.path, root + "/secret");
}

TEST_F(Walk, YieldsAFileWithManyNamesOnce) {
    put("a");
    fs::create_hard_link(root + "/a", root + "/b");
    put("d/x");
    fs::create_hard_link(root + "/a", root + "/d/c");
    const Seen seen = walk(WalkRequest{.roots = {root, root + "/d", root}});
    EXPECT_EQ(seen.files, (Names{"a", "d/x"}));
    EXPECT_EQ(seen.counts.repeated, 4U);
}

TEST_F(Walk, SaysWhenARootIsNothingToScan) {
    ASSERT_EQ(::mkfifo((root + "/fifo").c_str(), 0600), 0);
    const Seen seen = walk(WalkRequest{.roots = {root + "/missing", root + "/fifo", "/dev/null", ""}});
    EXPECT_EQ(seen.roots_failed, 4U);
    ASSERT_EQ(seen.gaps.size(), 4U);
    EXPECT_EQ(seen.gaps[0].code, Code::not_found);
    EXPECT_EQ(seen.gaps[1].code, Code::unsupported);
}

TEST_F(Walk, FollowsARootThatIsALink) {
    put("d/a");
    fs::create_directory_symlink("d", fs::path{root} / "link");
    EXPECT_EQ(walk(WalkRequest{.roots = {root + "/link"}}).files, Names{"d/a"});
}

TEST_F(Walk, LeavesOutWhatIsExcludedAndSaysHowMuch) {
    put("keep/a.txt");
    put("keep/a.log");
    put("node_modules/b");
    const Seen seen = walk(WalkRequest{.roots = {root}, .exclude = {"**/*.log", "**/node_modules"}});
    EXPECT_EQ(seen.files, Names{"keep/a.txt"});
    EXPECT_EQ(seen.counts.excluded, 2U);
}

TEST_F(Walk, MakesLargeFilesGapsWhenALimitIsAsked) {
    put("small");
    put("large");
    fs::resize_file(root + "/large", 1ULL << 40);  // sparse
    const Seen seen = walk(WalkRequest{.roots = {root}, .max_bytes = 1024});
    EXPECT_EQ(seen.files, Names{"small"});
    ASSERT_EQ(seen.gaps.size(), 1U);
    EXPECT_EQ(seen.gaps[0].code, Code::over_limit);
    EXPECT_EQ(walk().files.size(), 2U) << "without a limit the sparse file is handed out";
}

TEST_F(Walk, TakesWhatChangedLatelyFirstWhenAsked) {
    for (const char* name : {"a/old", "b/new", "c", "d/e/new"}) put(name);
    fs::create_hard_link(root + "/d/e/new", root + "/d/second-name");
    // The change time cannot be set, so the modification time is put into the future, where it is the later one.
    const auto later = fs::file_time_type::clock::now() + std::chrono::hours{2};
    fs::last_write_time(root + "/b/new", later);
    fs::last_write_time(root + "/d/e/new", later);
    const WalkRequest request{.roots = {root, root + "/missing"}, .recent_first = ::time(nullptr) + 3600};
    const Seen seen = walk(request);
    EXPECT_EQ(seen.files, (Names{"b/new", "d/e/new", "a/old", "c"}));
    EXPECT_EQ(seen.gaps.size(), 1U);
    EXPECT_EQ(seen.roots_failed, 1U);
    EXPECT_EQ(seen.counts.files, 4U);
    EXPECT_EQ(seen.counts.folders, 5U);

    FileWalk interrupted{request};
    ASSERT_TRUE(interrupted.next());
    EXPECT_EQ(interrupted.remaining(), request.roots);
}

TEST_F(Walk, LeavesOutWhatTheCallerHasAlready) {
    put("a");
    put("b");
    struct stat info {};
    ASSERT_EQ(::stat((root + "/a").c_str(), &info), 0);
    EXPECT_EQ(walk(WalkRequest{.roots = {root}, .already = {{info.st_dev, info.st_ino}}}).files, (Names{"b"}));
}

TEST_F(Walk, EntersNoPseudoFileSystem) {
    FileWalk walk{WalkRequest{.roots = {"/"}, .exclude = {"/[!ps]*"}}};
    while (auto step = walk.next()) {
        const auto* file = std::get_if<FileWalk::File>(&*step);
        if (file == nullptr) continue;
        ASSERT_FALSE(file->object.path.starts_with("/proc/")) << file->object.path;
        ASSERT_FALSE(file->object.path.starts_with("/sys/")) << file->object.path;
    }
    EXPECT_GE(walk.counts().foreign, 1U);
}

TEST_F(Walk, GoesDeep) {
    std::string deep = root;
    for (int i = 0; i < 700; ++i) {
        deep += "/d";
        ASSERT_EQ(::mkdir(deep.c_str(), 0700), 0);
    }
    std::ofstream{deep + "/file"} << "x";
    const Seen seen = walk();
    EXPECT_EQ(seen.files.size() + seen.gaps.size(), 1U) << "found, or a gap where descriptors run out";
}

}  // namespace
}  // namespace ward::host
