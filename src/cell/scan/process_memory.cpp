// SPDX-License-Identifier: Apache-2.0
#include "cell/scan/process_memory.h"

#include "core/text.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace ward::scan {

namespace {

constexpr std::uint64_t kHighHalf = 1ULL << 63;     // addresses of the kernel, which are no offsets of a file either
constexpr std::uint64_t kPagesAtOnce = 64 * kKiB;   // entries of the page map, eight bytes each
// Of an entry of the page map (the kernel's pagemap.rst): present, swapped out, or a page of a file or of shared memory.
constexpr unsigned kTouchedShift = 61;

std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

// "7f12a4000000-7f12a4021000 rw-p 00000000 00:00 0    [heap]". Nothing when it is another line.
struct Head {
    Region region;
    std::string_view name;
};
std::optional<Head> head_of(std::string_view line) {
    const std::string_view range = next_word(line);
    const auto dash = range.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = parse_unsigned(range.substr(0, dash), 16);
    const auto to = parse_unsigned(range.substr(dash + 1), 16);
    if (!from || !to) return std::nullopt;
    next_word(line);  // rights: what may not be read by the process can be read from outside
    next_word(line);  // offset in the file
    const std::string_view device = next_word(line);
    const std::string_view file = next_word(line);
    const auto major = parse_unsigned(device.substr(0, device.find(':')), 16);
    const auto number = parse_unsigned(file);
    if (!major || !number) return std::nullopt;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return Head{{*from, *to, *major != 0 && *number != 0, 0, 0}, line};
}

// "Rss:                 132 kB": the fields that say what is there.
void add_present(std::string_view line, Region& region) {
    const std::string_view name = next_word(line);
    constexpr std::array<std::string_view, 4> kFields{"Rss:", "Swap:", "Shared_Hugetlb:", "Private_Hugetlb:"};
    if (std::find(kFields.begin(), kFields.end(), name) == kFields.end()) return;
    const std::uint64_t bytes = parse_unsigned(next_word(line)).value_or(0) * kKiB;
    region.present += bytes;
    if (name == "Swap:") region.swapped += bytes;
}

Result<std::string> read_text(int descriptor) {
    std::string text;
    Buffer buffer(256 * kKiB);
    for (;;) {
        const ssize_t count = ::pread(descriptor, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == ESRCH) return fail(Code::not_found, "the process has ended");
        if (count < 0) return fail(Code::io, "what is mapped in the process cannot be read: error {}", errno);
        if (count == 0) return text;
        text += as_text(Bytes{buffer}.first(static_cast<std::size_t>(count)));
        if (text.size() > ProcessMemory::kMaxTextBytes) return fail(Code::over_limit, "more is mapped in the process than {} tell of", human_bytes(ProcessMemory::kMaxTextBytes));
    }
}

}  // namespace

Result<std::vector<Region>> parse_regions(std::string_view smaps) {
    constexpr std::array<std::string_view, 3> kOfKernel{"[vvar]", "[vvar_vclock]", "[vsyscall]"};
    std::vector<Region> regions;
    std::uint64_t end = 0;
    bool wanted = false;
    while (!smaps.empty()) {
        const std::string_view line = smaps.substr(0, smaps.find('\n'));
        smaps.remove_prefix(std::min(line.size() + 1, smaps.size()));
        // Fields begin with a capital letter, regions with a digit of an address.
        const auto head = line.empty() || (line[0] >= 'A' && line[0] <= 'Z') ? std::nullopt : head_of(line);
        if (head) {
            const Region& region = head->region;
            if (region.from >= region.to || region.from < end) return fail(Code::malformed, "the regions of the process are not in order");
            end = region.to;
            wanted = region.to <= kHighHalf && std::find(kOfKernel.begin(), kOfKernel.end(), head->name) == kOfKernel.end();
            if (wanted) regions.push_back(region);
        } else if (wanted) {
            add_present(line, regions.back());
        }
    }
    return regions;
}

ProcessMemory::ProcessMemory(const Sources& sources) : sources_{sources}, page_bytes_{static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))} {}

Result<ProcessMemory> ProcessMemory::open(const Sources& sources, Deadline& deadline) {
    ProcessMemory memory{sources};
    WARD_TRY(memory.list(deadline));
    memory.fetched_.resize(memory.pieces_.size());
    memory.kept_.resize(memory.pieces_.size());
    return memory;
}

Status ProcessMemory::list(Deadline& deadline) {
    const std::string text = WARD_TRY(read_text(sources_.regions));
    const auto regions = WARD_TRY(parse_regions(text));
    // Of a process that has ended, or has begun another program, the kernel lists nothing; every other has a stack.
    if (regions.empty()) return fail(Code::not_found, "the process has ended, or runs another program by now");
    std::vector<Listed> listed;
    std::vector<Region> sparse;
    for (const Region& region : regions) {
        if (region.from % page_bytes_ != 0 || region.to % page_bytes_ != 0) return fail(Code::malformed, "a region of the process is no row of pages");
        if (region.backed) {
            add_run(region, region.from, region.to, listed);
        } else if (region.present > 0) {
            sparse.push_back(region);
        }
    }
    std::stable_sort(sparse.begin(), sparse.end(), [](const Region& a, const Region& b) { return a.to - a.from < b.to - b.from; });
    for (const Region& region : sparse) WARD_TRY(add_touched(region, deadline, listed));
    std::sort(listed.begin(), listed.end(), [](const Listed& a, const Listed& b) { return a.piece.address < b.piece.address; });
    for (const Listed& each : listed) {
        pieces_.push_back(each.piece);
        backed_.push_back(each.backed);
    }
    return done();
}

// The pages that hold something, joined over small holes.
Status ProcessMemory::add_touched(const Region& region, Deadline& deadline, std::vector<Listed>& out) {
    std::vector<std::uint64_t> pages(static_cast<std::size_t>(std::min(kPagesAtOnce, (region.to - region.from) / page_bytes_)));
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // of the run in hand; none when they are equal
    std::uint64_t found = 0;
    for (std::uint64_t at = region.from; at < region.to;) {
        const std::span now{pages.data(), static_cast<std::size_t>(std::min<std::uint64_t>(pages.size(), (region.to - at) / page_bytes_))};
        if (deadline.passed(static_cast<std::uint32_t>(now.size()))) {
            unlisted_ += region.to - at;
            found = region.present;
            break;
        }
        WARD_TRY(read_pages(at, now));
        for (const std::uint64_t page : now) {
            if (page >> kTouchedShift != 0) {
                found += page_bytes_;
                if (to != from && at - to > kMaxHoleBytes) add_run(region, from, to, out);
                if (to == from || at - to > kMaxHoleBytes) from = at;
                to = at + page_bytes_;
            }
            at += page_bytes_;
        }
    }
    if (to != from) add_run(region, from, to, out);
    if (found < region.present) unread_ += std::min(region.swapped, region.present - found);
    return done();
}

void ProcessMemory::add_run(const Region& region, std::uint64_t from, std::uint64_t to, std::vector<Listed>& out) const {
    for (std::uint64_t at = from; at < to; at += kMaxPieceBytes) {
        Piece piece;
        piece.address = at;
        piece.bytes = std::min(kMaxPieceBytes, to - at);
        piece.before = static_cast<std::uint32_t>(std::min(page_bytes_, at - from));
        piece.behind = static_cast<std::uint32_t>(std::min(kBehind, to - at - piece.bytes));
        out.push_back({piece, region.backed});
    }
}

// The entries of the page map from an address on; zeros when the process has ended.
Status ProcessMemory::read_pages(std::uint64_t from, std::span<std::uint64_t> pages) {
    auto* out = static_cast<std::uint8_t*>(static_cast<void*>(pages.data()));
    std::size_t got = 0;
    while (got < pages.size_bytes()) {
        const ssize_t count = ::pread(sources_.pages, out + got, pages.size_bytes() - got, static_cast<off_t>(from / page_bytes_ * 8 + got));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(Code::io, "which pages the process has touched cannot be read: error {}", errno);
        if (count == 0) break;
        got += static_cast<std::size_t>(count);
    }
    ended_ = ended_ || got < pages.size_bytes();
    std::fill(pages.begin() + static_cast<std::ptrdiff_t>(got / 8), pages.end(), 0);
    return done();
}

// The bytes that could not be read, which stay zeros.
std::uint64_t ProcessMemory::read_bytes(std::uint64_t from, std::span<std::uint8_t> out) {
    std::uint64_t unread = 0;
    std::size_t at = 0;
    while (at < out.size() && !ended_) {
        const ssize_t count = ::pread(sources_.bytes, out.data() + at, out.size() - at, static_cast<off_t>(from + at));
        if (count > 0) {
            at += static_cast<std::size_t>(count);
        } else if (count == 0) {
            ended_ = true;
        } else if (errno != EINTR) {
            const std::size_t page = static_cast<std::size_t>(std::min<std::uint64_t>(page_bytes_ - (from + at) % page_bytes_, out.size() - at));
            unread += page;
            at += page;
        }
    }
    return unread + (out.size() - at);
}

std::shared_ptr<const Buffer> ProcessMemory::fetch(std::size_t number) {
    if (kept_[number]) return kept_[number];
    const Piece& piece = pieces_[number];
    const std::uint64_t from = piece.address - piece.before;
    const auto buffer = std::make_shared<Buffer>(static_cast<std::size_t>(piece.before + piece.bytes + piece.behind));
    // A run of pages, whose bytes around the piece are counted with another piece.
    const auto read_run = [&](std::uint64_t begin, std::uint64_t end) {
        const std::uint64_t unread = read_bytes(begin, std::span{*buffer}.subspan(static_cast<std::size_t>(begin - from), static_cast<std::size_t>(end - begin)));
        if (!fetched_[number] && begin < piece.address + piece.bytes) unread_ += std::min(unread, piece.address + piece.bytes - begin);
    };
    if (backed_[number]) {
        read_run(from, from + buffer->size());
    } else {
        std::vector<std::uint64_t> pages(buffer->size() / page_bytes_);
        if (!read_pages(from, pages)) std::fill(pages.begin(), pages.end(), ~std::uint64_t{0});  // so that each is tried
        for (std::size_t i = 0; i < pages.size();) {
            std::size_t end = i;
            while (end < pages.size() && pages[end] >> kTouchedShift != 0) ++end;
            if (end > i) read_run(from + i * page_bytes_, from + end * page_bytes_);
            i = end + 1;
        }
    }
    fetched_[number] = true;
    kept_[number] = buffer;
    kept_pieces_.push_back(number);
    kept_bytes_ += buffer->size();
    while (kept_bytes_ > kMaxKeptBytes) {
        kept_bytes_ -= kept_[kept_pieces_.front()]->size();
        kept_[kept_pieces_.front()].reset();
        kept_pieces_.pop_front();
    }
    return buffer;
}

std::uint64_t ProcessMemory::bytes() const {
    std::uint64_t total = 0;
    for (const Piece& piece : pieces_) total += piece.bytes;
    return total;
}

}  // namespace ward::scan
