// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/sigdb/view.h"
#include "core/bytes.h"
#include "core/deadline.h"
#include "core/result.h"

#include <cstdint>
#include <memory>
#include <span>

namespace ward::match {

// One place where a pattern matches.
struct Hit {
    std::uint64_t offset;
    std::uint32_t length;
    std::uint8_t xor_key;  // 0 for patterns without xor
    std::uint8_t rank;     // of the pattern's form that matched: ascii comes before wide, an alternative before later ones

    bool operator==(const Hit&) const = default;
};

// YARA's limit: further matches of one pattern are not recorded.
inline constexpr std::uint32_t kMaxHitsOfPattern = 1'000'000;

// What a scan found, and its working memory. Belongs to one thread; used again for the next file without new allocations.
class PatternHits {
public:
    PatternHits();
    PatternHits(PatternHits&&) noexcept;
    PatternHits& operator=(PatternHits&&) noexcept;
    ~PatternHits();

    // Where a pattern matched, by ascending offset, one hit an offset. Valid until the next scan. Empty for a number that
    // is no pattern.
    std::span<const Hit> of(std::uint32_t pattern) const;
    bool any(std::uint32_t pattern) const { return !of(pattern).empty(); }
    // The patterns with a hit, ascending.
    std::span<const std::uint32_t> patterns() const;
    // Did a pattern reach kMaxHitsOfPattern?
    bool overflowed(std::uint32_t pattern) const;

    // For what is looked through in pieces: forgets all, then takes over from each piece, in their order, the hits of these patterns
    // (each once) that begin at first <= offset < end, with `base` added.
    void begin();
    void forget(std::span<const std::uint32_t> patterns);
    void take(const PatternHits& piece, std::span<const std::uint32_t> patterns, std::uint64_t first, std::uint64_t end, std::uint64_t base);

    struct Impl;
    Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

// Finds all patterns of a database in some bytes, in time linear in the bytes. Immutable: threads share one.
//
//     const PatternScanner scanner = WARD_TRY(PatternScanner::open(view));
//     PatternHits hits;                                    // one a thread
//     if (!scanner.scan(bytes, hits, deadline)) ...        // time ran out; `hits` holds what was found before
//
// Reads the database where it lies: opening builds nothing. A hostile database gives wrong hits, never more.
// Which match counts at an offset: the one that a backtracking engine would find first (docs/yara.md).
class PatternScanner {
public:
    static Result<PatternScanner> open(const sigdb::View& view);

    std::uint32_t pattern_count() const;
    // The place of the bytes' head among those that the database tells apart (docs/warddb.md). No bytes: what needs none.
    std::uint32_t head(Bytes bytes) const;
    bool scan(Bytes bytes, PatternHits& hits, Deadline& deadline) const;

    // The same in two steps. The first finds all but the weak patterns: those without seven known bytes, which cost most and
    // tell least. The second finds those of them that still matter, in the same bytes.
    bool weak(std::uint32_t pattern) const;
    // `head`: what a text that begins so needs; kAllHeads for everything.
    static constexpr std::uint32_t kAllHeads = 0xffffffff;
    bool scan_strong(Bytes bytes, std::uint32_t head, PatternHits& hits, Deadline& deadline) const;
    // Of what is in `few` at least the first sigdb::kFewHits hits are found, of the rest of `wanted` all.
    bool scan_weak(Bytes bytes, std::uint32_t head, std::span<const std::uint32_t> wanted, PatternHits& hits, Deadline& deadline,
                   std::span<const std::uint32_t> few = {}) const;

    // Checks every offset and count of the pattern sections, which scan() checks only where it uses them.
    Status verify() const;

private:
    struct Impl;
    explicit PatternScanner(std::shared_ptr<const Impl> impl) : impl_{std::move(impl)} {}
    std::shared_ptr<const Impl> impl_;
};

}  // namespace ward::match
