// SPDX-License-Identifier: Apache-2.0
// Not shipped: for tools/yara_patterns_diff.py. Compiles patterns and prints where they match.
//
//     pattern_probe PATTERNS FILE...
//
// A line of PATTERNS is a kind (text, hex, regex), its modifiers with commas between them ("-" for none), and the body in hex
// digits. Answers: "refused PATTERN OFFSET TEXT", then "hit FILE PATTERN OFFSET LENGTH KEY", all counted from 0.
#include "cell/compile/patterns.h"
#include "cell/match/patterns.h"
#include "core/text.h"

#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace ward {
namespace {

std::string read_all(const char* path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string unhex(std::string_view digits) {
    Buffer out;
    if (!from_hex(digits, out)) fmt::print("bad hex\n");
    return to_string(out);
}

void modify(compile::PatternSpec& spec, const std::string& modifier) {
    const std::size_t equals = modifier.find('=');
    const std::string name = modifier.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : modifier.substr(equals + 1);
    if (name == "nocase") spec.nocase = true;
    if (name == "wide") spec.wide = true;
    if (name == "ascii") spec.ascii = true;
    if (name == "fullword") spec.fullword = true;
    if (name == "dotall") spec.dot_all = true;
    if (name == "base64") spec.base64 = true;
    if (name == "base64wide") spec.base64wide = true;
    if (name == "alphabet") spec.base64_alphabet = unhex(value);
    if (name == "xor") {
        spec.has_xor = true;
        spec.xor_min = static_cast<std::uint8_t>(std::stoul(value));
        spec.xor_max = static_cast<std::uint8_t>(std::stoul(value.substr(value.find('-') + 1)));
    }
}

int run(int count, char** arguments) {
    if (count < 2) return 2;
    compile::PatternSetBuilder builder;
    std::vector<std::optional<compile::PatternFacts>> facts;
    std::istringstream lines{read_all(arguments[1])};
    std::string kind;
    std::string modifiers;
    std::string body;
    while (lines >> kind >> modifiers >> body) {
        compile::PatternSpec spec;
        spec.kind = kind == "text" ? compile::PatternSpec::Kind::text
                    : kind == "hex" ? compile::PatternSpec::Kind::hex
                                    : compile::PatternSpec::Kind::regex;
        spec.body = unhex(body);
        std::istringstream each{modifiers};
        for (std::string modifier; std::getline(each, modifier, ',');) modify(spec, modifier);
        compile::PatternError why;
        facts.push_back(builder.add(spec, why));
        if (facts.back()) builder.use(facts.back()->id, compile::PatternSetBuilder::kAnySize);
        else fmt::print("refused {} {} {}\n", facts.size() - 1, why.offset, why.text);
    }
    sigdb::Writer writer;
    if (!builder.finish(writer).ok()) return 2;
    const Buffer database = std::move(writer).finish();
    const auto view = sigdb::View::open(database).value();
    const auto scanner = match::PatternScanner::open(view).value();
    if (const auto whole = scanner.verify(); !whole.ok()) {
        fmt::print("unsound {}\n", whole.error().text);
        return 2;
    }
    match::PatternHits hits;
    for (int file = 2; file < count; ++file) {
        const std::string text = read_all(arguments[file]);
        Deadline deadline{std::chrono::milliseconds{60'000}};
        if (!scanner.scan(as_bytes(text), hits, deadline)) fmt::print("late {}\n", file - 2);
        for (std::size_t i = 0; i < facts.size(); ++i) {
            if (!facts[i]) continue;
            for (const auto& hit : hits.of(facts[i]->id)) fmt::print("hit {} {} {} {} {}\n", file - 2, i, hit.offset, hit.length, hit.xor_key);
        }
    }
    return 0;
}

}  // namespace
}  // namespace ward

int main(int count, char** arguments) { return ward::run(count, arguments); }
