// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "doors/exit_code.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ward::doors {

// One option of a verb. Parsing, --help and the completions come from the same table.
struct Option {
    const char* name;             // "rules", without the dashes
    char letter = 0;              // 'q' for -q; 0 for none
    const char* value = nullptr;  // "SRC", as help names it; nothing for a switch
    const char* help = "";
    bool repeats = false;         // may be given more than once, each time adding
};

class Arguments;

// A command: `ward NAME ...`. One visible table of them stands in doors/command_line.cpp.
struct Verb {
    const char* name;
    const char* operands;  // "PATH...", "[SQL]", "" when it takes none
    const char* summary;   // one line
    const char* examples;  // help begins with them: lines of "  ward scan /srv    what it does"
    const char* details;   // paragraphs after the options; may be empty
    std::span<const Option> options;         // beside the common ones
    bool reports;                            // takes --format, -o, --fail-on, --strict and writes a report
    ExitCode (*run)(const Arguments&);
    // A drop-in instead: it has no common options, takes its words as they are and gives its original's exit status.
    int (*run_as_original)(std::span<const std::string> words) = nullptr;
};

// The words of one command line, taken apart by its verb's table.
//
//     const Arguments arguments = WARD_TRY(Arguments::parse(verb, words));
//     if (arguments.has("strict")) ...
//     const std::uint64_t threads = WARD_TRY(arguments.number("threads", 2));
//
// An option may be shortened as getopt_long(3) allows, may come after operands, and `--` ends options; `-` is an operand.
class Arguments {
public:
    // Code::malformed with a message for people: unknown option (with the nearest one), missing or unwanted value.
    static Result<Arguments> parse(const Verb& verb, std::span<const std::string> words);

    const Verb& verb() const { return *verb_; }
    bool has(std::string_view option) const;
    std::optional<std::string> text(std::string_view option) const;             // the last one given
    const std::vector<std::string>& all(std::string_view option) const;         // in the order given
    const std::vector<std::string>& operands() const { return operands_; }

    // The value in its form, `other` when the option was not given; an error names the option and what was expected.
    Result<std::uint64_t> number(std::string_view option, std::uint64_t other) const;
    Result<std::uint64_t> bytes(std::string_view option, std::uint64_t other) const;  // "10M", "1GiB": powers of 1024
    Result<std::chrono::milliseconds> time(std::string_view option, std::chrono::milliseconds other) const;  // "90s", "2m", "500ms"

private:
    const Verb* verb_ = nullptr;
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::vector<std::string> operands_;
};

// Options that every verb takes, and those of every verb that reports.
std::span<const Option> common_options();
std::span<const Option> report_options();

std::string help_text(const Verb& verb);

// The candidate nearest to `word`, when it is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace ward::doors
