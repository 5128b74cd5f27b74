// SPDX-License-Identifier: Apache-2.0
// CSV (RFC 4180): findings, then gaps, told apart by the first column. Names are escaped as for a terminal, because that is
// where CSV ends up as often as in a spreadsheet; who needs their bytes takes JSON.
#include "core/text.h"
#include "report/internal/formats.h"

namespace ward::report {

namespace {

std::string field(std::string_view raw) {
    std::string text = replace_invalid_utf8(raw);
    // A spreadsheet would run what starts like a formula; names from outside may be anything.
    if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos) text.insert(0, 1, '\'');
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

void add_row(std::string& out, std::initializer_list<std::string> fields) {
    bool first = true;
    for (const auto& text : fields) {
        if (!first) out += ',';
        first = false;
        out += field(text);
    }
    out += "\r\n";
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

}  // namespace

std::string as_csv(const Report& report) {
    std::string out;
    add_row(out, {"kind", "id", "rule", "area", "severity", "title", "path", "line", "members", "evidence", "why", "fix",
                  "commands"});
    for (const auto& finding : report.findings) {
        std::vector<std::string> evidence;
        for (const auto& item : finding.evidence) evidence.push_back(evidence_text(item));
        std::vector<std::string> commands;
        for (const auto& command : finding.commands) commands.push_back(escape_for_terminal(command));
        add_row(out, {"finding", finding.id, finding.rule, std::string{area_name(finding.area)},
                      std::string{severity_name(finding.severity)}, finding.title, escape_for_terminal(finding.where.path),
                      finding.where.line == 0 ? "" : std::to_string(finding.where.line), escape_for_terminal(joined(finding.where.members, " > ")),
                      escape_for_terminal(joined(evidence, "; ")), finding.why, finding.fix, joined(commands, "\n")});
    }
    for (const auto& gap : report.gaps) {
        add_row(out, {"gap", "", std::string{code_name(gap.code)}, "", "", "", escape_for_terminal(gap.where.path),
                      gap.where.line == 0 ? "" : std::to_string(gap.where.line), escape_for_terminal(joined(gap.where.members, " > ")), "",
                      gap.why, "", ""});
    }
    return out;
}

}  // namespace ward::report
