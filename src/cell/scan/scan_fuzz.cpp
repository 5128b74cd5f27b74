// SPDX-License-Identifier: Apache-2.0
// One object as a cell scans it: types, containers, rules, spool, and the verdict on its way to the gate.
#include "cell/compile/compiler.h"
#include "cell/scan/scanner.h"
#include "model/encode.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace {

constexpr const char* kRules = R"(
rule text_string { strings: $a = "hello" nocase wide ascii condition: $a }
rule hex_string { strings: $a = { 68 65 ( 6C | ?? 6? ) [0-4] 6F } condition: #a > 1 and @a[1] < filesize }
rule expression { strings: $a = /h[a-z]{1,8}o\b/ condition: for any i in (1..#a) : (!a[i] > 3) }
rule by_name { condition: filename matches /\.sh$/ or filepath contains "/tmp/" or extension == ".com" }
rule by_kind { condition: filetype == "elf" or uint32be(0) == 0x504B0304 and entrypoint == 0 }
)";

ward::Limits small_limits() {
    ward::Limits limits;
    limits.max_unpacked_bytes = 4 * ward::kMiB;
    limits.max_member_bytes = 1 * ward::kMiB;
    limits.max_members = 1000;
    limits.max_depth = 4;
    return limits;
}

ward::Buffer compiled_rules() {
    ward::compile::Compiler compiler;
    ward::compile::NoIncludes none;
    compiler.add({"fuzz.yar", kRules, ""}, none);
    auto compiled = std::move(compiler).finish();
    if (compiled.rules != 5) std::abort();
    return std::move(compiled.database);
}

// What the gate takes from a cell must be what the cell meant.
void check_message(const ward::Verdict& verdict, const ward::ScanManner& manner) {
    ward::Buffer message;
    ward::Encoder out{message};
    encode(verdict, out);
    ward::Decoder in{message};
    const auto again = ward::decode_verdict(in, manner);
    if (!again || *again != verdict || !in.end()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ward::Limits limits = small_limits();
    static const ward::Buffer database = compiled_rules();
    static const auto rules = ward::match::RuleScanner::open(database).value();
    static auto scanner = ward::scan::Scanner::open(&rules, limits, {}, ::memfd_create("spool", MFD_CLOEXEC)).value();

    const ward::Verdict verdict = scanner.scan({"/srv/fuzz.tgz", size, 0, 0100644}, {data, size});
    // What the gate holds a cell to, or ends it.
    if (verdict.type.empty() || verdict.members > limits.max_members) std::abort();
    for (const auto& match : verdict.matches) {
        if (match.members.size() > limits.max_depth) std::abort();
    }
    for (const auto& gap : verdict.gaps) {
        if (gap.where.members.size() > limits.max_depth || gap.why.empty()) std::abort();
    }
    check_message(verdict, {});

    // And as `ward yara` asks.
    static const ward::ScanManner all{.members = false, .file_names = false, .unsatisfied = true, .all_hits = true, .data_bytes = 512, .warnings = true,
                                      .console = true, .module_data = true};
    static auto talkative = ward::scan::Scanner::open(&rules, limits, {}, -1, all).value();
    const ward::Verdict told = talkative.scan({"/srv/fuzz", size, 0, 0100644}, {data, size});
    if (told.members != 0 || told.matches.empty()) std::abort();
    for (const auto& match : told.matches) {
        for (const auto& hit : match.hits) {
            if (hit.offset > size || hit.length > size - hit.offset || hit.data.size() != std::min<std::uint64_t>(hit.length, all.data_bytes)) std::abort();
        }
    }
    check_message(told, all);
    return 0;
}
