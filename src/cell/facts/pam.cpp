// SPDX-License-Identifier: Apache-2.0
// The table `pam`.
#include "cell/facts/account_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/pam_files.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::size_t kMaxDepth = 16;          // as in libpam
constexpr std::size_t kMaxStackLines = 5'000;  // of one service; 16 files that each name the next twice make 65,536
constexpr std::size_t kMaxAllLines = 200'000;

// Some modules take the password of a database as an argument.
std::string without_secrets(std::string_view arguments) {
    constexpr std::string_view kSecretKeys[] = {"passwd", "password", "pass", "bindpw", "secret", "skey", "key"};
    std::string out;
    while (!arguments.empty()) {
        const std::string_view word = take_pam_word(arguments);
        std::string_view key = word.substr(0, word.find('='));
        if (key.starts_with('[')) key.remove_prefix(1);
        const bool secret = key.size() < word.size() && std::any_of(std::begin(kSecretKeys), std::end(kSecretKeys), [&](auto known) {
                                return equal_ignoring_case(known, key);
                            });
        if (!out.empty()) out += ' ';
        out += secret ? std::string{key} + "=(hidden)" : std::string{word};
    }
    return out;
}

// Adds the rows of one service. `budget` is what is left of kMaxAllLines.
void add_stack(const std::string& service, const Source& source, PamFiles& files, std::size_t& budget, Collector& out) {
    struct Open {
        const Source* source;
        std::string only;  // the kind of lines that the including line asks for; empty for all
        std::size_t next = 0;
    };
    std::vector<Open> open{{&source, {}, 0}};
    std::size_t position = 0;
    for (std::size_t steps = 0; !open.empty(); ++steps) {
        if (steps == kMaxStackLines || budget == 0) {
            out.gap(source.about.name, 0, Code::over_limit, "a stack of too many lines");
            return;
        }
        --budget;
        const std::string_view path = open.back().source->about.name;
        const std::string only = open.back().only;
        const auto& lines = files.lines_of(*open.back().source);
        if (open.back().next == lines.size()) {
            open.pop_back();
            continue;
        }
        const PamLine& line = lines[open.back().next++];
        const bool all_kinds = line.kind == "@include";
        if (!all_kinds && !only.empty() && line.kind != only) continue;
        if (!line.names_a_file()) {
            out.add({text(service), number(++position), text(line.kind), text(line.control), text(base_name(line.module)),
                     text(line.module), text(without_secrets(line.arguments)), flag(line.optional), text(path),
                     number(line.line)});
        } else if (open.size() == kMaxDepth) {
            out.gap(path, line.line, Code::over_limit, "files that include one another more than 16 deep");
        } else if (const Source* next = files.find(line.module)) {
            open.push_back({next, all_kinds ? only : line.kind, 0});
        } else {
            out.gap(path, line.line, Code::not_found, "includes a file that is not there");
        }
    }
}

}  // namespace

wire::ParseAnswer parse_pam(const Request& request) {
    Collector out;
    PamFiles files{request, out};
    std::size_t budget = kMaxAllLines;
    const auto services = files.services();
    for (const auto& service : services) {
        if (const Source* source = files.find(service)) add_stack(service, *source, files, budget, out);
    }
    if (services.empty() && !request.bytes_of("/etc/pam.conf").empty()) {
        out.gap("/etc/pam.conf", 0, Code::unsupported, "holds the stacks of all services, and is not read");
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
