// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/store.h"

#include "core/text.h"

#include <libdeflate.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ward::formats {

namespace {

// The largest page size of the CPUs we build for, so that any spool offset of ours can be mapped.
constexpr std::uint64_t kSpoolAlign = 64 * kKiB;

constexpr std::uint64_t align_up(std::uint64_t value) { return (value + kSpoolAlign - 1) / kSpoolAlign * kSpoolAlign; }

}  // namespace

Result<Store> Store::open(int spool) {
    void* memory = ::mmap(nullptr, kStackBytes + kWindowBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return fail(Code::io, "no memory to unpack into: error {}", errno);
    return Store{spool, static_cast<std::uint8_t*>(memory)};
}

Store::Store(Store&& other) noexcept
    : spool_{other.spool_},
      memory_{std::exchange(other.memory_, nullptr)},
      top_{other.top_},
      spool_top_{other.spool_top_},
      high_water_{other.high_water_},
      mappings_{std::move(other.mappings_)} {}

Store::~Store() {
    if (memory_ == nullptr) return;
    release({});
    ::munmap(memory_, kStackBytes + kWindowBytes);
}

void Store::release(const Mark& mark) {
    while (!mappings_.empty() && mappings_.back().offset >= mark.spool) {
        ::munmap(mappings_.back().address, mappings_.back().bytes);
        mappings_.pop_back();
    }
    spool_top_ = mark.spool;
    top_ = mark.memory;
}

void Store::clear() {
    release({});
    if (high_water_ > kKeptBytes) {
        ::madvise(memory_ + kKeptBytes, high_water_ - kKeptBytes, MADV_DONTNEED);
        high_water_ = kKeptBytes;
    }
}

Status Store::spool_write(std::uint64_t offset, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(spool_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail(Code::io, "the spool takes no more at {}: error {}", human_bytes(offset), errno);
        offset += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return done();
}

void Sink::begin() {
    start_ = store_.top_;
    limit_ = std::min(start_ + Store::kMaxInMemory, Store::kStackBytes);
    want_crc_ = false;
    restart();
}

void Sink::restart() {
    size_ = 0;
    // A stack that is nearly full leaves no room worth having.
    spooled_ = limit_ - start_ < Store::kWindowBytes && store_.spool_ >= 0;
}

std::span<std::uint8_t> Sink::room() {
    const std::uint64_t at = start_ + size_;
    if (spooled_ || at >= limit_) return {store_.memory_ + Store::kStackBytes, Store::kWindowBytes};
    return {store_.memory_ + at, static_cast<std::size_t>(limit_ - at)};
}

Status Sink::move_to_spool() {
    WARD_TRY(store_.spool_write(store_.spool_top_, {store_.memory_ + start_, static_cast<std::size_t>(size_)}));
    spooled_ = true;
    return done();
}

Status Sink::wrote(std::size_t count, std::uint64_t packed) {
    if (want_crc_) crc_ = ::libdeflate_crc32(crc_, room().data(), count);
    if (spooled_) {
        WARD_TRY(store_.spool_write(store_.spool_top_ + size_, {store_.memory_ + Store::kStackBytes, count}));
        size_ += count;
        return budget_.unpacked(count, size_, packed);
    }
    if (start_ + size_ >= limit_) return fail(Code::over_limit, "larger than {}, and there is no spool", human_bytes(size_));
    size_ += count;
    store_.high_water_ = std::max(store_.high_water_, start_ + size_);
    WARD_TRY(budget_.unpacked(count, size_, packed));
    if (start_ + size_ >= limit_ && store_.spool_ >= 0) return move_to_spool();
    return done();
}

Status Sink::write(Bytes bytes, std::uint64_t packed) {
    while (!bytes.empty()) {
        const auto target = room();
        const std::size_t count = std::min({bytes.size(), target.size(), static_cast<std::size_t>(Store::kWindowBytes)});
        std::memcpy(target.data(), bytes.data(), count);
        WARD_TRY(wrote(count, packed));
        bytes = bytes.subspan(count);
    }
    return done();
}

Status Sink::write_zeros(std::uint64_t count, std::uint64_t packed) {
    while (count > 0) {
        const auto target = room();
        const auto part = static_cast<std::size_t>(
            std::min<std::uint64_t>({count, target.size(), Store::kWindowBytes}));
        std::memset(target.data(), 0, part);
        WARD_TRY(wrote(part, packed));
        count -= part;
    }
    return done();
}

void Sink::start_crc() {
    want_crc_ = true;
    crc_ = 0;
}

Result<Bytes> Sink::finish() {
    const auto size = static_cast<std::size_t>(size_);
    if (!spooled_) {
        store_.top_ = start_ + size_;
        return Bytes{store_.memory_ + start_, size};
    }
    if (size == 0) return Bytes{};
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, store_.spool_, static_cast<off_t>(store_.spool_top_));
    if (address == MAP_FAILED) return fail(Code::io, "the spool cannot be mapped: error {}", errno);
    store_.mappings_.push_back({store_.spool_top_, address, size});
    store_.spool_top_ = align_up(store_.spool_top_ + size_);
    return Bytes{static_cast<const std::uint8_t*>(address), size};
}

}  // namespace ward::formats
