// SPDX-License-Identifier: Apache-2.0
// Ward's stage for candidates beside Vectorscan's, on the same literals and files, in this process; bench/vectorscan.py runs it.
//
//     literal_rate RUNS LITERALS FILE-LIST
//
// LITERALS has a literal a line: "i" for one whose case counts not, else "-", a space, its bytes in hex. FILE-LIST has a name a line. Prints
// for each of the two the best seconds of CPU time, MB/s, and how many matches it found: each literal at each offset.
#include "cell/compile/compiler.h"
#include "cell/match/patterns.h"

#include <fmt/core.h>
#include <hs.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace ward {
namespace {

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double best_of(int runs, const std::function<void()>& work) {
    double best = 1e9;
    for (int run = 0; run < runs; ++run) {
        const double start = cpu_seconds();
        work();
        best = std::min(best, cpu_seconds() - start);
    }
    return best;
}

std::vector<std::string> lines_of(const char* name) {
    std::ifstream in{name};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

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
    for (const auto& line : lines_of(literal_file)) {
        Literal literal{line[0] == 'i', {}};
        for (std::size_t i = 2; i + 1 < line.size(); i += 2) literal.bytes += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
        literals.push_back(std::move(literal));
    }
    std::vector<std::string> samples;
    std::uint64_t total = 0;
    for (const auto& name : lines_of(file_list)) {
        std::ifstream in{name, std::ios::binary};
        samples.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
        total += samples.back().size();
    }
    const auto tell = [&](const char* program, double seconds, std::uint64_t found) {
        fmt::print("{},{},{:.0f},{:.3f},{:.0f},{}\n", program, literals.size(), static_cast<double>(total) / 1e6, seconds,
                   static_cast<double>(total) / 1e6 / seconds, found);
    };

    const Buffer database = compiled(literals);
    const auto patterns = match::PatternScanner::open(sigdb::View::open(database).value()).value();
    match::PatternHits hits;
    std::uint64_t found = 0;
    const double ward = best_of(runs, [&] {
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
    const double vectorscan = best_of(runs, [&] {
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
