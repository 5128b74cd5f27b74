// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"
#include "report/internal/formats.h"

#include <fmt/format.h>

#include <algorithm>

namespace ward::report {

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string evidence_text(const Evidence& evidence) {
    if (const auto* pattern = std::get_if<PatternEvidence>(&evidence)) {
        const auto place = pattern->address ? fmt::format("address {:#x}", pattern->offset) : fmt::format("offset {}", pattern->offset);
        return fmt::format("{} at {}, {}", pattern->pattern, place, counted(pattern->length, "byte", "bytes"));
    }
    if (const auto* facts = std::get_if<FactEvidence>(&evidence)) {
        std::string out;
        for (const auto& [name, value] : facts->facts) {
            if (!out.empty()) out += ", ";
            out += name + " = " + (std::holds_alternative<std::monostate>(value) ? "not set" : to_text(value));
        }
        return out;
    }
    const Where& where = std::get<Where>(evidence);
    std::string out = "also in " + where.path;
    if (where.line != 0) out += fmt::format(":{}", where.line);
    for (const auto& member : where.members) out += " > " + member;
    return out;
}

std::string severity_counts(const std::vector<Finding>& findings) {
    std::string out;
    for (int level = static_cast<int>(Severity::critical); level >= 0; --level) {
        const auto severity = static_cast<Severity>(level);
        const auto count = std::count_if(findings.begin(), findings.end(),
                                         [&](const Finding& f) { return f.severity == severity; });
        if (count == 0) continue;
        if (!out.empty()) out += ", ";
        out += fmt::format("{} {}", count, severity_name(severity));
    }
    return out.empty() ? "nothing found" : out;
}

std::string_view area_title(Area area) {
    constexpr std::string_view kTitles[] = {"Malware", "Updates", "Network", "Credentials", "Supply chain"};
    return kTitles[static_cast<std::size_t>(area)];
}

std::string area_line(const Report& report, Area area) {
    const AreaTally& tally = report.summary.of(area);
    if (!tally.ran) return "not looked at";
    const auto gaps = tally.gaps == 0 ? std::string{} : ", " + counted(tally.gaps, "gap", "gaps");
    const auto failed = tally.failed == 0 ? std::string{"nothing found"} : fmt::format("{} with findings", tally.failed);
    const auto checks = fmt::format("{}: {}", counted(tally.checks, "check", "checks"), failed);
    if (area == Area::malware && (tally.files > 0 || tally.processes > 0 || tally.checks == 0)) {
        const auto flagged = tally.flagged == 0     ? std::string{"nothing found"}
                             : tally.processes == 0 ? counted(tally.flagged, "file flagged", "files flagged")
                                                    : fmt::format("{} flagged", tally.flagged);
        std::string seen;
        if (tally.files > 0 || tally.processes == 0) seen = counted(tally.files, "file", "files");
        if (tally.processes > 0) seen += (seen.empty() ? "" : ", ") + counted(tally.processes, "process", "processes");
        return fmt::format("{}, {}: {}{}{}", seen, human_bytes(tally.bytes), flagged,
                           tally.checks == 0 ? "" : "; " + checks, gaps);
    }
    return checks + gaps;
}

}  // namespace ward::report
