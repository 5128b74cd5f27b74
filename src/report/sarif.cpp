// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0 (OASIS Standard, errata 01). Findings are results, gaps are tool execution notifications (3.20.21).
#include "core/json_write.h"
#include "core/text.h"
#include "report/internal/formats.h"

#include <map>

namespace ward::report {

namespace {

std::string_view level_of(Severity severity) {
    switch (severity) {
        case Severity::critical:
        case Severity::high: return "error";
        case Severity::medium: return "warning";
        default: return "note";
    }
}

// GitHub reads this number, 0.0 to 10.0, as CVSS bands.
std::string_view security_severity(Severity severity) {
    constexpr std::string_view kScores[] = {"0.0", "3.0", "5.5", "8.0", "9.5"};
    return kScores[static_cast<std::size_t>(severity)];
}

// RFC 3986: everything but unreserved characters and the slash is escaped, so any bytes make a valid URI.
// Of what has no path, as standard input and processes, a relative reference.
std::string file_uri(std::string_view path) {
    std::string out = path.starts_with('/') ? "file://" : "";
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~' || c == '/';
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

void write_location(JsonWriter& json, const Where& where, const Evidence* evidence) {
    json.begin_object();
    json.key("physicalLocation").begin_object();
    json.key("artifactLocation").begin_object().key("uri").text(file_uri(where.path)).end_object();
    const auto* pattern = evidence == nullptr ? nullptr : std::get_if<PatternEvidence>(evidence);
    if (where.line != 0) {
        json.key("region").begin_object().key("startLine").number(where.line).end_object();
    } else if (pattern != nullptr && !pattern->address && where.members.empty()) {
        // A region counts bytes of the file itself; inside a container there is no such place.
        json.key("region").begin_object().key("byteOffset").number(pattern->offset);
        json.key("byteLength").number(pattern->length).end_object();
    }
    json.end_object();
    if (!where.members.empty()) {
        std::string name;
        for (const auto& member : where.members) name += (name.empty() ? "" : " > ") + member;
        json.key("logicalLocations").begin_array().begin_object();
        json.key("fullyQualifiedName").text(name).key("kind").text("member").end_object().end_array();
    }
    json.end_object();
}

}  // namespace

std::string as_sarif(const Report& report) {
    std::map<std::string, std::size_t> index;
    std::vector<const Finding*> rules;
    for (const auto& finding : report.findings) {
        if (index.emplace(finding.rule, rules.size()).second) rules.push_back(&finding);
    }
    JsonWriter json{2};
    json.begin_object();
    json.key("$schema").text("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
    json.key("version").text("2.1.0");
    json.key("runs").begin_array().begin_object();
    json.key("tool").begin_object().key("driver").begin_object();
    json.key("name").text("Ward").key("version").text(report.run.version);
    json.key("rules").begin_array();
    for (const Finding* rule : rules) {
        json.begin_object().key("id").text(rule->rule);
        json.key("shortDescription").begin_object().key("text").text(rule->title).end_object();
        json.key("fullDescription").begin_object();
        json.key("text").text(rule->why.empty() ? rule->title : rule->why).end_object();
        const std::string help = rule->fix.empty() ? rule->title : rule->fix;
        json.key("help").begin_object().key("text").text(help).key("markdown").text(help).end_object();
        json.key("defaultConfiguration").begin_object().key("level").text(level_of(rule->severity)).end_object();
        json.key("properties").begin_object().key("security-severity").text(security_severity(rule->severity));
        json.key("tags").begin_array().text("security").text(area_name(rule->area)).end_array().end_object();
        json.end_object();
    }
    json.end_array().end_object().end_object();

    json.key("invocations").begin_array().begin_object();
    json.key("executionSuccessful").boolean(!report.summary.interrupted);
    json.key("startTimeUtc").text(utc_time(report.run.started));
    json.key("toolExecutionNotifications").begin_array();
    for (const auto& gap : report.gaps) {
        json.begin_object().key("level").text("warning");
        json.key("descriptor").begin_object().key("id").text(code_name(gap.code)).end_object();
        json.key("message").begin_object().key("text").text(gap.why).end_object();
        if (!gap.where.path.empty()) {
            json.key("locations").begin_array();
            write_location(json, gap.where, nullptr);
            json.end_array();
        }
        json.end_object();
    }
    json.end_array().end_object().end_array();

    json.key("results").begin_array();
    for (const auto& finding : report.findings) {
        json.begin_object().key("ruleId").text(finding.rule);
        json.key("ruleIndex").number(static_cast<std::uint64_t>(index[finding.rule]));
        json.key("level").text(level_of(finding.severity));
        std::string message = finding.title;
        for (const auto& evidence : finding.evidence) message += "\n" + evidence_text(evidence);
        json.key("message").begin_object().key("text").text(message).end_object();
        if (!finding.where.path.empty()) {
            json.key("locations").begin_array();
            write_location(json, finding.where, finding.evidence.empty() ? nullptr : &finding.evidence.front());
            json.end_array();
        }
        json.key("partialFingerprints").begin_object().key("wardId/v1").text(finding.id).end_object();
        json.end_object();
    }
    json.end_array();
    json.key("columnKind").text("utf16CodeUnits");
    json.end_object().end_array().end_object();
    return std::move(json).take() + "\n";
}

}  // namespace ward::report
