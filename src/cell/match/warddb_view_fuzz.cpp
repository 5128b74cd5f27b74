// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/compiler.h"
#include "cell/match/patterns.h"
#include "cell/match/rules.h"
#include "core/text.h"

#include <algorithm>

// A database that lies: rules, a zero byte, and changes to what they compile to, six bytes each: a little-endian u32 that says where
// (modulo the size), a byte, and how many bytes get it. Input that begins with the magic is a database by itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward;
    const Bytes input{data, size};
    Buffer database{input.begin(), input.end()};
    if (!as_text(input).starts_with("WARDDB")) {
        if (size > 4096) return 0;
        const auto zero = static_cast<std::size_t>(std::find(input.begin(), input.end(), 0) - input.begin());
        compile::Compiler compiler;
        compile::NoIncludes includes;
        compiler.add({"a.yar", std::string{as_text(input.first(zero))}, ""}, includes);
        database = std::move(compiler).finish().database;
        for (Bytes changes = input.subspan(std::min(zero + 1, size)); changes.size() >= 6; changes = changes.subspan(6)) {
            std::size_t at = sigdb::load<std::uint32_t>(changes.data()) % database.size();
            for (unsigned left = changes[5]; left > 0 && at < database.size(); --left) database[at++] = changes[4];
        }
    }
    const auto view = sigdb::View::open(database);
    if (!view.ok()) return 0;
    (void)view->verify();
    constexpr std::string_view kText = "MZ\x90 the quick brown fox jumps abcabc ABC 123 over a lazy dog\0a\0b\0c\0 \xff\xfe end";
    const Bytes text = as_bytes(kText);
    Deadline deadline{std::chrono::milliseconds{500}};
    if (const auto patterns = match::PatternScanner::open(*view); patterns.ok()) {
        (void)patterns->verify();
        match::PatternHits hits;
        patterns->scan(text, hits, deadline);
    }
    if (const auto rules = match::RuleScanner::open(database); rules.ok()) {
        match::RuleScanner::Scratch scratch{*rules};
        for (int again = 0; again < 2; ++again) (void)rules->scan(text, {}, scratch, deadline);
        // In a longer one not all weak patterns are looked for at once.
        std::string longer;
        while (longer.size() < 140'000) longer += kText;
        for (int again = 0; again < 2; ++again) (void)rules->scan(as_bytes(longer), {}, scratch, deadline);
    }
    return 0;
}
