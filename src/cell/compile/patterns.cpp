// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/patterns.h"

#include "cell/compile/internal/byte_statistics.h"
#include "cell/compile/internal/regex.h"
#include "cell/sigdb/automaton.h"
#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace ward::compile {

namespace {

// A part of a pattern ends where a jump may be longer than this: the parts are found by themselves and joined afterwards.
constexpr std::uint32_t kLongJump = 200;
// A pattern becomes several variants when its alternatives hold better literals than what stands around them.
constexpr std::size_t kMaxVariants = 64;
constexpr std::uint32_t kPartSlot = 0x8000'0000;
constexpr std::uint32_t kWideRank = 64;  // behind all variants of the ascii form
constexpr std::size_t kMaxXorBytes = 4096;
constexpr std::size_t kNarrowBytes = sigdb::kNarrowBytes;
constexpr std::size_t kWideRun = sigdb::kNarrowBytes + sigdb::kWideStride - 1;      // has four bytes of a wide window at each place
constexpr std::size_t kNarrowRun = sigdb::kNarrowBytes + sigdb::kNarrowStride - 1;
constexpr std::uint32_t kFirstFilterBits = 10;  // in words: 4 KiB
constexpr std::uint32_t kCachedFilterBits = 16; // 256 KiB: up to here there are twice as many bits for each key
constexpr std::uint32_t kMaxFilterBits = 20;
// Alternatives become variants only when that makes a window rarer by so much.
constexpr int kWorthwhile = 64;                 // eighths of a bit
constexpr std::size_t kHeadsPart = 32;          // a head of its own must spare the others a 32nd of all variants

// Without bit 5, which the keys leave out.
std::size_t folded_index(std::uint8_t byte) { return (byte & 0x1fU) | (byte >> 1 & 0x60U); }

// A place in a literal by which it is found: `length` bytes from `start` on, and for sieves as many more as its stride.
struct Window {
    enum class Kind : std::uint8_t { none, weak, narrow, wide };
    Kind kind = Kind::none;
    std::size_t start = 0;
    std::size_t length = 0;  // of the known bytes: less than kNarrowBytes when weak
    int score = 0;           // how rare it is, in eighths of a bit
};

// Bytes whose value is known up to bit 5, which the keys leave out.
bool concrete(MaskedByte byte) { return (byte.mask | 0x20) == 0xff; }

// How surprising the bytes [first, last) are, in eighths of a bit.
int surprise(const std::vector<MaskedByte>& bytes, std::size_t first, std::size_t last) {
    std::size_t before = folded_index(bytes[first].value);
    int sum = kByteSurprise[before];
    for (std::size_t i = first + 1; i < last; ++i) {
        const std::size_t now = folded_index(bytes[i].value);
        sum += kPairSurprise[before][now];
        before = now;
    }
    return sum;
}

// The window of a masked literal that is rarest in files. A wide one is looked for at half as many places, with twice the
// bytes; a weak one costs candidates everywhere.
Window best_window(const std::vector<MaskedByte>& bytes) {
    constexpr int kNarrowBonus = 1000;
    constexpr int kWideBonus = kNarrowBonus + 20 * 8;
    constexpr int kLeastFour = 12 * 8;    // of the four bytes that choose the word of the filter
    constexpr int kLeastNarrow = 8 * 8;  // what is more common is weak, however long
    constexpr int kMostNarrow = 20 * 8;  // what is rarer is rare enough
    constexpr int kMostWide = 40 * 8;
    Window best;
    const auto offer = [&](Window::Kind kind, std::size_t start, std::size_t length, int score) {
        if (score > best.score) best = {kind, start, length, score};
    };
    for (std::size_t first = 0; first < bytes.size(); ++first) {
        if (!concrete(bytes[first])) continue;
        std::size_t last = first;
        while (last < bytes.size() && concrete(bytes[last])) ++last;
        const std::size_t run = last - first;
        // Of the windows that one place or the next may have, the commonest counts.
        const auto offer_all = [&](Window::Kind kind, std::size_t width, std::size_t stride, int bonus, int most) {
            std::vector<int> each;
            for (std::size_t start = first; start + kNarrowBytes <= last; ++start) {
                const int four = surprise(bytes, start, start + kNarrowBytes);
                each.push_back(width > kNarrowBytes ? (four < kLeastFour ? 0 : std::min(surprise(bytes, start, std::min(start + width, last)), 2 * four)) : four);
            }
            for (std::size_t i = 0; i + stride <= each.size(); ++i) {
                const int worst = *std::min_element(each.begin() + static_cast<std::ptrdiff_t>(i), each.begin() + static_cast<std::ptrdiff_t>(i + stride));
                if (worst >= kLeastNarrow) offer(kind, first + i, kNarrowBytes + stride - 1, bonus + std::min(worst, most));
            }
        };
        if (run >= kWideRun) offer_all(Window::Kind::wide, sigdb::kWideBytes, sigdb::kWideStride, kWideBonus, kMostWide);
        if (run >= kNarrowRun) {
            offer_all(Window::Kind::narrow, sigdb::kNarrowBytes, sigdb::kNarrowStride, kNarrowBonus, kMostNarrow);
        } else if (run == kNarrowBytes) {
            const int rarity = surprise(bytes, first, last - 1);
            if (rarity >= kLeastNarrow) offer(Window::Kind::narrow, first, run, kNarrowBonus + rarity);
        }
        const std::size_t most = std::min<std::size_t>(run, kNarrowBytes - 1);
        for (std::size_t start = first; start + most <= last; ++start) {
            offer(Window::Kind::weak, start, most, 160 * static_cast<int>(most) + surprise(bytes, start, start + most));
        }
        first = last;
    }
    return best;
}

// Where the rarest four bytes begin, of which the first is known and others may be in part or not at all.
std::size_t rarest_four(const std::vector<MaskedByte>& bytes) {
    constexpr int kKnownInPart = 8;
    std::size_t best = 0;
    int most = -1;
    for (std::size_t start = 0; start < bytes.size(); ++start) {
        if (!concrete(bytes[start])) continue;
        int score = 0;
        for (std::size_t at = start; at < std::min(start + kNarrowBytes, bytes.size()); ++at) {
            if (!concrete(bytes[at])) score += bytes[at].mask != 0 ? kKnownInPart : 0;
            else if (at > start && concrete(bytes[at - 1])) score += kPairSurprise[folded_index(bytes[at - 1].value)][folded_index(bytes[at].value)];
            else score += kByteSurprise[folded_index(bytes[at].value)];
        }
        if (score <= most) continue;
        most = score;
        best = start;
    }
    return best;
}

// Runs of masked bytes among the items; where the best window lies.
struct Anchor {
    std::size_t first = 0;  // item at which its run begins
    std::vector<MaskedByte> run;
    Window window;
};

Anchor best_anchor(const std::vector<Regex>& items) {
    Anchor best;
    for (std::size_t i = 0; i < items.size();) {
        Anchor run;
        run.first = i;
        for (; i < items.size() && items[i].kind == Regex::Kind::set; ++i) {
            const auto masked = as_masked(items[i].set);
            if (!masked) break;
            run.run.push_back(*masked);
        }
        if (run.run.empty()) {
            ++i;
            continue;
        }
        run.window = best_window(run.run);
        if (run.window.score > best.window.score) best = std::move(run);
    }
    return best;
}

using Items = std::vector<Regex>;

// The items with branch `branch` in place of the alternatives at `at`.
Items with_branch(const Items& items, std::size_t at, const Regex& branch) {
    Items whole{items.begin(), items.begin() + static_cast<std::ptrdiff_t>(at)};
    for (auto& item : flattened(branch)) whole.push_back(std::move(item));
    whole.insert(whole.end(), items.begin() + static_cast<std::ptrdiff_t>(at) + 1, items.end());
    return whole;
}

// The score of the best window that every match of the items has in one of its places: in a run of bytes, or in each branch
// of some alternatives.
int best_score(const Items& items);

int score_of_branches(const Regex& alternatives) {
    int worst = std::numeric_limits<int>::max();
    for (const auto& branch : alternatives.items) worst = std::min(worst, best_score(flattened(branch)));
    return worst;
}

int best_score(const Items& items) {
    int best = best_anchor(items).window.score;
    for (const auto& item : items) {
        if (item.kind == Regex::Kind::alternate) best = std::max(best, score_of_branches(item));
    }
    return best;
}

// The same matches as several concatenations, when alternatives hold better windows than what stands around them. Of
// several alternatives the best is taken, and what comes of it is looked at again as long as there is room.
void expand(Items items, std::size_t room, std::vector<Items>& out) {
    std::size_t best = items.size();
    int score = best_anchor(items).window.score;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].kind != Regex::Kind::alternate || items[i].items.size() > room) continue;
        const int reached = score_of_branches(items[i]);
        if (reached < score + kWorthwhile) continue;
        score = reached;
        best = i;
    }
    if (best == items.size()) {
        out.push_back(std::move(items));
        return;
    }
    const std::size_t share = room / items[best].items.size();
    for (const auto& branch : items[best].items) expand(with_branch(items, best, branch), share, out);
}

std::vector<Items> expanded(Items items, std::size_t room) {
    std::vector<Items> out;
    expand(std::move(items), room, out);
    return out;
}

std::string base64_of(std::string_view bytes, std::string_view alphabet) {
    std::string out;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char c : bytes) {
        held = held << 8 | static_cast<std::uint8_t>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += alphabet[held >> bits & 63];
        }
    }
    return out;  // a last character that depends on what follows is left out
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What of the text's base64 form is the same whatever stands before it, at each of the three alignments.
std::vector<std::string> base64_forms(std::string_view text, std::string_view alphabet) {
    std::vector<std::string> forms;
    constexpr std::size_t kDependent[] = {0, 2, 3};
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string all = base64_of(std::string(before, 'A') + std::string{text}, alphabet);
        if (all.size() > kDependent[before]) forms.push_back(all.substr(kDependent[before]));
    }
    return forms;
}

std::string wide_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        out += '\0';
    }
    return out;
}

struct Variant {
    std::uint32_t slot = 0;
    std::uint32_t flags = 0;
    std::uint32_t body = 0;
    std::uint32_t length = 0;
    std::uint32_t back = sigdb::kNoAutomaton;
    std::uint32_t forward = sigdb::kNoAutomaton;
    std::uint32_t edges = 0;
};

struct Atom {
    std::uint32_t low = 0;       // the key: folded, little-endian
    std::uint32_t high = 0;      // 0 where less than eight bytes are known
    std::uint32_t bits = 0;      // of a wide one: what is set in its filter's word behind the first eight bits
    std::uint32_t variant = 0;   // with kNearBefore
    std::uint32_t distance = 0;  // from the literal's first byte to the window; -1 when the window begins before it
    std::uint64_t value = 0;     // of four bytes of the window and four beside it, as far as the literal tells
    std::uint64_t mask = 0;
};

struct Part {
    Items items;
    std::uint32_t least = 0;   // the jump before it
    std::uint32_t most = 0;
};

}  // namespace

struct PatternSetBuilder::Impl {
    using Key = std::tuple<int, std::string, bool, bool, bool, bool, bool, bool, int, int, bool, bool, std::string>;
    std::map<Key, PatternFacts> known;
    std::uint32_t patterns = 0;
    std::vector<Variant> variants;
    Buffer bytes;
    std::array<std::vector<Atom>, 2> atoms;         // by SieveKind
    std::array<std::vector<Atom>, kNarrowBytes> short_atoms;  // by length
    std::vector<std::uint32_t> everywhere;
    struct Chain {
        std::uint32_t pattern;
        std::vector<std::pair<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>>> parts;  // slot, jump before it
    };
    std::vector<Chain> chains;
    std::uint32_t parts = 0;
    bool slow = false;
    std::vector<std::uint64_t> most_bytes;           // by pattern: 0 when no rule needs it
    std::vector<Heads> heads;                        // by pattern: of all rules that need it
    std::vector<bool> weak;                          // by pattern
    std::vector<std::uint32_t> pattern_of_part;
    std::map<std::string, std::uint32_t> known_edges;
    bool weak_now = false;                           // of the pattern in hand

    std::vector<Heads> asked;                        // of rules without patterns
    std::vector<std::uint32_t> sieve_heads{sigdb::kOtherHead};

    const Heads& heads_of(const Variant& variant) const {
        const std::uint32_t number = variant.slot & ~kPartSlot;
        return heads[(variant.slot & kPartSlot) != 0 ? pattern_of_part[number] : number];
    }

    // Heads that spare others much have sieves of their own.
    void choose_heads() {
        std::map<std::uint16_t, std::size_t> seen;
        const auto count = [&](const Heads& wanted) {
            if (!wanted) return;
            for (const std::uint16_t head : *wanted) ++seen[head];
        };
        for (const auto& variant : variants) count(heads_of(variant));
        for (const auto& wanted : asked) count(wanted);
        std::vector<std::pair<std::size_t, std::uint32_t>> ranked;
        for (const auto& [head, times] : seen) {
            if (times * kHeadsPart >= variants.size() + asked.size()) ranked.emplace_back(times, head);
        }
        std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return std::tie(b.first, a.second) < std::tie(a.first, b.second); });
        sieve_heads = {sigdb::kOtherHead};
        for (std::size_t i = 0; i < ranked.size() && sieve_heads.size() < sigdb::kMaxHeads; ++i) sieve_heads.push_back(ranked[i].second);
    }

    std::uint32_t place(Bytes content) {
        const auto at = static_cast<std::uint32_t>(bytes.size());
        sigdb::put_bytes(bytes, content);
        sigdb::pad_to(bytes, 4);
        return at;
    }

    // The keys of a window, and what stands near it.
    void add_atoms(const std::vector<MaskedByte>& run, const Window& window, std::uint32_t variant) {
        const auto word = [&](std::size_t at) {
            std::uint32_t out = 0;
            for (std::size_t i = 0; i < 4; ++i) out |= std::uint32_t{run[at + i].value} << (8 * i);
            return out;
        };
        const auto atom_at = [&](std::int64_t start, std::size_t width) {
            Atom atom;
            atom.variant = variant;
            atom.distance = static_cast<std::uint32_t>(start);
            // Before or behind, whichever tells more.
            int most = 0;
            for (const bool before : {false, true}) {
                const std::int64_t from = start - 4 + (before ? 0 : static_cast<std::int64_t>(width));
                std::uint64_t value = 0;
                std::uint64_t mask = 0;
                for (std::int64_t i = 0; i < 8; ++i) {
                    if (from + i < 0 || from + i >= static_cast<std::int64_t>(run.size())) continue;
                    const MaskedByte byte = run[static_cast<std::size_t>(from + i)];
                    value |= std::uint64_t{byte.value} << (8 * i);
                    mask |= std::uint64_t{byte.mask} << (8 * i);
                }
                if (std::popcount(mask) <= most) continue;
                most = std::popcount(mask);
                atom.value = value;
                atom.mask = mask;
                atom.variant = before ? variant | sigdb::kNearBefore : variant;
            }
            return atom;
        };
        switch (window.kind) {
            case Window::Kind::wide:
                for (std::size_t start = window.start; start < window.start + sigdb::kWideStride; ++start) {
                    std::size_t width = kNarrowBytes;
                    while (width < sigdb::kWideBytes && start + width < run.size() && concrete(run[start + width])) ++width;
                    Atom atom = atom_at(static_cast<std::int64_t>(start), width == sigdb::kWideBytes ? width : kNarrowBytes);
                    atom.low = word(start) | sigdb::kFold;
                    std::uint32_t high = 0;
                    for (std::size_t i = kNarrowBytes; i < width; ++i) high |= (run[start + i].value | 0x20U) << (8 * (i - kNarrowBytes));
                    if (width == sigdb::kWideBytes) atom.high = high;
                    const bool led = start >= 2 && concrete(run[start - 2]) && concrete(run[start - 1]);
                    const std::uint32_t before = led ? (run[start - 2].value | 0x20U) | (run[start - 1].value | 0x20U) << 8 : 0;
                    const auto bits = sigdb::wide_bits(0, high & 0xffff, before, 1);
                    atom.bits = (width < kNarrowBytes + 2 ? sigdb::kAllBehind : 1U << bits.behind) | (led ? 1U << bits.before : sigdb::kAllBefore);
                    atoms[static_cast<std::size_t>(sigdb::SieveKind::wide)].push_back(atom);
                }
                break;
            case Window::Kind::narrow: {
                auto& list = atoms[static_cast<std::size_t>(sigdb::SieveKind::narrow)];
                for (std::size_t start = window.start; start + kNarrowBytes <= window.start + window.length; ++start) {
                    Atom atom = atom_at(static_cast<std::int64_t>(start), kNarrowBytes);
                    atom.low = sigdb::narrow_key(word(start));
                    list.push_back(atom);
                }
                if (window.length == kNarrowBytes) {
                    // At the next place only three of the four bytes are in sight, behind one that may be any.
                    Atom atom = atom_at(static_cast<std::int64_t>(window.start) - 1, kNarrowBytes);
                    for (std::uint32_t first = 0; first < 16; ++first) {
                        atom.low = sigdb::narrow_key(word(window.start) << 8 | first);
                        list.push_back(atom);
                    }
                }
                const std::size_t start = rarest_four(run);
                std::size_t row = 1;
                while (row < kNarrowBytes - 1 && start + row < run.size() && concrete(run[start + row])) ++row;
                add_short(run, start, row, variant);
                break;
            }
            case Window::Kind::weak:
                add_short(run, window.start, window.length, variant);
                slow = slow || window.length < 2;
                break;
            case Window::Kind::none: break;
        }
    }

    void add_short(const std::vector<MaskedByte>& run, std::size_t start, std::size_t length, std::uint32_t variant) {
        Atom atom;
        atom.variant = variant;
        atom.distance = static_cast<std::uint32_t>(start);
        for (std::size_t i = 0; i < length; ++i) atom.low |= static_cast<std::uint32_t>(run[start + i].value | 0x20) << (8 * i);
        short_atoms[length].push_back(atom);
        weak_now = true;
    }

    // The bytes that must stand around the literal, where they are known.
    void place_edges(Variant& variant, const std::optional<ByteSet>& before, const std::optional<ByteSet>& behind) {
        if (!before && !behind) return;
        std::string content(sigdb::kEdgeBytes, '\0');
        const auto put = [&](const ByteSet& set, std::size_t at) {
            for (unsigned byte = 0; byte < 256; ++byte) {
                if (set.has(byte)) content[at + byte / 8] = static_cast<char>(static_cast<unsigned char>(content[at + byte / 8]) | 1U << byte % 8);
            }
        };
        if (before) {
            variant.flags |= sigdb::kBefore;
            put(*before, 0);
        }
        if (behind) {
            variant.flags |= sigdb::kBehind;
            put(*behind, sigdb::kClassBytes);
        }
        const auto [found, fresh] = known_edges.try_emplace(content, 0);
        if (fresh) found->second = place(as_bytes(content));
        variant.edges = found->second;
    }

    // The value bytes, and their masks behind them unless all are whole.
    void place_literal(Variant& variant, const std::vector<MaskedByte>& run) {
        Buffer content;
        bool whole = true;
        for (const auto& byte : run) {
            sigdb::put_u8(content, byte.value);
            whole = whole && byte.mask == 0xff;
        }
        if (!whole) {
            variant.flags |= sigdb::kMasked;
            for (const auto& byte : run) sigdb::put_u8(content, byte.mask);
        }
        variant.length = static_cast<std::uint32_t>(run.size());
        variant.body = place(content);
    }

    // One concatenation: a literal, or a literal with automata before and behind it, or an automaton alone.
    bool add_variant(const Items& items, Variant variant) {
        const Anchor anchor = best_anchor(items);
        const auto number = static_cast<std::uint32_t>(variants.size());
        if (anchor.window.kind == Window::Kind::none) {
            const auto code = automaton_of(items);
            if (!code) return false;
            variant.forward = place(*code);
            everywhere.push_back(number);
            variants.push_back(variant);
            slow = true;
            weak_now = true;
            return true;
        }
        place_literal(variant, anchor.run);
        const auto first = items.begin() + static_cast<std::ptrdiff_t>(anchor.first);
        const auto behind = first + static_cast<std::ptrdiff_t>(anchor.run.size());
        std::optional<ByteSet> edge_before;
        std::optional<ByteSet> edge_behind;
        if (first != items.begin()) {
            Items before;
            for (auto at = first; at != items.begin();) before.push_back(reversed(*--at));
            const auto code = automaton_of(before);
            if (!code) return false;
            variant.back = place(*code);
            edge_before = first_bytes(before);
        }
        if (behind != items.end()) {
            const Items rest{behind, items.end()};
            const auto code = automaton_of(rest);
            if (!code) return false;
            variant.forward = place(*code);
            edge_behind = first_bytes(rest);
        }
        place_edges(variant, edge_before, edge_behind);
        add_atoms(anchor.run, anchor.window, number);
        if (anchor.window.kind == Window::Kind::narrow) variant.flags |= sigdb::kNarrow;
        variants.push_back(variant);
        return true;
    }

    // Ranks count up in the order of the alternatives.
    bool add_expanded(const Items& items, Variant variant) {
        for (const auto& part : expanded(items, kMaxVariants)) {
            if (!add_variant(part, variant)) return false;
            variant.flags += 1U << sigdb::kRankShift;
        }
        return true;
    }

    bool add_regex(const Regex& regex, Variant variant) {
        return add_expanded(flattened(regex), variant);
    }

    bool add_literal(std::string_view text, bool nocase, Variant variant) {
        std::vector<Regex> items;
        for (const char c : text) {
            ByteSet set;
            set.add(static_cast<unsigned char>(c));
            items.push_back(Regex::of(nocase ? with_both_cases(set) : set));
        }
        return add_regex(Regex::sequence(std::move(items)), variant);
    }

    static Variant widened(Variant variant) {
        variant.flags |= sigdb::kWide | kWideRank << sigdb::kRankShift;
        return variant;
    }

    bool add_text(const PatternSpec& spec, std::uint32_t pattern, PatternError& why) {
        if (spec.body.empty()) {
            why = {0, "the string is empty"};
            return false;
        }
        Variant plain;
        plain.slot = pattern;
        if (spec.fullword) plain.flags |= sigdb::kFullword;
        const Variant wide = widened(plain);
        if (spec.base64 || spec.base64wide) return add_base64(spec, plain, why);
        const bool ascii = spec.ascii || !spec.wide;
        if (spec.has_xor) {
            if (spec.body.size() > kMaxXorBytes) {
                why = {0, fmt::format("a string with xor may have {} bytes at most", kMaxXorBytes)};
                return false;
            }
            for (unsigned key = spec.xor_min; key <= spec.xor_max; ++key) {
                const auto mixed = [&](std::string text) {
                    for (char& c : text) c = static_cast<char>(static_cast<unsigned char>(c) ^ key);
                    return text;
                };
                const auto keyed = [&](Variant variant) {
                    variant.flags |= key << sigdb::kXorShift;
                    return variant;
                };
                if (ascii) add_literal(mixed(spec.body), false, keyed(plain));
                if (spec.wide) add_literal(mixed(wide_text(spec.body)), false, keyed(wide));
            }
            return true;
        }
        if (ascii) add_literal(spec.body, spec.nocase, plain);
        if (spec.wide) add_literal(wide_text(spec.body), spec.nocase, wide);
        return true;
    }

    bool add_base64(const PatternSpec& spec, const Variant& plain, PatternError& why) {
        const std::string_view alphabet = spec.base64_alphabet.empty() ? kBase64 : std::string_view{spec.base64_alphabet};
        if (alphabet.size() != 64) {
            why = {0, "a base64 alphabet has 64 characters"};
            return false;
        }
        std::vector<std::string> sources;
        if (spec.ascii || !spec.wide) sources.push_back(spec.body);
        if (spec.wide) sources.push_back(wide_text(spec.body));
        bool any = false;
        for (const auto& source : sources) {
            for (const auto& form : base64_forms(source, alphabet)) {
                if (form.empty()) continue;
                any = true;
                if (spec.base64) add_literal(form, false, plain);
                if (spec.base64wide) add_literal(wide_text(form), false, plain);
            }
        }
        if (!any) why = {0, "the string is too short for base64"};
        return any;
    }

    bool add_expression(const PatternSpec& spec, std::uint32_t pattern, PatternError& why) {
        const auto parsed = parse_regex(spec.body, {spec.nocase, spec.dot_all}, why);
        if (!parsed) return false;
        Variant plain;
        plain.slot = pattern;
        if (spec.fullword) plain.flags |= sigdb::kFullword;
        if (parsed->greedy) plain.flags |= sigdb::kGreedy;
        const std::vector<Part> cut = parts_of(parsed->root);
        const std::uint32_t first = begin_parts(cut, pattern);
        bool fits = true;
        if (spec.ascii || !spec.wide) fits = add_parts(cut, plain, first);
        if (fits && spec.wide) fits = add_parts(cut, widened(plain), first);
        if (!fits) why = {0, "the regular expression is too large: its repeats multiply"};
        return fits;
    }

    bool add_hex(const PatternSpec& spec, std::uint32_t pattern, PatternError& why) {
        const auto parsed = parse_hex(spec.body, why);
        if (!parsed) return false;
        const std::vector<Part> cut = parts_of(*parsed);
        Variant plain;
        plain.slot = pattern;
        const bool fits = add_parts(cut, plain, begin_parts(cut, pattern));
        if (!fits) why = {0, "the hex string is too large"};
        return fits;
    }

    // The parts between long jumps of the outermost level.
    static std::vector<Part> parts_of(const Regex& root) {
        std::vector<Part> cut(1);
        const bool row = root.kind == Regex::Kind::concat;
        const std::size_t count = row ? root.items.size() : 1;
        for (std::size_t i = 0; i < count; ++i) {
            const Regex& item = row ? root.items[i] : root;
            const bool long_jump = item.jump && (item.most == Regex::kNoEnd || item.most > kLongJump);
            if (long_jump && i > 0 && i + 1 < count) {
                cut.push_back({{}, item.least, item.most});
            } else {
                cut.back().items.push_back(item);
            }
        }
        return cut;
    }

    // Several parts have slots of their own, numbered behind all patterns when these are known. Gives the first.
    std::uint32_t begin_parts(const std::vector<Part>& cut, std::uint32_t pattern) {
        if (cut.size() == 1) return pattern;
        const std::uint32_t first = kPartSlot | parts;
        Chain chain;
        chain.pattern = pattern;
        for (const auto& part : cut) {
            chain.parts.push_back({parts++, {part.least, part.most}});
            pattern_of_part.push_back(pattern);
        }
        chains.push_back(std::move(chain));
        return first;
    }

    bool add_parts(const std::vector<Part>& cut, Variant variant, std::uint32_t first) {
        variant.slot = first;
        for (const auto& part : cut) {
            Regex row = Regex::sequence(part.items);
            if ((variant.flags & sigdb::kWide) != 0) row = compile::widened(row);
            if (!add_regex(row, variant)) return false;
            ++variant.slot;
        }
        return true;
    }
};

PatternSetBuilder::PatternSetBuilder() : impl_{std::make_unique<Impl>()} {}
PatternSetBuilder::PatternSetBuilder(PatternSetBuilder&&) noexcept = default;
PatternSetBuilder& PatternSetBuilder::operator=(PatternSetBuilder&&) noexcept = default;
PatternSetBuilder::~PatternSetBuilder() = default;

std::uint32_t PatternSetBuilder::count() const { return impl_->patterns; }

void PatternSetBuilder::use(std::uint32_t pattern, std::uint64_t most_bytes, const Heads& heads) {
    std::uint64_t& most = impl_->most_bytes[pattern];
    most = std::max(most, most_bytes);
    Heads& known = impl_->heads[pattern];
    if (!known || !heads) {
        known.reset();
        return;
    }
    std::vector<std::uint16_t> both;
    std::set_union(known->begin(), known->end(), heads->begin(), heads->end(), std::back_inserter(both));
    known = std::move(both);
}

void PatternSetBuilder::ask(const Heads& heads) { impl_->asked.push_back(heads); }

const std::vector<std::uint32_t>& PatternSetBuilder::heads() const { return impl_->sieve_heads; }

bool PatternSetBuilder::concerns(std::size_t place, const Heads& heads) const {
    if (!heads) return true;
    const auto& all = impl_->sieve_heads;
    if (place > 0) return std::binary_search(heads->begin(), heads->end(), static_cast<std::uint16_t>(all[place]));
    return !std::ranges::all_of(*heads, [&](std::uint32_t head) { return std::find(all.begin(), all.end(), head) != all.end(); });
}

bool PatternSetBuilder::weak(std::uint32_t pattern) const { return impl_->weak[pattern]; }

std::optional<PatternFacts> PatternSetBuilder::add(const PatternSpec& spec, PatternError& why) {
    Impl& set = *impl_;
    const Impl::Key key{static_cast<int>(spec.kind), spec.body, spec.nocase, spec.wide, spec.ascii, spec.fullword, spec.dot_all, spec.has_xor,
                        spec.xor_min, spec.xor_max, spec.base64, spec.base64wide, spec.base64_alphabet};
    if (const auto found = set.known.find(key); found != set.known.end()) return found->second;
    // A refused pattern leaves nothing behind.
    const std::size_t variants = set.variants.size();
    const std::size_t bytes = set.bytes.size();
    const std::size_t everywhere = set.everywhere.size();
    const std::size_t chains = set.chains.size();
    const std::uint32_t parts = set.parts;
    const std::array<std::size_t, 2> atoms{set.atoms[0].size(), set.atoms[1].size()};
    std::array<std::size_t, kNarrowBytes> short_atoms{};
    for (std::size_t i = 0; i < kNarrowBytes; ++i) short_atoms[i] = set.short_atoms[i].size();
    set.slow = false;
    set.weak_now = false;
    bool added = false;
    switch (spec.kind) {
        case PatternSpec::Kind::text: added = set.add_text(spec, set.patterns, why); break;
        case PatternSpec::Kind::regex: added = set.add_expression(spec, set.patterns, why); break;
        case PatternSpec::Kind::hex: added = set.add_hex(spec, set.patterns, why); break;
    }
    if (!added) {
        set.variants.resize(variants);
        set.bytes.resize(bytes);
        set.everywhere.resize(everywhere);
        set.chains.resize(chains);
        set.parts = parts;
        set.pattern_of_part.resize(parts);
        std::erase_if(set.known_edges, [&](const auto& entry) { return entry.second >= bytes; });
        for (std::size_t i = 0; i < atoms.size(); ++i) set.atoms[i].resize(atoms[i]);
        for (std::size_t i = 0; i < kNarrowBytes; ++i) set.short_atoms[i].resize(short_atoms[i]);
        return std::nullopt;
    }
    const PatternFacts facts{set.patterns++, set.slow};
    set.known.emplace(key, facts);
    set.most_bytes.push_back(0);
    set.heads.emplace_back(std::vector<std::uint16_t>{});
    set.weak.push_back(set.weak_now);
    return facts;
}

namespace {

void sort_atoms(std::vector<Atom>& atoms) {
    std::stable_sort(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) {
        return std::tie(a.low, a.high, a.variant, a.distance) < std::tie(b.low, b.high, b.variant, b.distance);
    });
}

void put_atoms(Buffer& out, const std::vector<Atom>& atoms) {
    for (const auto& atom : atoms) {
        sigdb::put_u32(out, atom.variant);
        sigdb::put_u32(out, atom.distance);
        sigdb::put_u64(out, atom.value);
        sigdb::put_u64(out, atom.mask);
    }
}

// Atoms with one key, one after the other.
struct Run {
    std::uint32_t low;
    std::uint32_t high;
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t bits;
};

std::vector<Run> runs_of(const std::vector<Atom>& atoms, std::uint32_t first) {
    std::vector<Run> runs;
    for (const auto& atom : atoms) {
        if (runs.empty() || runs.back().low != atom.low || runs.back().high != atom.high) runs.push_back({atom.low, atom.high, first, 0, 0});
        ++runs.back().count;
        runs.back().bits |= atom.bits;
        ++first;
    }
    return runs;
}

// All sieves: their filters, the tables from keys to runs, and the atoms.
struct Sieves {
    Buffer table;
    Buffer filters;
    Buffer windows;
    Buffer tags;
    Buffer atoms;
    std::uint32_t count = 0;

    std::uint32_t atom_count() const { return static_cast<std::uint32_t>(atoms.size() / sigdb::kAtomBytes); }

    void add(sigdb::SieveKind kind, std::uint32_t head, std::vector<Atom> chosen) {
        sort_atoms(chosen);
        const auto runs = runs_of(chosen, atom_count());
        put_atoms(atoms, chosen);
        const auto first_word = static_cast<std::uint32_t>(filters.size() / 4);
        const auto first_window = static_cast<std::uint32_t>(windows.size() / sigdb::kWindowBytes);
        const auto first_tag = static_cast<std::uint32_t>(tags.size());
        const std::uint32_t filter_bits = runs.empty() ? 0 : add_filter(kind, runs);
        const std::uint32_t window_bits = runs.empty() ? 0 : add_windows(runs);
        for (const std::uint32_t word : {static_cast<std::uint32_t>(kind), head, first_word, filter_bits, first_window, window_bits, first_tag}) sigdb::put_u32(table, word);
        ++count;
    }

private:
    // Sixteen bits for each key keep false hits rare; many more would leave the caches.
    std::uint32_t add_filter(sigdb::SieveKind kind, const std::vector<Run>& runs) {
        std::uint32_t bits = kFirstFilterBits;
        while (bits < kMaxFilterBits && (std::size_t{32} << bits) < (bits < kCachedFilterBits ? 32 : 16) * runs.size()) ++bits;
        std::vector<std::uint32_t> words(std::size_t{1} << bits);
        for (const auto& run : runs) {
            const std::uint32_t hash = sigdb::window_hash(run.low, 0);
            const std::uint32_t mask = kind == sigdb::SieveKind::wide ? 1U << sigdb::wide_bits(hash, 0, 0, bits).first | run.bits : sigdb::filter_mask(hash, bits);
            words[sigdb::filter_word(hash, bits)] |= mask;
        }
        for (const std::uint32_t word : words) sigdb::put_u32(filters, word);
        return bits;
    }

    std::uint32_t add_windows(const std::vector<Run>& runs) {
        std::uint32_t bits = 4;
        while ((std::size_t{1} << bits) < 2 * runs.size()) ++bits;
        for (;; ++bits) {
            const std::uint32_t size = 1U << bits;
            std::vector<Run> slots(size, Run{0, 0, 0, 0, 0});
            const bool fits = std::all_of(runs.begin(), runs.end(), [&](const Run& run) {
                std::uint32_t at = sigdb::filter_word(sigdb::window_hash(run.low, run.high), bits);
                std::uint32_t probes = 0;
                while (slots[at].count != 0 && ++probes < sigdb::kMaxProbes) at = (at + 1) & (size - 1);
                if (slots[at].count != 0) return false;
                slots[at] = run;
                return true;
            });
            if (!fits) continue;
            const auto tag_of = [&](const Run& slot) { return slot.count == 0 ? std::uint8_t{0} : sigdb::window_tag(sigdb::window_hash(slot.low, slot.high)); };
            for (const auto& slot : slots) {
                for (const std::uint32_t word : {slot.low, slot.high, slot.first, slot.count}) sigdb::put_u32(windows, word);
                sigdb::put_u8(tags, tag_of(slot));
            }
            for (std::uint32_t i = 0; i < sigdb::kTagsAtOnce; ++i) sigdb::put_u8(tags, tag_of(slots[i]));
            return bits;
        }
    }
};

}  // namespace

Status PatternSetBuilder::finish(sigdb::Writer& writer) {
    Impl& set = *impl_;
    constexpr std::uint32_t kMost = 0x7fff'ffff;
    if (set.patterns + set.parts > kMost || set.variants.size() > kMost || set.bytes.size() > kMost) {
        return fail(Code::over_limit, "more patterns than a database can number");
    }
    Buffer variants;
    for (const auto& variant : set.variants) {
        const bool part = (variant.slot & kPartSlot) != 0;
        const std::uint32_t number = variant.slot & ~kPartSlot;
        const std::uint64_t most = set.most_bytes[part ? set.pattern_of_part[number] : number];
        sigdb::put_u32(variants, part ? set.patterns + number : number);
        for (const std::uint32_t field : {variant.flags, variant.body, variant.length, variant.back, variant.forward}) {
            sigdb::put_u32(variants, field);
        }
        sigdb::put_u32(variants, static_cast<std::uint32_t>(std::min<std::uint64_t>(most, sigdb::kAnySize)));
        sigdb::put_u32(variants, variant.edges);
    }
    Buffer weak((std::size_t{set.patterns} + set.parts + 7) / 8);
    const auto mark_weak = [&](std::uint32_t slot) { weak[slot >> 3] = static_cast<std::uint8_t>(weak[slot >> 3] | 1U << (slot & 7)); };
    for (std::uint32_t pattern = 0; pattern < set.patterns; ++pattern) {
        if (set.weak[pattern]) mark_weak(pattern);
    }
    for (std::uint32_t part = 0; part < set.parts; ++part) {
        if (set.weak[set.pattern_of_part[part]]) mark_weak(set.patterns + part);
    }

    Sieves sieves;
    set.choose_heads();
    for (std::size_t place = 0; place < set.sieve_heads.size(); ++place) {
        for (const auto kind : {sigdb::SieveKind::wide, sigdb::SieveKind::narrow}) {
            std::vector<Atom> chosen;
            for (const auto& atom : set.atoms[static_cast<std::size_t>(kind)]) {
                if (concerns(place, set.heads_of(set.variants[atom.variant & ~sigdb::kNearBefore]))) chosen.push_back(atom);
            }
            sieves.add(kind, set.sieve_heads[place], std::move(chosen));
        }
    }

    // Atoms of three bytes are looked for by their first two, the rest is compared with the literal.
    std::vector<Atom> pairs = set.short_atoms[2];
    for (auto atom : set.short_atoms[3]) {
        atom.low &= 0xffff;
        pairs.push_back(atom);
    }
    sort_atoms(pairs);
    sort_atoms(set.short_atoms[1]);
    const std::uint32_t first_pair = sieves.atom_count();
    const auto first_single = first_pair + static_cast<std::uint32_t>(pairs.size());
    put_atoms(sieves.atoms, pairs);
    put_atoms(sieves.atoms, set.short_atoms[1]);
    Buffer short_section;
    const std::size_t shorts = pairs.size() + set.short_atoms[1].size();
    if (shorts > 0) {
        // A bitmap over all pairs of folded bytes, then the first atom of each pair and of each single byte.
        Buffer bitmap(65'536 / 8);
        const auto mark = [&](std::uint32_t pair) { bitmap[pair >> 3] = static_cast<std::uint8_t>(bitmap[pair >> 3] | 1U << (pair & 7)); };
        std::vector<std::uint32_t> pair_index(65'537, first_pair);
        std::vector<std::uint32_t> single_index(257, first_single);
        for (const auto& atom : pairs) {
            mark(atom.low);
            ++pair_index[atom.low + 1];
        }
        for (const auto& atom : set.short_atoms[1]) {
            ++single_index[atom.low + 1];
            for (std::uint32_t second = 0; second < 256; ++second) mark(atom.low | second << 8);
        }
        for (std::size_t i = 1; i < pair_index.size(); ++i) pair_index[i] += pair_index[i - 1] - first_pair;
        for (std::size_t i = 1; i < single_index.size(); ++i) single_index[i] += single_index[i - 1] - first_single;
        sigdb::put_bytes(short_section, bitmap);
        for (const std::uint32_t first : pair_index) sigdb::put_u32(short_section, first);
        for (const std::uint32_t first : single_index) sigdb::put_u32(short_section, first);
    }

    // The short atoms of each slot.
    std::vector<std::vector<std::uint32_t>> short_of(std::size_t{set.patterns} + set.parts);
    std::uint32_t short_number = first_pair;
    for (const auto* list : {&std::as_const(pairs), &std::as_const(set.short_atoms[1])}) {
        for (const auto& atom : *list) {
            const std::uint32_t slot = set.variants[atom.variant].slot;
            short_of[(slot & kPartSlot) != 0 ? set.patterns + (slot & ~kPartSlot) : slot].push_back(short_number++);
        }
    }
    Buffer short_of_section;
    std::uint32_t short_offset = 0;
    for (const auto& list : short_of) {
        sigdb::put_u32(short_of_section, short_offset);
        short_offset += static_cast<std::uint32_t>(list.size());
    }
    sigdb::put_u32(short_of_section, short_offset);
    for (const auto& list : short_of) {
        for (const std::uint32_t atom : list) sigdb::put_u32(short_of_section, atom);
    }

    Buffer everywhere;
    for (const std::uint32_t variant : set.everywhere) sigdb::put_u32(everywhere, variant);
    Buffer chains;
    for (const auto& chain : set.chains) {
        sigdb::put_u32(chains, chain.pattern);
        sigdb::put_u32(chains, static_cast<std::uint32_t>(chain.parts.size()));
        for (const auto& [slot, jump] : chain.parts) {
            sigdb::put_u32(chains, set.patterns + slot);
            sigdb::put_u32(chains, jump.first);
            sigdb::put_u32(chains, jump.second);
        }
    }
    Buffer summary;
    sigdb::put_u32(summary, set.patterns);
    sigdb::put_u32(summary, set.patterns + set.parts);
    sigdb::put_u32(summary, static_cast<std::uint32_t>(set.variants.size()));
    sigdb::put_u32(summary, static_cast<std::uint32_t>(set.chains.size()));
    sigdb::put_u32(summary, sieves.count);

    writer.add(sigdb::SectionId::pattern_summary, std::move(summary));
    writer.add(sigdb::SectionId::pattern_variants, std::move(variants));
    writer.add(sigdb::SectionId::pattern_bytes, std::move(set.bytes));
    writer.add(sigdb::SectionId::pattern_filter, std::move(sieves.filters));
    writer.add(sigdb::SectionId::pattern_windows, std::move(sieves.windows));
    writer.add(sigdb::SectionId::pattern_atoms, std::move(sieves.atoms));
    writer.add(sigdb::SectionId::pattern_short, std::move(short_section));
    writer.add(sigdb::SectionId::pattern_everywhere, std::move(everywhere));
    writer.add(sigdb::SectionId::pattern_chains, std::move(chains));
    writer.add(sigdb::SectionId::pattern_weak, std::move(weak));
    writer.add(sigdb::SectionId::pattern_short_of, std::move(short_of_section));
    writer.add(sigdb::SectionId::pattern_tags, std::move(sieves.tags));
    writer.add(sigdb::SectionId::pattern_sieves, std::move(sieves.table));
    return done();
}

}  // namespace ward::compile
