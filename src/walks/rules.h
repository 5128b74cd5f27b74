// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"
#include "model/gap.h"
#include "model/messages.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ward::walks {

// Rules, as `--rules` names them. No source at all means the rules that ship with Ward.
struct RuleSources {
    std::vector<std::string> paths;   // YARA files, folders of them, or one compiled database
    wire::Externals externals;
    std::vector<std::string> rulesets;  // the namespace of the path at the same place; empty or missing: the default one
    // One faulty rule is a failure, and no rule at all is none: as yara has it. `-` is standard input.
    bool as_yara = false;
    bool strict_escapes = false;      // warn of escapes in regular expressions that mean nothing
    bool compiled = false;            // the one path has to be a compiled database
    std::string state;                // compiled sources are kept in its cache/; empty for no keeping
};

struct RuleSet {
    host::Descriptor database;        // open for reading, ready for gate::ScanSetup
    std::string id;                   // SHA-256 of all behind the database's header, hex, as the header claims it
    std::vector<wire::Diagnostic> diagnostics;
    std::vector<Gap> gaps;            // a faulty rule is a thing that was not looked for
    std::uint64_t rules = 0;          // 0 for a database that was compiled before: the scan tells
    std::uint64_t left_out = 0;
};

// Opens or compiles. Code::malformed when no rule is left (as_yara: when one is left out), with the first reason; the
// diagnostics then stand in `faults`.
Result<RuleSet> load_rules(const RuleSources& sources, std::vector<wire::Diagnostic>* faults = nullptr);

// The files that a source names: itself, or all below it whose name ends in .yar, .yara or .rules, sorted.
Result<std::vector<std::string>> rule_files(const std::string& source);

// Compiles the sources into `database`, an empty file open for reading and writing. Includes are read from below the folders
// that the sources stand in, and from nowhere else.
Result<wire::CompileAnswer> compile_rules(const RuleSources& sources, int database);

// "rules/a.yar:12:5: error: ...", the line itself, and carets below the fault. Escaped for a terminal.
std::string render(const wire::Diagnostic& diagnostic);

}  // namespace ward::walks
