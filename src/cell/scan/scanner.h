// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/match/rules.h"
#include "cell/scan/process_memory.h"
#include "cell/scan/tree.h"
#include "core/limits.h"
#include "model/messages.h"
#include "model/object.h"
#include "model/scan_manner.h"
#include "model/verdict.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace ward::scan {

// Scans one file after another: the file, and everything that can be opened inside it.
//
//     Scanner scanner = WARD_TRY(Scanner::open(&rules, limits, externals, spool));
//     const Verdict verdict = scanner.scan(object, bytes);
//
// It always gives a verdict. What could not be looked at is a gap with the chain of members that leads there; what was found
// stays found. A verdict is bounded, however many rules hold and however much is broken: beyond kMaxMatches and kMaxGaps the
// rest is counted in a last gap.
//
// Rules see the externals of docs/formats.md, set for each object: filename, filepath, extension, filetype, owner.
// Without rules (nullptr) it only opens. The caller keeps rules and spool alive. One thread; memory is kept between files.
class Scanner {
public:
    static constexpr std::size_t kMaxMatches = 4096;
    static constexpr std::size_t kMaxGaps = 256;
    // Of each of the two, about, as they are encoded. Names and meta values are as long as somebody made them.
    static constexpr std::size_t kMaxMatchBytes = 8 * kMiB;
    static constexpr std::size_t kMaxGapBytes = 1 * kMiB;
    // In their place where ScanManner asks for all hits or all rules. Places that fill the bytes are left out before rules are.
    static constexpr std::size_t kMaxManyMatches = 65'536;
    static constexpr std::size_t kMaxManyMatchBytes = 44 * kMiB;

    // `externals`: beside those five, which always tell about the object unless the manner says otherwise.
    // `module_data`: what each of the manner's fed_modules gets; the caller keeps it.
    static Result<Scanner> open(const match::RuleScanner* rules, const Limits& limits, wire::Externals externals, int spool,
                                ScanManner manner = {}, std::map<std::string, Bytes, std::less<>> module_data = {});
    Verdict scan(const Object& object, Bytes bytes);
    // The memory of a process, as it is, by rules only: nothing in it is opened.
    Verdict scan(const Object& object, const ProcessMemory::Sources& sources);

private:
    Scanner(const match::RuleScanner* rules, const Limits& limits, wire::Externals externals, Tree tree, ScanManner manner);

    const match::RuleScanner* rules_;
    Limits limits_;
    wire::Externals externals_;
    ScanManner manner_;
    match::RuleScanner::ModuleInputs inputs_;
    Tree tree_;
    std::optional<match::RuleScanner::Scratch> scratch_;
};

}  // namespace ward::scan
