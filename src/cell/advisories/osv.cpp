// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/osv.h"

#include "cell/advisories/cvss.h"
#include "cell/advisories/internal/json_fields.h"
#include "core/text.h"

#include <algorithm>
#include <array>

namespace ward::advisories {

namespace {

Status add_name(std::vector<std::string>& names, const JsonNode& node) {
    if (node.text() == nullptr || !is_name(*node.text())) return fail(Code::malformed, "a list of names with something else in it");
    if (names.size() == kMaxListed) return fail(Code::over_limit, "a list of more than {} names", kMaxListed);
    names.push_back(*node.text());
    return done();
}

void sort_out(std::vector<std::string>& names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
}

// "CVSS:4.0/..." is 4, what says no version is of 2.
char cvss_version(std::string_view vector) { return vector.starts_with("CVSS:") && vector.size() > 5 ? vector[5] : '2'; }

// Vectors and words stand in the same list; a newer version of CVSS than we can reckon gives no score.
void read_severity(const JsonNode& owner, std::string& vector, std::optional<double>& score, Level& level) {
    for (const auto& item : items_at(owner, "severity")) {
        const std::string_view written = text_at(item, "score");
        if (const auto reckoned = cvss_base_score(written)) {
            // Of several the newest version counts, and OSV lists one of each.
            if (!score || cvss_version(written) >= cvss_version(vector)) {
                score = reckoned;
                vector = written;
            }
        } else if (written.starts_with("CVSS:")) {
            if (vector.empty()) vector = shorten(written, kMaxNameBytes);
        } else if (level == Level::none) {
            level = level_of(written);
        }
    }
}

Level level_in(const JsonNode& owner, std::string_view object) {
    const JsonNode* const found = owner.find(object);
    if (found == nullptr) return Level::none;
    for (const char* key : {"severity", "urgency"}) {
        if (const Level level = level_of(text_at(*found, key)); level != Level::none) return level;
    }
    return Level::none;
}

// The errata of Red Hat and those that build from it say it in their titles: "Important: bind security update".
Level level_of_title(std::string_view summary) {
    const auto colon = summary.find(": ");
    return colon == std::string_view::npos ? Level::none : level_of(summary.substr(0, colon));
}

Result<Range> read_range(const JsonNode& node, bool semver) {
    Range range;
    range.semver = semver;
    bool is_limited = true;
    for (const auto& event : items_at(node, "events")) {
        const std::size_t before = range.events.size();
        struct Key { const char* name; Event::Kind kind; };
        static constexpr Key kKeys[] = {{"introduced", Event::Kind::introduced}, {"fixed", Event::Kind::fixed},
                                        {"last_affected", Event::Kind::last_affected}, {"limit", Event::Kind::limit}};
        for (const auto& key : kKeys) {
            const std::string_view version = text_at(event, key.name);
            if (version.empty()) continue;
            if (!is_name(version)) return fail(Code::malformed, "a version that is none");
            if (key.kind == Event::Kind::limit && version == "*") is_limited = false;
            range.events.push_back({key.kind, std::string{version}});
        }
        // Another kind of event would say something that must not be passed over.
        if (range.events.size() == before) return fail(Code::unsupported, "an event of an unknown kind");
        if (range.events.size() > kMaxListed) return fail(Code::over_limit, "a range of more than {} events", kMaxListed);
    }
    // A version is inside that is before any of the limits, and all are before "*".
    if (!is_limited) std::erase_if(range.events, [](const Event& event) { return event.kind == Event::Kind::limit; });
    // "There must be at least one introduced object": without one the range says nothing, and must not pass for "none affected".
    const bool introduced = std::any_of(range.events.begin(), range.events.end(),
                                        [](const Event& event) { return event.kind == Event::Kind::introduced; });
    if (!introduced) return fail(Code::malformed, "a range without `introduced`");
    return range;
}

Result<Affected> read_affected(const JsonNode& node) {
    const JsonNode* const package = node.find("package");
    Affected affected;
    if (package == nullptr) return affected;  // commits of a repository
    affected.ecosystem = text_at(*package, "ecosystem");
    affected.name = text_at(*package, "name");
    if (!is_name(affected.ecosystem) || !is_name(affected.name)) return fail(Code::malformed, "a package without ecosystem or name");
    affected.name = normal_name(affected.ecosystem, affected.name);
    std::size_t events = 0;
    for (const auto& node_of_range : items_at(node, "ranges")) {
        const std::string_view type = text_at(node_of_range, "type");
        if (type == "GIT") continue;
        if (type != "ECOSYSTEM" && type != "SEMVER") return fail(Code::unsupported, "a range of an unknown type");
        affected.ranges.push_back(WARD_TRY(read_range(node_of_range, type == "SEMVER")));
        events += affected.ranges.back().events.size();
        if (events > kMaxListed) return fail(Code::over_limit, "a package of more than {} events", kMaxListed);
    }
    for (const auto& version : items_at(node, "versions")) WARD_TRY(add_name(affected.versions, version));
    sort_out(affected.versions);
    std::string vector;
    std::optional<double> score;
    read_severity(node, vector, score, affected.level);
    if (affected.level == Level::none && score) affected.level = level_of(*score);
    if (affected.level == Level::none) affected.level = level_in(node, "ecosystem_specific");
    if (affected.level == Level::none) affected.level = level_in(node, "database_specific");
    if (const JsonNode* const specific = node.find("database_specific")) affected.fixed_on = parse_time(text_at(*specific, "fixed_on"));
    return affected;
}

}  // namespace

bool is_name(std::string_view text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return !text.empty() && text.size() <= kMaxNameBytes && is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

std::string shorten(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string{text};
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return std::string{text.substr(0, most)};
}

Result<Advisory> read_osv(const JsonNode& record) {
    Advisory advisory;
    if (!record.is_object()) return fail(Code::malformed, "a record that is no object");
    advisory.id = text_at(record, "id");
    if (!is_name(advisory.id)) return fail(Code::malformed, "a record without an id");
    std::string_view summary = text_at(record, "summary");
    if (summary.empty()) {
        summary = trim(text_at(record, "details"));
        summary = summary.substr(0, summary.find('\n'));
    }
    advisory.summary = shorten(trim(summary), kMaxSummaryBytes);
    advisory.published = parse_time(text_at(record, "published"));
    advisory.modified = parse_time(text_at(record, "modified"));
    advisory.withdrawn = parse_time(text_at(record, "withdrawn"));

    if (is_cve(advisory.id)) advisory.cves.push_back(advisory.id);
    for (const char* list : {"aliases", "upstream"}) {
        for (const auto& item : items_at(record, list)) {
            WARD_TRY(add_name(item.text() != nullptr && is_cve(*item.text()) ? advisory.cves : advisory.aliases, item));
        }
    }
    // An erratum is an alias of nothing; what it mends it calls related.
    if (advisory.cves.empty()) {
        for (const auto& item : items_at(record, "related")) {
            if (item.text() != nullptr && is_cve(*item.text())) WARD_TRY(add_name(advisory.cves, item));
        }
    }
    sort_out(advisory.cves);
    sort_out(advisory.aliases);

    for (const char* type : {"ADVISORY", "WEB", ""}) {
        if (!advisory.url.empty()) break;
        for (const auto& reference : items_at(record, "references")) {
            const std::string_view url = text_at(reference, "url");
            if ((*type == '\0' || text_at(reference, "type") == type) && is_name(url) && url.starts_with("https://")) {
                advisory.url = url;
                break;
            }
        }
    }

    read_severity(record, advisory.vector, advisory.score, advisory.level);
    if (advisory.score) advisory.level = level_of(*advisory.score);
    if (advisory.level == Level::none) advisory.level = level_in(record, "database_specific");
    if (advisory.level == Level::none) advisory.level = level_of_title(advisory.summary);

    const auto& affected = items_at(record, "affected");
    if (affected.size() > kMaxListed) return fail(Code::over_limit, "a record of more than {} packages", kMaxListed);
    for (const auto& item : affected) {
        Affected read = WARD_TRY(read_affected(item));
        if (!read.name.empty() && !(read.ranges.empty() && read.versions.empty())) advisory.affected.push_back(std::move(read));
    }
    return advisory;
}

std::string_view scheme_of(std::string_view ecosystem) {
    struct Order { std::string_view ecosystem; std::string_view scheme; };
    static constexpr Order kOrders[] = {
        {"Debian", "debian"},      {"Ubuntu", "debian"},     {"Echo", "debian"},          {"AlmaLinux", "rpm"},
        {"Rocky Linux", "rpm"},    {"Red Hat", "rpm"},       {"SUSE", "rpm"},             {"openSUSE", "rpm"},
        {"Mageia", "rpm"},         {"openEuler", "rpm"},     {"Photon OS", "rpm"},        {"Azure Linux", "rpm"},
        {"Oracle Linux", "rpm"},   {"Amazon Linux", "rpm"},  {"Fedora", "rpm"},           {"Alpine", "alpine"},
        {"Alpaquita", "alpine"},   {"Wolfi", "alpine"},      {"Chainguard", "alpine"},    {"BellSoft Hardened Containers", "alpine"},
        {"MinimOS", "alpine"},     {"npm", "npm"},           {"PyPI", "pypi"},            {"RubyGems", "gem"},
        {"Go", "npm"},              {"Maven", "maven"},       {"NuGet", "nuget"},          {"crates.io", "cargo"},
        {"Packagist", "packagist"},{"Hex", "hex"},           {"Pub", "pub"},              {"SwiftURL", "semver"},
    };
    const std::string_view base = ecosystem.substr(0, ecosystem.find(':'));
    const auto* const found = std::find_if(std::begin(kOrders), std::end(kOrders), [&](const Order& order) { return order.ecosystem == base; });
    return found == std::end(kOrders) ? std::string_view{} : found->scheme;
}

std::string normal_name(std::string_view ecosystem, std::string_view name) {
    const std::string_view base = ecosystem.substr(0, ecosystem.find(':'));
    if (base == "Packagist" || base == "NuGet") return to_lower_ascii(name);
    if (base != "PyPI") return std::string{name};
    std::string normal;
    for (const char c : to_lower_ascii(name)) {
        const bool separates = c == '-' || c == '_' || c == '.';
        if (!separates) normal += c;
        else if (normal.empty() || normal.back() != '-') normal += '-';
    }
    return normal;
}

}  // namespace ward::advisories
