// SPDX-License-Identifier: Apache-2.0
#include "host/source_reader.h"

#include "model/snapshots.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ward::host {
namespace {

using State = wire::SourceBytes::State;

// A root of its own for each test, with a file beside it that must stay out of reach.
class SourceReaderTest : public ::testing::Test {
protected:
    void SetUp() override {
        base_ = std::filesystem::temp_directory_path() / ("ward-sources-" + std::to_string(::getpid()));
        std::filesystem::remove_all(base_);
        std::filesystem::create_directories(base_ / "root/etc/x.d");
        write("../outside", "secret");
        write("etc/a.conf", "a");
        write("etc/x.d/2.conf", "two");
        write("etc/x.d/1.conf", "one");
        write("etc/x.d/.hidden.conf", "hidden");
        write("etc/x.d/note.txt", "note");
    }
    void TearDown() override { std::filesystem::remove_all(base_); }

    void write(const std::string& path, std::string_view text) {
        std::filesystem::create_directories((base_ / "root" / path).parent_path());
        std::ofstream{base_ / "root" / path} << text;
    }
    void link(const std::string& to, const std::string& path) { std::filesystem::create_symlink(to, base_ / "root" / path); }
    SourceReader reader(SourceLimits limits = {}) { return SourceReader{Root::open(base_ / "root").value(), limits}; }

    std::filesystem::path base_;
};

TEST_F(SourceReaderTest, GivesAFileWithWhatStatSaysOfIt) {
    ::chmod((base_ / "root/etc/a.conf").c_str(), 0640);
    const Source source = reader().read("/etc/a.conf");
    EXPECT_EQ(source.about.state, State::whole);
    EXPECT_EQ(as_text(source.bytes), "a");
    EXPECT_EQ(source.about.bytes, 1u);
    EXPECT_EQ(source.about.mode, 0100640u);
    EXPECT_EQ(source.about.uid, ::getuid());
    EXPECT_GT(source.about.modified, 0);
}

TEST_F(SourceReaderTest, NeverLeavesTheRoot) {
    struct Case { const char* name; const char* link; };
    const Case cases[] = {
        {"dots", "../../../../../../outside"},
        {"an absolute link", "/outside"},
        {"through /proc", "/proc/self/root/etc/passwd"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::filesystem::remove(base_ / "root/etc/way");
        link(c.link, "etc/way");
        const Source source = reader().read("/etc/way");
        EXPECT_EQ(source.about.state, State::missing);
        EXPECT_EQ(source.about.link, c.link);
        EXPECT_TRUE(source.bytes.empty());
    }
    EXPECT_EQ(reader().read("/../outside").about.state, State::missing);
    EXPECT_EQ(reader().read("/etc/../../../outside").about.state, State::missing);
}

TEST_F(SourceReaderTest, FollowsLinksInsideTheRootAsTheTreeMeansThem) {
    link("/etc/a.conf", "etc/way");
    const Source source = reader().read("/etc/way");
    EXPECT_EQ(source.about.state, State::whole);
    EXPECT_EQ(as_text(source.bytes), "a");
    EXPECT_EQ(source.about.link, "/etc/a.conf");
}

TEST_F(SourceReaderTest, SaysWhatIsNoFile) {
    ASSERT_EQ(::mkfifo((base_ / "root/etc/fifo").c_str(), 0644), 0);
    const Source fifo = reader().read("/etc/fifo");
    EXPECT_EQ(fifo.about.state, State::failed);
    EXPECT_EQ(fifo.about.why, "is a FIFO, which is not read");
    const Source folder = reader().read("/etc/x.d");
    EXPECT_EQ(folder.about.state, State::whole);
    EXPECT_EQ(folder.about.mode & S_IFMT, static_cast<std::uint32_t>(S_IFDIR));
    EXPECT_EQ(reader().read("/etc/none").about.state, State::missing);
    EXPECT_EQ(reader().read("/etc/a.conf/below").about.state, State::missing);
    EXPECT_EQ(reader().read("nonsense:").about.state, State::failed);
}

TEST_F(SourceReaderTest, CutsAtTheLimit) {
    write("etc/long", std::string(100, 'x'));
    const Source source = reader({.max_file_bytes = 10}).read("/etc/long");
    EXPECT_EQ(source.about.state, State::cut);
    EXPECT_EQ(source.bytes.size(), 10u);
    EXPECT_EQ(source.about.size, 100u);
    EXPECT_EQ(reader({.max_file_bytes = 100}).read("/etc/long").about.state, State::whole);
}

TEST_F(SourceReaderTest, ExpandsGlobs) {
    std::filesystem::create_directories(base_ / "root/etc/x.d/deep/er");
    write("etc/x.d/deep/er/3.conf", "three");
    link("/etc", "etc/x.d/loop");
    struct Case { const char* pattern; std::vector<std::string> names; };
    const Case cases[] = {
        {"/etc/x.d/*.conf", {"/etc/x.d/.hidden.conf", "/etc/x.d/1.conf", "/etc/x.d/2.conf"}},
        {"/etc/x.d/[12].conf", {"/etc/x.d/1.conf", "/etc/x.d/2.conf"}},
        {"/*/x.d/1.conf", {"/etc/x.d/1.conf"}},
        {"/etc/*/none", {}},
        {"/etc/none/*", {}},
        {"/etc/a.conf/*", {}},
        {"/etc/none", {"/etc/none"}},
        {"stat:/etc/*.conf", {"stat:/etc/a.conf"}},
        {"/etc/x.d/deep/**", {"/etc/x.d/deep/er/3.conf"}},
        {"/etc/**/*.conf", {"/etc/x.d/.hidden.conf", "/etc/x.d/1.conf", "/etc/x.d/2.conf", "/etc/x.d/deep/er/3.conf"}},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.pattern);
        std::vector<Gap> gaps;
        EXPECT_EQ(reader().expand(c.pattern, gaps), c.names);
        EXPECT_TRUE(gaps.empty());
    }
    std::vector<Gap> gaps;
    EXPECT_EQ(reader({.max_names = 2}).expand("/etc/x.d/*", gaps).size(), 2u);
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(gaps[0].code, Code::over_limit);
}

TEST_F(SourceReaderTest, ListsAFolder) {
    link("1.conf", "etc/x.d/link");
    const Source source = reader().read("list:/etc/x.d");
    const auto entries = decode_folder(source.bytes).value();
    ASSERT_EQ(entries.size(), 5u);
    EXPECT_EQ(entries[0].path, "/etc/x.d/.hidden.conf");
    EXPECT_EQ(entries[3].path, "/etc/x.d/link");
    EXPECT_EQ(entries[3].link, "1.conf");
    EXPECT_EQ(reader().read("list:/etc/none").about.state, State::missing);
}

TEST_F(SourceReaderTest, ReadsATree) {
    const auto files = decode_tree(reader().read("tree:/etc").bytes).value();
    ASSERT_EQ(files.size(), 5u);
    EXPECT_EQ(files[0].path, "/etc/a.conf");
    EXPECT_EQ(files[0].text, "a");
}

TEST_F(SourceReaderTest, FindsWhatCarriesPrivileges) {
    write("etc/tool", "");
    ::chmod((base_ / "root/etc/tool").c_str(), 04755);
    ::chmod((base_ / "root/etc/a.conf").c_str(), 0666);
    std::filesystem::create_directories(base_ / "root/tmp");
    ::chmod((base_ / "root/tmp").c_str(), 01777);
    link("tool", "etc/link");
    const auto entries = decode_folder(reader().read("setuid:").bytes).value();
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].path, "/etc/a.conf");
    EXPECT_EQ(entries[1].path, "/etc/tool");
    EXPECT_EQ(entries[1].mode, 0104755u);
    EXPECT_EQ(entries[2].path, "/tmp");
}

TEST_F(SourceReaderTest, FindsWhatSaysThatSoftwareIsInstalled) {
    const std::vector<std::string> wanted = {"/a/EGG-INFO/PKG-INFO", "/a/b-1.dist-info/METADATA", "/a/c.egg-info/PKG-INFO", "/a/d.egg-info",
                                             "/g/specifications/default/json-2.gemspec", "/g/specifications/rake-1.gemspec",
                                             "/n/composer.lock",
                                             "/n/node_modules/@s/x/package.json", "/n/node_modules/x/node_modules/y/package.json", "/n/node_modules/x/package.json",
                                             "/n/npm-shrinkwrap.json", "/n/package-lock.json", "/n/vendor/composer/installed.json",
                                             "/o/Cargo.lock", "/o/go.mod", "/o/yarn.lock", "/opt/a.ear", "/opt/a.jar", "/opt/a.war", "/opt/jdk/release", "/opt/libcrypto.so.3", "/opt/libcurl.so.4", "/opt/libssl.so",
                                             "/opt/program"};
    for (const auto& path : wanted) write(path.substr(1), "");
    for (const char* other : {"a/METADATA", "a/PKG-INFO", "n/package.json", "n/node_modules/package.json", "n/node_modules/x/lib/package.json",
                              "n/node_modules/x/y/z/package.json", "n/@s/x/package.json", "a/b-1.dist-info/RECORD", "g/rake.gemspec", "n/vendor/installed.json",
                              "n/node_modules/x/yarn.lock", "go/pkg/mod/x@v1/go.mod", "h/.cargo/registry/src/x/Cargo.lock"}) {
        write(other, "");
    }
    // Programs, from some size on.
    for (const auto& [name, bytes, mode] : {std::tuple{"opt/program", 102'400, 0755}, {"opt/small", 102'399, 0755}, {"opt/data", 102'400, 0644}, {"opt/called.py", 102'400, 0755}}) {
        write(name, std::string(static_cast<std::size_t>(bytes), 'x'));
        ::chmod((base_ / "root" / name).c_str(), static_cast<mode_t>(mode));
    }
    ::chmod((base_ / "root/a/METADATA").c_str(), 0666);
    // Alone, as when nobody will ask for privileges; then of a walk that serves both.
    const auto paths = [](const SourceReader& of) {
        std::vector<std::string> names;
        const auto list = decode_folder(of.read("software:").bytes).value();
        for (const auto& entry : list) names.push_back(entry.path);
        return names;
    };
    EXPECT_EQ(paths(reader()), wanted);
    const auto with_both = reader();
    with_both.expect("setuid:");
    std::vector<std::string> found;
    const auto entries = decode_folder(with_both.read("software:").bytes).value();
    for (const auto& entry : entries) found.push_back(entry.path);
    EXPECT_EQ(found, wanted);
    // The same walk has the privileges; asked again, it is made again.
    write("n/late.egg-info", "");
    const auto privileges = decode_folder(with_both.read("setuid:").bytes).value();
    ASSERT_EQ(privileges.size(), 1U);
    EXPECT_EQ(privileges[0].path, "/a/METADATA");
    EXPECT_EQ(decode_folder(with_both.read("software:").bytes).value().size(), wanted.size() + 1);
}

TEST_F(SourceReaderTest, ReadsPartsOfProgramsAndLibrariesOnly) {
    write("opt/[a]/tool", "0123456789");
    write("opt/libx.so.3", "lib");
    write("opt/secret", "s");
    write("opt/x.jar", "jar");
    link("tool", "opt/[a]/link");
    std::filesystem::create_directories(base_ / "root/opt/dir.so");
    ASSERT_EQ(::mkfifo((base_ / "root/opt/pipe.so").c_str(), 0755), 0);
    ::chmod((base_ / "root/opt/[a]/tool").c_str(), 0755);
    struct Case { const char* name; const char* bytes; State state; };
    const Case cases[] = {
        {"part:0+4:/opt/[a]/tool", "0123", State::whole},
        {"part:8+4:/opt/[a]/tool", "89", State::whole},
        {"part:10+1:/opt/[a]/tool", "", State::whole},
        {"part:18446744073709551615+18446744073709551615:/opt/[a]/tool", "", State::whole},
        {"part:1+18446744073709551615:/opt/[a]/tool", "12345", State::cut},
        {"part:0+3:/opt/libx.so.3", "lib", State::whole},
        {"part:0+1:/opt/secret", "", State::denied},
        {"part:1+1:/opt/x.jar", "a", State::whole},
        {"part:0+1:/opt/dir.so", "", State::denied},
        {"part:0+1:/opt/pipe.so", "", State::denied},
        {"part:0+1:/opt/[a]/link", "", State::denied},
        {"part:0+1:/opt/none", "", State::missing},
        {"part:0+1:/../../etc/none", "", State::missing},
        {"part:0+1:opt/libx.so.3", "", State::failed},
        {"part:0+-1:/opt/libx.so.3", "", State::failed},
        {"part::/opt/libx.so.3", "", State::failed},
        {"part:0:+1:/opt/libx.so.3", "", State::failed},
        {"part:0+99999999999999999999:/opt/libx.so.3", "", State::failed},
    };
    SourceLimits limits;
    limits.max_file_bytes = 5;
    const SourceReader five{Root::open((base_ / "root").string()).value(), limits};
    std::vector<Gap> gaps;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const Source source = five.read(c.name);
        EXPECT_EQ(to_string(source.bytes), c.bytes);
        EXPECT_EQ(source.about.state, c.state) << source.about.why;
        EXPECT_EQ(source.about.bytes, source.bytes.size());
    }
    EXPECT_EQ(five.expand(cases[0].name, gaps), std::vector<std::string>{cases[0].name});
    EXPECT_EQ(five.read("part:0+1:/proc/self/exe").about.state, State::failed);
}

// Which folders a thread comes to first differs from walk to walk.
TEST_F(SourceReaderTest, CutsAListOfFilesBehindTheSamePathEachTime) {
    std::vector<std::string> all;
    for (int i = 0; i < 500; ++i) {
        all.push_back(fmt::format("/wide/{:03}/package-lock.json", i));
        write(all.back().substr(1), "");
    }
    for (const std::uint64_t limit : {0U, 1'000U, 20'000U, 60'000U}) {
        SourceLimits limits;
        limits.max_list_bytes = limit;
        const SourceReader small{Root::open((base_ / "root").string()).value(), limits};
        std::size_t first = 0;
        for (int round = 0; round < 5; ++round) {
            const Source list = small.read("software:");
            EXPECT_EQ(list.about.state, State::cut);
            const auto entries = decode_folder(list.bytes).value();
            if (round == 0) first = entries.size();
            ASSERT_EQ(entries.size(), first);
            for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].path, all[i]);
        }
        EXPECT_EQ(first, limit / (sizeof(FolderEntry) + all[0].size()));
    }
}

// Enough folders that every thread of the walk hands some over.
TEST_F(SourceReaderTest, FindsPrivilegesInAWideAndDeepTree) {
    std::vector<std::string> wanted;
    for (int i = 0; i < 60; ++i) {
        std::string folder = fmt::format("wide/{:02}", i);
        for (int depth = 0; depth < 8; ++depth) {
            folder += "/d";
            const std::string name = folder + "/open";
            write(name, "");
            ::chmod((base_ / "root" / name).c_str(), 0666);
            wanted.push_back("/" + name);
        }
    }
    std::sort(wanted.begin(), wanted.end());
    std::vector<std::string> found;
    const auto entries = decode_folder(reader().read("setuid:").bytes).value();
    for (const auto& entry : entries) found.push_back(entry.path);
    EXPECT_EQ(found, wanted);
}

TEST_F(SourceReaderTest, EndsTheWalkForPrivilegesWhenItIsNotWantedAnyMore) {
    write("deep/er/open", "");
    ::chmod((base_ / "root/deep/er/open").c_str(), 0666);
    std::stop_source stop;
    EXPECT_EQ(reader().read("setuid:", stop.get_token()).about.state, State::whole);
    stop.request_stop();
    const auto source = reader().read("setuid:", stop.get_token());
    EXPECT_EQ(source.about.state, State::failed);
    EXPECT_FALSE(source.about.why.empty());
}

TEST_F(SourceReaderTest, SaysWhereTheWalkForPrivilegesMayNotLookAtFiles) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may look at files everywhere";
    write("shut/open", "");
    ::chmod((base_ / "root/shut").c_str(), 0444);
    const auto source = reader().read("setuid:");
    ::chmod((base_ / "root/shut").c_str(), 0755);
    ASSERT_EQ(source.gaps.size(), 1u);
    EXPECT_EQ(source.gaps[0].where.path, "/shut");
    EXPECT_EQ(source.gaps[0].code, Code::denied);
}

// A list that is full ends the walk of all threads.
TEST_F(SourceReaderTest, CutsTheListOfPrivileges) {
    for (int i = 0; i < 2000; ++i) {
        const std::string name = fmt::format("many/{}/open", i);
        write(name, "");
        ::chmod((base_ / "root" / name).c_str(), 0666);
    }
    SourceLimits limits;
    limits.max_list_bytes = 10'000;
    const auto source = reader(limits).read("setuid:");
    EXPECT_EQ(source.about.state, State::cut);
    EXPECT_LT(decode_folder(source.bytes).value().size(), 200u);
}

TEST_F(SourceReaderTest, HasNoLiveFactsOfATree) {
    for (const char* name : {"proc:", "sockets:", "maps:", "netlink:link", "uname:", "/proc/modules", "tree:/proc/sys", "/sys/*"}) {
        SCOPED_TRACE(name);
        std::vector<Gap> gaps;
        const auto names = reader().expand(name, gaps);
        ASSERT_EQ(names.size(), 1u);
        EXPECT_EQ(reader().read(names[0]).about.state, State::failed);
    }
}

TEST(SourceReader, SeesThisProcess) {
    const SourceReader reader{Root::open("/").value(), {}};
    const auto processes = decode_processes(reader.read("proc:").bytes).value();
    const auto self = std::find_if(processes.begin(), processes.end(), [](const ProcessFacts& process) {
        return process.pid == static_cast<std::uint32_t>(::getpid());
    });
    ASSERT_NE(self, processes.end());
    EXPECT_EQ(self->exe, std::filesystem::read_symlink("/proc/self/exe").string());
    EXPECT_NE(self->status.find("PPid:"), std::string::npos);
    EXPECT_FALSE(decode_process_texts(reader.read("maps:").bytes).value().empty());
    EXPECT_TRUE(decode_sockets(reader.read("sockets:").bytes));
    EXPECT_EQ(reader.read("uname:").about.state, State::whole);
    const Source links = reader.read("netlink:link");
    EXPECT_EQ(links.about.state, State::whole) << links.about.why;
    EXPECT_FALSE(links.bytes.empty());
    EXPECT_EQ(reader.read("netlink:nftset/x/y").about.state, State::failed);
}

TEST(Root, RefusesWhatIsNoFolder) {
    EXPECT_EQ(Root::open("/no/such/folder").error().code, Code::not_found);
    EXPECT_FALSE(Root::open("/dev/null"));
    EXPECT_TRUE(Root::open("/usr/..").value().is_running_system());
    EXPECT_FALSE(Root::open("/usr").value().is_running_system());
}

}  // namespace
}  // namespace ward::host
