// SPDX-License-Identifier: Apache-2.0
// One self-contained page: no script, no request, a policy that forbids both. Light and dark, phone and paper.
#include "core/text.h"
#include "report/internal/formats.h"

#include <algorithm>
#include <map>

namespace ward::report {

namespace {

constexpr std::size_t kMaxPlaces = 200;  // of one rule; a page with 100,000 rows opens nowhere. The rest is counted

constexpr std::string_view kStyle = R"css(
:root{--page:#fff;--text:#1a1a1a;--soft:#595959;--line:#d4d4d4;--box:#f6f6f6;--critical:#8b0000;--high:#b3261e;--medium:#7a4b00;--low:#005a6f;--info:#595959;--good:#1b5e20}
@media(prefers-color-scheme:dark){:root{--page:#141414;--text:#ececec;--soft:#b0b0b0;--line:#3d3d3d;--box:#1f1f1f;--critical:#ff9d9d;--high:#ff9d94;--medium:#f2c26b;--low:#7fd3e6;--info:#b0b0b0;--good:#8fd694}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:60rem;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1.05rem;margin:0}
p{margin:.4rem 0}.soft{color:var(--soft)}
.verdict{font-size:1.2rem;font-weight:600;margin:1rem 0}.good{color:var(--good)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}th{font-weight:600;min-width:8rem}
article{border:1px solid var(--line);border-left:.4rem solid currentColor;border-radius:.3rem;padding:.8rem 1rem;margin:.8rem 0;break-inside:avoid-page}
article>*{color:var(--text)}.tag{font-weight:700;text-transform:uppercase;font-size:.8rem}
.critical,.critical .tag{color:var(--critical)}.high,.high .tag{color:var(--high)}.medium,.medium .tag{color:var(--medium)}.low,.low .tag{color:var(--low)}.info,.info .tag{color:var(--info)}
ul{margin:.4rem 0;padding-left:1.2rem}code,pre{font:.9rem/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;background:var(--box);border-radius:.3rem;padding:.5rem .7rem;margin:.4rem 0}
@media print{body{max-width:none;padding:0;font-size:11pt}article{border-color:#999}}
@media(max-width:30rem){th,td{display:block;border:0;padding:.1rem 0}tr{display:block;border-bottom:1px solid var(--line);padding:.3rem 0}}
)css";

std::string html(std::string_view raw) {
    const std::string text = escape_for_terminal(raw);
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

void write_rule(std::string& out, const std::vector<const Finding*>& findings, const Report& report) {
    const Finding& first = *findings.front();
    const auto& known = report.comparison.known;
    const bool is_new = report.comparison.previous != 0 && std::any_of(findings.begin(), findings.end(), [&](const Finding* f) {
                            return std::find(known.begin(), known.end(), f->id) == known.end();
                        });
    out += fmt::format("<article class=\"{0}\">\n<p class=\"tag\">{0} · {1}{2}</p>\n<h3>{3}</h3>\n", severity_name(first.severity),
                       html(area_title(first.area)), is_new ? " · new" : "", html(first.title));
    if (!first.why.empty()) out += fmt::format("<p>{}</p>\n", html(first.why));
    std::vector<std::string> commands;
    std::string places;
    std::size_t shown = 0;
    for (const Finding* finding : findings) {
        if (shown++ == kMaxPlaces) break;
        std::string item;
        if (!finding->where.path.empty()) item = fmt::format("<code>{}</code>", html(place(finding->where)));
        for (const auto& evidence : finding->evidence) {
            item += fmt::format("{}<span class=\"soft\">{}</span>", item.empty() ? "" : "<br>", html(evidence_text(evidence)));
        }
        if (!item.empty()) places += fmt::format("<li>{}</li>\n", item);
        for (const auto& command : finding->commands) {
            if (std::find(commands.begin(), commands.end(), command) == commands.end()) commands.push_back(command);
        }
    }
    if (!places.empty()) out += fmt::format("<ul>\n{}</ul>\n", places);
    if (findings.size() > kMaxPlaces) out += fmt::format("<p>and {} more places</p>\n", findings.size() - kMaxPlaces);
    if (!first.fix.empty()) out += fmt::format("<p><strong>Fix:</strong> {}</p>\n", html(first.fix));
    if (!commands.empty()) {
        out += "<pre>";
        for (const auto& command : commands) out += html(command) + "\n";
        out += "</pre>\n";
    }
    std::string refs;
    for (const auto& ref : first.refs) refs += (refs.empty() ? "" : "; ") + html(ref);
    out += fmt::format("<p class=\"soft\"><code>{}</code>{}{}</p>\n</article>\n", html(first.rule), refs.empty() ? "" : " · ", refs);
}

}  // namespace

std::string as_html(const Report& report) {
    std::map<std::string, std::size_t> index;
    std::vector<std::vector<const Finding*>> groups;
    for (const auto& finding : report.findings) {
        const auto [at, added] = index.emplace(finding.rule, groups.size());
        if (added) groups.emplace_back();
        groups[at->second].push_back(&finding);
    }
    const bool good = report.findings.empty() && report.gaps.empty() && !report.summary.interrupted;
    std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    out += fmt::format("<title>Ward {} of {}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n", html(report.run.command),
                       html(report.run.host), kStyle);
    out += fmt::format("<h1>Ward: {} of {}</h1>\n<p class=\"soft\">{} · {:.1f} s · Ward {}</p>\n", html(report.run.command),
                       html(report.run.host), utc_time(report.run.started), report.summary.seconds, html(report.run.version));
    out += fmt::format("<p class=\"verdict{}\">{}{}{}</p>\n", good ? " good" : "",
                       report.summary.interrupted ? "Interrupted. " : "", html(severity_counts(report.findings)),
                       report.gaps.empty() ? "" : fmt::format("; {} not looked at", report.gaps.size()));
    out += "<table>\n<tbody>\n";
    for (const Area area : kAreas) {
        out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html(area_title(area)), html(area_line(report, area)));
    }
    out += "</tbody>\n</table>\n";
    if (!groups.empty()) {
        out += "<h2>Findings, worst first</h2>\n";
        for (const auto& group : groups) write_rule(out, group, report);
    }
    if (!report.comparison.fixed.empty()) {
        out += fmt::format("<h2>Fixed since {}</h2>\n<ul>\n", utc_time(report.comparison.previous));
        for (const auto& finding : report.comparison.fixed) {
            out += fmt::format("<li>{} <code>{}</code></li>\n", html(finding.title), html(place(finding.where)));
        }
        out += "</ul>\n";
    }
    if (!report.gaps.empty()) {
        out += "<h2>Not looked at</h2>\n<table>\n<tbody>\n";
        for (std::size_t i = 0; i < report.gaps.size() && i < kMaxPlaces; ++i) {
            const Gap& gap = report.gaps[i];
            out += fmt::format("<tr><th scope=\"row\"><code>{}</code></th><td>{}</td></tr>\n", html(place(gap.where)), html(gap.why));
        }
        out += "</tbody>\n</table>\n";
        if (report.gaps.size() > kMaxPlaces) out += fmt::format("<p>and {} more</p>\n", report.gaps.size() - kMaxPlaces);
    }
    out += "</main>\n</body>\n</html>\n";
    return out;
}

}  // namespace ward::report
