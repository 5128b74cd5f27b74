// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/compile/internal/lexer.h"
#include "model/messages.h"

#include <string>
#include <string_view>
#include <vector>

namespace ward::compile {

// Collects what is to be said about sources. One list for all; `enter` tells which source the spans belong to.
class Reporter {
public:
    // More than anybody reads; after it one last diagnostic says that there were more.
    static constexpr std::size_t kMaxDiagnostics = 10'000;
    static constexpr std::size_t kMaxLineBytes = 1024;

    void enter(std::string_view file, std::string_view source) {
        file_ = file;
        source_ = source;
        line_ = 1;
        line_start_ = 0;
    }
    void rule(std::string_view name) { rule_ = name; }  // whose errors follow; empty for none

    void error(Span span, std::string text) { add(true, span, std::move(text)); }
    void warning(Span span, std::string text) { add(false, span, std::move(text)); }
    // About a source as a whole, or about none.
    void error_without_place(std::string text);

    std::vector<wire::Diagnostic> take() && { return std::move(diagnostics_); }
    std::string_view file() const { return file_; }
    std::string_view source() const { return source_; }

private:
    void add(bool error, Span span, std::string text);
    bool room();

    std::string_view file_;
    std::string_view source_;
    std::string rule_;
    std::vector<wire::Diagnostic> diagnostics_;
    // Where the last diagnostic was: they come nearly in order, so lines are counted once.
    std::uint32_t line_ = 1;
    std::size_t line_start_ = 0;
};

// " (did you mean `x`?)" with the nearest of the words, or nothing when none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace ward::compile
