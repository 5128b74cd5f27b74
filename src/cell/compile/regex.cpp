// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/internal/regex.h"

#include "cell/sigdb/writer.h"
#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>

namespace ward::compile {

namespace {

constexpr std::uint32_t kMaxNesting = 100;
constexpr std::uint32_t kMaxRepeat = 32'767;  // as yara's RE_MAX_RANGE
constexpr std::uint32_t kMaxCopies = 4;       // of a repeated item: one window of literal bytes

bool is_letter(unsigned byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

ByteSet word_set() {
    ByteSet set;
    set.add_range('0', '9');
    set.add_range('a', 'z');
    set.add_range('A', 'Z');
    set.add('_');
    return set;
}
ByteSet digit_set() {
    ByteSet set;
    set.add_range('0', '9');
    return set;
}
ByteSet space_set() {
    ByteSet set;
    for (const char c : {' ', '\t', '\n', '\v', '\f', '\r'}) set.add(static_cast<unsigned char>(c));
    return set;
}
ByteSet any_set() {
    ByteSet set;
    set.invert();
    return set;
}

class RegexParser {
public:
    RegexParser(std::string_view body, RegexFlags flags, PatternError& why) : body_{body}, flags_{flags}, why_{why} {}

    std::optional<ParsedRegex> parse() {
        if (body_.empty()) return refuse("the regular expression is empty");
        auto root = alternation(0);
        if (!root) return std::nullopt;
        if (at_ < body_.size()) return refuse("')' closes nothing");
        if (greedy_ && lazy_) {
            at_ = 0;
            return refuse("greedy and ungreedy quantifiers cannot be mixed in one regular expression");
        }
        return ParsedRegex{std::move(*root), greedy_};
    }

private:
    std::nullopt_t refuse(std::string text) {
        why_ = PatternError{std::min(at_, body_.size()), std::move(text)};
        return std::nullopt;
    }
    bool more() const { return at_ < body_.size(); }
    char now() const { return body_[at_]; }

    std::optional<Regex> alternation(std::uint32_t depth) {
        if (depth > kMaxNesting) return refuse(fmt::format("groups are nested more than {} deep", kMaxNesting));
        std::vector<Regex> branches;
        for (;;) {
            auto branch = concatenation(depth, branches.empty());
            if (!branch) return std::nullopt;
            branches.push_back(std::move(*branch));
            if (!more() || now() != '|') break;
            ++at_;
        }
        if (branches.size() == 1) return std::move(branches.front());
        Regex out;
        out.kind = Regex::Kind::alternate;
        out.items = std::move(branches);
        return out;
    }

    // An empty branch may stand behind a '|' only.
    std::optional<Regex> concatenation(std::uint32_t depth, bool first) {
        std::vector<Regex> items;
        while (more() && now() != '|' && now() != ')') {
            auto item = repeated(depth);
            if (!item) return std::nullopt;
            items.push_back(std::move(*item));
        }
        if (items.empty() && first) return refuse("expected an expression");
        if (items.size() == 1) return std::move(items.front());
        return Regex::sequence(std::move(items));
    }

    std::optional<Regex> repeated(std::uint32_t depth) {
        const bool group = now() == '(';
        const bool dot = now() == '.';
        auto item = atom(depth);
        if (!item || !more()) return item;
        const bool assertion = !group && item->kind == Regex::Kind::assertion;
        std::uint32_t least = 0;
        std::uint32_t most = Regex::kNoEnd;
        const std::size_t start = at_;
        const char start_char = now();
        switch (start_char) {
            case '*': ++at_; break;
            case '+': ++at_; least = 1; break;
            case '?': ++at_; most = 1; break;
            case '{': {
                bool is_interval = false;
                if (!interval(least, most, is_interval)) return std::nullopt;
                if (!is_interval) return item;
                break;
            }
            default: return item;
        }
        if (assertion) {
            at_ = start;
            return refuse("an assertion cannot be repeated");
        }
        const bool few = more() && now() == '?';
        if (few) ++at_;
        (few ? lazy_ : greedy_) = true;
        if (more() && (now() == '*' || now() == '+' || now() == '?')) return refuse("a quantifier cannot follow another one");
        Regex out = Regex::repeated(std::move(*item), least, most, few);
        // As in yara, where such a repeat may be long it matches line feeds too.
        out.jump = few && dot && start_char == '{';
        return out;
    }

    // `{` is a plain character where no interval follows.
    bool interval(std::uint32_t& least, std::uint32_t& most, bool& is_interval) {
        const std::size_t end = body_.find('}', at_);
        if (end == std::string_view::npos) return true;
        const std::string_view inside = body_.substr(at_ + 1, end - at_ - 1);
        if (inside.empty() || inside.find_first_not_of("0123456789,") != std::string_view::npos) return true;
        const std::size_t comma = inside.find(',');
        if (comma != std::string_view::npos && inside.find(',', comma + 1) != std::string_view::npos) return true;
        const std::string_view low = inside.substr(0, comma);
        const std::string_view high = comma == std::string_view::npos ? low : inside.substr(comma + 1);
        if (low.empty() && high.empty()) return true;
        const auto value = [](std::string_view text) { return parse_unsigned(text).value_or(kMaxRepeat + 1); };
        const std::uint64_t from = low.empty() ? 0 : value(low);
        const std::uint64_t to = high.empty() ? Regex::kNoEnd : value(high);
        if (from > kMaxRepeat || (!high.empty() && to > kMaxRepeat)) {
            refuse(fmt::format("an interval may reach {} at most", kMaxRepeat));
            return false;
        }
        if (from > to || to == 0) {
            refuse("the interval is empty");
            return false;
        }
        least = static_cast<std::uint32_t>(from);
        most = static_cast<std::uint32_t>(to);
        is_interval = true;
        at_ = end + 1;
        return true;
    }

    std::optional<Regex> atom(std::uint32_t depth) {
        const char c = now();
        switch (c) {
            case '(': {
                ++at_;
                if (more() && now() == '?') return refuse("'(?' begins no group in YARA");
                auto inside = alternation(depth + 1);
                if (!inside) return std::nullopt;
                if (!more()) return refuse("expected ')' to close the group");
                ++at_;
                return inside;
            }
            case '[': return bracket();
            case '.': {
                ++at_;
                ByteSet set = any_set();
                if (!flags_.dot_all) {
                    set = ByteSet{};
                    set.add('\n');
                    set.invert();
                }
                return Regex::of(set);
            }
            case '^': ++at_; return assertion(sigdb::Assertion::start);
            case '$': ++at_; return assertion(sigdb::Assertion::end);
            case '*':
            case '+':
            case '?': return refuse("a quantifier needs something before it");
            case '\\': return escape();
            default: {
                ByteSet set;
                set.add(static_cast<unsigned char>(c));
                ++at_;
                return Regex::of(cased(set));
            }
        }
    }

    static Regex assertion(sigdb::Assertion which) {
        Regex out;
        out.kind = Regex::Kind::assertion;
        out.assertion = which;
        return out;
    }

    std::optional<Regex> escape() {
        if (at_ + 1 < body_.size()) {
            const char c = body_[at_ + 1];
            if (c == 'b' || c == 'B') {
                at_ += 2;
                return assertion(c == 'b' ? sigdb::Assertion::boundary : sigdb::Assertion::no_boundary);
            }
        }
        ByteSet set;
        bool single = false;
        unsigned value = 0;
        if (!escaped_set(set, single, value)) return std::nullopt;
        return Regex::of(cased(set));
    }

    ByteSet cased(const ByteSet& set) const { return flags_.nocase ? with_both_cases(set) : set; }

    // With the position on the backslash. `single`: it stands for one byte, `value`.
    bool escaped_set(ByteSet& set, bool& single, unsigned& value) {
        if (at_ + 1 >= body_.size()) {
            refuse("a backslash stands at the end");
            return false;
        }
        const char c = body_[at_ + 1];
        single = false;
        switch (c) {
            case 'w': set = word_set(); break;
            case 'd': set = digit_set(); break;
            case 's': set = space_set(); break;
            case 'W': set = word_set(); set.invert(); break;
            case 'D': set = digit_set(); set.invert(); break;
            case 'S': set = space_set(); set.invert(); break;
            case 'x': {
                const auto digits = body_.substr(at_ + 2, 2);
                const auto number = digits.size() == 2 ? parse_unsigned(digits, 16) : std::nullopt;
                if (!number) {
                    refuse("expected two hex digits behind \\x");
                    return false;
                }
                at_ += 4;
                single = true;
                value = static_cast<unsigned>(*number);
                set.add(value);
                return true;
            }
            default:
                single = true;
                switch (c) {
                    case 'n': value = '\n'; break;
                    case 't': value = '\t'; break;
                    case 'r': value = '\r'; break;
                    case 'f': value = '\f'; break;
                    case 'a': value = '\a'; break;
                    default: value = static_cast<unsigned char>(c);
                }
                set.add(value);
        }
        at_ += 2;
        return true;
    }

    std::optional<Regex> bracket() {
        const std::size_t start = at_++;
        ByteSet set;
        const bool inverted = more() && now() == '^';
        if (inverted) ++at_;
        bool first = true;
        for (;; first = false) {
            if (!more()) {
                at_ = start;
                return refuse("expected ']' to close the class");
            }
            if (now() == ']' && !first) break;
            ByteSet part;
            bool single = true;
            unsigned low = 0;
            const std::size_t from = at_;
            if (!class_member(part, single, low)) return std::nullopt;
            // A '-' is a range only between two single bytes.
            if (single && at_ + 1 < body_.size() && now() == '-' && body_[at_ + 1] != ']') {
                ++at_;
                ByteSet other;
                bool other_single = true;
                unsigned high = 0;
                if (!class_member(other, other_single, high)) return std::nullopt;
                if (!other_single) {
                    part.add('-');
                    part.add_all(other);
                } else if (high < low) {
                    at_ = from;
                    return refuse("the range runs backwards");
                } else {
                    part.add_range(low, high);
                }
            }
            set.add_all(part);
        }
        ++at_;
        // First both cases, then the rest: [^b] is neither b nor B.
        set = cased(set);
        if (inverted) set.invert();
        return Regex::of(set);
    }

    bool class_member(ByteSet& set, bool& single, unsigned& value) {
        if (now() == '\\') return escaped_set(set, single, value);
        single = true;
        value = static_cast<unsigned char>(now());
        set.add(value);
        ++at_;
        return true;
    }

    std::string_view body_;
    RegexFlags flags_;
    PatternError& why_;
    std::size_t at_ = 0;
    bool greedy_ = false;
    bool lazy_ = false;
};

// Writes instructions; an automaton that grows too large is given up.
class Assembler {
public:
    std::optional<Buffer> assemble(const std::vector<Regex>& items) {
        for (const auto& item : items) {
            if (!emit(item)) return std::nullopt;
        }
        if (!put(sigdb::Op::match, 0, 0)) return std::nullopt;
        Buffer out;
        sigdb::put_u32(out, static_cast<std::uint32_t>(code_.size()));
        sigdb::put_u32(out, static_cast<std::uint32_t>(classes_.size()));
        sigdb::put_u32(out, states_);
        for (const auto& set : classes_) {
            for (const std::uint64_t word : set.words()) sigdb::put_u64(out, word);
        }
        for (const auto& step : code_) {
            sigdb::put_u32(out, static_cast<std::uint32_t>(step.op));
            sigdb::put_u32(out, step.x);
            sigdb::put_u32(out, step.y);
            sigdb::put_u32(out, step.base);
        }
        return out;
    }

private:
    struct Step {
        sigdb::Op op;
        std::uint32_t x;
        std::uint32_t y;
        std::uint32_t base;
    };

    bool put(sigdb::Op op, std::uint32_t x, std::uint32_t y, std::uint32_t states = 1) {
        if (code_.size() >= sigdb::kMaxInstructions || states_ + states > sigdb::kMaxStates) return false;
        code_.push_back({op, x, y, states_});
        states_ += states;
        return true;
    }
    std::uint32_t here() const { return static_cast<std::uint32_t>(code_.size()); }
    std::uint32_t class_of(const ByteSet& set) {
        const auto found = std::find(classes_.begin(), classes_.end(), set);
        if (found != classes_.end()) return static_cast<std::uint32_t>(found - classes_.begin());
        classes_.push_back(set);
        return static_cast<std::uint32_t>(classes_.size() - 1);
    }

    bool emit(const Regex& regex) {
        switch (regex.kind) {
            case Regex::Kind::set: return put(sigdb::Op::set, class_of(regex.set), 0);
            case Regex::Kind::assertion: return put(sigdb::Op::assertion, static_cast<std::uint32_t>(regex.assertion), 0);
            case Regex::Kind::concat:
                return std::all_of(regex.items.begin(), regex.items.end(), [&](const Regex& item) { return emit(item); });
            case Regex::Kind::alternate: return emit_alternate(regex);
            case Regex::Kind::repeat: return emit_repeat(regex);
        }
        return false;
    }

    bool emit_alternate(const Regex& regex) {
        std::vector<std::uint32_t> ends;
        for (std::size_t i = 0; i < regex.items.size(); ++i) {
            const bool last = i + 1 == regex.items.size();
            const std::uint32_t split = here();
            if (!last && !put(sigdb::Op::split, split + 1, 0)) return false;
            if (!emit(regex.items[i])) return false;
            if (last) break;
            ends.push_back(here());
            if (!put(sigdb::Op::jump, 0, 0)) return false;
            code_[split].y = here();
        }
        for (const std::uint32_t end : ends) code_[end].x = here();
        return true;
    }

    bool emit_repeat(const Regex& regex) {
        const Regex& item = regex.items.front();
        if (item.kind == Regex::Kind::set) {
            const std::uint32_t counted = regex.most == Regex::kNoEnd ? regex.least : regex.most;
            return put(regex.few ? sigdb::Op::repeat_few : sigdb::Op::repeat, class_of(item.set), regex.least << 16 | regex.most, counted + 1);
        }
        for (std::uint32_t i = 0; i < regex.least; ++i) {
            if (!emit(item)) return false;
        }
        if (regex.most == Regex::kNoEnd) {
            const std::uint32_t split = here();
            if (!put(sigdb::Op::split, split + 1, 0) || !emit(item) || !put(sigdb::Op::jump, split, 0)) return false;
            leave(split, regex.few);
            return true;
        }
        std::vector<std::uint32_t> splits;
        for (std::uint32_t i = regex.least; i < regex.most; ++i) {
            splits.push_back(here());
            if (!put(sigdb::Op::split, here() + 1, 0) || !emit(item)) return false;
        }
        for (const std::uint32_t split : splits) leave(split, regex.few);
        return true;
    }

    // The split before a repeated item may also go on here.
    void leave(std::uint32_t split, bool first) {
        code_[split].y = here();
        if (first) std::swap(code_[split].x, code_[split].y);
    }

    std::vector<Step> code_;
    std::vector<ByteSet> classes_;
    std::uint32_t states_ = 0;
};

void flatten_into(const Regex& regex, std::vector<Regex>& out) {
    if (regex.kind == Regex::Kind::concat) {
        for (const auto& item : regex.items) flatten_into(item, out);
        return;
    }
    if (regex.kind == Regex::Kind::repeat && regex.least > 0 && regex.items.front().kind != Regex::Kind::repeat) {
        const std::uint32_t copies = std::min(regex.least, kMaxCopies);
        for (std::uint32_t i = 0; i < copies; ++i) flatten_into(regex.items.front(), out);
        const std::uint32_t most = regex.most == Regex::kNoEnd ? Regex::kNoEnd : regex.most - copies;
        if (most > 0) out.push_back(Regex::repeated(regex.items.front(), regex.least - copies, most, regex.few));
        return;
    }
    out.push_back(regex);
}

}  // namespace

unsigned ByteSet::count() const {
    unsigned total = 0;
    for (const std::uint64_t word : bits_) total += static_cast<unsigned>(std::popcount(word));
    return total;
}

std::optional<MaskedByte> as_masked(const ByteSet& set) {
    unsigned all = 0xff;
    unsigned some = 0;
    for (unsigned word = 0; word < 4; ++word) {
        for (std::uint64_t left = set.words()[word]; left != 0; left &= left - 1) {
            const unsigned byte = 64 * word + static_cast<unsigned>(std::countr_zero(left));
            all &= byte;
            some |= byte;
        }
    }
    const unsigned fixed = ~(all ^ some) & 0xff;
    if (set.count() != 1U << std::popcount(~fixed & 0xff)) return std::nullopt;
    return MaskedByte{static_cast<std::uint8_t>(all & fixed), static_cast<std::uint8_t>(fixed)};
}

Regex Regex::of(const ByteSet& set) {
    Regex out;
    out.kind = Kind::set;
    out.set = set;
    return out;
}
Regex Regex::byte(unsigned value) {
    ByteSet set;
    set.add(value);
    return of(set);
}
Regex Regex::sequence(std::vector<Regex> items) {
    Regex out;
    out.kind = Kind::concat;
    out.items = std::move(items);
    return out;
}
Regex Regex::repeated(Regex item, std::uint32_t least, std::uint32_t most, bool few) {
    Regex out;
    out.kind = Kind::repeat;
    out.items.push_back(std::move(item));
    out.least = least;
    out.most = most;
    out.few = few;
    return out;
}

std::optional<ParsedRegex> parse_regex(std::string_view body, RegexFlags flags, PatternError& why) {
    return RegexParser{body, flags, why}.parse();
}

ByteSet with_both_cases(const ByteSet& set) {
    ByteSet out = set;
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (set.has(byte) && is_letter(byte)) out.add(byte ^ 0x20);
    }
    return out;
}

Regex widened(const Regex& regex) {
    if (regex.kind == Regex::Kind::set) return Regex::sequence({regex, Regex::byte(0)});
    Regex out = regex;
    for (auto& item : out.items) item = widened(item);
    return out;
}

Regex reversed(const Regex& regex) {
    Regex out = regex;
    for (auto& item : out.items) item = reversed(item);
    if (out.kind == Regex::Kind::concat) std::reverse(out.items.begin(), out.items.end());
    return out;
}

namespace {

// True when the items may match nothing at all.
bool add_first_bytes(const std::vector<Regex>& items, ByteSet& out) {
    for (const auto& item : items) {
        bool empty = true;
        switch (item.kind) {
            case Regex::Kind::set:
                out.add_all(item.set);
                return false;
            case Regex::Kind::concat: empty = add_first_bytes(item.items, out); break;
            case Regex::Kind::alternate:
                empty = false;
                for (const auto& branch : item.items) empty = add_first_bytes({branch}, out) || empty;
                break;
            case Regex::Kind::repeat: empty = (item.most > 0 && add_first_bytes(item.items, out)) || item.least == 0; break;
            case Regex::Kind::assertion: break;
        }
        if (!empty) return false;
    }
    return true;
}

}  // namespace

std::optional<ByteSet> first_bytes(const std::vector<Regex>& items) {
    ByteSet set;
    if (add_first_bytes(items, set)) return std::nullopt;
    return set;
}

std::vector<Regex> flattened(const Regex& regex) {
    std::vector<Regex> out;
    flatten_into(regex, out);
    return out;
}

std::optional<Buffer> automaton_of(const std::vector<Regex>& items) { return Assembler{}.assemble(items); }

}  // namespace ward::compile
