// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/memory.h"
#include "core/result.h"

#include <deque>
#include <string_view>
#include <vector>

namespace ward::scan {

// What is mapped in a process, one behind the other and with the same right and origin.
struct Region {
    std::uint64_t from = 0;    // addresses
    std::uint64_t to = 0;
    bool backed = false;       // by a file on a disk: what is not in memory is there
    std::uint64_t present = 0; // bytes in memory or swapped out
    std::uint64_t swapped = 0; // of these, swapped out

    bool operator==(const Region&) const = default;
};

// The regions in the text of /proc/PID/smaps (proc(5)), by ascending address. Those of the kernel itself, which nobody can read,
// are left out: [vvar], [vvar_vclock], [vsyscall].
Result<std::vector<Region>> parse_regions(std::string_view smaps);

// The memory of a process that is at work meanwhile, through files that the kernel keeps about it.
//
//     auto memory = WARD_TRY(ProcessMemory::open({regions, pages, bytes}, deadline));
//
// What was never written is left out, where that is more than kMaxHoleBytes in one: it is all zeros, and often terabytes. Of files
// mapped from a disk all is read; of other mapped files (tmpfs, overlays) what the process has touched. Nothing in it is changed.
// Large regions are listed last, and only until the deadline: a process cannot hide the rest behind terabytes it reserved.
// The caller keeps the descriptors open.
class ProcessMemory : public Memory {
public:
    // /proc/PID/smaps, pagemap and mem, open for reading.
    struct Sources {
        int regions = -1;
        int pages = -1;
        int bytes = -1;
    };

    static constexpr std::uint64_t kMaxPieceBytes = 64 * kMiB;
    static constexpr std::uint64_t kBehind = 1 * kMiB;  // given with pieces of a larger region, and a page before them
    static constexpr std::uint64_t kMaxHoleBytes = 64 * kKiB;
    static constexpr std::uint64_t kMaxKeptBytes = 256 * kMiB;
    static constexpr std::uint64_t kMaxTextBytes = 128 * kMiB;  // of the list of regions: the kernel allows 65,530 of them

    static Result<ProcessMemory> open(const Sources& sources, Deadline& deadline);

    std::span<const Piece> pieces() const override { return pieces_; }
    std::shared_ptr<const Buffer> fetch(std::size_t piece) override;

    std::uint64_t bytes() const;                            // of all pieces
    // Of those that were fetched: devices, what went away. And shared pages that are swapped out: nothing tells which they are.
    std::uint64_t unread_bytes() const { return unread_; }
    std::uint64_t unlisted_bytes() const { return unlisted_; }  // of regions for which the deadline left no time
    bool ended() const { return ended_; }                   // the process did, before all was read

private:
    explicit ProcessMemory(const Sources& sources);
    Status list(Deadline& deadline);
    struct Listed {
        Piece piece;
        bool backed;
    };
    Status add_touched(const Region& region, Deadline& deadline, std::vector<Listed>& out);
    void add_run(const Region& region, std::uint64_t from, std::uint64_t to, std::vector<Listed>& out) const;
    Status read_pages(std::uint64_t from, std::span<std::uint64_t> pages);
    std::uint64_t read_bytes(std::uint64_t from, std::span<std::uint8_t> out);

    Sources sources_;
    std::uint64_t page_bytes_;
    std::vector<Piece> pieces_;
    std::vector<bool> backed_;   // by piece
    std::vector<bool> fetched_;  // by piece, at least once
    std::vector<std::shared_ptr<const Buffer>> kept_;  // by piece
    std::deque<std::size_t> kept_pieces_;              // oldest first
    std::uint64_t kept_bytes_ = 0;
    std::uint64_t unread_ = 0;
    std::uint64_t unlisted_ = 0;
    bool ended_ = false;
};

}  // namespace ward::scan
