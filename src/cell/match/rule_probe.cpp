// SPDX-License-Identifier: Apache-2.0
// Not shipped: for tools/yara_rules_diff.py. Compiles rules and prints which hold for each file.
//
//     rule_probe [--hits] [--data MODULE=FILE]... RULES [NAME=VALUE...] -- FILE...
//
// A VALUE is an integer, a number with a dot, true, false, or else a text. Answers: "refused LINE TEXT" for each error, then
// "match FILE RULE", files counted from 0, and with --hits "hit FILE RULE STRING OFFSET LENGTH".
#include "cell/compile/compiler.h"
#include "cell/match/rules.h"
#include "core/text.h"

#include <fmt/core.h>

#include <deque>
#include <fstream>
#include <iterator>
#include <string>

namespace ward {
namespace {

std::string read_all(const char* path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

wire::External external_of(const std::string& value) {
    if (value.empty()) return value;
    if (value == "true" || value == "false") return value == "true";
    if (value.find_first_not_of("0123456789") == std::string::npos) return static_cast<std::int64_t>(std::stoll(value));
    if (value.find_first_not_of("0123456789.") == std::string::npos) return std::stod(value);
    return value;
}

int run(int count, char** arguments) {
    bool hits = false;
    std::deque<std::string> contents;
    match::RuleScanner::ModuleInputs inputs;
    const auto drop = [&](int words) {
        count -= words;
        arguments += words;
    };
    for (; count > 1 && std::string_view{arguments[1]} == "--hits"; drop(1)) hits = true;
    for (; count > 2 && std::string_view{arguments[1]} == "--data"; drop(2)) {
        const std::string given = arguments[2];
        const std::size_t equals = given.find('=');
        if (equals == std::string::npos) return 2;
        inputs.data[given.substr(0, equals)] = as_bytes(contents.emplace_back(read_all(given.c_str() + equals + 1)));
    }
    if (count < 3) return 2;
    wire::Externals externals;
    int at = 2;
    for (; at < count && std::string_view{arguments[at]} != "--"; ++at) {
        const std::string definition = arguments[at];
        const std::size_t equals = definition.find('=');
        if (equals == std::string::npos) return 2;
        externals[definition.substr(0, equals)] = external_of(definition.substr(equals + 1));
    }
    compile::Compiler compiler{externals};
    compile::NoIncludes no_includes;
    compiler.add({arguments[1], read_all(arguments[1]), ""}, no_includes);
    const compile::Compiled compiled = std::move(compiler).finish();
    for (const auto& diagnostic : compiled.diagnostics) {
        if (diagnostic.error) fmt::print("refused {} {}\n", diagnostic.line, diagnostic.text);
    }
    const auto scanner = match::RuleScanner::open(compiled.database).value();
    match::RuleScanner::Scratch scratch{scanner};
    const int first = at + 1;
    for (int file = first; file < count; ++file) {
        const std::string text = read_all(arguments[file]);
        Deadline deadline{std::chrono::milliseconds{60'000}};
        const auto outcome = scanner.scan(as_bytes(text), externals, scratch, deadline, inputs);
        if (outcome.timed_out) fmt::print("late {}\n", file - first);
        for (const auto& match : outcome.matches) {
            fmt::print("match {} {}\n", file - first, match.rule);
            if (!hits) continue;
            for (const auto& hit : match.hits) fmt::print("hit {} {} {} {} {}\n", file - first, match.rule, hit.pattern, hit.offset, hit.length);
        }
    }
    return 0;
}

}  // namespace
}  // namespace ward

int main(int count, char** arguments) { return ward::run(count, arguments); }
