// SPDX-License-Identifier: Apache-2.0
#include "judge/judge.h"

#include "core/hash.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace ward::judge {

namespace {

constexpr std::size_t kIdDigits = 16;  // of SHA-256 in hex: two of a million findings agree once in 10^7 machines

// What makes a finding the same one in the next report: the rule, the file, and within it the members or the identity of a
// row; not the bytes found there.
std::string fingerprint(std::string_view rule, std::string_view path, const std::vector<std::string>& within) {
    std::string text{rule};
    text += '\0';
    text += path;
    for (const auto& part : within) {
        text += '\0';
        text += part;
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

constexpr std::string_view kMalwareFix =
    "Do not open or start it. See when it came here and whose it is, and keep it for whoever looks into it: the last command "
    "takes it out of use and changes nothing in it. If it is known to be harmless, leave it.";

constexpr std::string_view kProcessFix =
    "See what it runs, for whom and since when. The last command stops it and changes nothing in it, so whoever looks into it finds "
    "it as it is; `kill -CONT` lets it go on. If it is known to be harmless, leave it.";

// What to do with the file or process itself; of what was neither, nothing.
std::vector<std::string> malware_commands(const Object& object) {
    if (object.process != 0) {
        return {fmt::format("ps -o pid,ppid,user,lstart,args -p {}", object.process), fmt::format("kill -STOP {}", object.process)};
    }
    if (!object.path.starts_with('/')) return {};
    const std::string quoted = shell_quote(object.path);
    return {"ls -l --time-style=full-iso -- " + quoted, "chmod 000 -- " + quoted};
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
    if (finding.fix.empty()) {
        finding.fix = object.process != 0 ? kProcessFix : kMalwareFix;
        finding.commands = malware_commands(object);
    }
    for (const auto& [key, value] : match.meta) {
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr) continue;
        for (const char* name : {"reference", "refs", "url"}) {
            if (equal_ignoring_case(key, name)) finding.refs.push_back(*text);
        }
    }
    finding.where = Where{object.path, 0, match.members};
    for (const auto& hit : match.hits) finding.evidence.emplace_back(PatternEvidence{hit.pattern, hit.offset, hit.length, object.process != 0});
    finding.id = fingerprint(finding.rule, object.path, match.members);
    return finding;
}

Result<std::size_t> column_number(const Check& check, const std::vector<std::string>& columns, std::string_view name) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) return fail(Code::malformed, "check {}: its query gives no column {}", check.id, name);
    return static_cast<std::size_t>(found - columns.begin());
}

Result<std::vector<std::size_t>> column_numbers(const Check& check, const std::vector<std::string>& columns,
                                                const std::vector<std::string>& names) {
    std::vector<std::size_t> numbers;
    for (const auto& name : names) numbers.push_back(WARD_TRY(column_number(check, columns, name)));
    return numbers;
}

// Where the columns of an answer stand that a check speaks of.
struct Layout {
    std::optional<std::size_t> path;
    std::optional<std::size_t> line;
    std::vector<std::size_t> identity;
    struct Shown {
        std::size_t column;
        bool if_set;  // not when it is NULL
    };
    std::vector<Shown> evidence;

    static Result<Layout> of(const Check& check, const std::vector<std::string>& columns) {
        Layout layout;
        if (!check.where_path.empty()) layout.path = WARD_TRY(column_number(check, columns, check.where_path));
        if (!check.where_line.empty()) layout.line = WARD_TRY(column_number(check, columns, check.where_line));
        layout.identity = WARD_TRY(column_numbers(check, columns, check.identity));
        for (std::string name : check.evidence.empty() ? columns : check.evidence) {
            const bool if_set = name.ends_with('?');
            if (if_set) name.pop_back();
            layout.evidence.push_back({WARD_TRY(column_number(check, columns, name)), if_set});
        }
        return layout;
    }

    Where where(const Row& row) const {
        Where where;
        if (path) where.path = to_text(row[*path]);
        if (line) {
            const auto* number = std::get_if<std::int64_t>(&row[*line]);
            if (number != nullptr && *number > 0) where.line = static_cast<std::uint64_t>(*number);
        }
        return where;
    }

    std::vector<std::string> identity_of(const Row& row) const {
        std::vector<std::string> parts;
        for (const auto number : identity) parts.push_back(to_text(row[number]));
        return parts;
    }

    FactEvidence facts(const std::vector<std::string>& columns, const Row& row) const {
        FactEvidence out;
        for (const auto& [number, if_set] : evidence) {
            if (!if_set || !std::holds_alternative<std::monostate>(row[number])) out.facts.emplace_back(columns[number], row[number]);
        }
        return out;
    }
};

Finding finding_of(const Check& check, std::string id, Where where) {
    Finding finding;
    finding.id = std::move(id);
    finding.rule = check.id;
    finding.area = check.area;
    finding.severity = check.severity;
    finding.title = check.title;
    finding.why = check.why;
    finding.where = std::move(where);
    finding.fix = check.fix;
    finding.refs = check.refs;
    const auto mapped = mappings(check);
    finding.refs.insert(finding.refs.end(), mapped.begin(), mapped.end());
    return finding;
}

}  // namespace

std::vector<Finding> weigh(const Object& object, const Verdict& verdict) {
    std::vector<Finding> findings;
    findings.reserve(verdict.matches.size());
    for (const auto& match : verdict.matches) findings.push_back(finding_of(object, match));
    return findings;
}

std::vector<std::string> mappings(const Check& check) {
    std::vector<std::string> out;
    for (const auto& control : check.cyber_essentials) out.push_back("Cyber Essentials: " + control);
    for (const auto& number : check.cis) out.push_back("CIS Debian 12, " + number);
    return out;
}

namespace {

// Such words come from files and from cells, and go to package managers, to which more than a name can be said: apt-get removes what ends in
// '-', and takes patterns, versions and suites.
bool names_a_thing(std::string_view word) {
    const auto is_plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return is_plain(word.front()) && word.back() != '-' &&
           std::all_of(word.begin(), word.end(), [&](char c) { return is_plain(c) || std::string_view{"-+._:~^@"}.find(c) != std::string_view::npos; });
}

}  // namespace

Result<std::vector<std::string>> fill_commands(const Check& check, const std::vector<std::string>& columns, const Row& row) {
    constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
    std::vector<std::string> filled;
    for (const auto& command : check.commands) {
        std::string_view rest = command;
        std::string out;
        bool has_words = true;
        while (!rest.empty()) {
            const std::size_t open = rest.find('{');
            const std::size_t close = open == std::string_view::npos ? open : rest.find('}', open);
            if (close == std::string_view::npos) break;
            std::string_view name = rest.substr(open + 1, close - open - 1);
            constexpr std::string_view kEach = "...";
            const bool each_word = name.ends_with(kEach);
            if (each_word) name.remove_suffix(kEach.size());
            if (name.empty() || name.find_first_not_of(kNameLetters) != std::string_view::npos) {
                // Braces of the shell or of awk.
                out += rest.substr(0, open + 1);
                rest.remove_prefix(open + 1);
                continue;
            }
            out += rest.substr(0, open);
            const std::string value = to_text(row[WARD_TRY(column_number(check, columns, name))]);
            rest.remove_prefix(close + 1);
            if (!each_word) {
                out += shell_quote(value);
                continue;
            }
            std::string quoted;
            for (const auto word : words(value)) {
                if (!names_a_thing(word)) continue;
                quoted += (quoted.empty() ? "" : " ") + shell_quote(word);
            }
            has_words &= !quoted.empty();
            out += quoted;
        }
        out += rest;
        // A command about no things is a command about all: `apt-get install` of nothing, or worse.
        if (has_words) filled.push_back(std::move(out));
    }
    return filled;
}

Result<std::vector<Finding>> weigh(const Check& check, const QueryResult& answer) {
    const Layout layout = WARD_TRY(Layout::of(check, answer.columns));
    std::vector<Finding> findings;
    std::unordered_map<std::string, std::size_t> by_id;
    for (const auto& row : answer.rows) {
        Where where = layout.where(row);
        std::string id = fingerprint(check.id, where.path, layout.identity_of(row));
        const auto [place, is_new] = by_id.try_emplace(id, findings.size());
        if (is_new) {
            findings.push_back(finding_of(check, std::move(id), where));
        } else if (where != findings[place->second].where) {
            findings[place->second].evidence.emplace_back(std::move(where));
        }
        Finding& finding = findings[place->second];
        finding.evidence.emplace_back(layout.facts(answer.columns, row));
        for (auto& command : WARD_TRY(fill_commands(check, answer.columns, row))) {
            const bool known = std::find(finding.commands.begin(), finding.commands.end(), command) != finding.commands.end();
            if (!known) finding.commands.push_back(std::move(command));
        }
    }
    return findings;
}

}  // namespace ward::judge
