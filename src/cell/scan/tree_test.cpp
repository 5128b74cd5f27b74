// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/tree.h"

#include "cell/formats/testing/archives.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>

namespace ward::scan {
namespace {

using namespace formats::testing;
using formats::Type;
using namespace std::string_literals;

// "a.zip>b: zip, 12 bytes", a line for each object; gaps likewise.
class Recorder : public TreeVisitor {
public:
    void object(const Chain& chain, Type type, Bytes bytes, Deadline&) override {
        ++objects;
        deepest = std::max(deepest, chain.size());
        if (objects <= 100) lines.push_back(fmt::format("{} {}", join(chain), formats::type_name(type)));
        // What only lies there packed by nothing was not found by opening.
        const bool container = type >= Type::zip && type <= Type::cpio;
        if (!container && as_text(bytes).find("needle") != std::string_view::npos) found = true;
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

// What somebody made to be read wrongly: found, or told, or both. `told`: a part of the gap; nullptr when nothing may be missing.
TEST_F(TreeTest, FindsOrTellsWhatIsMadeToMislead) {
    const std::string needle = "a needle";
    const Buffer zip = zipped({{.name = "m", .content = needle}});
    const Buffer tar = tarred({{.name = "m", .content = needle}});
    const auto joined = [](Buffer first, const Buffer& second) {
        first.insert(first.end(), second.begin(), second.end());
        return first;
    };
    const auto size64 = [](std::uint64_t size, std::uint64_t packed, std::uint64_t at) {
        std::string extra = "\x01\x00\x18\x00"s;
        for (const std::uint64_t value : {size, packed, at}) {
            for (unsigned i = 0; i < 8; ++i) extra += static_cast<char>(value >> (8 * i));
        }
        return extra;
    };
    const auto in_64 = [&](std::uint64_t size, std::uint64_t packed, std::uint64_t at) {
        return zipped({{.name = "m", .content = needle, .method = 0, .declared_bytes = 0xffffffff, .declared_packed_bytes = 0xffffffff,
                        .declared_header_at = 0xffffffff, .extra = size64(size, packed, at)}});
    };
    const auto pax = [&](const std::string& records) {
        return tarred({{.name = "x", .content = records, .kind = 'x'}, {.name = "m", .content = needle}});
    };
    // "%d %s=%s\n", the number counting itself.
    const auto record = [](const std::string& key, const std::string& value) {
        const std::string rest = " " + key + "=" + value + "\n";
        std::size_t length = rest.size() + 1;
        while (std::to_string(length).size() + rest.size() != length) ++length;
        return std::to_string(length) + rest;
    };
    const std::string sparse_0_1 = record("GNU.sparse.major", "0") + record("GNU.sparse.minor", "1");
    const auto base256 = [](unsigned char first, unsigned char rest) {
        return static_cast<char>(first) + std::string(11, static_cast<char>(rest));
    };
    struct Case { const char* name; Buffer bytes; bool found; const char* told; };
    const Case cases[] = {
        // zip
        {"sizes in 64 bits", in_64(needle.size(), needle.size(), 0), true, nullptr},
        {"a size of exabytes", in_64(UINT64_MAX, needle.size(), 0), true, "8 bytes are stored, 18446744073709551615 are declared"},
        {"packed bytes of exabytes", in_64(needle.size(), UINT64_MAX, 0), true, "packed bytes of 18446744073709551615 are there"},
        {"a header at the end of the address space", in_64(needle.size(), needle.size(), UINT64_MAX), true, "no local header at"},
        {"64 bits promised, and not there", zipped({{.name = "m", .content = needle, .declared_bytes = 0xffffffff}}), true, "8 bytes came out, 4294967295 are declared"},
        {"a header beyond the end", zipped({{.name = "m", .content = needle, .declared_header_at = 0x7fffffff}}), true, "no local header at"},
        {"more packed bytes than there are", zipped({{.name = "m", .content = needle, .declared_packed_bytes = 0xfffffff0}}), true, "are there"},
        {"no packed bytes, says the directory", zipped({{.name = "m", .content = needle, .declared_packed_bytes = 0}}), true, "ends too early"},
        {"encrypted, says a bit that lies", zipped({{.name = "m", .content = needle, .method = 0, .flags = 1}}), false, "the encrypted data are cut off"},
        {"really encrypted", zipped({{.name = "m", .content = noise(60, 9), .method = 0, .flags = 1}}), false, "encrypted, and no usual password opens it"},
        {"twice the same name", zipped({{.name = "m", .content = "harmless"}, {.name = "m", .content = needle}}), true, nullptr},
        {"two archives, one behind the other", joined(zipped({{.name = "a", .content = "harmless"}}), zip), true, nullptr},
        {"two archives, the other way round", joined(zip, zipped({{.name = "a", .content = "harmless"}})), true, nullptr},
        {"garbage behind", joined(zip, Buffer(100, 'g')), true, nullptr},
        {"so much behind that nobody finds the directory", joined(zip, Buffer(70'000, 'g')), true, "no central directory"},
        {"a folder that is a file", zipped({{.name = "m/", .content = needle}}), true, nullptr},
        // tar
        {"a size of exabytes", tarred({{.name = "m", .content = needle, .size_field = base256(0x80, 0xff)}}), false, "is not a number"},
        {"a negative size", tarred({{.name = "m", .content = needle, .size_field = base256(0xff, 0xf0)}}), false, "is not a number"},
        {"a size beyond the end", tarred({{.name = "m", .content = needle, .size_field = "77777777777"}}), true, "of 8589934591 are there"},
        {"a pax size beyond the end", pax(record("size", "18446744073709551615")), true, "of 18446744073709551615 are there"},
        {"a pax size that is no number", pax(record("size", "abc")), true, nullptr},
        {"a pax record of no length", pax("0 size=1\n"), true, "a pax record breaks off"},
        {"a pax record that wraps round", pax("18446744073709551615 path=x\n"), true, "a pax record breaks off"},
        {"a pax header of megabytes", pax(std::string(2 * kMiB, 'p')), true, "an extended tar header of 2.0 MiB"},
        {"a long name that is longer than the archive", tarred({{.name = "l", .content = "n", .kind = 'L', .size_field = "00077777777"}}, false), false, "are there"},
        {"a sparse map of one piece beyond 64 bits", pax(sparse_0_1 + record("GNU.sparse.map", "18446744073709551615,8")), false, "max_ratio"},
        {"a sparse map whose pieces overlap", pax(sparse_0_1 + record("GNU.sparse.map", "0,8,4,4")), true, "overlap"},
        {"a sparse map that is words", pax(sparse_0_1 + record("GNU.sparse.map", "a,b")), true, "something else than numbers"},
        {"a sparse file smaller than its pieces", pax(sparse_0_1 + record("GNU.sparse.map", "0,8") + record("GNU.sparse.size", "1")), true, nullptr},
        {"a hard link with content", tarred({{.name = "m", .content = needle, .kind = '1'}}), true, nullptr},
        {"a folder with content", tarred({{.name = "m/", .content = needle, .kind = '5'}}), true, nullptr},
        {"a device with content", tarred({{.name = "m", .content = needle, .kind = '3'}}), true, nullptr},
        {"twice the same name", tarred({{.name = "m", .content = "harmless"}, {.name = "m", .content = needle}}), true, nullptr},
        {"an archive behind the end mark", joined(tarred({{.name = "a", .content = "harmless"}}), tar), true, nullptr},
        // streams
        {"several gzip members", joined(gzipped("harmless "), gzipped(needle)), true, nullptr},
        {"something behind gzip", joined(gzipped("harmless"), tar), true, nullptr},
        {"zeros, then something, behind gzip", joined(joined(gzipped("harmless"), Buffer(1000, 0)), tar), true, nullptr},
        {"a gzip length that lies", gzip_of_zeros(1), false, "the gzip checksum is wrong"},
        {"several xz streams", joined(xz_packed("harmless "), xz_packed(needle)), true, nullptr},
        {"several xz streams, padded", joined(joined(xz_packed("harmless "), Buffer(8, 0)), xz_packed(needle)), true, nullptr},
        {"an xz stream behind one of gzip", joined(gzipped("harmless"), xz_packed(needle)), true, nullptr},
        {"several zstd frames", joined(zstd_packed("harmless "), zstd_packed(needle)), true, nullptr},
        {"a zstd frame to skip, before", joined(Buffer{0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'x', 'x'}, zstd_packed(needle)), true, nullptr},
        {"a zstd frame to skip that is too long", joined(zstd_packed(needle), Buffer{0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 'x'}), true, "zstd"},
        {"several bzip2 streams", joined(bzip2_packed("harmless "), bzip2_packed(needle)), true, nullptr},
        {"a broken stream behind a good one", joined(xz_packed(needle), Buffer{0xfd, '7', 'z', 'X', 'Z', 0, 0, 4, 1, 2, 3, 4}), true, "the xz stream breaks"},
        // ar and cpio
        {"a package with more members than any", ar_packed({{.name = "debian-binary", .content = "2.0\n"}, {.name = "_extra", .content = needle}}), true, nullptr},
        {"content in the table of names", ar_packed({{.name = "//", .content = needle}}), true, nullptr},
        {"a size beyond the end", ar_packed({{.name = "m/", .content = needle, .size_field = "9999999999"}}), true, "of 9999999999 are there"},
        {"content behind cpio's end mark", joined(cpio_packed({{.name = "a", .content = "harmless"}}, CpioForm::svr4), Buffer{needle.begin(), needle.end()}), true, nullptr},
        {"an archive behind cpio's end mark", joined(cpio_packed({{.name = "a", .content = "harmless"}}, CpioForm::svr4), gzipped(needle)), true, nullptr},
        {"a link with content", cpio_packed({{.name = "m", .content = needle, .mode = 0120777}}, CpioForm::svr4), true, nullptr},
        {"a device with content", cpio_packed({{.name = "m", .content = needle, .mode = 0020600}}, CpioForm::portable), true, nullptr},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        for (const bool wrapped : {false, true}) {
            const Recorder seen = walk(wrapped ? gzipped(text(c.bytes), "in") : c.bytes);
            EXPECT_EQ(seen.found, c.found);
            if (c.told == nullptr) {
                EXPECT_TRUE(seen.gaps.empty()) << seen.gaps.front();
            } else {
                EXPECT_TRUE(seen.has_gap(c.told)) << (seen.gaps.empty() ? "nothing told" : seen.gaps.front());
            }
        }
    }
}

TEST_F(TreeTest, TakesNamesAsTheyAre) {
    const std::string names[] = {
        "/etc/passwd", "../../../etc/passwd", "..", ".", "C:\\Windows\\x", "a\nb", "\x1b[2J\x1b]0;x\x07", "\xff\xfe\x80", "\xe2\x80\xae" "gpj.exe", " ", "-rf", "$(id)",
        std::string(99, 'n'),
    };
    for (const auto& name : names) {
        SCOPED_TRACE(name);
        const Buffer archives[] = {
            zipped({{.name = name, .content = "a needle"}}), tarred({{.name = name, .content = "a needle"}}), gzipped("a needle", name),
            cpio_packed({{.name = name, .content = "a needle"}}, CpioForm::svr4),
            tarred({{.name = "x", .content = name, .kind = 'L'}, {.name = "short", .content = "a needle"}}),
        };
        for (const auto& archive : archives) {
            const Recorder seen = walk(archive);
            EXPECT_TRUE(seen.found);
            EXPECT_TRUE(seen.gaps.empty()) << seen.gaps.front();
            EXPECT_EQ(seen.lines.back(), ".>" + name + " text");
        }
    }
    // Longer ones are cut; nothing is lost but a part of the name.
    const std::string endless(60'000, 'n');
    const Buffer archives[] = {zipped({{.name = endless, .content = "a needle"}}), gzipped("a needle", endless),
                               tarred({{.name = "x", .content = endless, .kind = 'L'}, {.name = "short", .content = "a needle"}})};
    for (const auto& archive : archives) {
        const Recorder seen = walk(archive);
        EXPECT_TRUE(seen.found);
        EXPECT_EQ(seen.lines.back(), ".>" + std::string(Tree::kMaxNameBytes, 'n') + " text");
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
        void object(const Chain&, Type, Bytes object, Deadline&) override {
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
    const Listing listing = read_all(Type::zip, bytes);
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

    // Three of that size in each other: only one fits into memory.
    const Buffer nested = gzipped(text(zstd_packed(text(gzipped(content)))));
    const Recorder deep = walk(nested);
    EXPECT_TRUE(deep.found);
    EXPECT_TRUE(deep.gaps.empty());

    // Without a spool, and with one that takes no more, it is told.
    Tree without = Tree::open(-1).value();
    Recorder told;
    without.walk("file", nested, {}, told);
    EXPECT_TRUE(told.has_gap("over_limit: larger than 64.0 MiB, and there is no spool")) << (told.gaps.empty() ? "nothing" : told.gaps[0]);
    const int full = ::memfd_create("full", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ASSERT_EQ(::fcntl(full, F_ADD_SEALS, F_SEAL_GROW), 0);
    Tree on_full = Tree::open(full).value();
    Recorder refused;
    on_full.walk("file", nested, {}, refused);
    EXPECT_TRUE(refused.has_gap("io: the spool takes no more at")) << (refused.gaps.empty() ? "nothing" : refused.gaps[0]);
    ::close(full);
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
