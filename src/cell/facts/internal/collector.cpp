// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"

#include "core/text.h"

#include <algorithm>

namespace ward::facts {

void Collector::add(Row row) {
    if (answer_.rows.rows.size() < kMaxRows) {
        answer_.rows.rows.push_back(std::move(row));
        return;
    }
    if (!full_) gap("", 0, Code::over_limit, fmt::format("more than {} rows", kMaxRows));
    full_ = true;
}

void Collector::gap(std::string_view path, std::uint64_t line, Code code, std::string why) {
    if (answer_.rows.gaps.size() >= kMaxGaps) {
        ++gaps_left_out_;
        return;
    }
    answer_.rows.gaps.push_back(facts::gap(path, line, code, std::move(why)));
}

void Collector::want(std::string name) {
    if (wanted_.contains(name)) return;
    if (wanted_.size() == wire::kMaxWants) {
        ++wants_left_out_;
        return;
    }
    wanted_.insert(name);
    answer_.wants.push_back(std::move(name));
}

wire::ParseAnswer Collector::finish() && {
    if (wants_left_out_ != 0) {
        gap("", 0, Code::over_limit, fmt::format("{} more files that would have to be read", wants_left_out_));
    }
    if (gaps_left_out_ != 0) {
        answer_.rows.gaps.push_back(
            {Where{}, Code::over_limit, fmt::format("{} more places that could not be read", gaps_left_out_)});
    }
    return std::move(answer_);
}

bool Lines::advance(std::string_view& line) {
    while (next_line(rest_, line)) {
        ++read_;
        if (line.size() > kMaxLineBytes) {
            out_.gap(source_.about.name, read_, Code::over_limit, fmt::format("a line of {} bytes", line.size()));
        } else if (line.find('\0') != std::string_view::npos) {
            out_.gap(source_.about.name, read_, Code::malformed, "a NUL byte in a line of text");
        } else {
            return true;
        }
    }
    return false;
}

bool Lines::next() {
    if (!advance(text_)) return false;
    number_ = read_;
    return true;
}

bool Lines::next_joined(std::string_view between) {
    while (next()) {
        if (!text_.ends_with('\\')) return true;
        joined_.clear();
        std::string_view part = text_;
        bool too_long = false;
        while (part.ends_with('\\')) {
            part.remove_suffix(1);
            too_long = too_long || joined_.size() + part.size() > kMaxLineBytes;
            if (!too_long) joined_.append(part).append(between);
            part = {};
            if (!advance(part)) break;
        }
        if (!too_long && joined_.size() + part.size() <= kMaxLineBytes) {
            joined_.append(part);
            text_ = joined_;
            return true;
        }
        out_.gap(source_.about.name, number_, Code::over_limit, "continued lines of more than 64 KiB");
    }
    return false;
}

std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t", end), rest.size()));
    return word;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace ward::facts
