// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over its corpus once, as an ordinary test: `fuzz_zip testdata/zip`. Files that end in .hex hold hex
// text with '#' comments; all others are taken as they are. An empty or missing corpus fails.
#include "core/bytes.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

ward::Buffer read_case(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
    const auto bytes = ward::as_bytes(text);
    if (path.extension() != ".hex") return {bytes.begin(), bytes.end()};
    std::string digits;
    bool comment = false;
    for (const char c : text) {
        if (c == '#') comment = true;
        if (c == '\n') comment = false;
        if (!comment) digits += c == '\n' ? ' ' : c;
    }
    ward::Buffer out;
    if (!ward::from_hex(digits, out)) {
        std::fprintf(stderr, "not hex text: %s\n", path.c_str());
        std::exit(1);
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t cases = 0;
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{argv[i]}) {
            if (!entry.is_regular_file()) continue;
            const ward::Buffer bytes = read_case(entry.path());
            LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
            ++cases;
        }
    }
    std::printf("replayed %zu cases\n", cases);
    return cases == 0 ? 1 : 0;
}
