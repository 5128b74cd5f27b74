// SPDX-License-Identifier: Apache-2.0
#include "core/json_read.h"

#include "core/text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace ward {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader {
public:
    Reader(std::string_view text, const JsonLimits& limits) : text_{text}, limits_{limits} {}

    Result<JsonNode> document() {
        if (!is_utf8(text_)) return fail(Code::malformed, "JSON that is not UTF-8");
        JsonNode root = WARD_TRY(value(0));
        skip_blanks();
        if (at_ != text_.size()) return wrong("something after the value");
        return root;
    }

private:
    Error wrong(std::string_view what) const { return fail(Code::malformed, "{} at offset {} of the JSON", what, at_); }

    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
    }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }

    Result<JsonNode> value(std::uint32_t depth) {
        if (++values_ > limits_.max_values) return fail(Code::over_limit, "more than {} values in the JSON", limits_.max_values);
        skip_blanks();
        if (at_ >= text_.size()) return wrong("no value");
        switch (text_[at_]) {
            case '{': return object(depth + 1);
            case '[': return array(depth + 1);
            case '"': return text();
            case 't': return word("true", true);
            case 'f': return word("false", false);
            case 'n': return word("null", std::monostate{});
            default: return number();
        }
    }

    Result<JsonNode> text() {
        std::string value = WARD_TRY(string());
        return JsonNode{JsonNode::Value{std::move(value)}};
    }

    Result<JsonNode> word(std::string_view word, JsonNode::Value value) {
        if (!take(word)) return wrong("no value");
        return JsonNode{std::move(value)};
    }

    Status enter(std::uint32_t depth) {
        ++at_;
        if (depth > limits_.max_depth) return fail(Code::over_limit, "the JSON is nested deeper than {}", limits_.max_depth);
        skip_blanks();
        return done();
    }

    Result<JsonNode> array(std::uint32_t depth) {
        WARD_TRY(enter(depth));
        JsonNode::Items items;
        if (take(']')) return JsonNode{std::move(items)};
        for (;;) {
            JsonNode item = WARD_TRY(value(depth));
            items.push_back(std::move(item));
            skip_blanks();
            if (take(']')) return JsonNode{std::move(items)};
            if (!take(',')) return wrong("neither a comma nor the end of the array");
        }
    }

    Result<JsonNode> object(std::uint32_t depth) {
        WARD_TRY(enter(depth));
        JsonNode::Members members;
        if (take('}')) return JsonNode{std::move(members)};
        for (;;) {
            skip_blanks();
            std::string key = WARD_TRY(string());
            skip_blanks();
            if (!take(':')) return wrong("no colon after a key");
            JsonNode member = WARD_TRY(value(depth));
            members.push_back({std::move(key), std::move(member)});
            skip_blanks();
            if (take('}')) return JsonNode{std::move(members)};
            if (!take(',')) return wrong("neither a comma nor the end of the object");
        }
    }

    Result<JsonNode> number() {
        const std::size_t start = at_;
        const auto digits = [&] {
            const std::size_t first = at_;
            while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
            return at_ != first;
        };
        take('-');
        const bool zero = take('0');
        if (!zero && !digits()) return wrong("no value");
        if (zero && at_ < text_.size() && is_digit(text_[at_])) return wrong("a number that begins with zero");
        bool integer = true;
        if (take('.')) {
            integer = false;
            if (!digits()) return wrong("no digit after the point");
        }
        if (take('e') || take('E')) {
            integer = false;
            if (!take('-')) take('+');
            if (!digits()) return wrong("no digit in the exponent");
        }
        const std::string_view written = text_.substr(start, at_ - start);
        if (integer) {
            std::int64_t value = 0;
            if (std::from_chars(written.data(), written.data() + written.size(), value).ec != std::errc{}) return too_large(start);
            return JsonNode{JsonNode::Value{value}};
        }
        // What is too small for a double is zero; from_chars does not tell that from too large.
        const double value = std::strtod(std::string{written}.c_str(), nullptr);
        if (std::isinf(value)) return too_large(start);
        return JsonNode{JsonNode::Value{value}};
    }

    static Error too_large(std::size_t start) { return fail(Code::unsupported, "too large a number at offset {} of the JSON", start); }

    Result<std::uint32_t> hex4() {
        if (text_.size() - at_ < 4) return wrong("no four hex digits");
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const auto digit = parse_unsigned(text_.substr(at_ + static_cast<std::size_t>(i), 1), 16);
            if (!digit) return wrong("no four hex digits");
            value = value << 4 | static_cast<std::uint32_t>(*digit);
        }
        at_ += 4;
        return value;
    }

    Status escape(std::string& out) {
        if (at_ >= text_.size()) return wrong("a text without end");
        const char c = text_[at_++];
        switch (c) {
            case '"': case '\\': case '/': out += c; return done();
            case 'b': out += '\b'; return done();
            case 'f': out += '\f'; return done();
            case 'n': out += '\n'; return done();
            case 'r': out += '\r'; return done();
            case 't': out += '\t'; return done();
            case 'u': break;
            default: --at_; return wrong("no such escape");
        }
        std::uint32_t point = WARD_TRY(hex4());
        if (point >= 0xdc00 && point < 0xe000) return wrong("half a surrogate pair");
        if (point >= 0xd800 && point < 0xdc00) {
            if (!take("\\u")) return wrong("half a surrogate pair");
            const std::uint32_t low = WARD_TRY(hex4());
            if (low < 0xdc00 || low >= 0xe000) return wrong("half a surrogate pair");
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        }
        append_utf8(out, point);
        return done();
    }

    Result<std::string> string() {
        if (!take('"')) return wrong("no text");
        std::string out;
        for (;;) {
            std::size_t end = at_;
            while (end < text_.size() && text_[end] != '"' && text_[end] != '\\' && static_cast<unsigned char>(text_[end]) >= 0x20) ++end;
            out += text_.substr(at_, end - at_);
            at_ = end;
            if (at_ >= text_.size()) return wrong("a text without end");
            if (take('"')) return out;
            if (!take('\\')) return wrong("a control character in a text");
            WARD_TRY(escape(out));
        }
    }

    std::string_view text_;
    JsonLimits limits_;
    std::size_t at_ = 0;
    std::uint64_t values_ = 0;
};

}  // namespace

JsonNode::JsonNode(Value value) : value_{std::move(value)} {}

const JsonNode::Items& JsonNode::items() const {
    static const Items none;
    const auto* items = std::get_if<Items>(&value_);
    return items == nullptr ? none : *items;
}

const JsonNode::Members& JsonNode::members() const {
    static const Members none;
    const auto* members = std::get_if<Members>(&value_);
    return members == nullptr ? none : *members;
}

const JsonNode* JsonNode::find(std::string_view key) const {
    const JsonNode* found = nullptr;
    for (const auto& member : members()) {
        if (member.key == key) found = &member.value;
    }
    return found;
}

Result<JsonNode> read_json(std::string_view text, const JsonLimits& limits) { return Reader{text, limits}.document(); }

}  // namespace ward
