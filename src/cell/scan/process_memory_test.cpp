// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/process_memory.h"

#include "cell/compile/compiler.h"
#include "cell/scan/scanner.h"
#include "core/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace ward::scan {
namespace {

const std::uint64_t kPage = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));

TEST(ParseRegions, ReadsWhatTheKernelWrites) {
    const auto regions = parse_regions(
        "555555554000-555555558000 r--p 00000000 fe:01 131 /usr/bin/cat\n"
        "Size:                 16 kB\n"
        "Rss:                   8 kB\n"
        "Swap:                  4 kB\n"
        "VmFlags: rd mr mw me \n"
        "7f0000000000-7f0000010000 rw-p 00000000 00:00 0 \n"
        "Rss:                   0 kB\n"
        "7f1000000000-7f1000010000 rw-s 00000000 00:05 77                         /memfd:x y\\012Rss: 9 kB (deleted)\n"
        "Rss:                   0 kB\n"
        "Private_Hugetlb:    2048 kB\n"
        "7ffff7fc1000-7ffff7fc5000 r--p 00000000 00:00 0                          [vvar]\n"
        "Rss:                   4 kB\n"
        "7ffff7fc5000-7ffff7fc7000 r-xp 00000000 00:00 0                          [vdso]\n"
        "Rss:                   8 kB\n"
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n"
        "Rss:                   0 kB\n");
    ASSERT_TRUE(regions.ok());
    const std::vector<Region> want{
        {0x555555554000, 0x555555558000, true, 12 * kKiB, 4 * kKiB},
        {0x7f0000000000, 0x7f0000010000, false, 0, 0},
        {0x7f1000000000, 0x7f1000010000, false, 2 * kMiB, 0},
        {0x7ffff7fc5000, 0x7ffff7fc7000, false, 8 * kKiB, 0},
    };
    EXPECT_EQ(*regions, want);
}

TEST(ParseRegions, RefusesRegionsThatOverlap) {
    EXPECT_FALSE(parse_regions("2000-3000 rw-p 0 00:00 0\n1000-2000 rw-p 0 00:00 0\n").ok());
    EXPECT_FALSE(parse_regions("2000-3000 rw-p 0 00:00 0\n2800-4000 rw-p 0 00:00 0\n").ok());
    EXPECT_FALSE(parse_regions("2000-2000 rw-p 0 00:00 0\n").ok());
    EXPECT_TRUE(parse_regions("").value().empty());
    EXPECT_TRUE(parse_regions("no region\n-\n1-\nRss: 4 kB\n").value().empty());
}

// Files as the kernel keeps them about a process, made up: a page map and a memory with holes where nothing is mapped.
class MadeProcess {
public:
    MadeProcess() {
        for (int* file : {&sources_.regions, &sources_.pages, &sources_.bytes}) *file = ::memfd_create("made", 0);
        EXPECT_EQ(::ftruncate(sources_.bytes, 1LL << 40), 0);
        EXPECT_EQ(::ftruncate(sources_.pages, (1LL << 40) / static_cast<long>(kPage) * 8), 0);
    }
    ~MadeProcess() {
        for (const int file : {sources_.regions, sources_.pages, sources_.bytes}) ::close(file);
    }
    void map(std::uint64_t from, std::uint64_t bytes, bool backed, std::uint64_t present, std::uint64_t swapped = 0) {
        add(from, bytes, backed, present, swapped);
        tell();
    }
    void add(std::uint64_t from, std::uint64_t bytes, bool backed, std::uint64_t present, std::uint64_t swapped = 0) {
        text_ += fmt::format("{:x}-{:x} rw-p 00000000 {} name\nRss: {} kB\nSwap: {} kB\n", from, from + bytes, backed ? "08:01 7" : "00:00 0",
                             (present - swapped) / kKiB, swapped / kKiB);
    }
    void tell() {
        EXPECT_EQ(::pwrite(sources_.regions, text_.data(), text_.size(), 0), static_cast<ssize_t>(text_.size()));
    }
    void write(std::uint64_t address, std::string_view bytes) {
        EXPECT_EQ(::pwrite(sources_.bytes, bytes.data(), bytes.size(), static_cast<off_t>(address)), static_cast<ssize_t>(bytes.size()));
        for (std::uint64_t page = address / kPage; page <= (address + bytes.size() - 1) / kPage; ++page) touch(page);
    }
    void touch(std::uint64_t page) {
        const std::uint64_t entry = 1ULL << 63;
        EXPECT_EQ(::pwrite(sources_.pages, &entry, 8, static_cast<off_t>(page * 8)), 8);
    }
    void end() {
        EXPECT_EQ(::ftruncate(sources_.bytes, 0), 0);
        EXPECT_EQ(::ftruncate(sources_.pages, 0), 0);
    }
    const ProcessMemory::Sources& sources() const { return sources_; }
    Result<ProcessMemory> open() const {
        Deadline deadline{std::chrono::seconds{60}};
        return ProcessMemory::open(sources_, deadline);
    }

private:
    ProcessMemory::Sources sources_;
    std::string text_;
};

std::string list_of(const ProcessMemory& memory) {
    std::string out;
    for (const auto& piece : memory.pieces()) out += fmt::format("{:x}+{:x}-{:x}+{:x} ", piece.address, piece.bytes, piece.before, piece.behind);
    return out;
}

TEST(ProcessMemory, LeavesOutWhatWasNeverTouched) {
    MadeProcess process;
    process.map(0x10000 * kPage, 1000 * kPage, false, 8 * kPage);
    process.write((0x10000 + 10) * kPage + 5, "first");
    process.write((0x10000 + 12) * kPage, "behind a small hole");
    process.write((0x10000 + 900) * kPage, "far behind");
    process.map(0x20000 * kPage, 1ULL << 32, false, 0);  // reserved, nothing more
    process.map(0x200000 * kPage, 2 * kPage, true, 0);   // a file of which nothing was read
    auto memory = process.open().value();
    EXPECT_EQ(list_of(memory), fmt::format("{:x}+{:x}-0+0 {:x}+{:x}-0+0 {:x}+{:x}-0+0 ", (0x10000 + 10) * kPage, 3 * kPage, (0x10000 + 900) * kPage, kPage,
                                           0x200000 * kPage, 2 * kPage));
    EXPECT_EQ(as_text(Bytes{*memory.fetch(0)}.subspan(5, 5)), "first");
    EXPECT_EQ(as_text(Bytes{*memory.fetch(0)}.subspan(static_cast<std::size_t>(2 * kPage), 6)), "behind");
    EXPECT_EQ(as_text(Bytes{*memory.fetch(1)}.subspan(0, 10)), "far behind");
    EXPECT_EQ(memory.bytes(), 6 * kPage);
    EXPECT_EQ(memory.unread_bytes(), 0U);
    EXPECT_FALSE(memory.ended());
}

// Shared pages that are swapped out have no entry in the page map.
TEST(ProcessMemory, CountsWhatIsSwappedOutAndNotListed) {
    MadeProcess process;
    process.map(0x10000 * kPage, 100 * kPage, false, 7 * kPage, 3 * kPage);
    process.write(0x10000 * kPage, std::string(static_cast<std::size_t>(4 * kPage), 'x'));
    EXPECT_EQ(process.open().value().unread_bytes(), 3 * kPage);
    MadeProcess listed;
    listed.map(0x10000 * kPage, 100 * kPage, false, 7 * kPage, 3 * kPage);
    listed.write(0x10000 * kPage, std::string(static_cast<std::size_t>(7 * kPage), 'x'));
    EXPECT_EQ(listed.open().value().unread_bytes(), 0U);
}

TEST(ProcessMemory, CutsLargeRegions) {
    MadeProcess process;
    const std::uint64_t at = 0x100000 * kPage;
    const std::uint64_t size = 2 * ProcessMemory::kMaxPieceBytes + 2 * kPage;
    process.map(at, size, true, 0);
    const std::string needle = "over the edge of a piece";
    process.write(at + ProcessMemory::kMaxPieceBytes - 4, needle);
    auto memory = process.open().value();
    ASSERT_EQ(memory.pieces().size(), 3U);
    EXPECT_EQ(memory.pieces()[0].behind, ProcessMemory::kBehind);
    EXPECT_EQ(memory.pieces()[1].before, kPage);
    EXPECT_EQ(memory.pieces()[1].behind, 2 * kPage);
    EXPECT_EQ(memory.pieces()[2].behind, 0U);
    EXPECT_EQ(as_text(memory.read(at + ProcessMemory::kMaxPieceBytes - 4, needle.size())), needle);
    EXPECT_EQ(as_text(memory.read(at + ProcessMemory::kMaxPieceBytes - 1, needle.size() - 3)), needle.substr(3));
    EXPECT_EQ(memory.bytes(), size);
    // No more than a few pieces are kept, and what is fetched again is the same.
    EXPECT_EQ(memory.fetch(0), memory.fetch(0));
}

// As many as the kernel allows, each fetched twice. A fetch walks over nothing that is kept (12 s when it did).
TEST(ProcessMemory, FetchesManyPiecesInNoMoreThanTheirTime) {
    MadeProcess process;
    constexpr std::uint64_t kRegions = 65'000;
    for (std::uint64_t i = 0; i < kRegions; ++i) process.add((0x10000 + 2 * i) * kPage, kPage, true, kPage);
    process.tell();
    auto memory = process.open().value();
    ASSERT_EQ(memory.pieces().size(), kRegions);
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < kRegions; ++i) ASSERT_EQ(memory.fetch(i)->size(), kPage);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{4});
}

TEST(ProcessMemory, SaysWhenTheProcessEnded) {
    MadeProcess process;
    process.map(0x10000 * kPage, 4 * kPage, false, 4 * kPage);
    process.write(0x10000 * kPage, std::string(static_cast<std::size_t>(4 * kPage), 'x'));
    auto memory = process.open().value();
    ASSERT_EQ(memory.pieces().size(), 1U);
    process.end();
    EXPECT_EQ(memory.fetch(0)->size(), 4 * kPage);
    EXPECT_TRUE(memory.ended());
}

// All but the large region is there in time, and told at its place: a reserved terabyte hides nothing.
TEST(ProcessMemory, ListsLargeRegionsLastAndUntilTimeIsUp) {
    MadeProcess process;
    process.map(0x10000 * kPage, 1ULL << 38, false, kPage);
    process.map(0x10000 * kPage + (1ULL << 38), 4 * kPage, false, kPage);
    process.touch(0x10000 + (1ULL << 38) / kPage + 2);
    Deadline deadline{std::chrono::milliseconds{0}};
    const auto memory = ProcessMemory::open(process.sources(), deadline);
    ASSERT_TRUE(memory.ok()) << memory.error().text;
    EXPECT_EQ(list_of(*memory), fmt::format("{:x}+{:x}-0+0 ", 0x10000 * kPage + (1ULL << 38) + 2 * kPage, kPage));
    EXPECT_EQ(memory->unlisted_bytes(), 1ULL << 38);
    Deadline later{std::chrono::seconds{60}};
    EXPECT_EQ(ProcessMemory::open(process.sources(), later).value().unlisted_bytes(), 0U);
}

std::string scanned(const MadeProcess& process, const std::string& source, Verdict* whole = nullptr) {
    compile::Compiler compiler;
    compile::NoIncludes includes;
    compiler.add({"a.yar", source, ""}, includes);
    const auto compiled = std::move(compiler).finish();
    const auto rules = match::RuleScanner::open(compiled.database).value();
    Scanner scanner = Scanner::open(&rules, Limits{}, {}, -1).value();
    Object object;
    object.path = "process 7 (/usr/bin/made)";
    object.process = 7;
    object.program = "/usr/bin/made.py";
    const Verdict verdict = scanner.scan(object, process.sources());
    std::string told;
    for (const auto& match : verdict.matches) told += match.rule + " ";
    if (whole != nullptr) *whole = verdict;
    return told;
}

TEST(ScanProcess, AppliesRules) {
    MadeProcess process;
    process.map(0x10000 * kPage, 4 * kPage, false, 4 * kPage);
    process.write(0x10000 * kPage + 100, "a needle");
    Verdict verdict;
    EXPECT_EQ(scanned(process, fmt::format(R"(
        rule place {{ strings: $a = "needle" condition: $a at {} }}
        rule names {{ condition: filename == "made.py" and filepath == "/usr/bin" and extension == ".py" and filetype == "process" }}
        rule other {{ strings: $a = "noodle" condition: $a }}
    )", 0x10000 * kPage + 102), &verdict), "place names ");
    EXPECT_EQ(verdict.bytes, kPage);
    EXPECT_EQ(verdict.type, "process");
    EXPECT_TRUE(verdict.gaps.empty());
}

TEST(ScanProcess, TellsAGapWhenTheProcessEnded) {
    MadeProcess process;
    process.map(0x10000 * kPage, 4 * kPage, true, 4 * kPage);
    process.end();
    Verdict verdict;
    EXPECT_EQ(scanned(process, R"(rule a { strings: $a = "needle" condition: $a })", &verdict), "");
    ASSERT_EQ(verdict.gaps.size(), 1U);
    EXPECT_EQ(verdict.gaps[0].why, "the process ended, or began another program, while its memory was looked through");
}

TEST(ScanProcess, TellsAGapWhenTheProcessEndedBefore) {
    const MadeProcess nothing_mapped;
    Verdict verdict;
    EXPECT_EQ(scanned(nothing_mapped, R"(rule a { condition: true })", &verdict), "");
    ASSERT_EQ(verdict.gaps.size(), 1U);
    EXPECT_EQ(verdict.gaps[0].code, Code::not_found);
    EXPECT_EQ(verdict.gaps[0].why, "the process has ended, or runs another program by now");
}

}  // namespace
}  // namespace ward::scan
