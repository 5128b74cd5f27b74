// SPDX-License-Identifier: Apache-2.0
#include "cell/match/rules.h"

#include "cell/match/internal/evaluator.h"
#include "cell/match/patterns.h"
#include "cell/modules/dump.h"
#include "cell/sigdb/conditions.h"
#include "model/encode.h"
#include "model/verdict.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <iterator>
#include <limits>
#include <unordered_map>

namespace ward::match {

namespace {

constexpr std::uint64_t kMaxRules = 1U << 26;
constexpr std::uint64_t kFewBytes = 512;
constexpr std::size_t kMostPruned = 64;     // of the patterns that settle a rule, so many are tried whether they are needed
constexpr std::uint64_t kFewSufficeBytes = 128 * 1024;  // in less nothing is looked for so long that leaving off would save time
constexpr std::uint32_t kSearchWork = 16;   // of the deadline: to look a text up among the keys
constexpr std::uint32_t kPieceWork = 4096;  // of the deadline: to read one from a process, beside looking through it

}  // namespace

// A file, or the memory of a process.
struct RuleScanner::Subject {
    Bytes bytes;
    Memory* memory = nullptr;

    // As they are now: a process may have changed them since they matched.
    std::string text(std::uint64_t offset, std::uint64_t count) const {
        if (memory != nullptr) return std::string{as_text(memory->read(offset, count))};
        const auto found = slice(bytes, offset, count);
        return found ? std::string{as_text(*found)} : std::string{};
    }
};

struct RuleScanner::Impl {
    explicit Impl(PatternScanner scanner) : patterns{std::move(scanner)} {}

    PatternScanner patterns;
    sigdb::Numbers<std::uint32_t> rules;
    sigdb::Numbers<std::uint32_t> strings;
    sigdb::Numbers<std::uint32_t> tags;
    sigdb::Numbers<std::uint32_t> metas;
    sigdb::Numbers<std::uint32_t> code;
    sigdb::Numbers<std::uint32_t> always;
    sigdb::Numbers<std::uint32_t> keys;
    sigdb::Numbers<std::uint32_t> users;
    sigdb::Numbers<std::uint32_t> externals;
    sigdb::Numbers<std::uint32_t> globals;
    sigdb::Numbers<std::uint32_t> weak;
    Bytes texts;
    Bytes regexes;
    std::vector<const modules::Declaration*> modules;  // nothing for a name that is none
    std::uint64_t rule_count = 0;

    std::uint32_t field(std::uint32_t rule, sigdb::RuleField which) const {
        return rules[std::size_t{rule} * sigdb::kRuleWords + which];
    }

    // Says of each rule with this pattern that it has too many hits.
    void warn_of(std::uint32_t pattern, std::vector<std::string>& out) const {
        each_user(pattern, [&](std::uint32_t rule) {
            const std::size_t first = field(rule, sigdb::kFirstString);
            const std::size_t total = strings.size() / sigdb::kStringWords;
            for (std::size_t i = first; i < total && i < first + field(rule, sigdb::kStringCount) && out.size() < Verdict::kMaxWarnings; ++i) {
                if (strings[i * sigdb::kStringWords] != pattern) continue;
                out.push_back(fmt::format("rule \"{}\": too many matches for {}, results for this rule may be incorrect",
                                          text_of(texts, field(rule, sigdb::kRuleName)), text_of(texts, strings[i * sigdb::kStringWords + 1])));
            }
            return out.size() < Verdict::kMaxWarnings;
        });
    }

    // Calls use(rule) for the rules with the pattern, in their order, as long as it wants more.
    template <class Use>
    void each_user(std::uint32_t pattern, Use use) const {
        const std::size_t base = std::size_t{patterns.pattern_count()} + 1;
        const std::size_t end = std::min<std::size_t>(users[std::size_t{pattern} + 1], users.size() < base ? 0 : users.size() - base);
        for (std::size_t i = users[pattern]; i < end; ++i) {
            const std::uint32_t rule = users[base + i];
            if (rule < rule_count && !use(rule)) return;
        }
    }

    // Calls use(rule) for the rules of a table by head: heads, heads + 1 offsets, then the rules, then pairs of head and rule for texts that
    // begin in some other way. A text of one byte may call it more than once for a rule.
    template <class Use>
    static void each_of_head(const sigdb::Numbers<std::uint32_t>& table, std::uint32_t head, Bytes text, Use use) {
        const std::size_t base = std::size_t{table[0]} + 2;
        if (head >= table[0] || base > table.size()) return;
        const std::size_t end = std::min(base + table[std::size_t{head} + 2], table.size());
        for (std::size_t i = base + table[std::size_t{head} + 1]; i < end; ++i) use(table[i]);
        if (head != 0 || text.empty()) return;
        const std::size_t first = std::min(base + table[base - 1], table.size());
        const std::size_t pairs = (table.size() - first) / 2;
        if (text.size() == 1) {
            for (std::size_t i = 0; i < pairs; ++i) {
                if ((table[first + 2 * i] & 0xff) == text[0]) use(table[first + 2 * i + 1]);
            }
            return;
        }
        const std::uint32_t value = sigdb::load<std::uint16_t>(text.data());
        std::size_t low = 0;
        for (std::size_t high = pairs; low < high;) {
            const std::size_t middle = low + (high - low) / 2;
            if (table[first + 2 * middle] < value) low = middle + 1;
            else high = middle;
        }
        for (; low < pairs && table[first + 2 * low] == value; ++low) use(table[first + 2 * low + 1]);
    }

    // Calls `use` with the rules that a text in a module may make true, as long as there is time.
    template <class Use>
    void each_keyed(std::uint32_t head, Evaluator& evaluator, Deadline& deadline, Use use) const {
        const std::size_t kinds = std::min<std::size_t>(keys[0], keys.size() / sigdb::kRuleKeyWords);
        const std::size_t entries = 1 + kinds * sigdb::kRuleKeyWords;
        const auto entry = [&](std::size_t number, std::size_t which) { return keys[entries + number * sigdb::kKeyEntryWords + which]; };
        for (std::size_t kind = 1; kind < entries && !deadline.passed(); kind += sigdb::kRuleKeyWords) {
            if ((keys[kind + sigdb::kKeyHeads] >> (head & 31) & 1) == 0) continue;
            const auto* object = evaluator.object_at(keys[kind + sigdb::kKeyWord], keys[kind + sigdb::kKeyWords]);
            if (object == nullptr) continue;
            const std::uint32_t field = keys[kind + sigdb::kKeyField];
            const std::size_t first = keys[kind + sigdb::kKeyFirst];
            const std::size_t end = std::min<std::size_t>(first + keys[kind + sigdb::kKeyCount], keys.size() / sigdb::kKeyEntryWords);
            const auto look_up = [&](const modules::Value& value) {
                const auto* text = std::get_if<std::string_view>(&value);
                if (text == nullptr || deadline.passed(kSearchWork)) return;
                std::size_t low = first;
                for (std::size_t high = end; low < high;) {
                    const std::size_t middle = low + (high - low) / 2;
                    if (text_of(texts, entry(middle, 0)) < *text) low = middle + 1;
                    else high = middle;
                }
                for (; low < end && text_of(texts, entry(low, 0)) == *text && !deadline.passed(); ++low) use(entry(low, 1));
            };
            if (object->type() == modules::Type::structure) {
                look_up(object->member(field));
                continue;
            }
            for (std::size_t i = 0; i < object->size() && !deadline.passed(); ++i) {
                if (field == sigdb::kNoField) {
                    look_up(object->at(i));
                    continue;
                }
                const auto* item = std::get_if<const modules::Object*>(&object->at(i));
                if (item != nullptr && (*item)->type() == modules::Type::structure) look_up((*item)->member(field));
            }
        }
    }

    // The rule's weak patterns that have not been looked for.
    void add_weak(std::uint32_t rule, const std::vector<std::uint8_t>& sought, std::vector<std::uint32_t>& out, Deadline& deadline) const {
        const std::size_t first = field(rule, sigdb::kFirstString);
        const std::size_t total = strings.size() / sigdb::kStringWords;
        // Each string is of one rule; a database that lies may say otherwise.
        for (std::size_t k = first; k < first + field(rule, sigdb::kStringCount) && k < total && out.size() < total && !deadline.passed(); ++k) {
            const std::uint32_t pattern = strings[k * sigdb::kStringWords];
            if (patterns.weak(pattern) && sought[pattern] == 0) out.push_back(pattern);
        }
    }

    // Of its weak patterns those of which the first few hits do not suffice.
    void add_many(std::uint32_t rule, std::vector<std::uint32_t>& out) const {
        const std::size_t first = field(rule, sigdb::kFirstString);
        const std::size_t total = strings.size() / sigdb::kStringWords;
        for (std::size_t k = first; k < first + field(rule, sigdb::kStringCount) && k < total && out.size() < total; ++k) {
            const std::uint32_t pattern = strings[k * sigdb::kStringWords];
            if (patterns.weak(pattern) && (strings[k * sigdb::kStringWords + 2] & sigdb::kFewSuffice) == 0) out.push_back(pattern);
        }
    }

    std::size_t string_count() const { return strings.size() / sigdb::kStringWords; }
    std::vector<std::uint32_t> find_deciding(std::uint32_t rule, Evaluator& evaluator, Scratch::Impl& state, Deadline& deadline) const;
    const std::vector<std::uint32_t>& deciding(std::uint32_t rule, Evaluator& evaluator, Scratch::Impl& state, Deadline& deadline) const;

    // How many bytes of matches may still be told, and the hits for which there was no room.
    struct Room {
        std::size_t left;
        std::uint64_t more_hits = 0;
        bool take(std::size_t bytes) {
            if (bytes > left) return false;
            left -= bytes;
            return true;
        }
    };

    // The rule as a match, with the places of its strings in the bytes.
    Match describe(std::uint32_t rule, const PatternHits& hits, const Subject& subject, const ScanManner& manner, Room& room) const {
        Match match;
        match.rule = text_of(texts, field(rule, sigdb::kRuleName));
        match.ruleset = text_of(texts, field(rule, sigdb::kRuleSet));
        const auto each = [&](sigdb::RuleField first, sigdb::RuleField count, std::size_t total, auto use) {
            const std::size_t from = field(rule, first);
            for (std::size_t i = from; i < total && i < from + field(rule, count); ++i) use(i);
        };
        each(sigdb::kFirstTag, sigdb::kTagCount, tags.size(), [&](std::size_t i) { match.tags.emplace_back(text_of(texts, tags[i])); });
        if (manner.meta) each(sigdb::kFirstMeta, sigdb::kMetaCount, metas.size() / sigdb::kMetaWords, [&](std::size_t i) {
            const std::size_t at = i * sigdb::kMetaWords;
            const std::uint64_t word = metas[at + 2] | std::uint64_t{metas[at + 3]} << 32;
            MetaValue value = static_cast<std::int64_t>(word);
            if (metas[at + 1] == static_cast<std::uint32_t>(sigdb::MetaKind::text)) value = std::string{text_of(texts, metas[at + 2])};
            if (metas[at + 1] == static_cast<std::uint32_t>(sigdb::MetaKind::boolean)) value = word != 0;
            match.meta.emplace_back(text_of(texts, metas[at]), std::move(value));
        });
        // By offset, so the earliest places of all strings.
        const auto keep_earliest = [&] {
            std::stable_sort(match.hits.begin(), match.hits.end(), [](const PatternHit& a, const PatternHit& b) { return a.offset < b.offset; });
            if (match.hits.size() > Match::kMaxHits) match.hits.resize(Match::kMaxHits);
        };
        if (!room.take(encoded_bytes(match))) room.left = 0;
        bool full = false;
        const auto add = [&](PatternHit hit) {
            if (!manner.all_hits) {
                match.hits.push_back(std::move(hit));
                if (match.hits.size() >= 2 * Match::kMaxHits) keep_earliest();
                return;
            }
            full = full || match.hits.size() >= Match::kMaxAllHits || !room.take(encoded_bytes(hit));
            if (full) {
                ++room.more_hits;
            } else {
                match.hits.push_back(std::move(hit));
            }
        };
        const std::size_t most = manner.all_hits ? std::numeric_limits<std::size_t>::max() : Match::kMaxHits;
        each(sigdb::kFirstString, sigdb::kStringCount, strings.size() / sigdb::kStringWords, [&](std::size_t i) {
            const std::size_t at = i * sigdb::kStringWords;
            if ((strings[at + 2] & sigdb::kPrivateString) != 0) return;
            const auto found = hits.of(strings[at]);
            const std::uint32_t flags = strings[at + 2];
            const std::size_t enough = manner.once && (flags & sigdb::kPlacesAsked) == 0 ? 1 : most;
            for (std::size_t k = 0, told = 0; k < found.size() && told < enough; ++k) {
                if ((flags & sigdb::kOnlyAtOffset) != 0 && found[k].offset != flags >> sigdb::kOnlyOffsetShift) continue;
                if (full && (flags & sigdb::kOnlyAtOffset) == 0) {
                    room.more_hits += std::min(found.size() - k, enough - told);
                    break;
                }
                ++told;
                PatternHit hit;
                hit.pattern = text_of(texts, strings[at + 1]);
                hit.offset = found[k].offset;
                hit.length = found[k].length;
                hit.xor_key = found[k].xor_key;
                hit.hex = (flags & sigdb::kHexString) != 0;
                if (manner.data_bytes > 0) {
                    hit.data = subject.text(hit.offset, std::min<std::uint64_t>(hit.length, manner.data_bytes));
                }
                add(std::move(hit));
            }
        });
        if (!manner.all_hits) keep_earliest();
        return match;
    }
};

struct RuleScanner::Scratch::Impl {
    Impl(std::size_t rules, std::size_t patterns) : verdicts(rules), chosen(rules), sought(patterns), guesses{rules} {}

    PatternHits hits;
    PatternHits piece_hits;                // of one piece of a process's memory
    Programs programs;
    Runner runner;
    std::vector<std::uint8_t> verdicts;
    std::vector<std::uint32_t> held;       // rules whose verdict is 1
    std::vector<std::uint32_t> candidates; // to be evaluated
    std::vector<std::uint8_t> chosen;      // by rule: stands in candidates
    std::vector<ConditionValue> externals;
    std::vector<std::uint32_t> open;       // rules that weak patterns decide
    std::vector<std::uint32_t> wanted;     // weak patterns that still matter
    std::vector<std::uint32_t> many;       // those by whose later hits open rules may hold or not
    std::vector<std::uint32_t> few;        // those of `wanted` that are not among them
    std::vector<std::uint8_t> sought;      // by pattern: a weak one that has been looked for in this file
    std::vector<std::uint32_t> all_sought; // those
    // By rule, kept from file to file: some of its weak patterns. Where none of them is found, it mostly cannot hold.
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> deciding;
    std::size_t all_deciding = 0;          // of all rules together
    RuleGuesses guesses;
    ModuleInstances modules;

    // What rules may do is thought of anew, with these patterns looked for.
    void seek(std::span<const std::uint32_t> patterns) {
        for (const std::uint32_t pattern : patterns) {
            if (sought[pattern] == 0) all_sought.push_back(pattern);
            sought[pattern] = 1;
        }
        guesses.begin();
    }
    void seek_nothing() {
        for (const std::uint32_t pattern : all_sought) sought[pattern] = 0;
        all_sought.clear();
        guesses.begin();
    }
};

// Some of the weak patterns of a rule that may hold. When none of them is found, it cannot hold any more, by whatever other rules it refers
// to; or they are all it has.
// Found by trying: as few of the first ones as it takes, then without each that can be spared. Nothing has been looked for.
std::vector<std::uint32_t> RuleScanner::Impl::find_deciding(std::uint32_t rule, Evaluator& evaluator, Scratch::Impl& state, Deadline& deadline) const {
    std::vector<std::uint32_t> chosen;
    add_weak(rule, state.sought, chosen, deadline);
    const auto settles = [&](std::span<const std::uint32_t> absent) {
        state.seek(absent);
        const bool settled = !evaluator.rule_may_hold_by_itself(rule);
        state.seek_nothing();
        return settled;
    };
    if (chosen.size() < 2 || !settles(chosen)) return chosen;
    std::size_t low = 1;
    for (std::size_t high = chosen.size(); low < high;) {
        const std::size_t middle = low + (high - low) / 2;
        if (settles({chosen.data(), middle})) high = middle;
        else low = middle + 1;
    }
    chosen.resize(low);
    for (std::size_t i = chosen.size() <= kMostPruned ? chosen.size() : 0; i-- > 0 && chosen.size() > 1;) {
        auto fewer = chosen;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (settles(fewer)) chosen = std::move(fewer);
    }
    return chosen;
}

// The same, kept. Each string is of one rule; of a database that lies there may be more than can be kept.
const std::vector<std::uint32_t>& RuleScanner::Impl::deciding(std::uint32_t rule, Evaluator& evaluator, Scratch::Impl& state, Deadline& deadline) const {
    if (const auto known = state.deciding.find(rule); known != state.deciding.end()) return known->second;
    const auto found = find_deciding(rule, evaluator, state, deadline);
    if (state.all_deciding + found.size() > string_count()) {
        state.deciding.clear();
        state.all_deciding = 0;
    }
    state.all_deciding += found.size();
    return state.deciding.emplace(rule, std::vector<std::uint32_t>{found.begin(), found.end()}).first->second;
}

RuleScanner::Scratch::Scratch(const RuleScanner& scanner) : impl_{std::make_unique<Impl>(static_cast<std::size_t>(scanner.rules()), scanner.impl_->patterns.pattern_count())} {}
RuleScanner::Scratch::~Scratch() = default;
RuleScanner::Scratch::Scratch(Scratch&&) noexcept = default;
RuleScanner::Scratch& RuleScanner::Scratch::operator=(Scratch&&) noexcept = default;

RuleScanner::RuleScanner(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
RuleScanner::~RuleScanner() = default;
RuleScanner::RuleScanner(RuleScanner&&) noexcept = default;
RuleScanner& RuleScanner::operator=(RuleScanner&&) noexcept = default;

std::uint64_t RuleScanner::rules() const { return impl_->rule_count; }

std::vector<Match> RuleScanner::named(std::string_view name) const {
    std::vector<Match> all;
    Impl::Room room{std::numeric_limits<std::size_t>::max()};
    for (std::uint32_t rule = 0; rule < impl_->rule_count; ++rule) {
        if (text_of(impl_->texts, impl_->field(rule, sigdb::kRuleName)) == name) all.push_back(impl_->describe(rule, PatternHits{}, Subject{}, {}, room));
    }
    return all;
}

Result<RuleScanner> RuleScanner::open(Bytes database) {
    const auto view = WARD_TRY(sigdb::View::open(database));
    auto impl = std::make_unique<Impl>(WARD_TRY(PatternScanner::open(view)));
    const auto numbers = [&](sigdb::SectionId id, sigdb::Numbers<std::uint32_t>& out) -> Status {
        out = sigdb::Numbers<std::uint32_t>{WARD_TRY(view.section(id))};
        return done();
    };
    WARD_TRY(numbers(sigdb::kRuleTable, impl->rules));
    WARD_TRY(numbers(sigdb::kRuleStrings, impl->strings));
    WARD_TRY(numbers(sigdb::kRuleTags, impl->tags));
    WARD_TRY(numbers(sigdb::kRuleMetas, impl->metas));
    WARD_TRY(numbers(sigdb::kRuleCode, impl->code));
    WARD_TRY(numbers(sigdb::kRuleAlways, impl->always));
    WARD_TRY(numbers(sigdb::kRuleKeys, impl->keys));
    WARD_TRY(numbers(sigdb::kRuleUsers, impl->users));
    WARD_TRY(numbers(sigdb::kRuleExternals, impl->externals));
    WARD_TRY(numbers(sigdb::kRuleGlobals, impl->globals));
    WARD_TRY(numbers(sigdb::kRuleWeak, impl->weak));
    impl->texts = WARD_TRY(view.section(sigdb::kRuleTexts));
    impl->regexes = WARD_TRY(view.section(sigdb::kRuleRegexes));
    sigdb::Numbers<std::uint32_t> names;
    WARD_TRY(numbers(sigdb::kRuleModules, names));
    if (names.size() > modules::all().size()) return fail(Code::malformed, "{} modules in one database", names.size());
    for (std::size_t i = 0; i < names.size(); ++i) impl->modules.push_back(modules::find(text_of(impl->texts, names[i])));
    impl->rule_count = impl->rules.size() / sigdb::kRuleWords;
    if (impl->rule_count > kMaxRules) return fail(Code::malformed, "{} rules in one database", impl->rule_count);
    return RuleScanner{std::move(impl)};
}

namespace {

// The values of one scan: what the caller gives where the type is the declared one, else what was declared.
void fill_externals(const sigdb::Numbers<std::uint32_t>& table, Bytes texts, const wire::Externals& given, std::vector<ConditionValue>& out) {
    out.clear();
    for (std::size_t i = 0; i + sigdb::kExternalWords <= table.size(); i += sigdb::kExternalWords) {
        const std::uint64_t word = table[i + 2] | std::uint64_t{table[i + 3]} << 32;
        const auto found = given.find(std::string{text_of(texts, table[i])});
        const wire::External* value = found == given.end() ? nullptr : &found->second;
        switch (static_cast<sigdb::ExternalKind>(table[i + 1])) {
            case sigdb::ExternalKind::integer: {
                const auto* integer = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
                out.emplace_back(integer == nullptr ? static_cast<std::int64_t>(word) : *integer);
                break;
            }
            case sigdb::ExternalKind::real: {
                const auto* real = value == nullptr ? nullptr : std::get_if<double>(value);
                out.emplace_back(real == nullptr ? std::bit_cast<double>(word) : *real);
                break;
            }
            case sigdb::ExternalKind::boolean: {
                const auto* truth = value == nullptr ? nullptr : std::get_if<bool>(value);
                out.emplace_back(truth == nullptr ? word != 0 : *truth);
                break;
            }
            case sigdb::ExternalKind::text: {
                const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
                out.emplace_back(text == nullptr ? text_of(texts, static_cast<std::uint32_t>(word)) : std::string_view{*text});
                break;
            }
            default: out.emplace_back();
        }
    }
}

}  // namespace

Status RuleScanner::check_data(const std::map<std::string, Bytes, std::less<>>& data) const {
    for (const auto* module : impl_->modules) {
        if (module == nullptr) continue;
        if (const auto found = data.find(module->name); found != data.end()) WARD_TRY(modules::check_data(found->first, found->second));
    }
    return done();
}

RuleScanner::Outcome RuleScanner::scan(Bytes bytes, const wire::Externals& externals, Scratch& scratch, Deadline& deadline,
                                       const ModuleInputs& inputs, const ScanManner& manner, std::size_t max_bytes) const {
    return scan(Subject{bytes}, externals, scratch, deadline, inputs, manner, max_bytes);
}

RuleScanner::Outcome RuleScanner::scan(Memory& memory, const wire::Externals& externals, Scratch& scratch, Deadline& deadline,
                                       const ModuleInputs& inputs, const ScanManner& manner, std::size_t max_bytes) const {
    return scan(Subject{{}, &memory}, externals, scratch, deadline, inputs, manner, max_bytes);
}

// The strong patterns that what begins with `head` needs, and the programs that modules read; or the weak patterns that are wanted.
// A piece at a time, so that no more of a process than that is held.
bool RuleScanner::look_through(Memory& memory, std::uint32_t head, bool weak, Scratch& scratch, Deadline& deadline) const {
    const Impl& all = *impl_;
    auto& state = *scratch.impl_;
    for (std::size_t number = 0; number < memory.pieces().size(); ++number) {
        const Memory::Piece piece = memory.pieces()[number];
        const auto buffer = memory.fetch(number);
        // Weak patterns of several parts are joined from strong ones too.
        bool in_time = all.patterns.scan_strong(*buffer, head, state.piece_hits, deadline);
        if (weak) in_time = in_time && all.patterns.scan_weak(*buffer, head, state.wanted, state.piece_hits, deadline);
        state.hits.take(state.piece_hits, weak ? std::span<const std::uint32_t>{state.wanted} : state.piece_hits.patterns(), piece.before,
                        piece.before + piece.bytes, piece.address - piece.before);
        if (!weak && piece.before == 0) state.programs.look_at(buffer, piece.address, all.modules);
        if (!in_time || deadline.passed(kPieceWork)) return false;
    }
    return true;
}

RuleScanner::Outcome RuleScanner::scan(const Subject& subject, const wire::Externals& externals, Scratch& scratch, Deadline& deadline,
                                       const ModuleInputs& inputs, const ScanManner& manner, std::size_t max_bytes) const {
    const Impl& all = *impl_;
    auto& state = *scratch.impl_;
    const Bytes bytes = subject.bytes;
    Outcome outcome;
    // The hits of rules that do not hold are asked for, so nothing may be left out.
    const bool hits_matter = manner.unsatisfied && manner.all_hits;
    // Memory has no head: at address 0 there is nothing.
    const std::uint32_t head = all.patterns.head(bytes);
    const std::uint32_t strong_head = hits_matter ? PatternScanner::kAllHeads : head;
    state.programs.begin(all.modules.size());
    if (subject.memory != nullptr) {
        state.hits.begin();
        outcome.timed_out = !look_through(*subject.memory, strong_head, false, scratch, deadline);
    } else {
        outcome.timed_out = !all.patterns.scan_strong(bytes, strong_head, state.hits, deadline);
    }

    fill_externals(all.externals, all.texts, externals, state.externals);
    ConditionContext context;
    context.bytes = bytes;
    context.memory = subject.memory;
    context.programs = &state.programs;
    context.hits = &state.hits;
    context.patterns = &all.patterns;
    context.sought = &state.sought;
    context.externals = &state.externals;
    context.verdicts = &state.verdicts;
    state.guesses.begin();
    context.guesses = &state.guesses;
    context.rules = all.rules;
    context.code = all.code;
    context.texts = all.texts;
    context.regexes = all.regexes;
    context.modules = &state.modules;
    Evaluator evaluator{context, state.runner, deadline};
    modules::Environment environment;
    environment.bytes = bytes;
    environment.memory = subject.memory;
    environment.deadline = &deadline;
    environment.now = inputs.now != 0 ? inputs.now : std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    environment.data = inputs.data;
    environment.log = inputs.log;
    environment.matches = [&](modules::Regex regex, std::string_view text) { return evaluator.matches_in(regex.offset, text).value_or(false); };
    environment.last_match = [&](modules::Regex regex, std::string_view text) { return evaluator.last_match_in(regex.offset, text); };
    state.modules.begin(all.modules, environment, state.programs);

    // Only rules that a match or nothing at all may make true are looked at.
    state.candidates.clear();
    const auto choose = [&](std::uint32_t rule) {
        if (rule >= all.rule_count || state.chosen[rule] != 0) return;
        state.chosen[rule] = 1;
        state.candidates.push_back(rule);
    };
    const auto choose_matched = [&] {
        for (const std::uint32_t pattern : state.hits.patterns()) {
            all.each_user(pattern, [&](std::uint32_t rule) {
                choose(rule);
                return !deadline.passed();
            });
        }
    };
    all.each_of_head(all.always, head, bytes, choose);
    all.each_keyed(head, evaluator, deadline, choose);
    choose_matched();

    // Weak patterns only for rules that may still hold. In a few bytes looking is cheaper than thinking.
    const bool all_rules = hits_matter || (subject.memory == nullptr && bytes.size() <= kFewBytes);
    state.open.clear();
    const auto open = [&](std::uint32_t rule) {
        if (rule >= all.rule_count || (all.field(rule, sigdb::kRuleFlags) & sigdb::kWeakRule) == 0) return;
        if (all_rules || evaluator.rule_may_hold(rule)) state.open.push_back(rule);
    };
    if (hits_matter) {
        for (std::uint32_t rule = 0; rule < all.rule_count && !outcome.timed_out; ++rule) open(rule);
    } else {
        all.each_of_head(all.weak, head, bytes, [&](std::uint32_t rule) {
            if (rule < all.rule_count && state.chosen[rule] == 0 && !outcome.timed_out) open(rule);
        });
        for (std::size_t i = 0; i < state.candidates.size() && !outcome.timed_out; ++i) open(state.candidates[i]);
    }
    // Neither what is told nor the limit that is warned of may depend on hits that are left off.
    static_assert(sigdb::kFewHits >= Match::kMaxHits);
    const bool few_suffice = subject.memory == nullptr && bytes.size() > kFewSufficeBytes && !manner.all_hits && !manner.unsatisfied &&
                             (!manner.warnings || bytes.size() <= kMaxHitsOfPattern);
    state.many.clear();
    for (std::size_t i = 0; few_suffice && i < state.open.size(); ++i) all.add_many(state.open[i], state.many);
    std::sort(state.many.begin(), state.many.end());
    const auto look_for_wanted = [&] {
        state.few.clear();
        if (few_suffice) {
            std::copy_if(state.wanted.begin(), state.wanted.end(), std::back_inserter(state.few),
                         [&](std::uint32_t pattern) { return !std::binary_search(state.many.begin(), state.many.end(), pattern); });
        }
        outcome.timed_out = outcome.timed_out || !all.patterns.scan_weak(bytes, strong_head, state.wanted, state.hits, deadline, state.few);
    };
    // First the patterns that decide most rules; the others of a rule only if it may hold even so.
    state.wanted.clear();
    if (!all_rules && subject.memory == nullptr) {
        for (const std::uint32_t rule : state.open) {
            if (deadline.passed() || state.wanted.size() > all.string_count()) break;
            const auto& deciding = all.deciding(rule, evaluator, state, deadline);
            state.wanted.insert(state.wanted.end(), deciding.begin(), deciding.end());
        }
        look_for_wanted();
        state.seek(state.wanted);
        std::erase_if(state.open, [&](std::uint32_t rule) {
            if (!evaluator.rule_may_hold(rule)) return true;
            // What did not decide it is not asked again.
            const auto known = state.deciding.find(rule);
            if (known != state.deciding.end() && std::ranges::none_of(known->second, [&](std::uint32_t pattern) { return state.hits.any(pattern); })) {
                state.all_deciding -= known->second.size();
                state.deciding.erase(known);
            }
            return false;
        });
        state.wanted.clear();
    }
    for (const std::uint32_t rule : state.open) all.add_weak(rule, state.sought, state.wanted, deadline);
    if (subject.memory == nullptr) {
        look_for_wanted();
    } else if (!state.wanted.empty()) {
        std::sort(state.wanted.begin(), state.wanted.end());
        state.wanted.erase(std::unique(state.wanted.begin(), state.wanted.end()), state.wanted.end());
        state.hits.forget(state.wanted);
        outcome.timed_out = outcome.timed_out || !look_through(*subject.memory, strong_head, true, scratch, deadline);
    }
    state.seek_nothing();
    choose_matched();
    // Rules refer to earlier ones, so in their order.
    std::sort(state.candidates.begin(), state.candidates.end());

    for (const std::uint32_t rule : state.candidates) {
        state.chosen[rule] = 0;
        if (!evaluator.holds(all.field(rule, sigdb::kFirstWord), all.field(rule, sigdb::kWordCount))) continue;
        state.verdicts[rule] = 1;
        state.held.push_back(rule);
    }
    outcome.timed_out = outcome.timed_out || evaluator.timed_out();
    // More than may be told is told as too much.
    for (std::size_t i = 0; manner.module_data && i < all.modules.size() && outcome.module_data.size() <= Verdict::kMaxTalkBytes; ++i) {
        if (auto* module = state.modules.at(i)) outcome.module_data += modules::dump(*module, Verdict::kMaxTalkBytes - outcome.module_data.size());
    }
    outcome.timed_out = outcome.timed_out || deadline.passed(0);
    state.modules.end();
    state.programs.end();

    for (const std::uint32_t pattern : state.hits.patterns()) {
        if (manner.warnings && state.hits.overflowed(pattern)) all.warn_of(pattern, outcome.warnings);
    }

    // A global rule that does not hold silences its ruleset.
    std::vector<std::uint32_t> silenced;
    for (std::size_t i = 0; i < all.globals.size(); ++i) {
        const std::uint32_t rule = all.globals[i];
        if (rule < all.rule_count && state.verdicts[rule] == 0) silenced.push_back(all.field(rule, sigdb::kRuleSet));
    }
    Impl::Room room{max_bytes};
    const auto tell = [&](std::uint32_t rule, bool held) {
        if ((all.field(rule, sigdb::kRuleFlags) & sigdb::kPrivateRule) != 0) return;
        const bool satisfied = held && std::find(silenced.begin(), silenced.end(), all.field(rule, sigdb::kRuleSet)) == silenced.end();
        if (!satisfied && !manner.unsatisfied) return;
        outcome.matches.push_back(all.describe(rule, state.hits, subject, manner, room));
        outcome.matches.back().satisfied = satisfied;
    };
    if (manner.unsatisfied) {
        for (std::uint32_t rule = 0; rule < all.rule_count; ++rule) tell(rule, state.verdicts[rule] != 0);
    } else {
        for (const std::uint32_t rule : state.held) tell(rule, true);
    }
    outcome.more_hits = room.more_hits;
    for (const std::uint32_t rule : state.held) state.verdicts[rule] = 0;
    state.held.clear();
    return outcome;
}

}  // namespace ward::match
