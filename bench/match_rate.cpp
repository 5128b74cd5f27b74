// SPDX-License-Identifier: Apache-2.0
// How fast the matcher is, stage by stage, without the wall and without reading files: they are in memory before the clock starts.
//
//     match_rate [--runs N] [--copies N] RULES... -- FILE|FOLDER|@LIST...
//
// RULES are YARA sources, or folders of them, each a ruleset of its own; --copies takes all of them N times. Rules that do not
// compile are left out and counted. Prints the best of N runs (3), in seconds of this thread's CPU: what compiling and
// opening take, then for each stage seconds, MB/s, and what it found, by which two builds are compared.
#include "cell/compile/compiler.h"
#include "cell/match/patterns.h"
#include "cell/match/rules.h"
#include "measure.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace ward {
namespace {

namespace fs = std::filesystem;

// Regular files of a file, a folder or a list of names, in one order.
std::vector<fs::path> files_of(const std::string& name) {
    std::vector<fs::path> files;
    if (name.starts_with('@')) {
        for (auto& line : bench::lines_of(name.substr(1))) files.emplace_back(std::move(line));
    } else if (!fs::is_directory(name)) {
        files.emplace_back(name);
    } else {
        for (const auto& entry : fs::recursive_directory_iterator{name, fs::directory_options::skip_permission_denied}) {
            if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
    }
    return files;
}

int run(int count, char** arguments) {
    int runs = 3;
    int copies = 1;
    std::vector<fs::path> rules;
    std::vector<std::string> samples;
    std::uint64_t total = 0;
    bool files = false;
    for (int i = 1; i < count; ++i) {
        const std::string word = arguments[i];
        if (word == "--runs" && i + 1 < count) runs = std::stoi(arguments[++i]);
        else if (word == "--copies" && i + 1 < count) copies = std::stoi(arguments[++i]);
        else if (word == "--") files = true;
        else if (!files) std::ranges::move(files_of(word), std::back_inserter(rules));
        else for (const auto& path : files_of(word)) total += samples.emplace_back(bench::read_all(path)).size();
    }
    if (rules.empty() || samples.empty()) return 2;
    std::erase_if(rules, [](const fs::path& path) { return path.extension() != ".yar" && path.extension() != ".yara"; });

    compile::Compiled compiled;
    const double compiling = bench::best_of(1, [&] {
        compile::Compiler compiler;
        compile::NoIncludes no_includes;
        for (int copy = 0; copy < copies; ++copy) {
            for (const auto& path : rules) compiler.add({path.string(), bench::read_all(path), fmt::format("{}-{}", copy, path.string())}, no_includes);
        }
        compiled = std::move(compiler).finish();
    });
    fmt::print("# {} rules, {} left out, {} patterns, database of {} bytes, compiled in {:.3f} s\n", compiled.rules, compiled.left_out,
               compiled.patterns, compiled.database.size(), compiling);
    fmt::print("# {} files, {:.1f} MB; best of {}\nstage,seconds,mb_per_s,found\n", samples.size(), static_cast<double>(total) / 1e6, runs);
    const auto tell = [&](const char* stage, double seconds, std::uint64_t found) {
        fmt::print("{},{:.3f},{:.0f},{}\n", stage, seconds, static_cast<double>(total) / 1e6 / seconds, found);
    };

    const auto view = sigdb::View::open(compiled.database).value();
    const auto patterns = match::PatternScanner::open(view).value();
    match::PatternHits hits;
    std::uint64_t found = 0;
    const double strong = bench::best_of(runs, [&] {
        found = 0;
        for (const auto& sample : samples) {
            Deadline deadline{std::chrono::minutes{10}};
            patterns.scan_strong(as_bytes(sample), patterns.head(as_bytes(sample)), hits, deadline);
            for (const std::uint32_t pattern : hits.patterns()) found += hits.of(pattern).size();
        }
    });
    tell("patterns", strong, found);

    const auto scanner = match::RuleScanner::open(compiled.database).value();
    match::RuleScanner::Scratch scratch{scanner};
    const double whole = bench::best_of(runs, [&] {
        found = 0;
        for (const auto& sample : samples) {
            Deadline deadline{std::chrono::minutes{10}};
            found += scanner.scan(as_bytes(sample), {}, scratch, deadline).matches.size();
        }
    });
    tell("rules", whole, found);
    return 0;
}

}  // namespace
}  // namespace ward

int main(int count, char** arguments) { return ward::run(count, arguments); }
