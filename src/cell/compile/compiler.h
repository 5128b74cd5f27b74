// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "model/messages.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ward::compile {

// Gives the text of a file that a rule file includes. In a cell this asks the gate, which answers inside the caller's
// roots only; a test answers from a map.
class IncludeReader {
public:
    virtual ~IncludeReader() = default;
    // `path` is absolute, or starts where the name of the including source starts: "rules/a.yar" includes "../b.yar" as
    // "rules/../b.yar".
    virtual Result<std::string> read(const std::string& path) = 0;
};

// Refuses every include, for sources that may not ask for files.
class NoIncludes : public IncludeReader {
public:
    Result<std::string> read(const std::string& path) override;
};

struct Compiled {
    Buffer database;                            // for match::RuleScanner; a valid one even when no rule is left
    std::vector<wire::Diagnostic> diagnostics;  // in the order of the sources
    std::uint64_t rules = 0;                    // private ones included
    std::uint64_t left_out = 0;                 // rules with an error, and those that refer to one
    std::uint64_t patterns = 0;                 // different ones
};

// Compiles YARA sources (docs/yara.md) into a database.
//
//     Compiler compiler{externals};
//     for (const auto& source : sources) compiler.add(source, includes);
//     Compiled compiled = std::move(compiler).finish();
//
// A rule with an error is left out with a diagnostic, and all others go on; nothing here fails as a whole. The same
// sources in the same order give the same bytes. `filename`, `filepath`, `extension`, `filetype` and `owner` are known
// as texts without being declared. One thread.
class Compiler {
public:
    // `strict_escapes`: warns of escapes in regular expressions that mean nothing.
    explicit Compiler(wire::Externals externals = {}, bool strict_escapes = false);
    ~Compiler();
    Compiler(Compiler&&) noexcept;
    Compiler& operator=(Compiler&&) noexcept;

    // Rules may refer to earlier rules of the same ruleset, also from an earlier source.
    void add(const wire::SourceFile& source, IncludeReader& includes);
    Compiled finish() &&;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::compile
