// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/importer.h"

#include "cell/advisories/csaf.h"
#include "cell/advisories/internal/json_fields.h"
#include "cell/advisories/internal/json_split.h"
#include "cell/advisories/osv.h"
#include "cell/formats/container.h"
#include "core/hash.h"
#include "core/json_read.h"
#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace ward::advisories {

namespace {

constexpr std::uint32_t kMaxDepth = 3;        // a tar in a gzip in a zip
constexpr std::size_t kMaxRecordBytes = 64 * 1024 * 1024;  // of one JSON value that becomes a tree
constexpr std::uint64_t kMaxWastedBytes = 1 * kGiB;  // read again behind broken lines; then a file is too broken to go on
constexpr std::size_t kMaxLineBytes = 4096;  // of EPSS
constexpr JsonLimits kRecordLimits{100, 2'000'000};

enum class Kind { nothing, osv, osv_array, csaf, exploited, tracker, life_cycles, other };

bool true_at(const JsonNode& node, std::string_view key) {
    const JsonNode* const found = node.find(key);
    return found != nullptr && found->boolean() != nullptr && *found->boolean();
}

// By the keys that begin it, and for the tracker, whose keys are names of packages, by those one level below.
Kind kind_of(std::string_view text) {
    if (text.starts_with('[')) {
        JsonSplitter items{text};
        items.enter();
        const auto first = items.next();
        if (!first) return Kind::other;
        if (!*first) return Kind::nothing;
        // An array in it is nothing we know, and must not take us deeper.
        return (*first)->value.starts_with('{') && kind_of((*first)->value) == Kind::osv ? Kind::osv_array : Kind::other;
    }
    if (!text.starts_with('{')) return Kind::other;
    JsonSplitter members{text};
    members.enter();
    constexpr int kKeys = 24;
    bool has_id = false;
    for (int i = 0; i < kKeys; ++i) {
        const auto next = members.next();
        if (!next) return has_id ? Kind::osv : Kind::other;
        if (!*next) break;
        const auto& [key, value] = **next;
        if (key == "catalogVersion") return Kind::exploited;
        if (key == "result") return Kind::life_cycles;
        if (key == "document" && is_csaf(value)) return Kind::csaf;
        if (key == "id") has_id = true;
        if (has_id && (key == "affected" || key == "modified")) return Kind::osv;
        if (!has_id && value.starts_with('{')) {
            JsonSplitter inner{value};
            inner.enter();
            const auto name = inner.next();
            if (name && *name && ((*name)->key.starts_with("CVE-") || (*name)->key.starts_with("TEMP-"))) return Kind::tracker;
        }
    }
    return has_id ? Kind::osv : Kind::other;
}

// "0.00043" as 43: exact to what EPSS gives out, without a detour through binary fractions that round.
std::optional<std::uint32_t> hundred_thousandths(std::string_view text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !(value >= 0 && value <= 1)) return std::nullopt;
    return static_cast<std::uint32_t>(value * 100'000 + 0.5);
}

}  // namespace

Limits Importer::limits() {
    Limits limits;
    limits.max_unpacked_bytes = 16 * kGiB;
    limits.max_member_bytes = 3 * kGiB;
    limits.max_members = 2'000'000;
    limits.max_time = std::chrono::minutes{8};
    return limits;
}

void Importer::fault(std::string_view where, Error error) {
    ++faults_of_source_;
    if (faults_of_source_ <= kMaxFaults) faults_.push_back({builder_.source().name, std::string{where}, std::move(error)});
}

// Of the file as a whole: what it cost nobody can count, so it is said beside however many faults of records.
void Importer::fault_of_source(Error error) {
    ++faults_of_source_;
    faults_.push_back({builder_.source().name, {}, std::move(error)});
}

void Importer::refuse(std::string_view where, Error error) {
    ++builder_.source().refused;
    fault(where, std::move(error));
}

bool Importer::take(const Status& added, std::string_view where) {
    if (added.ok()) return true;
    // Once: what follows has no room either.
    if (!full_) fault(where, added.error());
    full_ = true;
    ++builder_.source().refused;
    return false;
}

void Importer::add(SourceNote note, Bytes bytes) {
    note.digest = sha256_hex(bytes);
    builder_.begin_source(std::move(note));
    faults_of_source_ = 0;
    const Limits limits = Importer::limits();
    Deadline deadline{limits.max_time};
    formats::Budget budget{limits, bytes.size(), deadline};
    open({}, bytes, budget, 0);
    store_.clear();
    const auto& source = builder_.source();
    if (source.records == 0 && source.refused == 0 && faults_of_source_ == 0) fault_of_source(fail(Code::malformed, "holds no record that Ward knows how to read"));
    if (faults_of_source_ > kMaxFaults) {
        faults_.push_back({source.name, "...", fail(Code::malformed, "and {} more faults of this source", faults_of_source_ - kMaxFaults)});
    }
}

void Importer::open(std::string_view where, Bytes bytes, formats::Budget& budget, std::uint32_t depth) {
    const Limits& limits = budget.limits();
    const formats::Type type = formats::detect(bytes);
    const auto container = formats::open_container(type, bytes, limits);
    if (!container) {
        if (type == formats::Type::empty) return;
        read(where, as_text(bytes));
        return;
    }
    if (depth == kMaxDepth) {
        fault(where, fail(Code::over_limit, "archives in archives more than {} deep", kMaxDepth));
        return;
    }
    formats::Sink sink{store_, budget};
    formats::Member member;
    const auto mark = store_.mark();
    while (!budget.end() && !full_ && container->next(member, sink)) {
        if (auto counted = budget.member(); !counted) break;
        std::string name{where};
        if (!member.name.empty()) name += (name.empty() ? "" : "/") + member.name;
        for (auto& error : member.faults) fault(name, std::move(error));
        open(name, member.content, budget, depth + 1);
        store_.release(mark);
    }
    for (const auto& error : container->faults()) {
        if (depth == 0) fault_of_source(error);
        else fault(where, error);
    }
    if (depth == 0 && budget.end()) fault_of_source(*budget.end());
}

void Importer::read(std::string_view where, std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const std::string_view start = trim(text.substr(0, 4096));
    if (start.empty()) return;
    if (start.starts_with("#model_version") || start.starts_with("cve,epss")) return read_forecast(where, text);
    if (start.front() != '{' && start.front() != '[') return fault(where, fail(Code::unsupported, "is none of the forms that Ward reads advisories from"));
    // A stream of values, each of a form of its own: a file of JSON lines, or the documents of a folder one behind the other.
    JsonSplitter values{text};
    std::uint64_t wasted = 0;
    while (!full_) {
        auto next = values.next();
        if (!next) {
            // A broken line costs that line, where there are lines.
            refuse(where, std::move(next).error());
            if (!values.skip_line()) return;
            // What has no end is looked for up to the end of the file, at every such line.
            wasted += std::min<std::uint64_t>(JsonSplitter::kMaxValueBytes, text.size() - values.offset());
            if (wasted > kMaxWastedBytes) return refuse(where, fail(Code::over_limit, "so much is broken that the rest is left out, from offset {}", values.offset()));
            continue;
        }
        if (!*next) return;
        read_value(where, (*next)->value);
    }
}

void Importer::read_value(std::string_view where, std::string_view value) {
    switch (kind_of(value)) {
        case Kind::osv: return read_osv_record(where, value);
        case Kind::osv_array: {
            JsonSplitter items{value};
            items.enter();
            for (;;) {
                auto next = items.next();
                if (!next) return refuse(where, std::move(next).error());
                if (!*next || full_) return;
                read_osv_record(where, (*next)->value);
            }
        }
        case Kind::csaf: return read_csaf_document(where, value);
        case Kind::exploited: return read_exploited(where, value);
        case Kind::tracker: return read_tracker(where, value);
        case Kind::life_cycles: return read_life_cycles(where, value);
        case Kind::nothing: return;
        case Kind::other: return refuse(where, fail(Code::unsupported, "is none of the forms that Ward reads advisories from"));
    }
}

void Importer::read_osv_record(std::string_view where, std::string_view text) {
    if (text.size() > kMaxRecordBytes) return refuse(where, fail(Code::over_limit, "a record of more than {} bytes", kMaxRecordBytes));
    const auto json = read_json(text, kRecordLimits);
    if (!json) return refuse(where, json.error());
    const auto advisory = read_osv(*json);
    if (!advisory) {
        const std::string id = shorten(text_at(*json, "id"), 100);
        return refuse(where, fail(advisory.error().code, "{}{}{}", id, id.empty() ? "" : ": ", advisory.error().text));
    }
    // Records of commits alone say nothing of a package.
    if (advisory->affected.empty()) return;
    take(builder_.add(*advisory), where);
}

void Importer::read_csaf_document(std::string_view where, std::string_view text) {
    const auto document = read_csaf(text);
    if (!document) return refuse(where, document.error());
    if (document->unknown_products > 0) fault(where, fail(Code::malformed, "speaks of {} products that it does not describe", document->unknown_products));
    for (const auto& advisory : document->advisories) {
        if (!take(builder_.add(advisory), where)) return;
    }
}

void Importer::read_exploited(std::string_view where, std::string_view text) {
    if (text.size() > kMaxRecordBytes) return refuse(where, fail(Code::over_limit, "a catalogue of more than {} bytes", kMaxRecordBytes));
    const auto json = read_json(text, kRecordLimits);
    if (!json) return refuse(where, json.error());
    builder_.source().newest = std::max(builder_.source().newest, parse_time(text_at(*json, "dateReleased")));
    for (const auto& item : items_at(*json, "vulnerabilities")) {
        KnownExploited known;
        known.cve = text_at(item, "cveID");
        known.name = shorten(text_at(item, "vulnerabilityName"), kMaxSummaryBytes);
        known.added = parse_time(text_at(item, "dateAdded"));
        known.due = parse_time(text_at(item, "dueDate"));
        known.ransomware = equal_ignoring_case(text_at(item, "knownRansomwareCampaignUse"), "known");
        if (!is_cve(known.cve)) {
            refuse(where, fail(Code::malformed, "an entry of the catalogue without a CVE"));
            continue;
        }
        if (!take(builder_.add(known), where)) return;
    }
}

void Importer::read_forecast(std::string_view where, std::string_view text) {
    std::uint64_t number = 0;
    while (!text.empty() && !full_) {
        const std::string_view line = trim(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.size(), text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1));
        ++number;
        if (line.starts_with("#")) {
            const auto date = line.find("score_date:");
            if (date != std::string_view::npos) builder_.source().newest = parse_time(line.substr(date + 11, 19));
            continue;
        }
        if (line.empty() || line.starts_with("cve,")) continue;
        // Numbers and a name: a line that is no such line is not cut into a field for each of its commas.
        const auto fields = line.size() <= kMaxLineBytes ? split(line, ',') : std::vector<std::string_view>(1);
        Exploitability forecast;
        const auto score = fields.size() >= 2 ? hundred_thousandths(fields[1]) : std::nullopt;
        const auto percentile = fields.size() >= 3 ? hundred_thousandths(fields[2]) : std::nullopt;
        if (!is_cve(fields[0]) || !score || !percentile) {
            refuse(where, fail(Code::malformed, "line {} is no score of a CVE", number));
            continue;
        }
        forecast.cve = fields[0];
        forecast.score = *score;
        forecast.percentile = *percentile;
        take(builder_.add(forecast), where);
    }
}

// {source: {CVE: {description, releases: {codename: {status, fixed_version, urgency, nodsa, nodsa_reason}}}}}: by source, where a
// record is by CVE. As ids the ones of OSV's Debian records, so that both are one; what the tracker says now counts.
void Importer::read_tracker(std::string_view where, std::string_view text) {
    std::map<std::string, Advisory> by_cve;
    JsonSplitter sources{text};
    sources.enter();
    for (;;) {
        auto next = sources.next();
        if (!next) {
            refuse(where, std::move(next).error());
            break;
        }
        if (!*next) break;
        const auto key = read_json(fmt::format("\"{}\"", (*next)->key));  // with escapes until here
        const std::string source = key && key->text() != nullptr ? *key->text() : std::string{};
        const auto json = read_json((*next)->value, kRecordLimits);
        if (!json || !is_name(source)) {
            refuse(where, json ? fail(Code::malformed, "a source package without a name") : json.error());
            continue;
        }
        for (const auto& [cve, entry] : json->members()) {
            const JsonNode* const releases = entry.find("releases");
            if (releases == nullptr || !is_name("DEBIAN-" + cve)) {
                refuse(where, fail(Code::malformed, "{} of {} names no release, or is no name", shorten(cve, 100), shorten(source, 100)));
                continue;
            }
            Advisory& advisory = by_cve["DEBIAN-" + cve];
            if (advisory.id.empty()) {
                advisory.id = "DEBIAN-" + cve;
                if (is_cve(cve)) advisory.cves.push_back(cve);
                advisory.summary = shorten(text_at(entry, "description"), kMaxSummaryBytes);
                advisory.url = "https://security-tracker.debian.org/tracker/" + cve;
                advisory.modified = builder_.source().fetched;
            }
            for (const auto& [codename, release] : releases->members()) {
                const std::string_view status = text_at(release, "status");
                const std::string_view fixed = text_at(release, "fixed_version");
                // "0": no version of this release has it. "undetermined": nobody has looked.
                if (status == "undetermined" || fixed == "0") continue;
                if (status == "resolved" && fixed.empty()) continue;
                if (!is_name("Debian:" + codename) || (status == "resolved" && !is_name(fixed))) {
                    refuse(where, fail(Code::malformed, "{} of {} has a release or version that is none", cve, shorten(source, 100)));
                    continue;
                }
                Affected affected;
                affected.ecosystem = "Debian:" + codename;
                affected.name = source;
                affected.level = level_of(text_at(release, "urgency"));
                affected.note = shorten(text_at(release, "nodsa"), kMaxSummaryBytes);
                Range range;
                range.events.push_back({Event::Kind::introduced, "0"});
                if (status == "resolved") range.events.push_back({Event::Kind::fixed, std::string{fixed}});
                affected.ranges.push_back(std::move(range));
                advisory.affected.push_back(std::move(affected));
            }
        }
    }
    for (const auto& [id, advisory] : by_cve) {
        if (!advisory.affected.empty() && !take(builder_.add(advisory), where)) return;
    }
}

void Importer::read_life_cycles(std::string_view where, std::string_view text) {
    if (text.size() > kMaxRecordBytes) return refuse(where, fail(Code::over_limit, "a list of more than {} bytes", kMaxRecordBytes));
    const auto json = read_json(text, kRecordLimits);
    if (!json) return refuse(where, json.error());
    builder_.source().newest = std::max(builder_.source().newest, parse_time(text_at(*json, "generated_at")));
    const auto one = [&](const JsonNode& product) {
        for (const auto& release : items_at(product, "releases")) {
            LifeCycle cycle;
            cycle.product = text_at(product, "name");
            cycle.cycle = text_at(release, "name");
            cycle.released = parse_time(text_at(release, "releaseDate"));
            cycle.support_ends = parse_time(text_at(release, "eoasFrom"));
            cycle.fixes_end = parse_time(text_at(release, "eolFrom"));
            cycle.is_over = true_at(release, "isEol");
            if (const JsonNode* const latest = release.find("latest")) cycle.latest = text_at(*latest, "name");
            if (!is_name(cycle.product) || !is_name(cycle.cycle) || (!cycle.latest.empty() && !is_name(cycle.latest))) {
                refuse(where, fail(Code::malformed, "a release without product or name"));
                continue;
            }
            if (!take(builder_.add(cycle), where)) return;
        }
    };
    const JsonNode* const result = json->find("result");
    if (result != nullptr && result->is_object()) one(*result);  // of a single product
    if (result == nullptr) return;
    for (const auto& product : result->items()) one(product);
}

}  // namespace ward::advisories
