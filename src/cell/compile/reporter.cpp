// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/internal/reporter.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace ward::compile {
namespace {

// Changes of one letter, and swaps of two neighbours, that turn one word into the other; `limit` when it takes as many.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
    constexpr std::size_t kMost = 64;
    if (a.size() > kMost || b.size() > kMost) return limit;
    std::array<std::array<std::size_t, kMost + 1>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        const auto& two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], two_above[j - 2] + 1);
        }
    }
    return std::min(rows[a.size() % 3][b.size()], limit);
}

}  // namespace

bool Reporter::room() {
    if (diagnostics_.size() < kMaxDiagnostics) return true;
    if (diagnostics_.size() == kMaxDiagnostics) {
        wire::Diagnostic last;
        last.text = "there are more diagnostics than are shown";
        diagnostics_.push_back(std::move(last));
    }
    return false;
}

void Reporter::error_without_place(std::string text) {
    if (!room()) return;
    wire::Diagnostic diagnostic;
    diagnostic.file = file_;
    diagnostic.text = std::move(text);
    diagnostics_.push_back(std::move(diagnostic));
}

void Reporter::add(bool error, Span span, std::string text) {
    if (!room()) return;
    const std::size_t offset = std::min<std::size_t>(span.offset, source_.size());
    if (offset < line_start_) {
        line_ = 1;
        line_start_ = 0;
    }
    for (std::size_t at = source_.find('\n', line_start_); at < offset; at = source_.find('\n', line_start_)) {
        ++line_;
        line_start_ = at + 1;
    }
    std::string_view line = source_.substr(line_start_, source_.find('\n', line_start_) - line_start_);
    const std::size_t column = offset - line_start_;
    const std::size_t left = line.size() > column ? line.size() - column : 0;
    if (line.ends_with('\r')) line.remove_suffix(1);

    wire::Diagnostic diagnostic;
    diagnostic.error = error;
    diagnostic.file = file_;
    diagnostic.line = line_;
    diagnostic.column = static_cast<std::uint32_t>(column + 1);
    diagnostic.length = std::max(1U, static_cast<std::uint32_t>(std::min<std::size_t>(span.length, left)));
    diagnostic.text = std::move(text);
    if (line.size() <= kMaxLineBytes) diagnostic.source_line = line;
    if (error) diagnostic.rule = rule_;
    diagnostics_.push_back(std::move(diagnostic));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
    std::size_t best = word.size() < 4 ? 2 : 3;  // one slip in a short word, two in a long one
    std::string_view nearest;
    for (const std::string_view candidate : known) {
        const std::size_t steps = distance(word, candidate, best);
        if (steps < best && candidate != word) {
            best = steps;
            nearest = candidate;
        }
    }
    return nearest.empty() ? std::string{} : fmt::format(" (did you mean `{}`?)", nearest);
}

}  // namespace ward::compile
