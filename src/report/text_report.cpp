// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"
#include "report/internal/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ward::report {

namespace {

// More places of one rule than this are counted, not listed; the machine formats list them all.
constexpr std::size_t kMaxPlaces = 8;
constexpr std::size_t kMaxEvidence = 3;
constexpr std::size_t kMaxGapGroups = 12;
constexpr std::size_t kMaxCommands = 9;

class Paint {
public:
    explicit Paint(bool on) : on_{on} {}
    std::string bold(std::string_view text) const { return with("1", text); }
    std::string dim(std::string_view text) const { return with("2", text); }
    std::string good(std::string_view text) const { return with("32", text); }
    // Never the colour alone: the word is always there.
    std::string of(Severity severity, std::string_view text) const {
        switch (severity) {
            case Severity::critical: return with("1;37;41", text);
            case Severity::high: return with("1;31", text);
            case Severity::medium: return with("33", text);
            case Severity::low: return with("36", text);
            case Severity::info: return with("2", text);
        }
        return std::string{text};
    }

private:
    std::string with(std::string_view code, std::string_view text) const {
        return on_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string{text};
    }
    bool on_;
};

struct Group {
    std::vector<const Finding*> findings;
};

void write_group(std::string& out, const Group& group, const Report& report, const Paint& paint, const Style& style) {
    const Finding& first = *group.findings.front();
    const std::size_t width = std::max<std::uint32_t>(style.width, 40);
    const auto& known = report.comparison.known;
    const bool is_new = report.comparison.previous != 0 &&
                        std::any_of(group.findings.begin(), group.findings.end(), [&](const Finding* f) {
                            return std::find(known.begin(), known.end(), f->id) == known.end();
                        });
    out += fmt::format("{}  {}{}\n", paint.of(first.severity, fmt::format(" {:<8}", severity_name(first.severity))),
                       paint.bold(escape_for_terminal(first.title)), is_new ? "  (new)" : "");
    if (!first.why.empty()) out += wrapped(escape_for_terminal(first.why), 11, width);
    const std::size_t places = style.verbose ? group.findings.size() : std::min(kMaxPlaces, group.findings.size());
    for (std::size_t i = 0; i < places; ++i) {
        const Finding& finding = *group.findings[i];
        const std::string where = place(finding.where);
        if (!where.empty()) out += fmt::format("           {}\n", where);
        const std::size_t shown = style.verbose ? finding.evidence.size() : std::min(kMaxEvidence, finding.evidence.size());
        for (std::size_t e = 0; e < shown; ++e) {
            out += fmt::format("             {}\n", paint.dim(escape_for_terminal(evidence_text(finding.evidence[e]))));
        }
        if (shown < finding.evidence.size()) {
            out += fmt::format("             {}\n", paint.dim(fmt::format("and {} more", finding.evidence.size() - shown)));
        }
    }
    if (places < group.findings.size()) {
        out += fmt::format("           and {} more places (-v lists them)\n", group.findings.size() - places);
    }
    if (!first.fix.empty()) {
        const std::string text = wrapped("Fix: " + escape_for_terminal(first.fix), 11, width);
        out += text;
    }
    // Commands may differ from place to place; each is shown once.
    std::vector<std::string> commands;
    for (std::size_t i = 0; i < places; ++i) {
        for (const auto& command : group.findings[i]->commands) {
            if (std::find(commands.begin(), commands.end(), command) == commands.end()) commands.push_back(command);
        }
    }
    const std::size_t shown = style.verbose ? commands.size() : std::min(kMaxCommands, commands.size());
    for (std::size_t i = 0; i < shown; ++i) out += fmt::format("             $ {}\n", escape_for_terminal(commands[i]));
    if (shown < commands.size()) {
        out += fmt::format("             and {} for the other places (-v lists them)\n",
                           counted(commands.size() - shown, "more command", "more commands"));
    }
    out += paint.dim(fmt::format("           {}  (ward explain {})", first.id, first.rule)) + "\n\n";
}

void write_gaps(std::string& out, const Report& report, const Paint& paint, const Style& style) {
    if (report.gaps.empty()) return;
    const std::size_t width = std::max<std::uint32_t>(style.width, 40);
    out += paint.bold(fmt::format("Not looked at ({})", report.gaps.size())) + "\n";
    if (style.verbose) {
        for (const auto& gap : report.gaps) {
            out += fmt::format("  {}: {} ({})\n", place(gap.where), escape_for_terminal(gap.why), code_name(gap.code));
        }
    } else {
        // By reason; one place stands for all.
        std::map<std::string, std::vector<const Gap*>> reasons;
        for (const auto& gap : report.gaps) reasons[gap.why].push_back(&gap);
        std::vector<std::pair<std::string, std::vector<const Gap*>>> groups{reasons.begin(), reasons.end()};
        // What names a command that goes on comes first: it can be mended at once. Then what concerns most.
        const auto names_command = [](const std::string& why) { return why.find("`ward ") != std::string::npos; };
        std::stable_sort(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
            const bool first = names_command(a.first);
            const bool second = names_command(b.first);
            return first != second ? first : a.second.size() > b.second.size();
        });
        for (std::size_t i = 0; i < groups.size() && i < kMaxGapGroups; ++i) {
            const auto& [why, gaps] = groups[i];
            const std::string where = place(gaps.front()->where);
            out += wrapped(escape_for_terminal(why), 2, width);
            const std::string others = gaps.size() > 1 ? fmt::format(" and {} more", gaps.size() - 1) : "";
            if (!where.empty()) out += fmt::format("    {}\n", paint.dim(where + others));
        }
        if (groups.size() > kMaxGapGroups) {
            out += fmt::format("  and {} (-v lists everything)\n", counted(groups.size() - kMaxGapGroups, "more reason", "more reasons"));
        }
    }
    out += "\n";
}

std::string passed_over_line(const PassedOver& over) {
    if (over.all() == 0) return {};
    std::vector<std::string> parts;
    const auto add = [&](std::uint64_t count, const char* one, const char* many) {
        if (count > 0) parts.push_back(counted(count, one, many));
    };
    add(over.links, "symbolic link", "symbolic links");
    add(over.special, "FIFO, socket or device", "FIFOs, sockets and devices");
    add(over.names, "further name of the same file", "further names of the same files");
    add(over.excluded, "excluded", "excluded");
    add(over.file_systems, "other file system", "other file systems");
    return fmt::format("{:<13} passed over: {}\n", "", fmt::join(parts, ", "));
}

}  // namespace

std::string as_text_report(const Report& report, const Style& style) {
    const Paint paint{style.colour};
    std::string out;
    std::map<std::string, std::size_t> index;
    std::vector<Group> groups;
    for (const auto& finding : report.findings) {
        const auto [at, added] = index.emplace(finding.rule, groups.size());
        if (added) groups.emplace_back();
        groups[at->second].findings.push_back(&finding);
    }
    for (const auto& group : groups) write_group(out, group, report, paint, style);
    if (!style.quiet) {
        write_gaps(out, report, paint, style);
        if (!report.comparison.fixed.empty()) {
            out += paint.bold(fmt::format("Fixed since {}", utc_time(report.comparison.previous))) + "\n";
            for (const auto& finding : report.comparison.fixed) {
                const std::string where = place(finding.where);
                out += fmt::format("  {}{}\n", paint.good(escape_for_terminal(finding.title)), where.empty() ? "" : "  " + where);
            }
            out += "\n";
        }
        for (const Area area : kAreas) {
            if (!report.summary.of(area).ran) continue;
            out += fmt::format("{:<13} {}\n", area_title(area), area_line(report, area));
            if (style.verbose) out += passed_over_line(report.summary.of(area).passed_over);
        }
    }
    std::string last = severity_counts(report.findings);
    if (!report.gaps.empty()) {
        last += fmt::format(", {} not looked at", report.gaps.size() == 1 ? std::string{"1 thing"}
                                                                        : fmt::format("{} things", report.gaps.size()));
    }
    out += fmt::format("{}{} in {:.1f} s\n", report.summary.interrupted ? "Interrupted: " : "",
                       report.findings.empty() && report.gaps.empty() && !report.summary.interrupted ? paint.good(last)
                                                                                                     : paint.bold(last),
                       report.summary.seconds);
    return out;
}

}  // namespace ward::report
