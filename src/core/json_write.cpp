// SPDX-License-Identifier: Apache-2.0
#include "core/json_write.h"

#include "core/result.h"
#include "core/text.h"

#include <cmath>

namespace ward {

void JsonWriter::new_line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(levels_.size() * static_cast<std::size_t>(indent_), ' ');
}

void JsonWriter::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (levels_.empty()) return;
    WARD_CHECK(!levels_.back().object);
    if (!levels_.back().empty) out_ += ',';
    levels_.back().empty = false;
    new_line();
}

JsonWriter& JsonWriter::begin_object() {
    before_value();
    out_ += '{';
    levels_.push_back({true, true});
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    before_value();
    out_ += '[';
    levels_.push_back({false, true});
    return *this;
}

void JsonWriter::close(bool object, char bracket) {
    WARD_CHECK(!levels_.empty() && levels_.back().object == object && !after_key_);
    const bool empty = levels_.back().empty;
    levels_.pop_back();
    if (!empty) new_line();
    out_ += bracket;
}

JsonWriter& JsonWriter::end_object() {
    close(true, '}');
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    close(false, ']');
    return *this;
}

namespace {

void append_quoted(std::string& out, std::string_view text) {
    std::string replaced;
    if (!is_utf8(text)) {
        replaced = replace_invalid_utf8(text);
        text = replaced;
    }
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        // JSON lets the C1 controls (U+0080 to U+009F) pass, and terminals obey some of them.
        if (c == '\xC2' && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++i]));
            continue;
        }
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
                else out += c;
        }
    }
    out += '"';
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
    WARD_CHECK(!levels_.empty() && levels_.back().object && !after_key_);
    if (!levels_.back().empty) out_ += ',';
    levels_.back().empty = false;
    new_line();
    append_quoted(out_, name);
    out_ += indent_ == 0 ? ":" : ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    before_value();
    append_quoted(out_, value);
    return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
    before_value();
    out_ += fmt::format("{}", value);
    return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
    before_value();
    out_ += fmt::format("{}", value);
    return *this;
}

JsonWriter& JsonWriter::real(double value) {
    before_value();
    out_ += std::isfinite(value) ? fmt::format("{}", value) : "null";
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    before_value();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    before_value();
    out_ += "null";
    return *this;
}

std::string JsonWriter::take() && {
    WARD_CHECK(levels_.empty() && !after_key_);
    return std::move(out_);
}

}  // namespace ward
