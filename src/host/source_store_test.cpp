// SPDX-License-Identifier: Apache-2.0
#include "host/source_store.h"

#include "core/bytes.h"
#include "core/hash.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ward::host {
namespace {

namespace fs = std::filesystem;

class Store : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "ward-store-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        state_ = name;
    }
    void TearDown() override { fs::remove_all(state_); }

    std::string good(const char* file = "a.zip") const { return state_ + "/sources/one/" + file; }
    static std::string text(const std::string& path) {
        std::ifstream in{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    // Fetches `bytes` as ward would, and installs them.
    SourceRecord put(const std::string& bytes) const {
        auto store = SourceStore::open(state_);
        EXPECT_TRUE(store.ok());
        auto part = store->part("one", "a.zip");
        EXPECT_TRUE(store->keep(*part, 0, "https://example.org/a.zip", "\"1\"").ok());
        EXPECT_EQ(::pwrite(part->file(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
        SourceRecord record;
        record.url = "https://example.org/a.zip";
        record.etag = "\"1\"";
        record.bytes = bytes.size();
        record.fetched = record.checked = 1000;
        record.modified = 900;
        EXPECT_TRUE(store->install(*part, record).ok());
        return record;
    }
    std::string state_;
};

TEST_F(Store, KeepsAGoodCopyAndWhatIsKnownOfIt) {
    EXPECT_FALSE(read_source(state_, "one", "a.zip")->has_value());
    const SourceRecord put_record = put("hello");
    EXPECT_EQ(text(good()), "hello");
    EXPECT_EQ(put_record.sha256, sha256_hex(as_bytes("hello")));
    const auto record = read_source(state_, "one", "a.zip");
    ASSERT_TRUE(record.ok() && record->has_value());
    EXPECT_EQ((*record)->etag, "\"1\"");
    EXPECT_EQ((*record)->bytes, 5U);
    EXPECT_EQ((*record)->checked, 1000);
    EXPECT_EQ((*record)->modified, 900);
    // Only the knowledge itself has a name that a glob finds; nothing of the way is left.
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{state_ + "/sources/one"}) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{".a.zip.json", "a.zip"}));
}

TEST_F(Store, DoesNotTrustARecordOfAnotherFile) {
    put("hello");
    // As a cut between the file and its record would leave it.
    std::ofstream{good(), std::ios::trunc} << "newer";
    const auto record = read_source(state_, "one", "a.zip");
    ASSERT_TRUE(record.ok() && record->has_value());
    EXPECT_EQ((*record)->etag, "") << "or the true file would never be fetched again";
    EXPECT_EQ((*record)->sha256, sha256_hex(as_bytes("newer")));
    // A restored folder has other times, and the same bytes.
    put("hello");
    fs::last_write_time(good(), fs::file_time_type::clock::now() - std::chrono::hours{50});
    EXPECT_EQ((*read_source(state_, "one", "a.zip"))->etag, "\"1\"");
    // A damaged record is as good as none.
    std::ofstream{state_ + "/sources/one/.a.zip.json", std::ios::trunc} << "{\"sha256\": ";
    EXPECT_EQ((*read_source(state_, "one", "a.zip"))->etag, "");
    fs::remove(good());
    fs::create_directory(good());
    EXPECT_FALSE(read_source(state_, "one", "a.zip").ok());
}

TEST_F(Store, GoesOnWithAPart) {
    {
        auto store = SourceStore::open(state_);
        auto part = store->part("one", "a.zip");
        ASSERT_TRUE(part.ok());
        EXPECT_EQ(part->bytes, 0U);
        ASSERT_TRUE(store->keep(*part, 0, "https://example.org/a", "\"1\"").ok());
        ASSERT_EQ(::pwrite(part->file(), "hello", 5, 0), 5);
        ASSERT_TRUE(store->keep(*part, 3, "https://example.org/a", "\"1\"").ok());
    }
    {
        auto store = SourceStore::open(state_);
        auto part = store->part("one", "a.zip");
        EXPECT_EQ(part->bytes, 3U) << "what was not synced may be anything";
        EXPECT_EQ(part->validator, "\"1\"");
        // The file has changed meanwhile: from its beginning.
        ASSERT_TRUE(store->keep(*part, 0, "https://example.org/a", "\"2\"").ok());
    }
    EXPECT_EQ(fs::file_size(state_ + "/sources/one/.a.zip.part"), 0U);
    auto store = SourceStore::open(state_);
    auto part = store->part("one", "a.zip");
    EXPECT_EQ(part->bytes, 0U);
    store->drop(*part);
    EXPECT_TRUE(fs::is_empty(state_ + "/sources/one"));
    // A record without its bytes.
    std::ofstream{state_ + "/sources/one/.a.zip.part.json"} << R"({"url":"u","validator":"v","bytes":100})";
    EXPECT_EQ(store->part("one", "a.zip")->bytes, 0U);
}

TEST_F(Store, IsForOneProcessAtATime) {
    auto store = SourceStore::open(state_);
    ASSERT_TRUE(store.ok());
    EXPECT_EQ(SourceStore::open(state_).error().code, Code::denied);
}

TEST_F(Store, LeavesTheGoodCopyWhenANewOneIsShort) {
    put("hello");
    auto store = SourceStore::open(state_);
    auto part = store->part("one", "a.zip");
    ASSERT_TRUE(store->keep(*part, 0, "u", "v").ok());
    SourceRecord record;
    record.bytes = 100;
    EXPECT_FALSE(store->install(*part, record).ok());
    EXPECT_EQ(text(good()), "hello");
}

TEST_F(Store, FollowsNoLinksThatOthersLay) {
    fs::create_directories(state_ + "/sources/one");
    std::ofstream{state_ + "/victim"} << "precious";
    fs::create_symlink(state_ + "/victim", state_ + "/sources/one/.a.zip.part");
    auto store = SourceStore::open(state_);
    EXPECT_FALSE(store->part("one", "a.zip").ok());
    EXPECT_EQ(text(state_ + "/victim"), "precious");
}

TEST_F(Store, AppendsToTheRecordOfRequests) {
    {
        auto log = FetchLog::open(state_);
        ASSERT_TRUE(log.ok());
        ASSERT_TRUE(log->append("{\"a\":1}").ok());
    }
    std::ofstream{state_ + "/" + kFetchLogName, std::ios::app} << "{\"half";
    auto log = FetchLog::open(state_);
    ASSERT_TRUE(log->append("{\"b\":2}").ok());
    EXPECT_EQ(text(state_ + "/" + kFetchLogName), "{\"a\":1}\n{\"half\n{\"b\":2}\n");
}

TEST_F(Store, WorksForRootInRootsFoldersOnly) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give folders away";
    ASSERT_EQ(::chown(state_.c_str(), 1, 1), 0);
    EXPECT_EQ(SourceStore::open(state_).error().code, Code::denied);
    ASSERT_EQ(::chown(state_.c_str(), 0, 0), 0);
    fs::create_directory(state_ + "/sources");
    ASSERT_EQ(::chown((state_ + "/sources").c_str(), 1, 1), 0);
    EXPECT_EQ(SourceStore::open(state_).error().code, Code::denied);
}

TEST_F(Store, FollowsNoLinkInPlaceOfItsFolder) {
    fs::create_directory(state_ + "/elsewhere");
    fs::create_directory_symlink(state_ + "/elsewhere", state_ + "/sources");
    EXPECT_EQ(SourceStore::open(state_).error().code, Code::denied);
    EXPECT_TRUE(fs::is_empty(state_ + "/elsewhere"));
}

TEST_F(Store, WritesNoRecordThroughALink) {
    fs::create_directories(state_ + "/sources/one");
    fs::create_symlink("/dev/full", state_ + "/sources/one/.a.zip.json");
    put("hello");
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(state_ + "/sources/one/.a.zip.json")));
}

// A disk that takes only so much, by the limit of file sizes.
TEST_F(Store, HalfALineSwallowsNoOther) {
    auto log = FetchLog::open(state_);
    ASSERT_TRUE(log.ok());
    ASSERT_TRUE(log->append("{\"a\":1}").ok());
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 12;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto second = log->append("{\"b\":2}");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_FALSE(second.ok());
    EXPECT_TRUE(log->append("{\"c\":3}").ok());
    EXPECT_EQ(text(state_ + "/fetch.jsonl"), "{\"a\":1}\n{\"b\"\n{\"c\":3}\n");
}

}  // namespace
}  // namespace ward::host
