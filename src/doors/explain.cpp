// SPDX-License-Identifier: Apache-2.0
#include "doors/explain.h"

#include "core/json_write.h"
#include "core/text.h"
#include "doors/answer.h"
#include "gate/cells.h"
#include "host/descriptor.h"
#include "host/share.h"
#include "host/state.h"
#include "host/system_error.h"
#include "judge/checks.h"
#include "judge/judge.h"
#include "report/report.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

namespace ward::doors {

namespace {

constexpr Option kOptions[] = {
    {"format", 0, "FORMAT", "text (the default) or json"},
    {"output", 'o', "FILE", "write the answer there instead of standard output"},
};

constexpr std::size_t kIndent = 2;

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
    json.key(key).begin_array();
    for (const auto& text : texts) json.text(text);
    json.end_array();
}

std::string indented(std::string_view text) {
    std::string out;
    std::string_view line;
    while (next_line(text, line)) out += fmt::format("{:{}}{}\n", "", kIndent, line);
    return out;
}

// A finding that an earlier run left in the history; nothing when there is no history or no such finding.
Result<std::optional<Finding>> past_finding(const Arguments& arguments, const std::string& id) {
    const std::string state = WARD_TRY(host::state_folder(arguments.text("state")));
    std::error_code ignored;
    // To ask must not make a folder.
    if (!std::filesystem::exists(state + "/history.db", ignored)) return std::optional<Finding>{};
    auto history = WARD_TRY(host::History::open(state));
    return history.find(id);
}

const Check* find_check(const std::vector<Check>& checks, std::string_view id) {
    const auto found = std::find_if(checks.begin(), checks.end(), [&](const Check& check) { return check.id == id; });
    return found == checks.end() ? nullptr : &*found;
}

Error unknown(const std::string& id, const std::vector<Check>& checks) {
    std::vector<std::string> ids;
    for (const auto& check : checks) ids.push_back(check.id);
    const auto near = nearest(id, ids);
    return fail(Code::not_found, "no check, no rule and no finding is called {}{}", shell_quote(id),
                near ? "; did you mean " + *near + "?" : "");
}

// A rule of Ward's own, read in a cell: what every finding of it says. Nothing when there is none of this name.
Result<std::optional<Finding>> shipped_rule(const std::string& name) {
    const std::string path = host::share_folder() + "/rules.warddb";
    const host::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return host::system_fail(errno, path + " cannot be opened");
    Verdict verdict;
    verdict.matches = WARD_TRY(gate::inspect(file.get(), name)).named;
    auto findings = judge::weigh(Object{}, verdict);
    return findings.empty() ? std::optional<Finding>{} : std::move(findings.front());
}

// A finding of malware by another's rule: what history keeps of it is what can be told.
std::string other_rule_text(const Finding& finding) {
    return fmt::format("{}\n{}  {}, malware\n\nThe rule is none of Ward's own: what it looks for stands in the file that was given with "
                       "--rules.\n", escape_for_terminal(finding.title), escape_for_terminal(finding.rule), severity_name(finding.severity));
}

Result<std::string> explain_malware(const std::string& rule, const std::optional<Finding>& finding, bool json, std::size_t width) {
    const auto shipped = WARD_TRY(shipped_rule(rule));
    if (json && !shipped) return fail(Code::unsupported, "{} is no rule of Ward's own; --format json is for those and for checks", shell_quote(rule));
    if (json) return explain_rule_json(*shipped);
    const std::string text = shipped ? explain_rule_text(*shipped, width) : other_rule_text(*finding);
    return finding ? fmt::format("Finding {} in {}\n\n", finding->id, report::place(finding->where)) + text : text;
}

Result<std::string> explain(const Arguments& arguments) {
    const std::string format = arguments.text("format").value_or("text");
    if (format != "text" && format != "json") return fail(Code::malformed, "--format wants text or json here");
    if (arguments.operands().size() != 1) {
        return fail(Code::malformed, "explain wants one id: of a check, of a malware rule, or of a finding in an earlier report");
    }
    const std::string& id = arguments.operands().front();
    const auto style = WARD_TRY(text_style(arguments));
    const auto checks = WARD_TRY(judge::load_checks(host::share_folder() + "/checks"));
    if (const Check* check = find_check(checks, id)) {
        return format == "json" ? explain_json(*check) : explain_text(*check, style.width);
    }
    const auto finding = WARD_TRY(past_finding(arguments, id));
    if (!finding) {
        if (WARD_TRY(shipped_rule(id))) return explain_malware(id, std::nullopt, format == "json", style.width);
        return unknown(id, checks);
    }
    const Check* check = find_check(checks, finding->rule);
    if (check == nullptr) return explain_malware(finding->rule, finding, format == "json", style.width);
    if (format == "json") return explain_json(*check);
    const std::string where = report::place(finding->where);
    return fmt::format("Finding {}{}\n\n", finding->id, where.empty() ? "" : " in " + where) + explain_text(*check, style.width);
}

ExitCode run(const Arguments& arguments) {
    const auto text = explain(arguments);
    if (!text) return not_done(text.error());
    if (auto written = write_answer(arguments, *text); !written) return not_done(written.error());
    return ExitCode::nothing_found;
}

}  // namespace

std::string explain_text(const Check& check, std::size_t width) {
    std::string out = fmt::format("{}\n{}  {}, {}", check.title, check.id, severity_name(check.severity), area_name(check.area));
    if (check.rank != 0) out += fmt::format(", rank {}", check.rank);
    out += "\n\nWhy it matters\n" + wrapped(check.why, kIndent, width);
    out += "\nHow Ward looks\n" + indented(check.query);
    if (check.needs_root) out += "  Only root sees enough to answer it.\n";
    if (!check.whole.empty()) {
        out += wrapped(fmt::format("It finds that something is missing, so nothing is found unless these were read whole: {}.",
                                   fmt::join(check.whole, ", ")), kIndent, width);
    }
    if (!check.answerable.empty()) {
        out += "  Nothing found means nothing when this gives no row (" + check.unanswerable + "):\n" + indented(check.answerable);
    }
    out += "\nWhat to do\n" + wrapped(check.fix, kIndent, width);
    for (const auto& command : check.commands) out += fmt::format("    $ {}\n", command);
    auto refs = check.refs;
    const auto mapped = judge::mappings(check);
    refs.insert(refs.end(), mapped.begin(), mapped.end());
    if (!refs.empty()) out += "\nSee also\n";
    for (const auto& ref : refs) out += fmt::format("  {}\n", ref);
    return out;
}

std::string explain_json(const Check& check) {
    JsonWriter json{2};
    json.begin_object();
    json.key("schema").text("ward.check/1");
    json.key("id").text(check.id);
    json.key("title").text(check.title);
    json.key("area").text(area_name(check.area));
    json.key("severity").text(severity_name(check.severity));
    if (check.rank != 0) json.key("rank").number(check.rank);
    json.key("why").text(check.why);
    json.key("query").text(check.query);
    if (!check.answerable.empty()) {
        json.key("answerable").text(check.answerable);
        json.key("unanswerable").text(check.unanswerable);
    }
    write_texts(json, "whole", check.whole);
    json.key("needs_root").boolean(check.needs_root);
    json.key("fix").begin_object().key("text").text(check.fix);
    write_texts(json, "commands", check.commands);
    json.end_object();
    write_texts(json, "refs", check.refs);
    write_texts(json, "cyber_essentials", check.cyber_essentials);
    write_texts(json, "cis", check.cis);
    json.end_object();
    return std::move(json).take() + "\n";
}

std::string explain_rule_text(const Finding& rule, std::size_t width) {
    std::string out = fmt::format("{}\n{}  {}, malware\n", escape_for_terminal(rule.title), escape_for_terminal(rule.rule),
                                  severity_name(rule.severity));
    if (!rule.why.empty()) out += "\nWhy it matters\n" + wrapped(escape_for_terminal(rule.why), kIndent, width);
    out += "\nWhat to do\n" + wrapped(escape_for_terminal(rule.fix), kIndent, width);
    if (!rule.refs.empty()) out += "\nSee also\n";
    for (const auto& ref : rule.refs) out += fmt::format("  {}\n", escape_for_terminal(ref));
    return out;
}

std::string explain_rule_json(const Finding& rule) {
    JsonWriter json{2};
    json.begin_object();
    json.key("schema").text("ward.rule/1");
    json.key("id").text(rule.rule);
    json.key("title").text(rule.title);
    json.key("area").text(area_name(rule.area));
    json.key("severity").text(severity_name(rule.severity));
    json.key("why").text(rule.why);
    json.key("fix").begin_object().key("text").text(rule.fix);
    write_texts(json, "commands", {});
    json.end_object();
    write_texts(json, "refs", rule.refs);
    json.end_object();
    return std::move(json).take() + "\n";
}

const Verb kExplainVerb{
    "explain", "ID", "what a check or a malware rule looks at, why it matters, and what to do",
    "  ward explain ssh-root-password-login   a check, as reports name it\n"
    "  ward explain eicar                     a malware rule of Ward's own\n"
    "  ward explain 3f0c9a51b2d4e687          a finding of the last reports, by its id",
    "The query of a check can be tried with `ward query`.",
    kOptions, false, run};

}  // namespace ward::doors
