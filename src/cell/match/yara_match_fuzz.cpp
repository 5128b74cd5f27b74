// SPDX-License-Identifier: Apache-2.0
#include "cell/compile/compiler.h"
#include "cell/match/patterns.h"
#include "cell/match/rules.h"
#include "core/text.h"

#include <algorithm>

// Rules, a zero byte, and the bytes to match them against.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward;
    if (size > 16 * 1024) return 0;
    const Bytes input{data, size};
    const auto zero = static_cast<std::size_t>(std::find(input.begin(), input.end(), 0) - input.begin());
    const Bytes text = input.subspan(std::min(zero + 1, size));
    compile::Compiler compiler;
    compile::NoIncludes includes;
    compiler.add({"a.yar", std::string{as_text(input.first(zero))}, ""}, includes);
    const auto compiled = std::move(compiler).finish();
    const auto scanner = match::RuleScanner::open(compiled.database).value();
    match::RuleScanner::Scratch scratch{scanner};
    Deadline deadline{std::chrono::milliseconds{500}};
    const auto outcome = scanner.scan(text, {}, scratch, deadline);
    WARD_CHECK(outcome.matches.size() <= compiled.rules);
    for (const auto& match : outcome.matches) {
        for (const auto& hit : match.hits) WARD_CHECK(hit.offset <= text.size() && hit.length <= text.size() - hit.offset);
    }
    const auto patterns = match::PatternScanner::open(sigdb::View::open(compiled.database).value()).value();
    WARD_CHECK(patterns.verify().ok());
    match::PatternHits hits;
    Deadline second{std::chrono::milliseconds{500}};
    patterns.scan(text, hits, second);
    for (const std::uint32_t pattern : hits.patterns()) {
        const auto found = hits.of(pattern);
        WARD_CHECK(std::adjacent_find(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.offset >= b.offset; }) == found.end());
    }
    return 0;
}
