// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/builder.h"

#include "cell/advisories/internal/layout.h"
#include "cell/sigdb/writer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace ward::advisories {

namespace {

using sigdb::put_u32;
using sigdb::SectionId;

void put_time(Buffer& out, std::int64_t value) { sigdb::put_u64(out, static_cast<std::uint64_t>(value)); }

std::uint32_t count32(std::size_t count) {
    WARD_CHECK(count <= 0xffff'ffff);
    return static_cast<std::uint32_t>(count);
}

}  // namespace

Builder::Cve::Cve() : score{kNoScore}, percentile{kNoScore} {}

void Builder::begin_source(SourceNote note) { sources_.push_back(std::move(note)); }

Builder::Text Builder::intern(std::string_view text) {
    const auto known = text_numbers_.find(text);
    if (known != text_numbers_.end()) return known->second;
    const Text number = count32(texts_.size());
    texts_.emplace_back(text);
    text_numbers_.emplace(texts_.back(), number);
    text_bytes_ += text.size() + 4;
    return number;
}

bool Builder::has_room() const {
    return text_bytes_ < kMaxTextBytes && records_.size() < kMaxRecords && affected_.size() < kMaxEntries && events_.size() < kMaxEntries &&
           versions_.size() < kMaxEntries && names_.size() < kMaxEntries && cves_.size() < kMaxEntries && cycles_.size() < kMaxEntries;
}

Status Builder::add(const Advisory& advisory) {
    WARD_CHECK(!sources_.empty());
    if (!has_room()) return fail(Code::over_limit, "more advisories than a database holds");
    Record record{};
    record.id = intern(advisory.id);
    record.summary = intern(advisory.summary);
    record.url = intern(advisory.url);
    record.vector = intern(advisory.vector);
    record.score = advisory.score ? static_cast<std::uint32_t>(std::lround(*advisory.score * 10)) : kNoScore;
    record.level = advisory.level;
    record.published = advisory.published;
    record.modified = advisory.modified;
    record.withdrawn = advisory.withdrawn;
    record.first_name = count32(names_.size());
    record.cves = count32(advisory.cves.size());
    record.aliases = count32(advisory.aliases.size());
    for (const auto& name : advisory.cves) names_.push_back(intern(name));
    for (const auto& name : advisory.aliases) names_.push_back(intern(name));
    record.first_affected = count32(affected_.size());
    record.affected = count32(advisory.affected.size());
    record.source = count32(sources_.size() - 1);
    for (const auto& affected : advisory.affected) {
        AffectedEntry entry{};
        entry.ecosystem = intern(affected.ecosystem);
        entry.name = intern(affected.name);
        entry.note = intern(affected.note);
        entry.record = count32(records_.size());
        entry.level = affected.level;
        entry.fixed_on = affected.fixed_on;
        entry.denied = affected.denied;
        entry.first_event = count32(events_.size());
        for (const auto& range : affected.ranges) {
            std::uint32_t bits = kEventBeginsRange | (range.semver ? kEventSemver : 0);
            for (const auto& event : range.events) {
                events_.push_back({bits | static_cast<std::uint32_t>(event.kind), intern(event.version)});
                bits &= ~kEventBeginsRange;
            }
        }
        entry.events = count32(events_.size()) - entry.first_event;
        entry.first_version = count32(versions_.size());
        entry.versions = count32(affected.versions.size());
        for (const auto& version : affected.versions) versions_.push_back(intern(version));
        affected_.push_back(entry);
    }
    records_.push_back(record);
    auto& note = sources_.back();
    ++note.records;
    note.newest = std::max(note.newest, std::max(advisory.modified, advisory.published));
    return done();
}

Builder::Cve& Builder::cve(std::string_view name) { return cves_[intern(name)]; }

Status Builder::add(const KnownExploited& known) {
    if (!has_room()) return fail(Code::over_limit, "more CVEs than a database holds");
    Cve& entry = cve(known.cve);
    const Text name = intern(known.name);
    // Lists may overlap: the earliest day counts, as it is when the clock began.
    const bool first = (entry.flags & kCveExploited) == 0;
    if (first || std::tie(known.added, known.due, known.name) < std::tie(entry.added, entry.due, texts_[entry.name])) {
        entry.added = known.added;
        entry.due = known.due;
        entry.name = name;
    }
    entry.flags |= kCveExploited | (known.ransomware ? kCveRansomware : 0);
    ++sources_.back().records;
    sources_.back().newest = std::max(sources_.back().newest, known.added);
    return done();
}

Status Builder::add(const Exploitability& forecast) {
    if (!has_room()) return fail(Code::over_limit, "more CVEs than a database holds");
    Cve& entry = cve(forecast.cve);
    if (entry.score == kNoScore || std::tie(forecast.score, forecast.percentile) > std::tie(entry.score, entry.percentile)) {
        entry.score = forecast.score;
        entry.percentile = forecast.percentile;
    }
    ++sources_.back().records;
    return done();
}

Status Builder::add(const LifeCycle& cycle) {
    if (!has_room()) return fail(Code::over_limit, "more life cycles than a database holds");
    cycles_.push_back({intern(cycle.product), intern(cycle.cycle), intern(cycle.latest), cycle.is_over ? 1U : 0U, cycle.released,
                       cycle.support_ends, cycle.fixes_end});
    ++sources_.back().records;
    return done();
}

Result<Buffer> Builder::finish() && {
    intern("");
    for (const auto& note : sources_) {
        for (const auto* text : {&note.name, &note.title, &note.digest}) intern(*text);
    }

    // Texts in the order of their bytes: then comparing places compares texts, and nothing depends on the order of coming.
    std::vector<Text> order(texts_.size());
    std::iota(order.begin(), order.end(), Text{0});
    std::sort(order.begin(), order.end(), [&](Text a, Text b) { return texts_[a] < texts_[b]; });
    std::vector<std::uint32_t> place(texts_.size());
    Buffer texts;
    texts.reserve(static_cast<std::size_t>(text_bytes_));
    for (const Text number : order) {
        place[number] = count32(texts.size());
        put_u32(texts, count32(texts_[number].size()));
        sigdb::put_bytes(texts, as_bytes(texts_[number]));
    }

    // Records by id; of one id the last modified, then the first source's. Records of one source that agree in all this differ in
    // something that a publisher should not let differ; the greater in all that it says counts, to have an order at all.
    std::vector<std::uint32_t> by_id(records_.size());
    std::iota(by_id.begin(), by_id.end(), 0U);
    const auto places = [&](const Record& record) {
        std::vector<std::uint32_t> all{place[record.summary], place[record.url], place[record.vector], record.score, static_cast<std::uint32_t>(record.level),
                                       record.cves, record.aliases, record.affected};
        const auto add_time = [&](std::int64_t time) {
            all.push_back(static_cast<std::uint32_t>(static_cast<std::uint64_t>(time) >> 32));
            all.push_back(static_cast<std::uint32_t>(static_cast<std::uint64_t>(time) & 0xffff'ffff));
        };
        add_time(record.published);
        add_time(record.withdrawn);
        for (std::uint32_t i = 0; i < record.cves + record.aliases; ++i) all.push_back(place[names_[record.first_name + i]]);
        for (std::uint32_t i = 0; i < record.affected; ++i) {
            const AffectedEntry& entry = affected_[record.first_affected + i];
            all.insert(all.end(), {place[entry.ecosystem], place[entry.name], place[entry.note], entry.events, entry.versions, static_cast<std::uint32_t>(entry.level),
                                   entry.denied ? 1U : 0U});
            add_time(entry.fixed_on);
            for (std::uint32_t e = 0; e < entry.events; ++e) {
                all.push_back(events_[entry.first_event + e].bits);
                all.push_back(place[events_[entry.first_event + e].version]);
            }
            for (std::uint32_t v = 0; v < entry.versions; ++v) all.push_back(place[versions_[entry.first_version + v]]);
        }
        return all;
    };
    std::sort(by_id.begin(), by_id.end(), [&](std::uint32_t x, std::uint32_t y) {
        if (x == y) return false;
        const Record& a = records_[x];
        const Record& b = records_[y];
        if (a.id != b.id) return place[a.id] < place[b.id];
        if (a.modified != b.modified) return a.modified > b.modified;
        if (a.source != b.source) return a.source < b.source;
        return places(a) > places(b);
    });
    // What the one that counts does not say, the others may: a tracker knows the versions, and OSV the score.
    for (std::size_t i = 1, first = 0; i < by_id.size(); ++i) {
        const Record& other = records_[by_id[i]];
        Record& counts = records_[by_id[first]];
        if (counts.id != other.id) {
            first = i;
            continue;
        }
        const auto fill = [&](Text& own, Text theirs) {
            if (texts_[own].empty()) own = theirs;
        };
        fill(counts.summary, other.summary);
        fill(counts.url, other.url);
        if (counts.score == kNoScore && other.score != kNoScore) {
            counts.score = other.score;
            counts.vector = other.vector;
        }
        if (counts.level == Level::none) counts.level = other.level;
        if (counts.published == 0) counts.published = other.published;
    }
    by_id.erase(std::unique(by_id.begin(), by_id.end(), [&](std::uint32_t x, std::uint32_t y) { return records_[x].id == records_[y].id; }),
                by_id.end());

    Buffer records;
    Buffer names;
    std::vector<std::uint32_t> new_number(records_.size(), 0);
    std::vector<std::uint32_t> kept;  // entries of affected_
    for (std::uint32_t number = 0; number < by_id.size(); ++number) {
        const Record& record = records_[by_id[number]];
        new_number[by_id[number]] = number;
        for (const Text text : {record.id, record.summary, record.url, record.vector}) put_u32(records, place[text]);
        put_u32(records, record.score);
        put_u32(records, static_cast<std::uint32_t>(record.level));
        for (const std::int64_t time : {record.published, record.modified, record.withdrawn}) put_time(records, time);
        put_u32(records, count32(names.size() / 4));
        put_u32(records, record.cves);
        put_u32(records, record.aliases);
        put_u32(records, record.source);
        for (std::uint32_t i = 0; i < record.cves + record.aliases; ++i) put_u32(names, place[names_[record.first_name + i]]);
        for (std::uint32_t i = 0; i < record.affected; ++i) kept.push_back(record.first_affected + i);
    }

    std::stable_sort(kept.begin(), kept.end(), [&](std::uint32_t x, std::uint32_t y) {
        const AffectedEntry& a = affected_[x];
        const AffectedEntry& b = affected_[y];
        return std::tuple{place[a.ecosystem], place[a.name], new_number[a.record]} <
               std::tuple{place[b.ecosystem], place[b.name], new_number[b.record]};
    });
    Buffer packages;
    Buffer affected;
    Buffer events;
    Buffer versions;
    std::vector<std::pair<Text, std::uint32_t>> ecosystems;
    std::size_t first = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const AffectedEntry& entry = affected_[kept[i]];
        put_u32(affected, new_number[entry.record]);
        put_u32(affected, place[entry.note]);
        put_u32(affected, count32(events.size() / kEventBytes));
        put_u32(affected, entry.events);
        put_u32(affected, count32(versions.size() / 4));
        put_u32(affected, entry.versions);
        put_u32(affected, static_cast<std::uint32_t>(entry.level));
        put_u32(affected, entry.denied ? kAffectedDenied : 0);
        put_time(affected, entry.fixed_on);
        for (std::uint32_t e = 0; e < entry.events; ++e) {
            put_u32(events, events_[entry.first_event + e].bits);
            put_u32(events, place[events_[entry.first_event + e].version]);
        }
        for (std::uint32_t v = 0; v < entry.versions; ++v) put_u32(versions, place[versions_[entry.first_version + v]]);
        const bool last = i + 1 == kept.size() || affected_[kept[i + 1]].name != entry.name || affected_[kept[i + 1]].ecosystem != entry.ecosystem;
        if (!last) continue;
        put_u32(packages, place[entry.ecosystem]);
        put_u32(packages, place[entry.name]);
        put_u32(packages, count32(first));
        put_u32(packages, count32(i + 1 - first));
        if (ecosystems.empty() || ecosystems.back().first != entry.ecosystem) ecosystems.emplace_back(entry.ecosystem, 0);
        ++ecosystems.back().second;
        first = i + 1;
    }
    Buffer ecosystem_table;
    for (const auto& [ecosystem, count] : ecosystems) {
        put_u32(ecosystem_table, place[ecosystem]);
        put_u32(ecosystem_table, count);
    }

    std::vector<std::pair<Text, Cve>> cves(cves_.begin(), cves_.end());
    std::sort(cves.begin(), cves.end(), [&](const auto& a, const auto& b) { return place[a.first] < place[b.first]; });
    Buffer cve_table;
    for (const auto& [id, entry] : cves) {
        put_u32(cve_table, place[id]);
        put_u32(cve_table, entry.flags);
        put_u32(cve_table, entry.score);
        put_u32(cve_table, entry.percentile);
        put_time(cve_table, entry.added);
        put_time(cve_table, entry.due);
        put_u32(cve_table, (entry.flags & kCveExploited) != 0 ? place[entry.name] : place[text_numbers_.at("")]);
        put_u32(cve_table, 0);
    }

    const auto key = [&](const Cycle& cycle) {
        return std::tuple{place[cycle.product], place[cycle.cycle], place[cycle.latest], cycle.over, cycle.released, cycle.support_ends, cycle.fixes_end};
    };
    std::sort(cycles_.begin(), cycles_.end(), [&](const Cycle& a, const Cycle& b) { return key(a) < key(b); });
    cycles_.erase(std::unique(cycles_.begin(), cycles_.end(), [&](const Cycle& a, const Cycle& b) { return key(a) == key(b); }), cycles_.end());
    Buffer cycle_table;
    for (const Cycle& cycle : cycles_) {
        for (const Text text : {cycle.product, cycle.cycle, cycle.latest}) put_u32(cycle_table, place[text]);
        put_u32(cycle_table, cycle.over);
        for (const std::int64_t time : {cycle.released, cycle.support_ends, cycle.fixes_end}) put_time(cycle_table, time);
    }

    Buffer source_table;
    for (const auto& note : sources_) {
        for (const auto* text : {&note.name, &note.title, &note.digest}) put_u32(source_table, place[text_numbers_.at(*text)]);
        put_u32(source_table, 0);
        put_time(source_table, note.fetched);
        put_time(source_table, note.newest);
        sigdb::put_u64(source_table, note.records);
        sigdb::put_u64(source_table, note.refused);
        sigdb::put_u64(source_table, 0);
    }

    Buffer summary;
    const auto with = [&](auto has) { return count32(static_cast<std::size_t>(std::count_if(cves.begin(), cves.end(), has))); };
    put_u32(summary, kLayout);
    put_u32(summary, with([](const auto& cve) { return (cve.second.flags & kCveExploited) != 0; }));
    put_u32(summary, with([](const auto& cve) { return cve.second.score != kNoScore; }));
    put_u32(summary, 0);
    WARD_CHECK(summary.size() == kSummaryBytes);

    sigdb::Writer writer;
    writer.add(SectionId::advisory_summary, std::move(summary));
    writer.add(SectionId::advisory_texts, std::move(texts));
    writer.add(SectionId::advisory_packages, std::move(packages));
    writer.add(SectionId::advisory_affected, std::move(affected));
    writer.add(SectionId::advisory_events, std::move(events));
    writer.add(SectionId::advisory_versions, std::move(versions));
    writer.add(SectionId::advisory_records, std::move(records));
    writer.add(SectionId::advisory_names, std::move(names));
    writer.add(SectionId::advisory_cves, std::move(cve_table));
    writer.add(SectionId::advisory_life_cycles, std::move(cycle_table));
    writer.add(SectionId::advisory_sources, std::move(source_table));
    writer.add(SectionId::advisory_ecosystems, std::move(ecosystem_table));
    return std::move(writer).finish();
}

}  // namespace ward::advisories
