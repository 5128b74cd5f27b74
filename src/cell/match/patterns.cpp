// SPDX-License-Identifier: Apache-2.0
#include "cell/match/patterns.h"

#include "cell/match/internal/automaton.h"
#include "cell/match/internal/sift.h"
#include "cell/match/internal/stretch.h"
#include "cell/match/internal/triples.h"
#include "cell/sigdb/automaton.h"
#include "cell/sigdb/conditions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

namespace ward::match {

namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;  // scanned between two looks at the clock
constexpr std::uint64_t kSeekBytes = 1U << 20;   // likewise
constexpr std::size_t kMostNarrowShorts = 96;    // looked for at each place; more of them by a narrow sieve
constexpr std::size_t kMostInGroups = 256;  // short atoms: of each group that is let through all are tried
constexpr std::uint64_t kMostLetThrough = std::uint64_t{1} << 32 >> 6;
constexpr std::size_t kMostOfOneSet = 24;        // of the atoms looked for at each place, with one set of tables
constexpr std::uint32_t kMaxSlots = 1U << 26;   // of a database; far above any real one, far below all memory

struct Variant {
    std::uint32_t slot;
    std::uint32_t flags;
    std::uint32_t body;
    std::uint32_t length;
    std::uint32_t back;
    std::uint32_t forward;
    std::uint32_t most;
    std::uint32_t edges;
};

// Is the text larger than any that a rule needs the variant in? `most` has 32 bits, so what is larger stands for any size.
bool too_large(Bytes text, const Variant& variant) { return variant.most != sigdb::kAnySize && text.size() > variant.most; }

bool is_alnum(std::uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

// YARA's fullword: no letter or digit before and behind; for wide strings two bytes are one character.
bool stands_alone(Bytes text, std::uint64_t start, std::uint64_t end, bool wide) {
    if (wide) {
        if (start >= 2 && text[start - 1] == 0 && is_alnum(text[start - 2])) return false;
        return !(end + 1 < text.size() && text[end + 1] == 0 && is_alnum(text[end]));
    }
    if (start >= 1 && is_alnum(text[start - 1])) return false;
    return !(end < text.size() && is_alnum(text[end]));
}

enum class Step : std::uint8_t { strong, weak };

// A key of a table of windows, where it is looked for first, and its tag.
struct SeenKey {
    std::uint32_t low;
    std::uint32_t high;
    std::uint32_t slot;
    std::uint8_t tag;
};

// The least of any run of values, after one pass of preparation.
class RangeMinimum {
public:
    explicit RangeMinimum(std::vector<std::uint64_t> values) {
        levels_.push_back(std::move(values));
        for (std::size_t width = 1; 2 * width <= levels_.front().size(); width *= 2) {
            const auto& last = levels_.back();
            std::vector<std::uint64_t> next(last.size() - width);
            for (std::size_t i = 0; i < next.size(); ++i) next[i] = std::min(last[i], last[i + width]);
            levels_.push_back(std::move(next));
        }
    }
    // Of [first, last); not empty.
    std::uint64_t of(std::size_t first, std::size_t last) const {
        std::size_t level = 0;
        while (std::size_t{2} << level <= last - first) ++level;
        return std::min(levels_[level][first], levels_[level][last - (std::size_t{1} << level)]);
    }

private:
    std::vector<std::vector<std::uint64_t>> levels_;
};

}  // namespace

struct PatternHits::Impl {
    struct Slot {
        std::vector<Hit> hits;
        bool sorted = true;
        bool greedy = false;  // the longest match at an offset counts
        bool overflowed = false;
        bool touched = false;
    };
    std::vector<Slot> slots;
    std::vector<std::uint32_t> touched;   // those that begin() has to clear, each once
    std::vector<std::uint8_t> wanted;     // by slot: 1 a weak pattern that is looked for, 2 only for its first few hits
    std::vector<std::uint32_t> patterns;  // of touched, those below pattern_count that have hits, ascending
    Runner runner;
    std::array<std::uint32_t, kSiftBytes / sigdb::kNarrowStride + 8> places{};  // where windows may stand
    struct SeenWindow {
        std::uint64_t at;
        std::uint32_t first;  // atom
        std::uint32_t count;
        std::uint32_t width;  // known bytes
        std::uint32_t low;
        std::uint32_t high;
    };
    std::vector<SeenWindow> windows;
    struct AskedKey {
        std::uint64_t at;
        SeenKey key;
        std::uint32_t width;
    };
    std::vector<AskedKey> keys;
    // Keys whose atoms can give no hit before a place: their patterns have too many, or the text lacks what they need, or it repeats
    // itself up to there, where they gave none.
    struct Barren {
        const void* sieve = nullptr;  // or that of the short ones
        std::uint32_t low = 0;
        std::uint32_t high = 0;
        std::uint64_t until = 0;
        std::uint64_t from = 0;
        std::uint32_t step = 0;   // not 0: only at each so-manieth place, from `from` on
        std::uint32_t fails = 0;  // since it was last asked whether the text repeats itself
        bool is_of(const void* of, std::uint32_t low_key, std::uint32_t high_key) const { return low == low_key && high == high_key && sieve == of; }
        bool covers(const void* of, std::uint32_t low_key, std::uint32_t high_key, std::uint64_t at) const {
            return until > at && is_of(of, low_key, high_key) && (step <= 1 || (at - from) % step == 0);
        }
    };
    Stretch stretch;
    std::uint64_t added = 0;  // hits, however many were kept
    static constexpr std::uint32_t kBarrenBits = 6;
    std::array<Barren, std::size_t{1} << kBarrenBits> barren{};
    Barren& barren_at(std::uint32_t low, std::uint32_t high) { return barren[sigdb::filter_word(sigdb::window_hash(low, high), kBarrenBits)]; }
    std::uint32_t overflows = 0;  // slots that have too many hits
    struct ShortAtom {
        std::uint32_t atom;
        std::uint32_t number;  // of the variant
        std::uint32_t distance;
        Variant variant;
        std::uint32_t value = 0;   // of the four bytes that the sieve looks at, as far as the literal tells
        std::uint32_t mask = 0;
        std::uint64_t until = 0;   // it can give nothing before this place
    };
    std::vector<ShortAtom> shorts;            // those of wanted slots
    std::size_t sifted_shorts = 0;            // as many as their sieve was made of
    std::vector<std::uint32_t> wanted_slots;
    bool narrow_by_sieve = false;             // narrow sieves find the variants of kNarrow
    // What `shorts` was made for: often the next file wants the same.
    std::shared_ptr<const void> shorts_of;    // scanner, kept so that no other is taken for it
    std::vector<std::uint32_t> shorts_for;    // slots
    std::uint64_t shorts_up_to = 0;           // for no larger text
    std::optional<ShortSift> short_sift;      // what the shorts let through
    Triples triples;                          // the same, of too many for a ShortSift
    std::vector<std::uint32_t> few;           // wanted slots of which the first few hits are enough
    std::size_t wanted_left = 0;              // wanted slots that are still looked for, beside those that have too many hits

    void begin(std::uint32_t count) {
        for (const std::uint32_t slot : touched) {
            clear(slots[slot]);
            slots[slot].touched = false;
        }
        touched.clear();
        patterns.clear();
        runner.begin();
        barren.fill({});
        stretch = {};
        overflows = 0;
        make_room(count);
    }
    static void clear(Slot& slot) {
        slot.hits.clear();
        slot.sorted = true;
        slot.overflowed = false;
    }
    Slot& touch(std::uint32_t number) {
        Slot& slot = slots[number];
        if (!slot.touched) touched.push_back(number);
        slot.touched = true;
        return slot;
    }
    // Of the first `count` slots, which are patterns.
    void list_patterns(std::size_t count) {
        patterns.clear();
        for (const std::uint32_t slot : touched) {
            if (slot < count && !slots[slot].hits.empty()) patterns.push_back(slot);
        }
        std::sort(patterns.begin(), patterns.end());
    }
    void make_room(std::size_t count) {
        if (slots.size() >= count) return;
        slots.resize(count);
        wanted.resize(count);
    }
    void add(std::uint32_t number, const Hit& hit, bool greedy) {
        ++added;
        Slot& slot = touch(number);
        slot.greedy = greedy;
        if (!slot.hits.empty() && slot.hits.back().offset >= hit.offset) {
            if (slot.hits.back() == hit) return;
            slot.sorted = false;
        }
        if (slot.overflowed && slot.hits.size() >= kMaxHitsOfPattern) return;
        if (slot.hits.size() >= kMaxHitsOfPattern) {
            // Several at one offset are one. Settled only when as many came again, since it is sorting.
            if (slot.sorted || slot.hits.size() >= std::size_t{2} * kMaxHitsOfPattern) settle(slot);
            if (slot.sorted && slot.hits.size() >= kMaxHitsOfPattern) {
                slot.hits.resize(kMaxHitsOfPattern);
                slot.overflowed = true;
                ++overflows;
                return;
            }
            if (slot.hits.back().offset >= hit.offset) slot.sorted = false;
        }
        slot.hits.push_back(hit);
    }
    // One hit an offset: that of the least rank, and of these the longest or the shortest.
    static void settle(Slot& slot) {
        if (slot.sorted) return;
        auto& hits = slot.hits;
        std::stable_sort(hits.begin(), hits.end(), [greedy = slot.greedy](const Hit& a, const Hit& b) {
            if (a.offset != b.offset) return a.offset < b.offset;
            if (greedy && a.length != b.length) return a.length > b.length;
            if (a.rank != b.rank) return a.rank < b.rank;
            return a.length < b.length;
        });
        hits.erase(std::unique(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.offset == b.offset; }), hits.end());
        slot.sorted = true;
    }
    void settle_all() {
        for (const std::uint32_t number : touched) {
            Slot& slot = slots[number];
            settle(slot);
            if (slot.hits.size() <= kMaxHitsOfPattern) continue;
            slot.hits.resize(kMaxHitsOfPattern);
            slot.overflowed = true;
            ++overflows;
        }
    }
};

PatternHits::PatternHits() : impl_{std::make_unique<Impl>()} {}
PatternHits::PatternHits(PatternHits&&) noexcept = default;
PatternHits& PatternHits::operator=(PatternHits&&) noexcept = default;
PatternHits::~PatternHits() = default;

std::span<const Hit> PatternHits::of(std::uint32_t pattern) const {
    if (pattern >= impl_->slots.size()) return {};
    return impl_->slots[pattern].hits;
}
std::span<const std::uint32_t> PatternHits::patterns() const { return impl_->patterns; }
bool PatternHits::overflowed(std::uint32_t pattern) const {
    return pattern < impl_->slots.size() && impl_->slots[pattern].overflowed;
}

void PatternHits::begin() { impl_->begin(0); }

void PatternHits::forget(std::span<const std::uint32_t> patterns) {
    for (const std::uint32_t pattern : patterns) {
        if (pattern < impl_->slots.size()) Impl::clear(impl_->slots[pattern]);
    }
}

void PatternHits::take(const PatternHits& piece, std::span<const std::uint32_t> patterns, std::uint64_t first, std::uint64_t end,
                       std::uint64_t base) {
    impl_->make_room(piece.impl_->slots.size());
    for (const std::uint32_t pattern : patterns) {
        if (pattern >= piece.impl_->slots.size()) continue;
        const auto& from = piece.impl_->slots[pattern];
        for (Hit hit : from.hits) {
            if (hit.offset < first || hit.offset >= end) continue;
            hit.offset += base;
            impl_->add(pattern, hit, from.greedy);
        }
        if (from.overflowed) impl_->touch(pattern).overflowed = true;
    }
    impl_->list_patterns(impl_->slots.size());
}

struct PatternScanner::Impl {
    std::uint32_t patterns = 0;
    std::uint32_t slots = 0;
    std::uint32_t variant_count = 0;
    std::uint32_t chain_count = 0;
    struct Sieve {
        sigdb::SieveKind kind = sigdb::SieveKind::wide;
        std::uint32_t head = 0;
        Sift filter;
        const std::uint8_t* windows = nullptr;
        const std::uint8_t* tags = nullptr;
        std::uint32_t window_bits = 0;  // 0: nothing is looked for
    };
    std::vector<Sieve> sieves;
    SiftFunctions sift = fastest_sift();
    Bytes variants;
    Bytes bytes;
    Bytes atoms;
    Bytes shorts;      // empty, or bitmap, pair index, single index
    sigdb::Numbers<std::uint32_t> short_of;  // slots + 1 offsets, then short atoms
    Bytes everywhere;
    Bytes chains;
    Bytes weak;        // bitmap over slots

    // Copies the table of sieves and checks that their filters and windows lie inside.
    Status open_sieves(const sigdb::View& view, std::uint32_t count) {
        const sigdb::Numbers<std::uint32_t> table{WARD_TRY(view.section(sigdb::SectionId::pattern_sieves))};
        const Bytes filters = WARD_TRY(view.section(sigdb::SectionId::pattern_filter));
        const Bytes windows = WARD_TRY(view.section(sigdb::SectionId::pattern_windows));
        const Bytes tags = WARD_TRY(view.section(sigdb::SectionId::pattern_tags));
        if (count > 2 * sigdb::kMaxHeads || count % 2 != 0) return fail(Code::malformed, "{} sieves", count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = i * sigdb::kSieveBytes / 4;
            Sieve sieve;
            sieve.kind = static_cast<sigdb::SieveKind>(table[at]);
            sieve.head = table[at + 1];
            sieve.filter.bits = table[at + 3];
            sieve.window_bits = table[at + 5];
            if ((sieve.filter.bits == 0) != (sieve.window_bits == 0) || sieve.filter.bits > sigdb::kMaxFilterBits || sieve.window_bits > 31) {
                return fail(Code::malformed, "sieve {} has 2^{} words and 2^{} windows", i, sieve.filter.bits, sieve.window_bits);
            }
            if (sieve.window_bits != 0) {
                const std::uint64_t words = std::uint64_t{table[at + 2]} + (std::uint64_t{1} << sieve.filter.bits);
                const std::uint64_t slots_end = std::uint64_t{table[at + 4]} + (std::uint64_t{1} << sieve.window_bits);
                const std::uint64_t tags_end = std::uint64_t{table[at + 6]} + (std::uint64_t{1} << sieve.window_bits) + sigdb::kTagsAtOnce;
                if (words > filters.size() / 4 || slots_end > windows.size() / sigdb::kWindowBytes || tags_end > tags.size()) return fail(Code::malformed, "sieve {} points outside", i);
                sieve.filter.words = filters.data() + std::size_t{table[at + 2]} * 4;
                sieve.tags = tags.data() + table[at + 6];
                sieve.windows = windows.data() + std::size_t{table[at + 4]} * sigdb::kWindowBytes;
            }
            sieves.push_back(sieve);
        }
        return done();
    }

    // The place of the sieves' pair that looks through a text: that of its first two bytes, else the first.
    std::uint32_t head_of(Bytes text) const {
        if (text.size() < 2) return 0;
        const std::uint32_t head = sigdb::load<std::uint16_t>(text.data());
        for (std::size_t i = 0; i + 1 < sieves.size(); i += 2) {
            if (sieves[i].head == head) return static_cast<std::uint32_t>(i / 2);
        }
        return 0;
    }

    std::span<const Sieve> sieves_for(std::uint32_t head) const {
        const bool all_heads = head == kAllHeads;
        const std::size_t first = all_heads ? 0 : std::min(std::size_t{2} * head, sieves.size());
        return {sieves.data() + first, std::min<std::size_t>(all_heads ? sieves.size() : 2, sieves.size() - first)};
    }

    static constexpr std::size_t kBitmapBytes = 65'536 / 8;
    static constexpr std::size_t kShortBytes = kBitmapBytes + 4 * (65'537 + 257);

    bool variant_at(std::uint32_t number, Variant& out) const {
        if (number >= variant_count) return false;
        const std::uint8_t* at = variants.data() + std::size_t{number} * sigdb::kVariantBytes;
        std::array<std::uint32_t, 8> field{};
        for (std::size_t i = 0; i < field.size(); ++i) field[i] = sigdb::load<std::uint32_t>(at + 4 * i);
        out = {field[0], field[1], field[2], field[3], field[4], field[5], field[6], field[7]};
        if ((out.flags & (sigdb::kBefore | sigdb::kBehind)) != 0 && (out.edges > bytes.size() || bytes.size() - out.edges < sigdb::kEdgeBytes)) return false;
        const std::uint64_t need = std::uint64_t{out.length} * ((out.flags & sigdb::kMasked) != 0 ? 2 : 1);
        return out.slot < slots && out.body <= bytes.size() && need <= bytes.size() - out.body;
    }

    bool is_weak(std::uint32_t slot) const { return (weak[slot >> 3] >> (slot & 7) & 1) != 0; }

    // May the byte at `at` stand at this edge of the literal?
    bool edge_holds(std::uint32_t set, Bytes text, std::uint64_t at) const {
        if (at >= text.size()) return false;
        const std::uint8_t byte = text[at];
        return (bytes[set + (byte >> 3)] >> (byte & 7) & 1) != 0;
    }

    bool literal_at(const Variant& variant, Bytes text, std::uint64_t start) const {
        if (start > text.size() || variant.length > text.size() - start) return false;
        const std::uint8_t* value = bytes.data() + variant.body;
        const std::uint8_t* have = text.data() + start;
        if (variant.length == 0) return true;
        // The last byte first: of a long literal the first ones are often there.
        if ((variant.flags & sigdb::kMasked) == 0) return value[variant.length - 1] == have[variant.length - 1] && std::memcmp(value, have, variant.length) == 0;
        const std::uint8_t* mask = value + variant.length;
        for (std::uint32_t i = 0; i < variant.length; ++i) {
            if ((have[i] & mask[i]) != value[i]) return false;
        }
        return true;
    }

    void report(const Variant& variant, Bytes text, std::uint64_t start, std::uint64_t end, PatternHits::Impl& hits) const {
        if ((variant.flags & sigdb::kFullword) != 0 && !stands_alone(text, start, end, (variant.flags & sigdb::kWide) != 0)) return;
        const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - start, std::numeric_limits<std::uint32_t>::max()));
        hits.add(variant.slot, Hit{start, length, static_cast<std::uint8_t>(variant.flags >> sigdb::kXorShift),
                                static_cast<std::uint8_t>(variant.flags >> sigdb::kRankShift)},
                 (variant.flags & sigdb::kGreedy) != 0);
    }

    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    // The variant's literal may begin at `at`. In the second step only what is wanted counts. Gives the place before which the
    // literal need not be tried again.
    template <Step step>
    std::uint64_t try_at(std::uint32_t number, bool by_short, Bytes text, std::uint64_t at, PatternHits::Impl& hits) const {
        Variant variant{};
        if (!variant_at(number, variant) || too_large(text, variant) || hits.slots[variant.slot].overflowed) return kNever;
        if (step == Step::weak && (hits.wanted[variant.slot] == 0 || (by_short && hits.narrow_by_sieve && (variant.flags & sigdb::kNarrow) != 0))) return kNever;
        if (!literal_at(variant, text, at)) return 0;
        std::uint64_t end = at + variant.length;
        if ((variant.flags & sigdb::kBefore) != 0 && (at == 0 || !edge_holds(variant.edges, text, at - 1))) return 0;
        if ((variant.flags & sigdb::kBehind) != 0 && !edge_holds(variant.edges + sigdb::kClassBytes, text, end)) return 0;
        Runner::Task task{text, end, false, (variant.flags & sigdb::kWide) != 0};
        if (variant.forward != sigdb::kNoAutomaton) {
            const auto automaton = AutomatonView::open(bytes, variant.forward);
            if (!automaton) return kNever;
            const auto found = hits.runner.run(*automaton, task);
            if (!found) {
                const std::uint64_t until = hits.runner.barren_until();
                return until == kNever ? until : until - std::min<std::uint64_t>(until, variant.length);
            }
            end = *found;
        }
        if (variant.back == sigdb::kNoAutomaton) {
            report(variant, text, at, end, hits);
            return 0;
        }
        const auto automaton = AutomatonView::open(bytes, variant.back);
        if (!automaton) return kNever;
        task.start = at;
        task.backwards = true;
        for (const std::uint64_t start : hits.runner.run_all(*automaton, task)) report(variant, text, start, end, hits);
        return 0;
    }

    // Do the bytes at and beside the window differ from those of the literal?
    static bool differs_near(const std::uint8_t* entry, bool before, std::uint32_t width, Bytes text, std::uint64_t at) {
        if (before ? at < 4 : text.size() - at < width + 4) return false;
        const auto have = sigdb::load<std::uint64_t>(text.data() + at - 4 + (before ? 0 : width));
        return ((have ^ sigdb::load<std::uint64_t>(entry + 8)) & sigdb::load<std::uint64_t>(entry + 16)) != 0;
    }

    // A window of `width` bytes stands at `at`. Gives the place before which the same atoms need not be tried again.
    template <Step step>
    std::uint64_t try_atoms(std::uint32_t first, std::uint32_t count, std::uint32_t width, Bytes text, std::uint64_t at, PatternHits::Impl& hits,
                            Deadline& deadline) const {
        const std::size_t total = atoms.size() / sigdb::kAtomBytes;
        if (first >= total) return kNever;
        count = static_cast<std::uint32_t>(std::min<std::size_t>(count, total - first));
        std::uint64_t until = kNever;
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint8_t* entry = atoms.data() + std::size_t{first + i} * sigdb::kAtomBytes;
            const auto variant = sigdb::load<std::uint32_t>(entry);
            const auto distance = static_cast<std::int32_t>(sigdb::load<std::uint32_t>(entry + 4));
            const std::int64_t start = static_cast<std::int64_t>(at) - distance;
            std::uint32_t work = 1;
            if (start < 0 || (width != 0 && differs_near(entry, (variant & sigdb::kNearBefore) != 0, width, text, at))) {
                until = 0;
            } else {
                const std::uint64_t before = hits.runner.steps();
                const std::uint64_t of_start = try_at<step>(variant & ~sigdb::kNearBefore, width == 0, text, static_cast<std::uint64_t>(start), hits);
                // An atom may begin one place before its literal.
                if (of_start != kNever) until = std::min(until, of_start - std::min<std::uint64_t>(of_start, distance < 0 ? 1U : 0U));
                work += static_cast<std::uint32_t>(std::min<std::uint64_t>(hits.runner.steps() - before, 1 << 20));
            }
            if (deadline.passed(work)) return 0;
        }
        return until;
    }

    const std::uint8_t* window_at(const Sieve& sieve, std::uint32_t slot) const { return sieve.windows + std::size_t{slot} * sigdb::kWindowBytes; }

    static SeenKey key_of(const Sieve& sieve, std::uint32_t low, std::uint32_t high) {
        const std::uint32_t hash = sigdb::window_hash(low, high);
        return {low, high, sigdb::filter_word(hash, sieve.window_bits), sigdb::window_tag(hash)};
    }

    // Of eight places from `slot` on, the high bit of each byte: those that the tag may be at, which are before the first empty one, and the
    // empty ones.
    struct Tagged {
        std::uint64_t alike;
        std::uint64_t empty;
    };
    static Tagged tagged(const Sieve& sieve, std::uint32_t slot, std::uint8_t tag) {
        constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
        // Above the lowest byte of zero others may be taken for one.
        const auto zeros = [](std::uint64_t eight) { return (eight - kOnes) & ~eight & (kOnes << 7); };
        const auto tags = sigdb::load<std::uint64_t>(sieve.tags + slot);
        const std::uint64_t empty = zeros(tags);
        return {zeros(tags ^ kOnes * tag) & ~empty & (empty - 1), empty};
    }
    // False: it is surely not there.
    static bool may_have(const Sieve& sieve, const SeenKey& key) {
        const Tagged at = tagged(sieve, key.slot, key.tag);
        return at.alike != 0 || at.empty == 0;
    }

    // The entry of the key, or nothing.
    const std::uint8_t* find_window(const Sieve& sieve, const SeenKey& key) const {
        const std::uint32_t mask = (1U << sieve.window_bits) - 1;
        std::uint32_t slot = key.slot;
        for (std::uint32_t probe = 0; probe < sigdb::kMaxProbes; probe += sigdb::kTagsAtOnce, slot = (slot + sigdb::kTagsAtOnce) & mask) {
            Tagged at = tagged(sieve, slot, key.tag);
            for (; at.alike != 0; at.alike &= at.alike - 1) {
                const std::uint8_t* entry = window_at(sieve, (slot + static_cast<std::uint32_t>(std::countr_zero(at.alike)) / 8) & mask);
                if (sigdb::load<std::uint32_t>(entry) == key.low && sigdb::load<std::uint32_t>(entry + 4) == key.high) return entry;
            }
            if (at.empty != 0) return nullptr;
        }
        return nullptr;
    }

    // The atoms of a key in a table of short ones.
    struct AtomRange {
        std::uint32_t first;
        std::uint32_t count;
    };
    AtomRange short_atoms(std::size_t table, std::uint32_t key) const {
        const std::uint8_t* entry = shorts.data() + table + std::size_t{key} * 4;
        const auto first = sigdb::load<std::uint32_t>(entry);
        const auto end = sigdb::load<std::uint32_t>(entry + 4);
        return {first, end > first ? end - first : 0};
    }

    // How much of the text around a window decides about its atoms.
    struct Reach {
        std::uint64_t before = 0;
        std::uint64_t after = 0;
    };
    void reach_of(std::uint32_t first, std::uint32_t count, Reach& reach) const {
        constexpr std::uint64_t kBeside = 16;  // what stands at the edges, and beside the window
        const std::size_t total = atoms.size() / sigdb::kAtomBytes;
        for (std::size_t i = first; i < total && i - first < count; ++i) {
            const std::uint8_t* entry = atoms.data() + i * sigdb::kAtomBytes;
            const auto distance = static_cast<std::int32_t>(sigdb::load<std::uint32_t>(entry + 4));
            Variant variant{};
            if (!variant_at(sigdb::load<std::uint32_t>(entry) & ~sigdb::kNearBefore, variant)) continue;
            const std::uint64_t back = variant.back == sigdb::kNoAutomaton ? 0 : Runner::kMaxMatchBytes;
            const std::uint64_t forward = variant.forward == sigdb::kNoAutomaton ? 0 : Runner::kMaxMatchBytes;
            const auto behind = static_cast<std::int64_t>(variant.length) - distance;
            reach.before = std::max(reach.before, static_cast<std::uint64_t>(std::max(distance, 0)) + back + kBeside);
            reach.after = std::max(reach.after, static_cast<std::uint64_t>(std::max<std::int64_t>(behind, 0)) + forward + kBeside);
        }
    }

    // The atoms of a key were tried at `at`: `until` as try_atoms gives it, `before` what hits.added was before. Where a text repeats itself
    // they would fail again and again, at the cost of their whole length.
    template <class ReachOfKey>
    static void note_try(const void* of, std::uint32_t low, std::uint32_t high, Bytes text, std::uint64_t at, std::uint64_t until, std::uint64_t before,
                         PatternHits::Impl& hits, ReachOfKey reach_of_key) {
        constexpr std::uint32_t kFailsToAsk = 16;
        auto& barren = hits.barren_at(low, high);
        if (until > at) {
            barren = {of, low, high, until};
            return;
        }
        if (hits.added != before) return;
        if (!barren.is_of(of, low, high)) {
            if (barren.until <= at) barren = {of, low, high};
            return;
        }
        if (++barren.fails < kFailsToAsk) return;
        barren.fails = 0;
        const Reach reach = reach_of_key();
        barren.until = hits.stretch.same_until(text, at, reach.before, reach.after);
        barren.from = at;
        barren.step = hits.stretch.period();
    }

    // Windows that begin in [from, to), at multiples of the sieve's stride, as `from` is.
    template <Step step>
    void scan_windows(const Sieve& sieve, Bytes text, std::uint64_t from, std::uint64_t to, PatternHits::Impl& hits, Deadline& deadline) const {
        const bool wide = sieve.kind == sigdb::SieveKind::wide;
        const std::uint32_t width = wide ? sigdb::kWideBytes : sigdb::kNarrowBytes;
        if (sieve.window_bits == 0) return;
        const bool last = to == text.size();
        const bool first = from == 0;
        to = std::min<std::uint64_t>(to, text.size() < width ? 0 : text.size() - width + 1);
        if (wide && first) {
            // There is nothing before it that a filter could look at.
            try_place<step>(sieve, text, 0, hits, deadline);
            from = sigdb::kWideStride;
        }
        while (from < to) {
            const std::uint64_t end = std::min<std::uint64_t>(from + kSiftBytes, to);
            const auto span = static_cast<std::uint32_t>(end - from);
            const std::uint32_t count = (wide ? sift.wide : sift.narrow)(sieve.filter, text.data() + from, span, hits.places.data());
            hits.windows.clear();
            if (wide) find_windows<true>(sieve, text, from, count, hits);
            else find_windows<false>(sieve, text, from, count, hits);
            for (const auto& window : hits.windows) {
                if (hits.barren_at(window.low, window.high).covers(&sieve, window.low, window.high, window.at)) continue;
                const std::uint64_t before = hits.added;
                const std::uint64_t until = try_atoms<step>(window.first, window.count, window.width, text, window.at, hits, deadline);
                note_try(&sieve, window.low, window.high, text, window.at, until, before, hits, [&] {
                    Reach reach;
                    reach_of(window.first, window.count, reach);
                    return reach;
                });
            }
            from = end;
        }
        if (!wide || !last) return;
        // At the last places are less than eight bytes.
        std::uint64_t at = text.size() < width ? sigdb::kWideStride : text.size() - width + sigdb::kWideStride;
        for (at -= at % sigdb::kWideStride; at < text.size(); at += sigdb::kWideStride) try_place<step>(sieve, text, at, hits, deadline);
    }

    // What of a wide sieve stands at one place, asked without its filter.
    template <Step step>
    void try_place(const Sieve& sieve, Bytes text, std::uint64_t at, PatternHits::Impl& hits, Deadline& deadline) const {
        const auto look_up = [&](std::uint32_t low, std::uint32_t high, std::uint32_t width) {
            const std::uint8_t* entry = find_window(sieve, key_of(sieve, low, high));
            if (entry != nullptr) try_atoms<step>(sigdb::load<std::uint32_t>(entry + 8), sigdb::load<std::uint32_t>(entry + 12), width, text, at, hits, deadline);
        };
        if (text.size() - at < sigdb::kNarrowBytes) return;
        const std::uint32_t low = sigdb::load<std::uint32_t>(text.data() + at) | sigdb::kFold;
        look_up(low, 0, sigdb::kNarrowBytes);
        if (text.size() - at >= sigdb::kWideBytes) look_up(low, sigdb::load<std::uint32_t>(text.data() + at + 4) | sigdb::kFold, sigdb::kWideBytes);
    }

    // Looks up the windows at the first `count` of hits.places, which count from `from`.
    template <bool wide>
    void find_windows(const Sieve& sieve, Bytes text, std::uint64_t from, std::uint32_t count, PatternHits::Impl& hits) const {
        const std::size_t total = atoms.size() / sigdb::kAtomBytes;
        hits.keys.clear();
        const auto ask = [&](std::uint32_t place, std::uint32_t low, std::uint32_t high, std::uint32_t width) {
            const SeenKey key = key_of(sieve, low, high);
            if (!may_have(sieve, key)) return;
            // The tables do not fit into the near caches, so what a later step needs is asked for in an earlier one.
            __builtin_prefetch(window_at(sieve, key.slot));
            hits.keys.push_back({from + place, key, width});
        };
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t place = hits.places[i];
            const std::uint8_t* at = text.data() + from + place;
            const auto four = sigdb::load<std::uint32_t>(at);
            const std::uint32_t low = wide ? four | sigdb::kFold : sigdb::narrow_key(four);
            ask(place, low, 0, sigdb::kNarrowBytes);
            if (wide) ask(place, low, sigdb::load<std::uint32_t>(at + 4) | sigdb::kFold, sigdb::kWideBytes);
        }
        for (const auto& [place, key, width] : hits.keys) {
            if (hits.barren_at(key.low, key.high).covers(&sieve, key.low, key.high, place)) continue;
            const std::uint8_t* entry = find_window(sieve, key);
            if (entry == nullptr) continue;
            const auto first = sigdb::load<std::uint32_t>(entry + 8);
            if (first < total) __builtin_prefetch(atoms.data() + std::size_t{first} * sigdb::kAtomBytes);
            hits.windows.push_back({place, first, sigdb::load<std::uint32_t>(entry + 12), width, key.low, key.high});
        }
    }

    // The patterns of which few hits are enough, unless others are joined from theirs, or they have variants without atoms.
    void choose_few(std::span<const std::uint32_t> few, PatternHits::Impl& hits) const {
        hits.few.clear();
        hits.wanted_left = hits.wanted_slots.size();
        if (few.empty()) return;
        for (const std::uint32_t pattern : few) {
            if (pattern < patterns && hits.wanted[pattern] == 1) hits.wanted[pattern] = 2;
        }
        each_chain([&](std::uint32_t pattern, std::uint32_t parts, auto field) {
            hits.wanted[pattern] = std::min<std::uint8_t>(hits.wanted[pattern], 1);
            for (std::uint32_t part = 0; part < parts; ++part) {
                if (const std::uint32_t slot = field(part, 0); slot < slots) hits.wanted[slot] = std::min<std::uint8_t>(hits.wanted[slot], 1);
            }
        });
        for (std::size_t i = 0; i + 4 <= everywhere.size(); i += 4) {
            Variant variant{};
            if (variant_at(sigdb::load<std::uint32_t>(everywhere.data() + i), variant)) hits.wanted[variant.slot] = std::min<std::uint8_t>(hits.wanted[variant.slot], 1);
        }
        std::copy_if(hits.wanted_slots.begin(), hits.wanted_slots.end(), std::back_inserter(hits.few), [&](std::uint32_t slot) { return hits.wanted[slot] == 2; });
    }

    // A hit of the slot begins at most so far before the atom it is found by.
    std::uint64_t reach_of_slot(std::uint32_t slot) const {
        const std::size_t base = std::size_t{slots} + 1;
        const std::size_t end = std::min<std::size_t>(base + short_of[std::size_t{slot} + 1], short_of.size());
        std::uint64_t most = 0;
        for (std::size_t i = base + short_of[slot]; i < end && short_of[i] < atoms.size() / sigdb::kAtomBytes; ++i) {
            Variant variant{};
            if (variant_at(sigdb::load<std::uint32_t>(atoms.data() + std::size_t{short_of[i]} * sigdb::kAtomBytes), variant)) most = std::max<std::uint64_t>(most, variant.length);
        }
        return most + Runner::kMaxMatchBytes;
    }

    // What has enough hits, and will have none among these from `place` on, is wanted no longer. True when there was any.
    bool enough_before(std::uint64_t place, PatternHits::Impl& hits) const {
        const std::size_t before = hits.few.size();
        std::erase_if(hits.few, [&](std::uint32_t number) {
            auto& slot = hits.slots[number];
            if (slot.hits.size() < sigdb::kFewHits) return false;
            PatternHits::Impl::settle(slot);
            const std::uint64_t reach = reach_of_slot(number);
            if (slot.hits.size() < sigdb::kFewHits || place < reach || slot.hits[sigdb::kFewHits - 1].offset >= place - reach) return false;
            hits.wanted[number] = 0;
            --hits.wanted_left;
            return true;
        });
        return hits.few.size() != before;
    }

    // The short atoms of what is wanted, and their sieve. Many of those that a narrow sieve finds too are left to it.
    void choose_shorts(Bytes text, PatternHits::Impl& hits, Deadline& deadline) const {
        if (text.size() <= hits.shorts_up_to && hits.shorts_for == hits.wanted_slots) {
            for (auto& one : hits.shorts) one.until = 0;
            return;
        }
        const std::size_t total = atoms.size() / sigdb::kAtomBytes;
        const std::size_t base = std::size_t{slots} + 1;
        hits.shorts.clear();
        hits.shorts_for = hits.wanted_slots;
        hits.shorts_up_to = kNever;
        std::size_t narrow = 0;
        for (const std::uint32_t slot : hits.wanted_slots) {
            const std::size_t end = std::min<std::size_t>(base + short_of[std::size_t{slot} + 1], short_of.size());
            // A database that lies may name atoms twice.
            for (std::size_t i = base + short_of[slot]; i < end && hits.shorts.size() < total; ++i) {
                const std::uint32_t atom = short_of[i];
                if (atom >= total) break;
                if (deadline.passed()) {
                    hits.shorts_up_to = 0;
                    break;
                }
                const std::uint8_t* entry = atoms.data() + std::size_t{atom} * sigdb::kAtomBytes;
                const auto number = sigdb::load<std::uint32_t>(entry);
                Variant variant{};
                if (!variant_at(number, variant)) continue;
                if (too_large(text, variant)) {
                    hits.shorts_up_to = 0;  // another text may not be
                    continue;
                }
                if (variant.most != sigdb::kAnySize) hits.shorts_up_to = std::min<std::uint64_t>(hits.shorts_up_to, variant.most);
                narrow += (variant.flags & sigdb::kNarrow) != 0 ? 1 : 0;
                hits.shorts.push_back({atom, number, sigdb::load<std::uint32_t>(entry + 4), variant});
            }
        }
        hits.narrow_by_sieve = narrow > kMostNarrowShorts;
        if (hits.narrow_by_sieve) std::erase_if(hits.shorts, [](const auto& one) { return (one.variant.flags & sigdb::kNarrow) != 0; });
        // Neighbours in the table are alike, so they share a group.
        std::sort(hits.shorts.begin(), hits.shorts.end(), [](const auto& a, const auto& b) { return a.atom < b.atom; });
        make_short_sift(hits);
    }

    // Patterns are looked for no longer; their slots are wanted no more.
    void drop_shorts(PatternHits::Impl& hits) const {
        std::erase_if(hits.shorts, [&](const auto& one) { return hits.wanted[one.variant.slot] == 0; });
        // The place of an atom tells its group, so the groups are made anew. Triples let through what is gone too; of many that leave off one
        // after the other they are made but a few times.
        if (hits.sifted_shorts <= kMostInGroups || hits.shorts.size() <= hits.sifted_shorts - hits.sifted_shorts / 4) make_short_sift(hits);
        hits.shorts_up_to = 0;
    }

    void make_short_sift(PatternHits::Impl& hits) const {
        hits.sifted_shorts = hits.shorts.size();
        hits.short_sift = short_sift(hits.shorts);
        hits.triples.clear();
        if (hits.shorts.size() <= kMostInGroups) return;
        hits.triples.fill([&](auto admit) {
            return std::all_of(hits.shorts.begin(), hits.shorts.end(), [&](const auto& one) { return admit(one.value, one.mask); });
        });
    }

    // What these atoms let through, by the bytes of their literals. Nothing where that is much: then looking at each place is cheaper.
    std::optional<ShortSift> short_sift(std::vector<PatternHits::Impl::ShortAtom>& chosen) const {
        std::uint64_t expected = 0;  // to be let through, in a text of all bytes alike, of 2^32 places
        for (auto& one : chosen) {
            one.value = one.mask = 0;
            for (std::uint32_t at = 0; at < ShortSift::kBytes && std::uint64_t{one.distance} + at < one.variant.length; ++at) {
                const std::size_t place = std::size_t{one.variant.body} + one.distance + at;
                const std::uint32_t mask = (one.variant.flags & sigdb::kMasked) != 0 ? bytes[place + one.variant.length] : 0xffU;
                one.value |= std::uint32_t{bytes[place]} << 8 * at;
                one.mask |= mask << 8 * at;
            }
            expected += std::uint64_t{1} << (32 - std::popcount(one.mask));
        }
        if (expected > kMostLetThrough || chosen.size() > kMostInGroups) return std::nullopt;
        ShortSift out;
        out.used = chosen.size() <= kMostOfOneSet ? 1 : ShortSift::kMaxSets;
        const std::size_t groups = groups_of(out);
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            const auto group = static_cast<std::uint32_t>(i * groups / chosen.size());
            for (std::uint32_t at = 0; at < ShortSift::kBytes; ++at) {
                out.admit(at, static_cast<std::uint8_t>(chosen[i].value >> 8 * at), static_cast<std::uint8_t>(chosen[i].mask >> 8 * at), group);
            }
        }
        return out;
    }

    static std::size_t groups_of(const ShortSift& sift) { return std::size_t{sift.used} * ShortSift::kGroupsOfSet; }

    // The wanted short atoms of the groups that the sieve let through at `at`.
    void try_groups(const ShortSift& wanted, Bytes text, std::uint64_t at, PatternHits::Impl& hits, Deadline& deadline) const {
        const auto four = sigdb::load<std::uint32_t>(text.data() + at);
        const std::size_t count = hits.shorts.size();
        const std::size_t all_groups = groups_of(wanted);
        for (std::uint32_t groups = wanted.groups_at(text.data() + at); groups != 0; groups &= groups - 1) {
            const auto group = static_cast<std::size_t>(std::countr_zero(groups));
            // The first i with i * all_groups / count == group.
            for (std::size_t i = (group * count + all_groups - 1) / all_groups; i < count && i * all_groups < (group + 1) * count; ++i) {
                auto& one = hits.shorts[i];
                if (((four ^ one.value) & one.mask) != 0 || at < one.until || at < one.distance) continue;
                const std::uint64_t before = hits.runner.steps();
                one.until = try_at<Step::weak>(one.number, false, text, at - one.distance, hits);
                if (deadline.passed(1 + static_cast<std::uint32_t>(std::min<std::uint64_t>(hits.runner.steps() - before, 1 << 20)))) return;
            }
        }
    }

    void try_short(Bytes text, std::uint64_t at, PatternHits::Impl& hits, Deadline& deadline) const {
        const bool last = at + 1 == text.size();
        const std::uint32_t single = text[at] | 0x20U;
        const std::uint32_t pair = single | (last ? 0x20U : text[at + 1] | 0x20U) << 8;
        if ((shorts[pair >> 3] >> (pair & 7) & 1) == 0) return;
        if (!last && hits.barren_at(pair, 0).covers(this, pair, 0, at)) return;
        const AtomRange of_pair = last ? AtomRange{0, 0} : short_atoms(kBitmapBytes, pair);
        const AtomRange of_single = short_atoms(kBitmapBytes + 4 * 65'537, single);
        const std::uint64_t before = hits.added;
        std::uint64_t until = last ? 0 : kNever;
        for (const AtomRange& range : {of_pair, of_single}) {
            if (range.count > 0) until = std::min(until, try_atoms<Step::weak>(range.first, range.count, 0, text, at, hits, deadline));
        }
        note_try(this, pair, 0, text, at, until, before, hits, [&] {
            Reach reach;
            reach_of(of_pair.first, of_pair.count, reach);
            reach_of(of_single.first, of_single.count, reach);
            return reach;
        });
    }

    // Without a sieve at each place.
    void scan_shorts(Bytes text, std::uint64_t from, std::uint64_t to, PatternHits::Impl& hits, Deadline& deadline) const {
        // At the last places fewer bytes are left than the sieve looks at.
        const std::uint64_t whole = std::min<std::uint64_t>(to, text.size() < ShortSift::kBytes ? 0 : text.size() - ShortSift::kBytes + 1);
        while (hits.short_sift && from < whole) {
            // No atom can give anything before the least of these places.
            std::uint64_t until = whole;
            for (const auto& one : hits.shorts) until = std::min(until, one.until);
            from = std::max(from, until);
            const std::uint64_t end = std::min<std::uint64_t>(from + kSiftBytes / 2, whole);
            const std::uint32_t count = sift.few(*hits.short_sift, text.data() + from, static_cast<std::uint32_t>(end - from), hits.places.data());
            for (std::uint32_t i = 0; i < count; ++i) try_groups(*hits.short_sift, text, from + hits.places[i], hits, deadline);
            from = end;
        }
        while (hits.triples.of_use() && from < whole) {
            const std::uint64_t end = std::min<std::uint64_t>(from + kSiftBytes / 2, whole);
            const std::uint32_t count = hits.triples.places(text.data() + from, static_cast<std::uint32_t>(end - from), hits.places.data());
            for (std::uint32_t i = 0; i < count; ++i) try_short(text, from + hits.places[i], hits, deadline);
            from = end;
        }
        for (; from < to; ++from) try_short(text, from, hits, deadline);
    }

    bool scan_everywhere(Bytes text, PatternHits::Impl& hits, Deadline& deadline) const {
        for (std::size_t i = 0; i + 4 <= everywhere.size(); i += 4) {
            Variant variant{};
            if (!variant_at(sigdb::load<std::uint32_t>(everywhere.data() + i), variant) || variant.forward == sigdb::kNoAutomaton) continue;
            if (too_large(text, variant) || hits.wanted[variant.slot] == 0) continue;
            const auto automaton = AutomatonView::open(bytes, variant.forward);
            if (!automaton) continue;
            Runner::Task task{text, 0, false, (variant.flags & sigdb::kWide) != 0};
            std::uint64_t sought = 0;  // no match that begins here or later ends before
            for (; task.start < text.size() && !hits.slots[variant.slot].overflowed; ++task.start) {
                const std::uint64_t before = hits.runner.steps();
                std::uint64_t work = 1;
                if (task.start >= sought) {
                    sought = hits.runner.next_end(*automaton, task, std::min<std::uint64_t>(text.size(), task.start + kSeekBytes));
                    if (sought > text.size()) break;
                    if (sought > task.start + Runner::kMaxMatchBytes) task.start = sought - Runner::kMaxMatchBytes;
                    if (sought == task.start) sought += Runner::kMaxMatchBytes;  // nothing is known: not asked again soon
                }
                if (const auto end = hits.runner.run(*automaton, task)) {
                    report(variant, text, task.start, *end, hits);
                } else if (hits.runner.barren_until() > task.start) {
                    const std::uint64_t next = std::min<std::uint64_t>(hits.runner.barren_until(), text.size()) - 1;
                    work += (next - task.start) / 64;
                    task.start = next;
                }
                work += hits.runner.steps() - before;
                if (deadline.passed(static_cast<std::uint32_t>(std::min<std::uint64_t>(work, 1 << 20)))) return false;
            }
        }
        return true;
    }

    // Calls use(pattern, parts, field) for each pattern with long jumps, field(part, which) being a word of a part.
    template <class Use>
    void each_chain(Use use) const {
        std::size_t at = 0;
        for (std::uint32_t i = 0; i < chain_count && at + 8 <= chains.size(); ++i) {
            const auto pattern = sigdb::load<std::uint32_t>(chains.data() + at);
            const auto parts = sigdb::load<std::uint32_t>(chains.data() + at + 4);
            at += 8;
            if (parts > (chains.size() - at) / 12 || parts < 2 || pattern >= patterns) return;
            const auto field = [&](std::uint32_t part, std::size_t which) {
                return sigdb::load<std::uint32_t>(chains.data() + at + std::size_t{part} * 12 + 4 * which);
            };
            use(pattern, parts, field);
            at += std::size_t{parts} * 12;
        }
    }

    // Joins the parts of patterns with long jumps: the nearest end for each start.
    template <Step step>
    void join_chains(PatternHits::Impl& hits) const {
        hits.settle_all();
        each_chain([&](std::uint32_t pattern, std::uint32_t parts, auto field) {
            if (step == Step::strong ? !is_weak(pattern) : hits.wanted[pattern] != 0) join(pattern, parts, field, hits);
        });
        hits.settle_all();
        hits.list_patterns(patterns);
    }

    // For each hit of a part the least of the ends whose start lies `least` to `most` behind its own end.
    static void nearest_ends(const std::vector<Hit>& found, const std::vector<std::uint64_t>& starts, const std::vector<std::uint64_t>& ends, std::uint64_t least,
                             std::uint64_t most, std::vector<std::uint64_t>& out) {
        const auto end_of = [](const Hit& hit) { return hit.offset + hit.length; };
        const auto reach = [most](std::uint64_t end) { return most > kNever - end ? kNever : end + most; };
        if (std::is_sorted(found.begin(), found.end(), [&](const Hit& a, const Hit& b) { return end_of(a) < end_of(b); })) {
            // Both bounds only grow. Of the starts between them those that no later one makes useless, their ends ascending.
            std::vector<std::size_t> useful;
            std::size_t first = 0;
            std::size_t next = 0;
            for (std::size_t i = 0; i < found.size(); ++i) {
                const std::uint64_t end = end_of(found[i]);
                for (const std::uint64_t limit = reach(end); next < starts.size() && starts[next] <= limit; ++next) {
                    while (useful.size() > first && ends[useful.back()] >= ends[next]) useful.pop_back();
                    useful.push_back(next);
                }
                while (first < useful.size() && starts[useful[first]] < end + least) ++first;
                if (first < useful.size()) out[i] = ends[useful[first]];
            }
            return;
        }
        const RangeMinimum nearest{ends};
        for (std::size_t i = 0; i < found.size(); ++i) {
            const std::uint64_t end = end_of(found[i]);
            const auto low = std::lower_bound(starts.begin(), starts.end(), end + least);
            const auto high = std::upper_bound(low, starts.end(), reach(end));
            if (low != high) out[i] = nearest.of(static_cast<std::size_t>(low - starts.begin()), static_cast<std::size_t>(high - starts.begin()));
        }
    }

    template <class Field>
    void join(std::uint32_t pattern, std::uint32_t parts, Field field, PatternHits::Impl& hits) const {
        std::vector<std::uint64_t> ends;    // for each hit of the later part: where the whole ends
        std::vector<std::uint64_t> starts;  // of those hits
        for (std::uint32_t part = parts; part-- > 0;) {
            const std::uint32_t slot = field(part, 0);
            if (slot >= slots) return;
            const auto& found = hits.slots[slot].hits;
            if (found.empty()) return;
            std::vector<std::uint64_t> now(found.size(), kNever);
            if (part + 1 == parts) {
                for (std::size_t i = 0; i < found.size(); ++i) now[i] = found[i].offset + found[i].length;
            } else {
                const std::uint64_t least = field(part + 1, 1);
                const std::uint64_t most = field(part + 1, 2);
                nearest_ends(found, starts, ends, least, most == sigdb::kNoEnd ? kNever : most, now);
            }
            ends = std::move(now);
            starts.clear();
            for (const auto& hit : found) starts.push_back(hit.offset);
        }
        for (std::size_t i = 0; i < starts.size(); ++i) {
            if (ends[i] == kNever) continue;
            const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(ends[i] - starts[i], std::numeric_limits<std::uint32_t>::max()));
            hits.add(pattern, Hit{starts[i], length, 0, 0}, false);
        }
    }
};

Result<PatternScanner> PatternScanner::open(const sigdb::View& view) {
    auto impl = std::make_shared<Impl>();
    const Bytes summary = WARD_TRY(view.section(sigdb::SectionId::pattern_summary));
    if (summary.size() < sigdb::kSummaryBytes) return fail(Code::malformed, "the pattern summary has {} bytes", summary.size());
    const sigdb::Numbers<std::uint32_t> numbers{summary};
    impl->patterns = numbers[0];
    impl->slots = numbers[1];
    impl->variant_count = numbers[2];
    impl->chain_count = numbers[3];
    const std::uint32_t sieve_count = numbers[4];
    impl->variants = WARD_TRY(view.section(sigdb::SectionId::pattern_variants));
    impl->bytes = WARD_TRY(view.section(sigdb::SectionId::pattern_bytes));
    impl->atoms = WARD_TRY(view.section(sigdb::SectionId::pattern_atoms));
    impl->shorts = WARD_TRY(view.section(sigdb::SectionId::pattern_short));
    impl->short_of = sigdb::Numbers<std::uint32_t>{WARD_TRY(view.section(sigdb::SectionId::pattern_short_of))};
    impl->everywhere = WARD_TRY(view.section(sigdb::SectionId::pattern_everywhere));
    impl->chains = WARD_TRY(view.section(sigdb::SectionId::pattern_chains));
    const Impl& set = *impl;
    if (set.patterns > set.slots || set.slots > kMaxSlots) return fail(Code::malformed, "{} patterns in {} slots", set.patterns, set.slots);
    if (set.variant_count > set.variants.size() / sigdb::kVariantBytes) return fail(Code::malformed, "{} variants do not fit", set.variant_count);
    WARD_TRY(impl->open_sieves(view, sieve_count));
    impl->weak = WARD_TRY(view.section(sigdb::SectionId::pattern_weak));
    if (set.weak.size() < (std::size_t{set.slots} + 7) / 8) return fail(Code::malformed, "the table of weak patterns is cut off");
    if (!set.shorts.empty() && set.shorts.size() < Impl::kShortBytes) return fail(Code::malformed, "the table of short atoms is cut off");
    return PatternScanner{std::move(impl)};
}

std::uint32_t PatternScanner::pattern_count() const { return impl_->patterns; }

std::uint32_t PatternScanner::head(Bytes bytes) const { return impl_->head_of(bytes); }

bool PatternScanner::weak(std::uint32_t pattern) const { return pattern < impl_->patterns && impl_->is_weak(pattern); }

bool PatternScanner::scan(Bytes bytes, PatternHits& hits, Deadline& deadline) const {
    std::vector<std::uint32_t> wanted;
    for (std::uint32_t pattern = 0; pattern < impl_->patterns; ++pattern) {
        if (impl_->is_weak(pattern)) wanted.push_back(pattern);
    }
    return scan_strong(bytes, head(bytes), hits, deadline) && scan_weak(bytes, head(bytes), wanted, hits, deadline);
}

bool PatternScanner::scan_strong(Bytes bytes, std::uint32_t head, PatternHits& hits, Deadline& deadline) const {
    const Impl& set = *impl_;
    PatternHits::Impl& state = hits.impl();
    state.begin(set.slots);
    bool in_time = true;
    const auto sieves = set.sieves_for(head);
    for (std::uint64_t from = 0; from < bytes.size() && in_time; from += kBlockBytes) {
        const std::uint64_t to = std::min<std::uint64_t>(from + kBlockBytes, bytes.size());
        for (const auto& sieve : sieves) {
            if (sieve.kind == sigdb::SieveKind::wide) set.scan_windows<Step::strong>(sieve, bytes, from, to, state, deadline);
        }
        in_time = !deadline.passed(static_cast<std::uint32_t>((to - from) / 64 + 1));
    }
    set.join_chains<Step::strong>(state);
    return in_time;
}

bool PatternScanner::scan_weak(Bytes bytes, std::uint32_t head, std::span<const std::uint32_t> wanted, PatternHits& hits, Deadline& deadline,
                               std::span<const std::uint32_t> few) const {
    if (wanted.empty()) return true;
    const Impl& set = *impl_;
    PatternHits::Impl& state = hits.impl();
    state.wanted_slots.clear();
    const auto want = [&](std::uint32_t slot) {
        if (slot >= set.slots || state.wanted[slot] != 0) return;
        state.wanted[slot] = 1;
        state.wanted_slots.push_back(slot);
    };
    for (const std::uint32_t pattern : wanted) want(pattern);
    set.each_chain([&](std::uint32_t pattern, std::uint32_t parts, auto field) {
        for (std::uint32_t part = 0; state.wanted[pattern] != 0 && part < parts; ++part) want(field(part, 0));
    });
    if (state.shorts_of != impl_) state.shorts_up_to = 0;
    state.shorts_of = impl_;
    set.choose_few(few, state);
    set.choose_shorts(bytes, state, deadline);
    const auto sieves = set.sieves_for(head);
    state.barren.fill({});
    state.stretch = {};
    bool in_time = !deadline.passed(0);
    std::uint32_t overflows = state.overflows;
    for (std::uint64_t from = 0; !set.shorts.empty() && from < bytes.size() && in_time; from += kBlockBytes) {
        const std::uint64_t to = std::min<std::uint64_t>(from + kBlockBytes, bytes.size());
        if (overflows != state.overflows) {
            // What has too many hits is looked for no longer.
            overflows = state.overflows;
            for (const std::uint32_t slot : state.touched) {
                if (state.slots[slot].overflowed) state.wanted[slot] = 0;
            }
            set.drop_shorts(state);
        }
        if (set.enough_before(from, state)) {
            if (state.wanted_left == 0 && set.everywhere.empty()) break;
            set.drop_shorts(state);
        }
        for (const auto& sieve : sieves) {
            if (state.narrow_by_sieve && sieve.kind == sigdb::SieveKind::narrow) set.scan_windows<Step::weak>(sieve, bytes, from, to, state, deadline);
        }
        if (!state.shorts.empty()) set.scan_shorts(bytes, from, to, state, deadline);
        in_time = !deadline.passed(static_cast<std::uint32_t>((to - from) / 64 + 1));
    }
    if (in_time && !set.everywhere.empty()) in_time = set.scan_everywhere(bytes, state, deadline);
    set.join_chains<Step::weak>(state);
    for (const std::uint32_t slot : state.wanted_slots) state.wanted[slot] = 0;
    return in_time;
}

Status PatternScanner::verify() const {
    const Impl& set = *impl_;
    for (std::uint32_t i = 0; i < set.variant_count; ++i) {
        Variant variant{};
        if (!set.variant_at(i, variant)) return fail(Code::malformed, "variant {} points outside", i);
        for (const std::uint32_t automaton : {variant.back, variant.forward}) {
            if (automaton != sigdb::kNoAutomaton && !AutomatonView::open(set.bytes, automaton)) {
                return fail(Code::malformed, "variant {} has no well-formed automaton", i);
            }
        }
    }
    const sigdb::Numbers<std::uint32_t> atoms{set.atoms};
    for (std::size_t i = 0; i < atoms.size(); i += sigdb::kAtomBytes / 4) {
        if ((atoms[i] & ~sigdb::kNearBefore) >= set.variant_count) return fail(Code::malformed, "atom {} is of no variant", i / 4);
    }
    const std::uint64_t total = set.atoms.size() / sigdb::kAtomBytes;
    for (const auto& sieve : set.sieves) {
        if (sieve.kind != sigdb::SieveKind::wide && sieve.kind != sigdb::SieveKind::narrow) return fail(Code::malformed, "a sieve of an unknown kind");
        for (std::size_t i = 0; sieve.window_bits != 0 && i < std::size_t{1} << sieve.window_bits; ++i) {
            const std::uint8_t* entry = sieve.windows + i * sigdb::kWindowBytes;
            if (std::uint64_t{sigdb::load<std::uint32_t>(entry + 8)} + sigdb::load<std::uint32_t>(entry + 12) > total) {
                return fail(Code::malformed, "window {} has atoms outside", i);
            }
        }
    }
    const std::size_t short_base = std::size_t{set.slots} + 1;
    if (set.short_of.size() < short_base) return fail(Code::malformed, "the table of short atoms by slot is cut off");
    for (std::size_t i = 0; i < set.short_of.size(); ++i) {
        if (set.short_of[i] > (i < short_base ? set.short_of.size() - short_base : total - 1)) return fail(Code::malformed, "entry {} of the table of short atoms by slot points outside", i);
    }
    const sigdb::Numbers<std::uint32_t> everywhere{set.everywhere};
    for (std::size_t i = 0; i < everywhere.size(); ++i) {
        if (everywhere[i] >= set.variant_count) return fail(Code::malformed, "entry {} of the table without atoms is of no variant", i);
    }
    return done();
}

}  // namespace ward::match
