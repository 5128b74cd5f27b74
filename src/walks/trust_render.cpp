// SPDX-License-Identifier: Apache-2.0
#include "walks/trust.h"

#include "core/json_write.h"
#include "core/text.h"

#include <algorithm>

namespace ward::walks {

namespace {

std::string mark(Standing standing) {
    switch (standing) {
        case Standing::in_force: return "yes";
        case Standing::missing: return "NO ";
        case Standing::unseen: return " ? ";
    }
    return " ? ";
}

std::size_t count(const ProcessEvidence& process, Standing standing) {
    return static_cast<std::size_t>(std::count_if(process.layers.begin(), process.layers.end(),
                                                  [&](const LayerEvidence& each) { return each.standing == standing; }));
}

std::string evidence_of(const LayerEvidence& layer) {
    const std::string evidence = escape_for_terminal(layer.evidence);
    if (layer.from_kernel) return evidence;
    return evidence + (evidence.empty() ? "" : "; ") + "said by the process, the kernel keeps no record";
}

void add_process(const ProcessEvidence& process, bool verbose, std::string& out) {
    out += fmt::format("{}  {}\n", process.name, process.purpose);
    if (process.sealed) {
        out += fmt::format("  {} layers in force, {} missing, {} not to be seen by this user\n", count(process, Standing::in_force),
                           count(process, Standing::missing), count(process, Standing::unseen));
    }
    for (const auto& each : process.layers) {
        if (!verbose && process.sealed && each.standing == Standing::in_force) continue;
        out += fmt::format("  {}  {}  [{}]\n", mark(each.standing), each.name, evidence_of(each));
    }
    out += '\n';
}

void add_attempts(const TrustReport& report, bool verbose, std::string& out) {
    const auto refused = std::count_if(report.attempts.begin(), report.attempts.end(),
                                       [](const gate::Attempted& each) { return each.refused; });
    out += fmt::format("Tried now, each in a cell of its own: {} forbidden things, {} refused\n", report.attempts.size(), refused);
    for (const auto& each : report.attempts) {
        if (!verbose && each.refused) continue;
        out += fmt::format("  {}  {}  [{}]\n", each.refused ? "refused" : "NOT REFUSED", escape_for_terminal(each.name),
                           escape_for_terminal(each.how));
    }
    out += '\n';
}

// Words of a text in lines of at most `width`, each behind `indent`.
void add_wrapped(std::string_view text, std::string_view indent, std::size_t width, std::string& out) {
    std::size_t column = 0;
    for (const auto word : words(text)) {
        if (column > 0 && column + 1 + word.size() > width) {
            out += '\n';
            column = 0;
        }
        out += column == 0 ? indent : " ";
        out += word;
        column += word.size() + 1;
    }
    out += '\n';
}

}  // namespace

std::string render_text(const TrustReport& report, bool verbose) {
    std::string out = report.anything_missing() ? "Part of the wall is missing here; what is marked NO below says which.\n\n"
                                                : "The wall stands: every layer that can be seen is in force.\n\n";
    for (const auto& process : report.processes) add_process(process, verbose, out);
    add_attempts(report, verbose, out);
    for (const auto& each : report.answers) {
        out += each.question + '\n';
        add_wrapped(each.answer, "  ", 96, out);
    }
    if (!verbose) out += "\n-v shows each layer with the kernel's record of it, and each attempt.\n";
    return out;
}

std::string render_json(const TrustReport& report) {
    JsonWriter json{2};
    json.begin_object().key("schema").text("ward.trust/1").key("whole").boolean(!report.anything_missing());
    json.key("processes").begin_array();
    for (const auto& process : report.processes) {
        json.begin_object().key("name").text(process.name).key("purpose").text(process.purpose);
        json.key("pid").number(static_cast<std::int64_t>(process.pid)).key("sealed").boolean(process.sealed);
        json.key("layers").begin_array();
        for (const auto& each : process.layers) {
            json.begin_object().key("name").text(each.name).key("standing").text(standing_name(each.standing));
            json.key("evidence").text(each.evidence).key("source").text(each.from_kernel ? "kernel" : "cell").end_object();
        }
        json.end_array().end_object();
    }
    json.end_array().key("attempts").begin_array();
    for (const auto& each : report.attempts) {
        json.begin_object().key("name").text(each.name).key("refused").boolean(each.refused).key("how").text(each.how).end_object();
    }
    json.end_array().key("answers").begin_array();
    for (const auto& each : report.answers) {
        json.begin_object().key("question").text(each.question).key("answer").text(each.answer).end_object();
    }
    json.end_array().key("gaps").begin_array();
    for (const auto& gap : report.gaps) {
        json.begin_object().key("where").begin_object().key("path").text(gap.where.path).end_object();
        json.key("code").text(code_name(gap.code)).key("why").text(gap.why).end_object();
    }
    return std::move(json.end_array().end_object()).take() + "\n";
}

}  // namespace ward::walks
