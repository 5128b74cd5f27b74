// SPDX-License-Identifier: Apache-2.0
#include "doors/command_line.h"

#include "core/log.h"
#include "core/text.h"
#include "core/version.h"
#include "doors/answer.h"
#include "doors/audit.h"
#include "doors/check.h"
#include "doors/explain.h"
#include "doors/query.h"
#include "doors/rules.h"
#include "doors/sbom.h"
#include "doors/scan.h"
#include "doors/status.h"
#include "doors/trust.h"
#include "doors/update.h"
#include "doors/yara.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

namespace ward::doors {

namespace {

// The list of commands. A verb stands here when its work has landed, and not before.
constexpr const Verb* kVerbs[] = {
    &kCheckVerb, &kScanVerb, &kAuditVerb, &kExplainVerb, &kQueryVerb, &kSbomVerb, &kRulesVerb, &kYaraVerb, &kUpdateVerb, &kTrustVerb, &kStatusVerb,
};

std::string overview() {
    std::string out =
        "ward: finds malware, missing updates, open doors and weak credentials on this machine.\n"
        "Nothing about it leaves it.\n\n"
        "  ward                     the state of this machine in one screen\n"
        "  sudo ward check          look at everything and say what to do first\n"
        "  ward scan ~/Downloads    look for malware below a folder\n\n"
        "Commands:\n";
    for (const auto* verb : verbs()) out += fmt::format("  {:<10} {}\n", verb->name, verb->summary);
    out += "\n`ward COMMAND --help` shows the options of a command, examples first.\n";
    return out;
}

int status(ExitCode code) { return static_cast<int>(code); }

void print(std::string_view text) {
    // A reader that went away is no fault.
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

// A caller may have closed 0, 1 or 2. The next file that is opened would take its place, and be read as input or written
// over by the report.
void hold_standard_descriptors() {
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
        // The lowest free number is given, so it is this one.
        if (::fcntl(number, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != number) ::_exit(static_cast<int>(ExitCode::not_done));
    }
}

// A drop-in also answers to its original's name, through a link.
const Verb* called_as(std::string_view program) {
    const std::string_view name = program.substr(program.find_last_of('/') + 1);
    for (const auto* verb : verbs()) {
        if (verb->run_as_original != nullptr && name == verb->name) return verb;
    }
    return nullptr;
}

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

int run_command_line(int argc, char** argv) {
    hold_standard_descriptors();
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk
    std::vector<std::string> words{argv + std::min(argc, 1), argv + argc};
    if (const Verb* drop_in = called_as(argc > 0 ? argv[0] : "")) return drop_in->run_as_original(words);
    if (words.empty()) words = {"status"};
    std::string name = words.front();
    if (name == "help" && words.size() > 1 && !words[1].starts_with('-')) {
        words = {words[1], "--help"};
    } else if (name == "--help" || name == "-h" || name == "help") {
        print(overview());
        return status(ExitCode::nothing_found);
    }
    if (name == "--version" || name == "-V") {
        print(fmt::format("ward {}\n", kVersion));
        return status(ExitCode::nothing_found);
    }
    // Options alone are for `ward` alone.
    if (name.starts_with('-')) words.insert(words.begin(), "status");
    name = words.front();
    const auto all = verbs();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Verb* verb) { return name == verb->name; });
    if (found == all.end()) {
        std::vector<std::string> names;
        for (const auto* verb : all) names.emplace_back(verb->name);
        const auto near = nearest(name, names);
        return status(not_done(fail(Code::malformed, "no command {}{}; `ward --help` lists them", shell_quote(name),
                                    near ? ", did you mean " + *near + "?" : "")));
    }
    words.erase(words.begin());
    if ((*found)->run_as_original != nullptr) return (*found)->run_as_original(words);
    const auto arguments = Arguments::parse(**found, words);
    if (!arguments) return status(not_done(arguments.error()));
    if (arguments->has("help")) {
        print(help_text(**found));
        return status(ExitCode::nothing_found);
    }
    if (arguments->has("version")) {
        print(fmt::format("ward {}\n", kVersion));
        return status(ExitCode::nothing_found);
    }
    if (arguments->has("quiet")) set_log_level(LogLevel::error);
    if (arguments->has("verbose")) set_log_level(LogLevel::detail);
    return status((*found)->run(*arguments));
}

}  // namespace ward::doors
