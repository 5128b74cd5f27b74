// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/deadline.h"
#include "core/memory.h"
#include "core/result.h"
#include "model/match.h"
#include "model/messages.h"
#include "model/scan_manner.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ward::match {

// Matches bytes against a compiled database.
//
//     const RuleScanner scanner = WARD_TRY(RuleScanner::open(database));
//     RuleScanner::Scratch scratch{scanner};                       // one a thread
//     auto [matches, timed_out] = scanner.scan(bytes, {{"filename", "a.sh"}}, scratch, deadline);
//
// Opening costs microseconds and reads only the header and the section table; every other offset is checked where it is
// used, so a database that is hostile, or changes under us, gives wrong matches and nothing worse. Immutable: threads share
// one. Keeps a view of the database, which the caller keeps alive.
class RuleScanner {
public:
    // What one thread needs while it scans; keeps its memory from scan to scan.
    class Scratch {
    public:
        explicit Scratch(const RuleScanner& scanner);
        ~Scratch();
        Scratch(Scratch&&) noexcept;
        Scratch& operator=(Scratch&&) noexcept;

    private:
        friend class RuleScanner;
        struct Impl;
        std::unique_ptr<Impl> impl_;
    };

    // What modules want to know beside the bytes.
    struct ModuleInputs {
        std::int64_t now = 0;                                       // seconds since 1970; 0: the clock's
        std::map<std::string, Bytes, std::less<>> data = {};        // by module
        std::function<void(std::string_view)> log = {};             // a line of `console`
    };

    struct Outcome {
        std::vector<Match> matches;  // in the order of the rules; `members` is left empty
        std::vector<std::string> warnings;  // of patterns with too many hits, when ScanManner::warnings asks for them; at most Verdict::kMaxWarnings
        std::string module_data;     // what each module that the rules import knows, when ScanManner::module_data asks for it
        std::uint64_t more_hits = 0; // left out of `matches`, though all were asked for: they would not fit
        bool timed_out = false;      // the deadline passed: rules that were not decided are missing
    };

    static Result<RuleScanner> open(Bytes database);
    ~RuleScanner();
    RuleScanner(RuleScanner&&) noexcept;
    RuleScanner& operator=(RuleScanner&&) noexcept;

    // Externals that the rules do not name, or that have another type than was declared, are ignored; those that are not
    // given keep the value they were declared with.
    // Of `manner` only what is about rules and hits counts here. Where it asks for all hits, those that would make the matches
    // larger than `max_bytes` (encoded) are only counted, for each rule from its first that does not fit; rules are told all the same.
    Outcome scan(Bytes bytes, const wire::Externals& externals, Scratch& scratch, Deadline& deadline, const ModuleInputs& inputs,
                 const ScanManner& manner = ScanManner{}, std::size_t max_bytes = std::numeric_limits<std::size_t>::max()) const;
    Outcome scan(Bytes bytes, const wire::Externals& externals, Scratch& scratch, Deadline& deadline) const {
        return scan(bytes, externals, scratch, deadline, ModuleInputs{});
    }

    // The memory of a process, in place of a file, as YARA scans it: places are addresses, `filesize` is undefined, a pattern matches
    // within one region, and a module that reads programs reads the first one that is loaded there and that it takes.
    Outcome scan(Memory& memory, const wire::Externals& externals, Scratch& scratch, Deadline& deadline, const ModuleInputs& inputs,
                 const ScanManner& manner = ScanManner{}, std::size_t max_bytes = std::numeric_limits<std::size_t>::max()) const;

    // Is it what the modules that the rules import can read? To be asked once, before the scans it is given to.
    Status check_data(const std::map<std::string, Bytes, std::less<>>& data) const;

    // Rules in the database, private ones included.
    std::uint64_t rules() const;
    // What the rules of this name say of themselves, without hits; several files may have one of the same name.
    std::vector<Match> named(std::string_view name) const;

private:
    struct Impl;
    explicit RuleScanner(std::unique_ptr<Impl> impl);
    struct Subject;
    Outcome scan(const Subject& subject, const wire::Externals& externals, Scratch& scratch, Deadline& deadline, const ModuleInputs& inputs,
                 const ScanManner& manner, std::size_t max_bytes) const;
    bool look_through(Memory& memory, std::uint32_t head, bool weak, Scratch& scratch, Deadline& deadline) const;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::match
