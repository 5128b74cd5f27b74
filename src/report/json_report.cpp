// SPDX-License-Identifier: Apache-2.0
#include "core/json_write.h"
#include "core/text.h"
#include "report/internal/formats.h"

#include <algorithm>

namespace ward::report {

namespace {

void write_value(JsonWriter& json, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        json.number(*number);
    } else if (const auto* real = std::get_if<double>(&value)) {
        json.real(*real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        json.text(*text);
    } else {
        json.null();
    }
}

void write_where(JsonWriter& json, const Where& where) {
    json.begin_object();
    if (!where.path.empty()) {
        json.key("path").text(where.path);
        if (!is_utf8(where.path)) json.key("path_base64").text(to_base64(as_bytes(where.path)));
    }
    if (where.line != 0) json.key("line").number(where.line);
    if (!where.members.empty()) {
        json.key("members").begin_array();
        for (const auto& member : where.members) json.text(member);
        json.end_array();
    }
    json.end_object();
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
    json.key(key).begin_array();
    for (const auto& text : texts) json.text(text);
    json.end_array();
}

// The fields without the braces, so that jsonl can put `kind` before them.
void write_finding(JsonWriter& json, const Finding& finding, const Comparison& comparison) {
    json.key("id").text(finding.id);
    json.key("rule").text(finding.rule);
    json.key("area").text(area_name(finding.area));
    json.key("severity").text(severity_name(finding.severity));
    json.key("title").text(finding.title);
    json.key("why").text(finding.why);
    json.key("where");
    write_where(json, finding.where);
    json.key("evidence").begin_array();
    for (const auto& evidence : finding.evidence) {
        json.begin_object();
        if (const auto* pattern = std::get_if<PatternEvidence>(&evidence)) {
            json.key("pattern").text(pattern->pattern);
            json.key("offset").number(pattern->offset);
            json.key("length").number(pattern->length);
        } else if (const auto* facts = std::get_if<FactEvidence>(&evidence)) {
            json.key("facts").begin_object();
            for (const auto& [name, value] : facts->facts) {
                json.key(name);
                write_value(json, value);
            }
            json.end_object();
        } else {
            json.key("where");
            write_where(json, std::get<Where>(evidence));
        }
        json.end_object();
    }
    json.end_array();
    json.key("fix").begin_object().key("text").text(finding.fix);
    write_texts(json, "commands", finding.commands);
    json.end_object();
    write_texts(json, "refs", finding.refs);
    if (comparison.previous != 0) {
        json.key("new").boolean(std::find(comparison.known.begin(), comparison.known.end(), finding.id) ==
                                comparison.known.end());
    }
}

void write_gap(JsonWriter& json, const Gap& gap) {
    json.key("where");
    write_where(json, gap.where);
    json.key("code").text(code_name(gap.code));
    json.key("why").text(gap.why);
}

void write_run(JsonWriter& json, const Run& run, const Summary* summary) {
    json.key("command").text(run.command);
    json.key("started").text(utc_time(run.started));
    if (summary != nullptr) json.key("seconds").real(summary->seconds);
    json.key("ward").text(run.version);
    json.key("host").text(run.host);
    if (!run.rules_id.empty()) {
        json.key("rules").begin_object().key("id").text(run.rules_id).key("count").number(run.rules_count).end_object();
    }
}

void write_summary(JsonWriter& json, const Summary& summary) {
    for (const Area area : kAreas) {
        const AreaTally& tally = summary.of(area);
        json.key(area_name(area)).begin_object();
        if (tally.ran && area == Area::malware) {
            json.key("files").number(tally.files).key("processes").number(tally.processes).key("bytes").number(tally.bytes).key("flagged").number(tally.flagged);
            json.key("gaps").number(tally.gaps);
            const PassedOver& over = tally.passed_over;
            json.key("passed_over").begin_object().key("links").number(over.links).key("special").number(over.special);
            json.key("names").number(over.names).key("excluded").number(over.excluded);
            json.key("file_systems").number(over.file_systems).end_object();
        } else if (tally.ran) {
            json.key("checks").number(tally.checks).key("failed").number(tally.failed).key("gaps").number(tally.gaps);
        }
        json.end_object();
    }
}

void write_fixed(JsonWriter& json, const Comparison& comparison) {
    if (comparison.previous == 0) return;
    json.key("previous").begin_object().key("started").text(utc_time(comparison.previous));
    json.key("fixed").begin_array();
    for (const auto& finding : comparison.fixed) {
        json.begin_object().key("id").text(finding.id).key("rule").text(finding.rule).key("title").text(finding.title);
        json.key("where");
        write_where(json, finding.where);
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::string as_json(const Report& report) {
    JsonWriter json{2};
    json.begin_object().key("schema").text("ward.report/1");
    json.key("run").begin_object();
    write_run(json, report.run, &report.summary);
    if (report.summary.interrupted) json.key("interrupted").boolean(true);
    json.end_object();
    json.key("summary").begin_object();
    write_summary(json, report.summary);
    json.end_object();
    json.key("findings").begin_array();
    for (const auto& finding : report.findings) {
        json.begin_object();
        write_finding(json, finding, report.comparison);
        json.end_object();
    }
    json.end_array();
    json.key("gaps").begin_array();
    for (const auto& gap : report.gaps) {
        json.begin_object();
        write_gap(json, gap);
        json.end_object();
    }
    json.end_array();
    write_fixed(json, report.comparison);
    json.end_object();
    return std::move(json).take() + "\n";
}

std::string as_json_lines(const Report& report) {
    std::string out;
    const auto line = [&](std::string_view kind, const auto& write) {
        JsonWriter json;
        json.begin_object().key("kind").text(kind);
        write(json);
        json.end_object();
        out += std::move(json).take() + "\n";
    };
    line("run", [&](JsonWriter& json) {
        json.key("schema").text("ward.report/1");
        write_run(json, report.run, nullptr);
    });
    for (const auto& finding : report.findings) {
        line("finding", [&](JsonWriter& json) { write_finding(json, finding, report.comparison); });
    }
    for (const auto& gap : report.gaps) line("gap", [&](JsonWriter& json) { write_gap(json, gap); });
    line("summary", [&](JsonWriter& json) {
        json.key("seconds").real(report.summary.seconds);
        if (report.summary.interrupted) json.key("interrupted").boolean(true);
        write_summary(json, report.summary);
        write_fixed(json, report.comparison);
    });
    return out;
}

}  // namespace ward::report
