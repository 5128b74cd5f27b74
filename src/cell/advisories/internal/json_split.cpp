// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/internal/json_split.h"

namespace ward::advisories {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

Error JsonSplitter::wrong(std::string_view what) const { return fail(Code::malformed, "{} at offset {}", what, at_); }

Error JsonSplitter::no_end(std::string_view what) const {
    return end_ == text_.size() ? wrong(what) : Error{fail(Code::over_limit, "{} within {} bytes at offset {}", what, max_value_bytes_, at_)};
}

void JsonSplitter::skip_blanks() {
    const auto found = text_.find_first_not_of(kBlanks, at_);
    at_ = found == std::string_view::npos ? text_.size() : found;
}

bool JsonSplitter::enter() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '{' && text_[at_] != '[')) return false;
    close_ = text_[at_] == '{' ? '}' : ']';
    ++at_;
    first_ = true;
    return true;
}

bool JsonSplitter::skip_line() {
    const auto end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    return at_ < text_.size();
}

Result<std::string_view> JsonSplitter::quoted() {
    const std::size_t start = at_;
    if (at_ >= text_.size() || text_[at_] != '"') return wrong("no text");
    for (++at_;;) {
        while (at_ < end_ && text_[at_] != '"' && text_[at_] != '\\') ++at_;
        if (at_ >= end_) {
            at_ = start;
            return no_end("a text without end");
        }
        if (text_[at_++] == '"') return text_.substr(start, at_ - start);
        if (at_ < end_) ++at_;
    }
}

Result<std::string_view> JsonSplitter::value() {
    const std::size_t start = at_;
    if (text_[at_] == '"') return quoted();
    if (text_[at_] != '{' && text_[at_] != '[') {
        const auto end = text_.find_first_of(",]} \t\r\n", at_);
        at_ = end == std::string_view::npos ? text_.size() : end;
        if (at_ == start) return wrong("no value");
        return text_.substr(start, at_ - start);
    }
    // A loop of one byte each is five times as fast as find_first_of.
    std::uint64_t depth = 0;
    while (at_ < end_) {
        switch (text_[at_]) {
            case '"':
                if (auto inside = quoted(); !inside) {
                    at_ = start;
                    return inside;
                }
                break;
            case '{':
            case '[':
                ++at_;
                ++depth;
                break;
            case '}':
            case ']':
                ++at_;
                if (--depth == 0) return text_.substr(start, at_ - start);
                break;
            default: ++at_;
        }
    }
    at_ = start;
    return no_end("a value without end");
}

Result<std::optional<JsonSplitter::Part>> JsonSplitter::next() {
    skip_blanks();
    end_ = text_.size() - at_ > max_value_bytes_ ? at_ + max_value_bytes_ : text_.size();
    if (close_ == '\0') {
        if (at_ >= text_.size()) return std::optional<Part>{};
        Part part;
        part.value = WARD_TRY(value());
        return std::optional{part};
    }
    if (at_ >= text_.size()) return wrong("a container without end");
    if (text_[at_] == close_) return std::optional<Part>{};
    if (!first_) {
        if (text_[at_] != ',') return wrong("no comma between values");
        ++at_;
        skip_blanks();
    }
    first_ = false;
    Part part;
    if (close_ == '}') {
        const std::string_view key = WARD_TRY(quoted());
        part.key = key.substr(1, key.size() - 2);
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != ':') return wrong("no colon after a key");
        ++at_;
        skip_blanks();
    }
    if (at_ >= text_.size()) return wrong("no value");
    part.value = WARD_TRY(value());
    return std::optional{part};
}

}  // namespace ward::advisories
