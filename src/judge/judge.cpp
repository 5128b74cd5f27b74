// SPDX-License-Identifier: Apache-2.0
#include "judge/judge.h"

#include "core/hash.h"
#include "core/text.h"

#include <fmt/format.h>

namespace ward::judge {

namespace {

constexpr std::size_t kIdDigits = 16;  // of SHA-256 in hex: two of a million findings agree once in 10^7 machines

// What makes a finding the same one in the next report: the rule and the place, not the bytes found there.
std::string fingerprint(std::string_view rule, const Where& where) {
    std::string text{rule};
    text += '\0';
    text += where.path;
    for (const auto& member : where.members) {
        text += '\0';
        text += member;
    }
    return sha256_hex(as_bytes(text)).substr(0, kIdDigits);
}

std::string meta_text(const Match& match, std::string_view name) {
    for (const auto& [key, value] : match.meta) {
        if (!equal_ignoring_case(key, name)) continue;
        if (const auto* text = std::get_if<std::string>(&value)) return *text;
    }
    return {};
}

Finding finding_of(const Object& object, const Match& match) {
    Finding finding;
    finding.area = Area::malware;
    finding.rule = match.rule;
    finding.severity = severity_from_name(to_lower_ascii(meta_text(match, "severity"))).value_or(Severity::high);
    finding.title = meta_text(match, "title");
    if (finding.title.empty()) finding.title = meta_text(match, "description");
    if (finding.title.empty()) finding.title = match.rule;
    finding.why = meta_text(match, "why");
    finding.fix = meta_text(match, "fix");
    for (const auto& [key, value] : match.meta) {
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr) continue;
        for (const char* name : {"reference", "refs", "url"}) {
            if (equal_ignoring_case(key, name)) finding.refs.push_back(*text);
        }
    }
    finding.where = Where{object.path, 0, match.members};
    for (const auto& hit : match.hits) finding.evidence.emplace_back(PatternEvidence{hit.pattern, hit.offset, hit.length});
    finding.id = fingerprint(finding.rule, finding.where);
    return finding;
}

}  // namespace

std::vector<Finding> weigh(const Object& object, const Verdict& verdict) {
    std::vector<Finding> findings;
    findings.reserve(verdict.matches.size());
    for (const auto& match : verdict.matches) findings.push_back(finding_of(object, match));
    return findings;
}

}  // namespace ward::judge
