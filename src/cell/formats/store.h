// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/budget.h"
#include "core/bytes.h"
#include "core/result.h"

#include <span>
#include <vector>

namespace ward::formats {

// Where unpacked content lies: a stack, because the members of a container take turns and containers nest. Small content
// stays in memory that is mapped once and used again; what passes kMaxInMemory goes to the spool and is mapped from there.
//
//     const Store::Mark mark = store.mark();
//     Sink sink{store, budget};
//     sink.begin();
//     unpack(..., sink);                       // room() and wrote()
//     const Bytes content = WARD_TRY(sink.finish());
//     store.release(mark);                     // `content` and all that came after the mark is gone
//
// `spool` is an open file that nobody else writes, or -1; the caller keeps it open. One thread.
class Store {
public:
    static constexpr std::uint64_t kMaxInMemory = 64 * kMiB;  // of one content
    static constexpr std::uint64_t kStackBytes = 128 * kMiB;  // of all content that is open at a time
    static constexpr std::uint64_t kWindowBytes = 1 * kMiB;   // what is written to the spool at a time
    static constexpr std::uint64_t kKeptBytes = 8 * kMiB;     // stays with us between files; the rest goes back to the system

    struct Mark {
        std::uint64_t memory = 0;
        std::uint64_t spool = 0;
    };

    static Result<Store> open(int spool);
    ~Store();
    Store(Store&& other) noexcept;
    Store& operator=(Store&&) = delete;

    Mark mark() const { return {top_, spool_top_}; }
    void release(const Mark& mark);
    // Between two files: releases all, and gives memory beyond kKeptBytes back to the system.
    void clear();

private:
    friend class Sink;
    struct Mapping {
        std::uint64_t offset;
        void* address;
        std::size_t bytes;
    };
    Store(int spool, std::uint8_t* memory) : spool_{spool}, memory_{memory} {}
    Status spool_write(std::uint64_t offset, Bytes bytes);

    int spool_;
    std::uint8_t* memory_;         // kStackBytes and the window
    std::uint64_t top_ = 0;
    std::uint64_t spool_top_ = 0;
    std::uint64_t high_water_ = 0;
    std::vector<Mapping> mappings_;  // by offset
};

// Takes one content after another, and counts it against the budget.
class Sink {
public:
    Sink(Store& store, Budget& budget) : store_{store}, budget_{budget} {}

    Budget& budget() { return budget_; }

    // What is on top of the store stays; a new content starts above it.
    void begin();
    // Where the next bytes go: never empty. In memory it is all that is left of kMaxInMemory, so a decoder that wants to
    // write in one piece can.
    std::span<std::uint8_t> room();
    // The first `count` bytes of room() are content now; `packed` bytes have been used for all of it so far. After an error
    // the content stands as it is, and finish() gives it.
    Status wrote(std::size_t count, std::uint64_t packed);
    Status write(Bytes bytes, std::uint64_t packed);
    Status write_zeros(std::uint64_t count, std::uint64_t packed);
    // Is the content so far in memory, so that room() is large?
    bool in_memory() const { return !spooled_; }
    std::uint64_t size() const { return size_; }
    // Begins again with nothing, for a second try.
    void restart();
    // CRC-32 of what is written from here on, as gzip and zip keep it.
    void start_crc();
    std::uint32_t crc() const { return crc_; }
    Result<Bytes> finish();

private:
    Status move_to_spool();

    Store& store_;
    Budget& budget_;
    std::uint64_t start_ = 0;  // in the memory stack
    std::uint64_t limit_ = 0;
    std::uint64_t size_ = 0;
    std::uint32_t crc_ = 0;
    bool want_crc_ = false;
    bool spooled_ = false;
};

}  // namespace ward::formats
