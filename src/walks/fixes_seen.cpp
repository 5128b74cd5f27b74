// SPDX-License-Identifier: Apache-2.0
#include "walks/fixes_seen.h"

#include "core/text.h"
#include "host/read_all.h"
#include "host/state.h"
#include "host/write_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace ward::walks {

namespace {

constexpr const char* kWaiting =
    "SELECT f.manager, f.source, f.installed, s.seen, s.at_first_look, f.ecosystem IS NOT NULL FROM fixes f "
    "LEFT JOIN fixes_seen s ON s.manager = f.manager AND s.source = f.source AND s.installed = f.installed "
    "WHERE f.manager IS NOT NULL ORDER BY 1, 2, 3";
// What can tell of fixes: advisories, and apt's lists.
constexpr const char* kTellers = "SELECT EXISTS (SELECT 1 FROM knowledge), EXISTS (SELECT 1 FROM apt_lists WHERE is_security)";
constexpr std::uint64_t kMaxBytes = 16 * kMiB;

// The first line: who could tell of fixes at that look. A fix that only somebody else can tell of may have waited before, unseen.
std::string heading(bool advisories, bool lists) { return fmt::format("# advisories={} lists={}\n", advisories ? 1 : 0, lists ? 1 : 0); }

std::int64_t integer(const Value& value) {
    const auto* const number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? 0 : *number;
}

// Fields stand between tabs, a line each; no honest name has either.
bool is_plain(const std::string& text) {
    return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

Status remember_fixes(const std::string& state, const Ask& ask, std::int64_t now) {
    const std::string path = state + "/fixes-seen";
    const auto before = host::read_file(path, kMaxBytes);
    if (!before && before.error().code != Code::not_found) return before.error();
    const std::string old = before.value_or("");
    const auto tellers = WARD_TRY(ask(kTellers));
    if (tellers.result.rows.empty()) return done();
    const bool advisories = integer(tellers.result.rows[0].at(0)) != 0;
    const bool lists = integer(tellers.result.rows[0].at(1)) != 0;
    const bool told_before[] = {old.starts_with(heading(false, true)) || old.starts_with(heading(true, true)),   // by lists
                                old.starts_with(heading(true, false)) || old.starts_with(heading(true, true))};  // by advisories
    const auto answer = WARD_TRY(ask(kWaiting));
    std::string text = heading(advisories, lists);
    std::set<std::string> told;
    for (const auto& row : answer.result.rows) {
        const std::string names[] = {to_text(row.at(0)), to_text(row.at(1)), to_text(row.at(2))};
        if (!std::all_of(std::begin(names), std::end(names), is_plain)) continue;
        const auto* const seen = std::get_if<std::int64_t>(&row.at(3));
        const auto* const at_first = std::get_if<std::int64_t>(&row.at(4));
        const bool unknown_age = at_first != nullptr ? *at_first != 0 : !told_before[integer(row.at(5)) != 0 ? 1 : 0];
        const std::string name = fmt::format("{}\t{}\t{}", names[0], names[1], names[2]);
        told.insert(name);
        text += fmt::format("{}\t{}\t{}\n", seen != nullptr ? *seen : now, unknown_age ? 1 : 0, name);
    }
    // What a look with gaps did not tell of may wait all the same, and its 14 days must not begin anew at the next one.
    std::string_view rest = answer.gaps.empty() && tellers.gaps.empty() ? std::string_view{} : old;
    std::string_view line;
    while (next_line(rest, line)) {
        const auto parts = split(line, '\t');
        if (parts.size() == 5 && !told.contains(fmt::format("{}\t{}\t{}", parts[2], parts[3], parts[4]))) text += fmt::format("{}\n", line);
    }
    WARD_TRY(host::make_state_folder(state));
    return host::keep_file(path, text, 0644);
}

}  // namespace ward::walks
