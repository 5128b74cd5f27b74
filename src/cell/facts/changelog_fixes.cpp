// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dates.h"
#include "cell/formats/gzip.h"
#include "cell/formats/store.h"
#include "core/text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace ward::facts {

namespace {

constexpr std::uint64_t kMaxChangelogBytes = 64 * kMiB;  // of the longest here, linux, 6 MiB
constexpr std::size_t kMaxCvesOfEntry = 10'000;
constexpr std::size_t kMaxEntries = 100'000;  // of one changelog that name a CVE; all of linux's since 2005: 1,200

struct Fix {
    std::string cve;
    std::uint64_t line;
    bool is_undone;  // "Revert the fix of CVE-2024-5535"
};

// One entry of a changelog (deb-changelog(5)): "source (version) distributions; metadata", details, " -- maintainer  date".
struct Entry {
    std::string_view source, version, suite, urgency;
    std::int64_t date = 0;
    std::vector<Fix> fixes;
    bool reverts = false;  // the item that is read does
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Items begin with a mark; what follows on further lines is of the same.
void note_reverts(std::string_view line, Entry& entry) {
    const std::string_view item = trim(line);
    if (item.starts_with('*') || item.starts_with('-') || item.starts_with('+') || item.empty()) entry.reverts = false;
    if (to_lower_ascii(item.substr(0, item.find("CVE-"))).find("revert") != std::string::npos) entry.reverts = true;
}

// "CVE-2024-5535" wherever it stands in the line; also the years' short form that lists take: "CVE-2024-5535, -5536" is not read.
void find_cves(std::string_view line, std::uint64_t number, Entry& entry) {
    note_reverts(line, entry);
    for (std::size_t at = line.find("CVE-"); at != std::string_view::npos; at = line.find("CVE-", at + 4)) {
        std::size_t end = at + 4;
        while (end < line.size() && end < at + 8 && is_digit(line[end])) ++end;
        if (end != at + 8 || end >= line.size() || line[end] != '-') continue;
        const std::size_t first = ++end;
        while (end < line.size() && is_digit(line[end])) ++end;
        if (end - first < 4 || end - first > 12) continue;
        if (entry.fixes.size() < kMaxCvesOfEntry) entry.fixes.push_back({std::string{line.substr(at, end - at)}, number, entry.reverts});
    }
}

bool begins_entry(std::string_view line, Entry& entry) {
    if (line.empty() || line[0] == ' ' || line[0] == '\t' || line[0] == '#') return false;
    const auto open = line.find(" (");
    const auto close = line.find(')', open == std::string_view::npos ? 0 : open);
    const auto semicolon = line.find(';', close == std::string_view::npos ? line.size() : close);
    if (open == std::string_view::npos || close == std::string_view::npos || semicolon == std::string_view::npos) return false;
    entry = {};
    entry.source = line.substr(0, open);
    entry.version = line.substr(open + 2, close - open - 2);
    entry.suite = trim(line.substr(close + 1, semicolon - close - 1));
    const std::string_view metadata = line.substr(semicolon);
    const auto urgency = metadata.find("urgency=");
    if (urgency != std::string_view::npos) {
        const std::string_view value = metadata.substr(urgency + 8);
        entry.urgency = value.substr(0, value.find_first_of(", \t"));
    }
    return true;
}

// Newest first in the file; told is where a CVE was named first, so the entries are gone through from below.
void add_fixes(const std::string& path, std::string_view text, std::set<std::pair<std::string, std::string>>& told, Collector& out) {
    std::vector<Entry> entries;
    std::uint64_t number = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        Entry entry;
        if (begins_entry(line, entry)) {
            if (!entries.empty() && entries.back().fixes.empty()) entries.pop_back();  // told of nothing
            if (entries.size() == kMaxEntries) {
                out.gap(path, number, Code::over_limit, fmt::format("a changelog of more than {} entries: the rest is left out", kMaxEntries));
                break;
            }
            entries.push_back(std::move(entry));
        } else if (!entries.empty() && line.starts_with(" -- ")) {
            const auto date = line.rfind("  ");
            if (date != std::string_view::npos) entries.back().date = parse_mail_date(trim(line.substr(date))).value_or(0);
        } else if (!entries.empty()) {
            find_cves(line, number, entries.back());
        }
    }
    // A fix that a later entry takes back is none, until one behind it names the CVE again.
    struct Named { const Entry* entry; const Fix* fix; };
    std::vector<Named> named;
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> places;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        for (const auto& fix : entry->fixes) {
            const std::pair key{entry->source, std::string_view{fix.cve}};
            if (!fix.is_undone) {
                if (places.emplace(key, named.size()).second) named.push_back({&*entry, &fix});
            } else if (const auto found = places.find(key); found != places.end()) {
                named[found->second].fix = nullptr;
                places.erase(found);
            }
        }
    }
    for (const auto& [entry, fix] : named) {
        if (fix == nullptr || told.size() >= kMaxRows || !told.emplace(entry->source, fix->cve).second) continue;
        out.add({ward::facts::text(entry->source), text_or_null(entry->version), ward::facts::text(fix->cve),
                 entry->date == 0 ? null() : ward::facts::number(entry->date), text_or_null(entry->suite), text_or_null(entry->urgency),
                 ward::facts::text(path), ward::facts::number(fix->line)});
    }
}

}  // namespace

wire::ParseAnswer parse_changelog_fixes(const Request& request) {
    Collector out;
    auto store = formats::Store::open(-1);
    std::set<std::pair<std::string, std::string>> told;
    Limits limits;
    limits.max_member_bytes = kMaxChangelogBytes;
    // The same changelog lies in the folder of each package of a source: once is enough.
    std::set<std::pair<std::uint64_t, std::string>> seen;
    std::vector<std::string_view> debians;
    for (const Source& source : request.sources) {
        if (source.about.name.ends_with("/changelog.Debian.gz")) debians.push_back(source.about.name);
    }
    std::sort(debians.begin(), debians.end());
    for (const Source& source : request.sources) {
        const std::string& path = source.about.name;
        // Beside Debian's changelog the other one is upstream's.
        constexpr std::string_view kNative = "/changelog.gz";
        if (path.ends_with(kNative)) {
            const std::string debian = path.substr(0, path.size() - kNative.size()) + "/changelog.Debian.gz";
            if (std::binary_search(debians.begin(), debians.end(), debian)) continue;
        }
        if (source.bytes.empty() || !formats::GzipReader::read_header(source.bytes)) continue;  // not packed: upstream's, or a link's remains
        if (!store) {
            out.gap(path, 0, store.error().code, store.error().text);
            continue;
        }
        // A gzip file ends in the checksum and length of its content (RFC 1952, 2.3.1).
        const Bytes end = source.bytes.subspan(source.bytes.size() - std::min<std::size_t>(8, source.bytes.size()));
        if (!seen.emplace(source.bytes.size(), std::string{as_text(end)}).second) continue;
        Deadline deadline{limits.max_time};
        formats::Budget budget{limits, source.bytes.size(), deadline};
        formats::Sink sink{*store, budget};
        formats::GzipReader reader{source.bytes};
        formats::Member member;
        if (reader.next(member, sink)) {
            for (const auto& fault : member.faults) out.gap(path, 0, fault.code, fault.text);
            add_fixes(path, as_text(member.content), told, out);
        }
        store->clear();
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
