// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/internal/regex.h"
#include "core/text.h"

#include <fmt/core.h>

#include <algorithm>

namespace ward::compile {

namespace {

constexpr std::uint32_t kMaxNesting = 100;
// Larger jumps with an end are rare, and the format counts in sixteen bits; without an end there is no limit.
constexpr std::uint64_t kMaxJump = Regex::kNoEnd - 1;
constexpr std::uint32_t kMaxBranchJump = 200;  // as yara: parts of alternatives are not joined afterwards

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
bool is_nibble(char c) { return c == '?' || digit(c) >= 0; }

class HexParser {
public:
    HexParser(std::string_view body, PatternError& why) : body_{body}, why_{why} {}

    std::optional<Regex> parse() {
        auto out = sequence(0);
        if (!out) return std::nullopt;
        if (at_ < body_.size()) return refuse(fmt::format("'{}' does not belong here", body_[at_] == ')' ? ')' : '|'));
        return out;
    }

private:
    std::nullopt_t refuse(std::string text) {
        why_ = PatternError{std::min(at_, body_.size()), std::move(text)};
        return std::nullopt;
    }

    bool skip_blanks() {
        while (at_ < body_.size()) {
            const char c = body_[at_];
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') {
                ++at_;
            } else if (body_.substr(at_, 2) == "//") {
                at_ = std::min(body_.find('\n', at_), body_.size());
            } else if (body_.substr(at_, 2) == "/*") {
                const std::size_t end = body_.find("*/", at_ + 2);
                if (end == std::string_view::npos) {
                    refuse("expected */ to end the comment");
                    return false;
                }
                at_ = end + 2;
            } else {
                break;
            }
        }
        return true;
    }

    // Bytes, jumps and alternatives up to the end, a '|' or a ')'. It begins and ends with no jump.
    std::optional<Regex> sequence(std::uint32_t depth) {
        if (depth > kMaxNesting) return refuse(fmt::format("alternatives are nested more than {} deep", kMaxNesting));
        std::vector<Regex> items;
        bool jump_last = false;
        for (;;) {
            if (!skip_blanks()) return std::nullopt;
            if (at_ == body_.size() || body_[at_] == '|' || body_[at_] == ')') break;
            const std::size_t start = at_;
            jump_last = body_[at_] == '[';
            auto item = jump_last ? jump() : body_[at_] == '(' ? alternatives(depth) : one_byte();
            if (!item) return std::nullopt;
            if (jump_last && items.empty()) {
                at_ = start;
                return refuse("a jump cannot come first");
            }
            if (jump_last && depth > 0 && item->most > kMaxBranchJump) {
                at_ = start;
                return refuse(fmt::format("inside alternatives a jump may reach {} at most", kMaxBranchJump));
            }
            // Two jumps in a row are one.
            if (jump_last && items.back().kind == Regex::Kind::repeat) {
                Regex& last = items.back();
                const bool endless = last.most == Regex::kNoEnd || item->most == Regex::kNoEnd;
                if (last.least + item->least > kMaxJump || (!endless && last.most + item->most > kMaxJump)) return refuse("the jump is too large");
                last.least += item->least;
                last.most = endless ? Regex::kNoEnd : last.most + item->most;
            } else {
                items.push_back(std::move(*item));
            }
        }
        if (items.empty()) return refuse("expected a byte");
        if (jump_last) return refuse("a jump cannot come last");
        return Regex::sequence(std::move(items));
    }

    std::optional<Regex> alternatives(std::uint32_t depth) {
        ++at_;
        Regex out;
        out.kind = Regex::Kind::alternate;
        for (;;) {
            auto branch = sequence(depth + 1);
            if (!branch) return std::nullopt;
            out.items.push_back(std::move(*branch));
            if (at_ == body_.size()) return refuse("expected ')' to close the alternatives");
            if (body_[at_++] == ')') break;
        }
        if (out.items.size() == 1) {
            Regex only = std::move(out.items.front());
            return only;
        }
        return out;
    }

    std::optional<Regex> one_byte() {
        const bool inverted = body_[at_] == '~';
        if (inverted) {
            ++at_;
            if (!skip_blanks()) return std::nullopt;
        }
        if (at_ == body_.size() || !is_nibble(body_[at_])) return refuse("expected a byte such as 4D, 4?, ?? or ~4D");
        if (at_ + 1 == body_.size() || !is_nibble(body_[at_ + 1])) return refuse("a byte has two digits");
        const char high = body_[at_];
        const char low = body_[at_ + 1];
        if (inverted && high == '?' && low == '?') return refuse("~?? is no byte at all");
        ByteSet set;
        for (int byte = 0; byte < 256; ++byte) {
            if ((high == '?' || byte >> 4 == digit(high)) && (low == '?' || (byte & 15) == digit(low))) set.add(static_cast<unsigned>(byte));
        }
        if (inverted) set.invert();
        at_ += 2;
        return Regex::of(set);
    }

    std::optional<Regex> jump() {
        const std::size_t start = at_;
        const std::size_t end = body_.find(']', at_);
        if (end == std::string_view::npos) return refuse("expected ']' to end the jump");
        const std::string_view inside = trim(body_.substr(at_ + 1, end - at_ - 1));
        const std::size_t dash = inside.find('-');
        const std::string_view low = trim(inside.substr(0, dash));
        const std::string_view high = dash == std::string_view::npos ? low : trim(inside.substr(dash + 1));
        const auto from = low.empty() && dash != std::string_view::npos ? std::optional<std::uint64_t>{0} : parse_unsigned(low);
        const auto to = high.empty() && dash != std::string_view::npos ? std::optional<std::uint64_t>{Regex::kNoEnd} : parse_unsigned(high);
        if (!from || !to || (low.empty() && !high.empty())) return refuse("expected a jump such as [4], [2-4], [2-] or [-]");
        if (*from > kMaxJump || (!high.empty() && *to > kMaxJump)) return refuse(fmt::format("a jump may reach {} at most", kMaxJump));
        if (*from > *to) return refuse("the jump runs backwards");
        at_ = end + 1;
        // As yara: [0] is refused, and [0-0] is nothing between its neighbours.
        if (*to == 0 && dash == std::string_view::npos) {
            at_ = start;
            return refuse("a jump of no length");
        }
        ByteSet any;
        any.invert();
        Regex out = Regex::repeated(Regex::of(any), static_cast<std::uint32_t>(*from), static_cast<std::uint32_t>(*to), true);
        out.jump = true;
        return out;
    }

    std::string_view body_;
    PatternError& why_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<Regex> parse_hex(std::string_view body, PatternError& why) { return HexParser{body, why}.parse(); }

}  // namespace ward::compile
