// SPDX-License-Identifier: Apache-2.0
#include "walks/sbom.h"

#include "core/text.h"
#include "core/version.h"

#include <algorithm>
#include <map>
#include <optional>

namespace ward::walks {

namespace {

using report::SbomComponent;

// Asks one after the other; what an answer does not know goes to the gaps.
class Questions {
public:
    Questions(const Ask& ask, std::vector<Gap>& gaps) : ask_{ask}, gaps_{gaps} {}

    template <class TakeRow>
    std::size_t put(const char* table, const std::string& sql, const TakeRow& take) {
        auto answer = ask_(sql);
        if (!answer) {
            if (!first_error_) first_error_ = answer.error();
            add({{}, answer.error().code, std::string{"table "} + table + ": " + answer.error().text});
            return 0;
        }
        ++answered_;
        for (auto& gap : answer->gaps) add(std::move(gap));
        for (const auto& row : answer->result.rows) take(row);
        return answer->result.rows.size();
    }

    void add(Gap gap) {
        if (std::find(gaps_.begin(), gaps_.end(), gap) == gaps_.end()) gaps_.push_back(std::move(gap));
    }

    std::optional<Error> error() const { return answered_ == 0 ? first_error_ : std::nullopt; }

private:
    const Ask& ask_;
    std::vector<Gap>& gaps_;
    std::size_t answered_ = 0;
    std::optional<Error> first_error_;
};

SbomComponent package_of(const Row& row) {
    SbomComponent out;
    out.kind = SbomComponent::Kind::package;
    std::size_t column = 0;
    for (std::string* text : {&out.keeper, &out.name, &out.version, &out.architecture, &out.source, &out.source_version, &out.section,
                              &out.status, &out.vendor, &out.maintainer, &out.summary}) {
        *text = to_text(row.at(column++));
    }
    out.paths = {to_text(row.at(column))};
    return out;
}
constexpr const char* kPackages =
    "SELECT manager, name, version, architecture, source, source_version, section, status, vendor, maintainer, summary, path "
    "FROM packages WHERE status <> 'config-files' AND NOT (manager = 'rpm' AND name = 'gpg-pubkey') "
    "ORDER BY manager, name, version, architecture, path";

SbomComponent software_of(const Row& row) {
    SbomComponent out;
    out.kind = SbomComponent::Kind::software;
    std::size_t column = 0;
    for (std::string* text : {&out.keeper, &out.name, &out.version, &out.license, &out.brought_by}) *text = to_text(row.at(column++));
    out.locked = to_text(row.at(column++)) == "locked";
    out.paths = {to_text(row.at(column))};
    return out;
}
constexpr const char* kSoftware =
    "SELECT DISTINCT ecosystem, name, version, license, package, state, path FROM software "
    "ORDER BY ecosystem, name, version, state, license, package, path";

constexpr const char* kFaults =
    "SELECT DISTINCT coalesce(cve, advisory), advisory, url, summary, severity, fixed_in, state, reason, knowledge, cvss, published, known_exploited, "
    "coalesce(manager, ecosystem), version, packages FROM vulnerabilities ORDER BY 1, 13, 15, 14";

bool same_but_for_place(const SbomComponent& a, const SbomComponent& b) {
    return a.keeper == b.keeper && a.name == b.name && a.version == b.version && a.license == b.license && a.brought_by == b.brought_by &&
           a.locked == b.locked;
}

}  // namespace

Result<report::Sbom> inventory(const Ask& ask, bool sees_everything) {
    report::Sbom sbom;
    sbom.ward = kVersion;
    Questions questions{ask, sbom.gaps};
    if (!sees_everything) questions.add({{}, Code::denied, "table software: only root sees it all"});
    const auto keep = [&](SbomComponent component) {
        if (component.name.empty()) return questions.add({Where{component.paths.front(), 0, {}}, Code::malformed, "names software without a name"});
        if (!sbom.components.empty() && component.kind == SbomComponent::Kind::software && same_but_for_place(sbom.components.back(), component)) {
            sbom.components.back().paths.push_back(std::move(component.paths.front()));
            return;
        }
        sbom.components.push_back(std::move(component));
    };
    const auto systems = questions.put("os_release", "SELECT id, version_id, codename, pretty_name FROM os_release", [&](const Row& row) {
        sbom.system = {to_text(row.at(0)), to_text(row.at(1)), to_text(row.at(2))};
        sbom.system_name = to_text(row.at(3));
    });
    if (systems == 0 && !questions.error()) {
        questions.add({Where{"/etc/os-release", 0, {}}, Code::not_found, "is not there, so the system is unknown, and its packages may have no package URL"});
    }
    questions.put("packages", kPackages, [&](const Row& row) { keep(package_of(row)); });
    questions.put("software", kSoftware, [&](const Row& row) { keep(software_of(row)); });
    if (const auto error = questions.error()) return *error;
    // Under --root without facts nobody knows; that is no gap in what the list is about.
    if (const auto name = ask("SELECT node FROM kernel"); name && !name->result.rows.empty()) sbom.host = to_text(name->result.rows.front().at(0));
    return sbom;
}

void add_faults(report::Sbom& sbom, const Ask& ask) {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<std::size_t>> places;  // by keeper and name
    for (std::size_t i = 0; i < sbom.components.size(); ++i) places[{sbom.components[i].keeper, sbom.components[i].name}].push_back(i);
    std::vector<report::SbomFault> faults;
    Questions questions{ask, sbom.gaps};
    questions.put("vulnerabilities", kFaults, [&](const Row& row) {
        report::SbomFault fault;
        std::size_t column = 0;
        for (std::string* text : {&fault.id, &fault.advisory, &fault.url, &fault.summary, &fault.severity, &fault.fixed_in, &fault.state, &fault.reason, &fault.knowledge}) {
            *text = to_text(row.at(column++));
        }
        if (const auto* const score = std::get_if<double>(&row.at(column++))) fault.cvss = *score;
        if (const auto* const published = std::get_if<std::int64_t>(&row.at(column++))) fault.published = *published;
        if (const auto* const exploited = std::get_if<std::int64_t>(&row.at(column++))) fault.known_exploited = *exploited != 0;
        const std::string keeper = to_text(row.at(column++));
        const std::string version = to_text(row.at(column++));
        const std::string packages = to_text(row.at(column));
        const bool by_source = keeper == "dpkg" || keeper == "apk";  // whose version is the source package's
        // Only managers have names without blanks.
        const auto names = by_source || keeper == "rpm" ? words(packages) : std::vector<std::string_view>{packages};
        for (const auto name : names) {
            const auto found = places.find({keeper, name});
            if (found == places.end()) continue;
            for (const auto number : found->second) {
                if (by_source || sbom.components[number].version == version) fault.components.push_back(number);
            }
        }
        if (!fault.components.empty()) faults.push_back(std::move(fault));
        // Of what is removed only the configuration is here, which is no component.
        else if (fault.state == "affected") questions.add({{}, Code::malformed, fmt::format("table vulnerabilities: {} is in {} {}, which is not listed", fault.id, packages, version)});
    });
    sbom.faults = std::move(faults);
}

}  // namespace ward::walks
