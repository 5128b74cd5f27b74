// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include "core/text.h"
#include "report/internal/formats.h"

#include <algorithm>
#include <tuple>

namespace ward::report {

namespace {

struct Named {
    std::string_view name;
    Format format;
};
constexpr Named kFormats[] = {
    {"text", Format::text},   {"json", Format::json}, {"jsonl", Format::jsonl}, {"sarif", Format::sarif},
    {"junit", Format::junit}, {"html", Format::html}, {"csv", Format::csv},
};

}  // namespace

std::optional<Format> format_from_name(std::string_view name) {
    for (const auto& item : kFormats) {
        if (item.name == name) return item.format;
    }
    return std::nullopt;
}

std::string_view format_names() { return "text, json, jsonl, sarif, junit, html, csv"; }

void sort(std::vector<Finding>& findings) {
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        if (a.severity != b.severity) return a.severity > b.severity;
        return std::tie(a.area, a.rule, a.where.path, a.where.line, a.where.members, a.id) <
               std::tie(b.area, b.rule, b.where.path, b.where.line, b.where.members, b.id);
    });
}

std::string place(const Where& where) {
    std::string out = escape_for_terminal(where.path);
    if (where.line != 0) out += fmt::format(":{}", where.line);
    // The sign cannot be mistaken for a part of a path: '>' may be, " > " hardly.
    for (const auto& member : where.members) out += " > " + escape_for_terminal(member);
    return out;
}

std::string render(const Report& report, Format format, const Style& style) {
    switch (format) {
        case Format::text: return as_text_report(report, style);
        case Format::json: return as_json(report);
        case Format::jsonl: return as_json_lines(report);
        case Format::sarif: return as_sarif(report);
        case Format::junit: return as_junit(report);
        case Format::html: return as_html(report);
        case Format::csv: return as_csv(report);
    }
    return {};
}

}  // namespace ward::report
