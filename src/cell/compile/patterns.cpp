// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/patterns.h"

#include "cell/compile/internal/regex.h"
#include "cell/sigdb/automaton.h"
#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <tuple>

namespace ward::compile {

namespace {

// A part of a pattern ends where a jump may be longer than this: the parts are found by themselves and joined afterwards.
constexpr std::uint32_t kLongJump = 200;
// A pattern becomes several variants when its alternatives hold better literals than what stands around them.
constexpr std::size_t kMaxVariants = 64;
constexpr std::uint32_t kPartSlot = 0x8000'0000;
constexpr std::uint32_t kWideRank = 64;  // behind all variants of the ascii form
constexpr std::size_t kMaxXorBytes = 4096;
constexpr std::size_t kWindowBytes = 4;
constexpr std::uint32_t kFirstFilterBits = 15;  // 4 KiB: stays in the first cache with the text itself
constexpr std::uint32_t kMaxFilterBits = 22;

// How much a byte tells: what is common in programs and texts tells little.
int rarity(std::uint8_t byte) {
    if (byte == 0x00) return 1;
    if (byte == 0xff || byte == 0x20 || byte == 0xcc || byte == 0x90 || byte == 0x0a || byte == 0x0d) return 3;
    const auto folded = static_cast<std::uint8_t>(byte | 0x20);
    if (folded == 'e' || folded == 't' || folded == 'a' || folded == 'i' || folded == 'n' || folded == 'o' || folded == 's' ||
        folded == 'r') {
        return 5;
    }
    if (folded >= 'a' && folded <= 'z') return 7;
    if (byte >= '0' && byte <= '9') return 6;
    if (byte < 0x10) return 4;
    return 9;
}

struct Window {
    std::size_t start = 0;
    std::size_t length = 0;  // at most kWindowBytes
    int score = 0;
};

// Bytes whose value is known up to bit 5, which the keys leave out.
bool concrete(MaskedByte byte) { return (byte.mask | 0x20) == 0xff; }

// The window of a masked literal that is rarest in files.
Window best_window(const std::vector<MaskedByte>& bytes) {
    Window best;
    for (std::size_t start = 0; start < bytes.size(); ++start) {
        Window window{start, 0, 0};
        std::array<std::uint8_t, kWindowBytes> seen{};
        for (std::size_t i = start; i < bytes.size() && i < start + kWindowBytes && concrete(bytes[i]); ++i) {
            const bool again = std::find(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(window.length), bytes[i].value) !=
                               seen.begin() + static_cast<std::ptrdiff_t>(window.length);
            seen[window.length++] = bytes[i].value;
            window.score += again ? 1 : rarity(bytes[i].value);
        }
        // A full window costs a look into one table, a shorter one candidates everywhere.
        window.score += static_cast<int>(window.length) * 20;
        if (window.length > 0 && window.score > best.score) best = window;
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
        if (reached <= score) continue;
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
    std::uint32_t key = 0;       // folded, little-endian
    std::uint32_t variant = 0;
    std::uint32_t distance = 0;  // from the literal's first byte to the window
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
    std::vector<Atom> atoms;                        // of four bytes
    std::array<std::vector<Atom>, kWindowBytes> short_atoms;  // by length
    std::vector<std::uint32_t> everywhere;
    struct Chain {
        std::uint32_t pattern;
        std::vector<std::pair<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>>> parts;  // slot, jump before it
    };
    std::vector<Chain> chains;
    std::uint32_t parts = 0;
    bool slow = false;
    std::vector<std::uint64_t> most_bytes;           // by pattern: 0 when no rule needs it
    std::vector<bool> weak;                          // by pattern
    std::vector<std::uint32_t> pattern_of_part;
    std::map<std::string, std::uint32_t> known_edges;
    bool weak_now = false;                           // of the pattern in hand

    std::uint32_t place(Bytes content) {
        const auto at = static_cast<std::uint32_t>(bytes.size());
        sigdb::put_bytes(bytes, content);
        sigdb::pad_to(bytes, 4);
        return at;
    }

    void add_atom(const std::vector<MaskedByte>& run, const Window& window, std::uint32_t variant) {
        Atom atom;
        atom.variant = variant;
        atom.distance = static_cast<std::uint32_t>(window.start);
        for (std::size_t i = 0; i < window.length; ++i) {
            atom.key |= static_cast<std::uint32_t>(run[window.start + i].value | 0x20) << (8 * i);
        }
        if (window.length == kWindowBytes) {
            atoms.push_back(atom);
        } else {
            short_atoms[window.length].push_back(atom);
            slow = slow || window.length < 2;
            weak_now = true;
        }
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
        if (anchor.window.length == 0) {
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
        add_atom(anchor.run, anchor.window, number);
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

void PatternSetBuilder::use(std::uint32_t pattern, std::uint64_t most_bytes) {
    std::uint64_t& most = impl_->most_bytes[pattern];
    most = std::max(most, most_bytes);
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
    const std::size_t atoms = set.atoms.size();
    std::array<std::size_t, kWindowBytes> short_atoms{};
    for (std::size_t i = 0; i < kWindowBytes; ++i) short_atoms[i] = set.short_atoms[i].size();
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
        set.atoms.resize(atoms);
        for (std::size_t i = 0; i < kWindowBytes; ++i) set.short_atoms[i].resize(short_atoms[i]);
        return std::nullopt;
    }
    const PatternFacts facts{set.patterns++, set.slow};
    set.known.emplace(key, facts);
    set.most_bytes.push_back(0);
    set.weak.push_back(set.weak_now);
    return facts;
}

namespace {

// Runs of atoms with one key, and a table from key to run.
struct WindowTable {
    Buffer slots;
    std::uint32_t bits = 0;
};

void sort_atoms(std::vector<Atom>& atoms) {
    std::stable_sort(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) {
        return std::tie(a.key, a.variant, a.distance) < std::tie(b.key, b.variant, b.distance);
    });
}

struct Run {
    std::uint32_t key;
    std::uint32_t first;
    std::uint32_t count;
};

std::vector<Run> runs_of(const std::vector<Atom>& atoms, std::uint32_t first) {
    std::vector<Run> runs;
    for (const auto& atom : atoms) {
        if (runs.empty() || runs.back().key != atom.key) runs.push_back({atom.key, first, 0});
        ++runs.back().count;
        ++first;
    }
    return runs;
}

WindowTable table_of(const std::vector<Run>& runs) {
    WindowTable table;
    table.bits = 4;
    while ((std::size_t{1} << table.bits) < 2 * runs.size()) ++table.bits;
    for (;; ++table.bits) {
        const std::uint32_t size = 1U << table.bits;
        std::vector<Run> slots(size, Run{0, 0, 0});
        bool fits = true;
        for (const auto& run : runs) {
            std::uint32_t at = sigdb::window_hash(run.key, table.bits);
            std::uint32_t probes = 0;
            while (slots[at].count != 0 && ++probes < sigdb::kMaxProbes) at = (at + 1) & (size - 1);
            if (slots[at].count != 0) {
                fits = false;
                break;
            }
            slots[at] = run;
        }
        if (!fits) continue;
        for (const auto& slot : slots) {
            sigdb::put_u32(table.slots, slot.key);
            sigdb::put_u32(table.slots, slot.first);
            sigdb::put_u32(table.slots, slot.count);
        }
        return table;
    }
}

void put_atoms(Buffer& out, const std::vector<Atom>& atoms) {
    for (const auto& atom : atoms) {
        sigdb::put_u32(out, atom.variant);
        sigdb::put_u32(out, atom.distance);
    }
}

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

    // Eight bits of the filter for each key keep false hits rare; a larger one would leave the caches.
    sort_atoms(set.atoms);
    const auto runs = runs_of(set.atoms, 0);
    std::uint32_t filter_bits = kFirstFilterBits;
    while (filter_bits < kMaxFilterBits && (std::size_t{1} << filter_bits) < 16 * runs.size()) ++filter_bits;
    Buffer filter((std::size_t{1} << filter_bits) / 8);
    for (const auto& run : runs) {
        const std::uint32_t bit = sigdb::window_hash(run.key, filter_bits);
        filter[bit >> 3] = static_cast<std::uint8_t>(filter[bit >> 3] | 1U << (bit & 7));
    }

    // Atoms of three bytes are looked for by their first two, the rest is compared with the literal.
    std::vector<Atom> pairs = set.short_atoms[2];
    for (auto atom : set.short_atoms[3]) {
        atom.key &= 0xffff;
        pairs.push_back(atom);
    }
    sort_atoms(pairs);
    sort_atoms(set.short_atoms[1]);
    const auto first_pair = static_cast<std::uint32_t>(set.atoms.size());
    const auto first_single = first_pair + static_cast<std::uint32_t>(pairs.size());
    Buffer atoms;
    put_atoms(atoms, set.atoms);
    put_atoms(atoms, pairs);
    put_atoms(atoms, set.short_atoms[1]);
    Buffer short_section;
    const std::size_t shorts = pairs.size() + set.short_atoms[1].size();
    if (shorts > 0) {
        // A bitmap over all pairs of folded bytes, then the first atom of each pair and of each single byte.
        Buffer bitmap(65'536 / 8);
        const auto mark = [&](std::uint32_t pair) { bitmap[pair >> 3] = static_cast<std::uint8_t>(bitmap[pair >> 3] | 1U << (pair & 7)); };
        std::vector<std::uint32_t> pair_index(65'537, first_pair);
        std::vector<std::uint32_t> single_index(257, first_single);
        for (const auto& atom : pairs) {
            mark(atom.key);
            ++pair_index[atom.key + 1];
        }
        for (const auto& atom : set.short_atoms[1]) {
            ++single_index[atom.key + 1];
            for (std::uint32_t second = 0; second < 256; ++second) mark(atom.key | second << 8);
        }
        for (std::size_t i = 1; i < pair_index.size(); ++i) pair_index[i] += pair_index[i - 1] - first_pair;
        for (std::size_t i = 1; i < single_index.size(); ++i) single_index[i] += single_index[i - 1] - first_single;
        sigdb::put_bytes(short_section, bitmap);
        for (const std::uint32_t first : pair_index) sigdb::put_u32(short_section, first);
        for (const std::uint32_t first : single_index) sigdb::put_u32(short_section, first);
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
    const WindowTable windows = table_of(runs);
    Buffer summary;
    sigdb::put_u32(summary, set.patterns);
    sigdb::put_u32(summary, set.patterns + set.parts);
    sigdb::put_u32(summary, static_cast<std::uint32_t>(set.variants.size()));
    sigdb::put_u32(summary, filter_bits);
    sigdb::put_u32(summary, windows.bits);
    sigdb::put_u32(summary, static_cast<std::uint32_t>(set.chains.size()));

    writer.add(sigdb::SectionId::pattern_summary, std::move(summary));
    writer.add(sigdb::SectionId::pattern_variants, std::move(variants));
    writer.add(sigdb::SectionId::pattern_bytes, std::move(set.bytes));
    writer.add(sigdb::SectionId::pattern_filter, std::move(filter));
    writer.add(sigdb::SectionId::pattern_windows, windows.slots);
    writer.add(sigdb::SectionId::pattern_atoms, std::move(atoms));
    writer.add(sigdb::SectionId::pattern_short, std::move(short_section));
    writer.add(sigdb::SectionId::pattern_everywhere, std::move(everywhere));
    writer.add(sigdb::SectionId::pattern_chains, std::move(chains));
    writer.add(sigdb::SectionId::pattern_weak, std::move(weak));
    return done();
}

}  // namespace ward::compile
