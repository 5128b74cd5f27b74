// SPDX-License-Identifier: Apache-2.0
// Ward's stage for candidates beside Vectorscan's, on the same literals and files, in this process; bench/vectorscan.py runs it.
//
//     literal_rate RUNS LITERALS FILE-LIST
//
// LITERALS has a literal a line: "i" for one whose case counts not, else "-", a space, its bytes in hex. FILE-LIST has a name a line. Prints
// for each of the two the best seconds of CPU time, MB/s, and how many matches it found: each literal at each offset.
#include "cell/compile/compiler.h"
#include "cell/match/patterns.h"
#include "measure.h"

#include <fmt/core.h>
#include <hs.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace ward {
namespace {

struct Literal {
    bool any_case;
    std::string bytes;
};

Buffer compiled(const std::vector<Literal>& literals) {
    compile::Compiler compiler;
    compile::NoIncludes includes;
    std::string source;
    for (std::size_t i = 0; i < literals.size(); ++i) {
        std::string text;
        for (const char c : literals[i].bytes) text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        source += fmt::format("rule r{} {{ strings: $a = \"{}\"{} condition: $a }}\n", i, text, literals[i].any_case ? " nocase" : "");
    }
    compiler.add({"literals.yar", source, ""}, includes);
    auto result = std::move(compiler).finish();
    for (const auto& diagnostic : result.diagnostics) {
        if (diagnostic.error) fmt::print(stderr, "{}: {}\n", diagnostic.line, diagnostic.text);
    }
    if (result.rules != literals.size()) std::exit(2);
    return std::move(result.database);
}

int run(int runs, const char* literal_file, const char* file_list) {
    std::vector<Literal> literals;
    for (const auto& line : bench::lines_of(literal_file)) {
        Literal literal{line[0] == 'i', {}};
        for (std::size_t i = 2; i + 1 < line.size(); i += 2) literal.bytes += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
        literals.push_back(std::move(literal));
    }
    std::vector<std::string> samples;
    std::uint64_t total = 0;
    for (const auto& name : bench::lines_of(file_list)) {
        total += samples.emplace_back(bench::read_all(name)).size();
    }
    const auto tell = [&](const char* program, double seconds, std::uint64_t found) {
        fmt::print("{},{},{:.0f},{:.3f},{:.0f},{}\n", program, literals.size(), static_cast<double>(total) / 1e6, seconds,
                   static_cast<double>(total) / 1e6 / seconds, found);
    };

    const Buffer database = compiled(literals);
    const auto patterns = match::PatternScanner::open(sigdb::View::open(database).value()).value();
    match::PatternHits hits;
    std::uint64_t found = 0;
    const double ward = bench::best_of(runs, [&] {
        found = 0;
        for (const auto& sample : samples) {
            Deadline deadline{std::chrono::minutes{10}};
            patterns.scan(as_bytes(sample), hits, deadline);
            for (const std::uint32_t pattern : hits.patterns()) found += hits.of(pattern).size();
        }
    });
    tell("ward", ward, found);

    std::vector<const char*> texts;
    std::vector<unsigned> flags;
    std::vector<unsigned> numbers;
    std::vector<std::size_t> sizes;
    for (const auto& literal : literals) {
        texts.push_back(literal.bytes.data());
        sizes.push_back(literal.bytes.size());
        flags.push_back(literal.any_case ? HS_FLAG_CASELESS : 0U);
        numbers.push_back(static_cast<unsigned>(numbers.size()));
    }
    hs_database_t* peer = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile_lit_multi(texts.data(), flags.data(), numbers.data(), sizes.data(), static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr, &peer,
                             &error) != HS_SUCCESS) {
        fmt::print(stderr, "vectorscan refuses: {}\n", error->message);
        return 2;
    }
    hs_scratch_t* scratch = nullptr;
    if (hs_alloc_scratch(peer, &scratch) != HS_SUCCESS) return 2;
    const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned, void* to) {
        ++*static_cast<std::uint64_t*>(to);
        return 0;
    };
    const double vectorscan = bench::best_of(runs, [&] {
        found = 0;
        for (const auto& sample : samples) hs_scan(peer, sample.data(), static_cast<unsigned>(sample.size()), 0, scratch, count, &found);
    });
    tell("vectorscan", vectorscan, found);
    hs_free_scratch(scratch);
    hs_free_database(peer);
    return 0;
}

}  // namespace
}  // namespace ward

int main(int count, char** arguments) { return count == 4 ? ward::run(std::stoi(arguments[1]), arguments[2], arguments[3]) : 2; }
