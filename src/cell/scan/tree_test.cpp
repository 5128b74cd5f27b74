// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/tree.h"

#include "cell/formats/testing/archives.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

namespace ward::scan {
namespace {

using namespace formats::testing;
using namespace std::string_literals;

// "a.zip>b: zip, 12 bytes", a line for each object; gaps likewise.
class Recorder : public TreeVisitor {
public:
    void object(const Chain& chain, formats::Type type, Bytes bytes, Deadline&) override {
        ++objects;
        deepest = std::max(deepest, chain.size());
        if (objects <= 100) lines.push_back(fmt::format("{} {}", join(chain), formats::type_name(type)));
        if (as_text(bytes).find("needle") != std::string_view::npos) found = true;
    }
    void gap(const Chain& chain, const Error& error) override {
        gaps.push_back(fmt::format("{} {}: {}", join(chain), code_name(error.code), error.text));
    }
    bool has_gap(std::string_view text) const {
        for (const auto& entry : gaps) {
            if (entry.find(text) != std::string::npos) return true;
        }
        return false;
    }

    std::vector<std::string> lines;
    std::vector<std::string> gaps;
    std::uint64_t objects = 0;
    std::size_t deepest = 0;
    bool found = false;

private:
    static std::string join(const Chain& chain) {
        std::string text = ".";
        for (const auto& name : chain) text += ">" + name;
        return text;
    }
};

class TreeTest : public ::testing::Test {
protected:
    TreeTest() : spool_{::memfd_create("spool", MFD_CLOEXEC)}, tree_{Tree::open(spool_).value()} {}
    ~TreeTest() override { ::close(spool_); }
    Recorder walk(Bytes bytes, const Limits& limits = {}, std::string_view name = "file") {
        Recorder recorder;
        tally_ = tree_.walk(name, bytes, limits, recorder);
        return recorder;
    }
    int spool_;
    Tree tree_;
    Tree::Tally tally_;
};

std::string text(const Buffer& bytes) { return to_string(Bytes{bytes}); }

TEST_F(TreeTest, GoesInwardsWithTheChain) {
    const Buffer inner = zipped({{.name = "needle.sh", .content = "#!/bin/sh\n# needle\n"}, {.name = "note", .content = "text"}});
    const Buffer tar = tarred({{.name = "in.zip", .content = text(inner)}, {.name = "plain", .content = "x"}});
    const Recorder seen = walk(gzipped(text(tar)), {}, "/srv/backup.tgz");
    const std::vector<std::string> want = {
        ". gzip", ".>backup.tar tar", ".>backup.tar>in.zip zip", ".>backup.tar>in.zip>needle.sh shell",
        ".>backup.tar>in.zip>note text", ".>backup.tar>plain text",
    };
    EXPECT_EQ(seen.lines, want);
    EXPECT_TRUE(seen.gaps.empty());
    EXPECT_EQ(tally_.members, 5U);
}

TEST_F(TreeTest, NamesWhatHasNoName) {
    struct Case { const char* outer; const char* want; };
    const Case cases[] = {
        {"/a/b.txt.gz", ".>b.txt text"}, {"b.TGZ", ".>b.tar text"}, {"x.gz.xz", ".>x.gz text"}, {".gz", ".>content text"}, {"noname", ".>content text"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.outer);
        const Recorder seen = walk(gzipped("text"), {}, c.outer);
        ASSERT_EQ(seen.lines.size(), 2U);
        EXPECT_EQ(seen.lines[1], c.want);
    }
    EXPECT_EQ(walk(gzipped("text", "told"), {}, "a.gz").lines[1], ".>told text");
}

TEST_F(TreeTest, OpensAnArchiveThatIsGluedBehind) {
    struct Case { const char* name; std::string front; };
    const Case cases[] = {{"a program", "\x7f" "ELF and so on"}, {"a picture", "\x89PNG\r\n\x1a\n...."}, {"a script", "#!/bin/sh\nunzip $0\n"}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_TRUE(walk(zipped({{.name = "m", .content = "a needle"}}, {.front = c.front})).found);
    }
    Buffer glued = gzipped("front");
    const Buffer archive = zipped({{.name = "m", .content = "a needle"}});
    glued.insert(glued.end(), archive.begin(), archive.end());
    EXPECT_TRUE(walk(glued).found);
    Buffer behind_tar = tarred({{.name = "a", .content = "1"}});
    behind_tar.insert(behind_tar.end(), archive.begin(), archive.end());
    EXPECT_TRUE(walk(behind_tar).found);
}

TEST_F(TreeTest, TellsWhatItCouldNotOpen) {
    struct Case { const char* name; Buffer bytes; const char* gap; };
    const Buffer broken = zipped({{.name = "bad", .content = "text", .crc = 1}});
    const Case cases[] = {
        {"a member", broken, ".>bad malformed: the checksum is wrong"},
        {"a member of a member", zipped({{.name = "z", .content = text(broken)}}), ".>z>bad malformed: the checksum is wrong"},
        {"a container", zipped({{.name = "t", .content = text(tarred({{.name = "x", .good_checksum = false}}))}}),
         ".>t malformed: the tar header at 0 is broken, and no good one follows"},
        {"no reader", zipped({{.name = "s.7z", .content = "7z\xbc\xaf\x27\x1c" + std::string(50, 'x')}}),
         ".>s.7z unsupported: nothing here opens 7z yet: only its packed bytes were looked at"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(walk(c.bytes).gaps, std::vector{std::string{c.gap}});
    }
}

TEST_F(TreeTest, StopsAtTheDepthLimit) {
    Buffer bytes = zipped({{.name = "m", .content = "a needle"}});
    for (int i = 0; i < 20; ++i) bytes = zipped({{.name = "z", .content = text(bytes)}});
    const Recorder seen = walk(bytes);
    EXPECT_EQ(seen.deepest, 16U);
    EXPECT_FALSE(seen.found);
    ASSERT_EQ(seen.gaps.size(), 1U);
    EXPECT_TRUE(seen.has_gap("over_limit: lies in 16 containers; no further ones are opened (max_depth)"));

    Buffer shallow = zipped({{.name = "m", .content = "a needle"}});
    for (int i = 0; i < 15; ++i) shallow = zipped({{.name = "z", .content = text(shallow)}});
    EXPECT_TRUE(walk(shallow).found);
    EXPECT_TRUE(walk(shallow).gaps.empty());
}

// Each must end soon, with the limit named, and with what came before it.
TEST_F(TreeTest, EndsBombs) {
    // 42.zip's way: sixteen of sixteen of sixteen.
    const std::string zeros(32 * kMiB, '\0');
    Buffer nested = zipped({{.name = "0", .content = zeros}});
    for (int level = 0; level < 4; ++level) {
        std::vector<ZipMember> members;
        for (int i = 0; i < 16; ++i) members.push_back({.name = "lib " + std::to_string(i), .content = text(nested)});
        nested = zipped(members);
    }
    // Many names for one packed stream, each entry a little different, so that none is a duplicate.
    const Buffer kernel = deflated(zeros);
    std::vector<ZipMember> shared{{.name = "kernel", .packed = kernel, .declared_bytes = 32 * kMiB}};
    for (std::uint32_t i = 0; i < 200; ++i) {
        shared.push_back({.name = "f" + std::to_string(i), .packed = kernel, .crc = i, .local = false, .declared_bytes = 32 * kMiB});
    }
    std::vector<ZipMember> empty(100'001, ZipMember{.name = "e", .method = 0});
    for (std::size_t i = 0; i < empty.size(); ++i) empty[i].name = std::to_string(i);
    const Buffer zeros_gz = gzip_of_zeros(10'240);
    const Buffer packed = deflated(std::string(80 * kMiB, '\0'));
    std::vector<ZipMember> many;
    for (int i = 0; i < 8; ++i) many.push_back({.name = "z" + std::to_string(i), .packed = packed, .declared_bytes = 80 * kMiB});

    struct Case { const char* name; Buffer bytes; const char* gap; };
    const Case cases[] = {
        {"ten gigabytes of zeros", zeros_gz, "unpacks to more than 250 times its size (max_ratio)"},
        {"the same, wrapped again", gzipped(text(zeros_gz)), "max_ratio"},
        {"zips in zips", nested, "unpacks to more than 250 times its size (max_ratio)"},
        {"members that share their bytes", zipped(shared), "max_ratio"},
        {"members that quote the headers behind them", zip_of_quoted_headers(200, 32), "max_ratio"},
        {"a hundred thousand empty members", zipped(empty), "more than 100000 members (max_members)"},
        {"large members side by side", zipped(many), "max_ratio"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        const auto start = std::chrono::steady_clock::now();
        const Recorder seen = walk(c.bytes);
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
        EXPECT_TRUE(seen.has_gap(c.gap)) << (seen.gaps.empty() ? "no gap" : seen.gaps.back());
        // 2 s in the release build on an idle machine; this is for sanitizers and busy ones.
        EXPECT_LT(took.count(), 20'000);
    }
}

// Whoever makes a sparse file of a terabyte pays nothing for it.
TEST_F(TreeTest, EndsInTimeOnATerabyteOfZeros) {
    constexpr std::size_t kTerabyte = std::size_t{1} << 40;
    void* memory = ::mmap(nullptr, kTerabyte, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    auto* const bytes = static_cast<std::uint8_t*>(memory);
    struct Case { const char* name; Buffer head; bool found; };
    const Buffer member = zipped({{.name = "m", .content = "a needle"}}, {.end_record = false});
    Buffer stored = zipped({{.name = "m", .content = "a needle", .method = 0, .flags = 8}}, {.end_record = false});
    stored.resize(30 + 1 + 8);  // where it ends is said nowhere
    const Case cases[] = {
        {"zip", member, true},
        {"a zip member of unknown length", stored, true},
        {"tar", tarred({{.name = "m", .content = "a needle"}}), true},
        {"tar, a broken header", tarred({{.name = "m", .content = "a needle"}, {.name = "x", .good_checksum = false}}), true},
        {"gzip", gzipped("a needle"), true},
        {"xz", xz_packed("a needle"), true},
        {"zstd", zstd_packed("a needle"), true},
        {"bzip2", bzip2_packed("a needle"), true},
        {"cpio", cpio_packed({{.name = "m", .content = "a needle"}}, CpioForm::svr4), true},
        {"ar", ar_packed({{.name = "m/", .content = "a needle"}}), true},
    };
    Limits limits;
    limits.max_time = std::chrono::milliseconds{300};
    // The walk alone: searching it for a needle would be the test's own time.
    class Heads : public TreeVisitor {
    public:
        void object(const Chain&, formats::Type, Bytes object, Deadline&) override {
            if (as_text(object.first(std::min<std::size_t>(object.size(), 1000))).find("a needle") != std::string_view::npos) found = true;
        }
        void gap(const Chain&, const Error& error) override { gaps.push_back(error.text); }
        bool found = false;
        std::vector<std::string> gaps;
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        std::copy(c.head.begin(), c.head.end(), bytes);
        const auto start = std::chrono::steady_clock::now();
        Heads seen;
        tree_.walk("file", {bytes, kTerabyte}, limits, seen);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
        EXPECT_EQ(seen.found, c.found);
        EXPECT_FALSE(seen.gaps.empty());
        std::fill(bytes, bytes + c.head.size(), std::uint8_t{0});
    }
    ::munmap(memory, kTerabyte);
}

TEST_F(TreeTest, SearchesOnceForTheEndsOfAllMembers) {
    // Members whose length stands behind them, if anywhere: each is searched for its end.
    std::vector<ZipMember> members(30'000, ZipMember{.name = "m", .content = std::string(600, 'x'), .method = 0, .flags = 8, .in_directory = false});
    Buffer bytes = zipped(members, {.end_record = false});
    // No descriptor is right, and some look like one.
    for (std::size_t at = 0; at + 4 < bytes.size(); ++at) {
        if (bytes[at] == 'P' && bytes[at + 1] == 'K' && bytes[at + 2] == 7) bytes[at + 12] ^= 0x55;
    }
    const auto start = std::chrono::steady_clock::now();
    walk(bytes);
    EXPECT_EQ(tally_.members, members.size());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{10});
}

TEST_F(TreeTest, CountsEntriesThatAreAllTheSame) {
    // Duplicates are read once and counted once, so they could push what comes behind them beyond the limit unseen.
    std::vector<ZipMember> members{{.name = "wide", .content = text(zipped({{.name = "hidden", .content = "a needle"}}, {.end_record = false})), .method = 0}};
    members.resize(200, ZipMember{.name = "again", .content = members[0].content, .method = 0, .local = false});
    members.push_back({.name = "hidden", .content = "a needle", .packed = deflated("a needle"), .local = false, .declared_header_at = 30 + 4});
    Limits limits;
    limits.max_members = 100;
    const Recorder seen = walk(zipped(members), limits);
    EXPECT_TRUE(seen.has_gap(". over_limit: the zip directory lists more than 100 members (max_members)"));
    const Recorder all = walk(zipped(members));
    EXPECT_TRUE(all.found);
}

TEST_F(TreeTest, EndsAnArchiveThatHoldsItself) {
    const Buffer bytes = zip_of_itself();
    const Listing listing = read_all(formats::Type::zip, bytes);
    ASSERT_EQ(listing.members.size(), 1U);
    EXPECT_EQ(listing.members[0].content, text(bytes));
    EXPECT_FALSE(listing.has_fault());

    const Recorder seen = walk(bytes);
    EXPECT_EQ(seen.deepest, 16U);
    ASSERT_EQ(seen.gaps.size(), 1U);
    EXPECT_TRUE(seen.has_gap(">r.zip over_limit: lies in 16 containers"));
}

TEST_F(TreeTest, StopsWhenTheTimeIsUp) {
    Limits limits;
    limits.max_time = std::chrono::milliseconds{0};
    const Recorder seen = walk(zipped({{.name = "m", .content = std::string(1'000'000, 'x')}}), limits);
    EXPECT_TRUE(seen.has_gap("more than 0 ms (max_time)"));
}

TEST_F(TreeTest, UnpacksLargeMembersThroughTheSpool) {
    // Little enough compression that no ratio is broken.
    std::string content;
    for (std::uint32_t i = 0; content.size() < 70 * kMiB; ++i) content.append(noise(kMiB, i)).append(6 * kMiB, 'x');
    content += "needle";
    const Recorder seen = walk(gzipped(text(zstd_packed(content))));
    EXPECT_TRUE(seen.found);
    EXPECT_TRUE(seen.gaps.empty());
    // The next file finds a clean store.
    EXPECT_TRUE(walk(gzipped("a needle")).found);
}

TEST_F(TreeTest, SurvivesAnything) {
    std::vector<Buffer> seeds;
    const std::string content = "needle " + noise(60, 3);
    const Buffer zip = zipped({{.name = "a", .content = content}, {.name = "b", .content = content, .method = 0, .flags = 8}}, {.comment = "c"});
    const Buffer tar = tarred({{.name = "a.zip", .content = text(zip)}, {.name = "x", .content = "9 path=q\n", .kind = 'x'}, {.name = "b", .content = content}});
    seeds.push_back(zip);
    seeds.push_back(tar);
    for (const auto& seed : {zip, tar}) {
        seeds.push_back(gzipped(text(seed)));
        seeds.push_back(xz_packed(text(seed)));
        seeds.push_back(zstd_packed(text(seed)));
        seeds.push_back(bzip2_packed(text(seed)));
    }
    std::mt19937 random{20'261};
    for (int round = 0; round < 4000; ++round) {
        Buffer bytes = seeds[random() % seeds.size()];
        switch (random() % 3) {
            case 0: bytes.resize(random() % (bytes.size() + 1)); break;
            case 1:
                for (std::uint32_t i = random() % 4 + 1; i > 0; --i) bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
                break;
            default: {
                const Buffer& other = seeds[random() % seeds.size()];
                const std::size_t from = random() % other.size();
                bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(random() % bytes.size()), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
            }
        }
        const Recorder seen = walk(bytes);
        EXPECT_GE(seen.objects, 1U);
    }
}

}  // namespace
}  // namespace ward::scan
