// SPDX-License-Identifier: Apache-2.0
// CycloneDX 1.6 (ECMA-424).
#include "core/json_write.h"
#include "core/text.h"
#include "report/internal/sbom_parts.h"
#include "report/spdx_license.h"

namespace ward::report {

namespace {

constexpr std::string_view kHostRef = "host";
constexpr std::size_t kMaxVersionCharacters = 1024;  // the schema's

void write_text(JsonWriter& json, std::string_view key, std::string_view value) {
    if (!value.empty()) json.key(key).text(value);
}

// Properties in the order of the calls; no array when there are none.
class Properties {
public:
    explicit Properties(JsonWriter& json) : json_{json} {}
    void add(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        if (!open_) json_.key("properties").begin_array();
        open_ = true;
        json_.begin_object().key("name").text(name).key("value").text(value).end_object();
    }
    void end() {
        if (open_) json_.end_array();
    }

private:
    JsonWriter& json_;
    bool open_ = false;
};

void write_ward(JsonWriter& json, const Sbom& sbom) {
    json.begin_object().key("type").text("application").key("name").text("ward").key("version").text(sbom.ward).end_object();
}

void write_host(JsonWriter& json, const Sbom& sbom) {
    const bool named = !sbom.system.id.empty();
    json.begin_object().key("type").text("operating-system").key("bom-ref").text(kHostRef);
    json.key("name").text(named ? sbom.system.id : "unknown");
    const auto& version = sbom.system.version_id.empty() ? sbom.system.codename : sbom.system.version_id;
    if (version.size() <= kMaxVersionCharacters) write_text(json, "version", version);
    write_text(json, "description", sbom.system_name);
    json.end_object();
}

void write_licenses(JsonWriter& json, const std::string& said) {
    if (said.empty()) return;
    const auto license = spdx_license(said);
    json.key("licenses").begin_array().begin_object();
    if (license && !license->is_id) {
        json.key("expression").text(license->text);
    } else {
        json.key("license").begin_object();
        json.key(license ? "id" : "name").text(license ? license->text : said);
        json.end_object();
    }
    json.end_object().end_array();
}

void write_supplier(JsonWriter& json, const SbomComponent& component) {
    const Party supplier = supplier_of(component);
    if (supplier.name.empty()) return;
    json.key("supplier").begin_object().key("name").text(supplier.name);
    if (!supplier.email.empty()) {
        json.key("contact").begin_array().begin_object().key("name").text(supplier.name).key("email").text(supplier.email).end_object().end_array();
    }
    json.end_object();
}

void write_component(JsonWriter& json, const SbomEntry& entry) {
    const SbomComponent& component = *entry.component;
    const bool is_package = component.kind == SbomComponent::Kind::package;
    // "application" is what the specification wants where nothing is more specific.
    const bool library = !is_package || component.section.ends_with("libs");
    json.begin_object().key("type").text(library ? "library" : "application").key("bom-ref").text(entry.id);
    write_supplier(json, component);
    write_text(json, "publisher", component.maintainer);
    const PackageUrl url = is_package ? PackageUrl{} : url_of_software(component.keeper, component.name, component.version);
    write_text(json, "group", url.space);
    json.key("name").text(url.space.empty() ? component.name : url.name);
    const bool version_fits = component.version.size() <= kMaxVersionCharacters;
    if (version_fits) write_text(json, "version", component.version);
    write_text(json, "description", component.summary);
    // "optional" is what is not installed.
    if (component.locked) json.key("scope").text("optional");
    write_licenses(json, component.license);
    if (entry.purl) json.key("purl").text(*entry.purl);
    Properties properties{json};
    properties.add(is_package ? "ward:manager" : "ward:ecosystem", component.keeper);
    properties.add("ward:state", component.locked ? "locked" : is_package ? component.status : "installed");
    properties.add("ward:architecture", component.architecture);
    properties.add("ward:source", component.source);
    properties.add("ward:source_version", component.source_version);
    properties.add("ward:package", component.brought_by);
    if (!version_fits) properties.add("ward:version", component.version);
    properties.end();
    if (!component.paths.empty()) {
        json.key("evidence").begin_object().key("occurrences").begin_array();
        for (const auto& path : component.paths) json.begin_object().key("location").text(path).end_object();
        json.end_array().end_object();
    }
    json.end_object();
}

// What CycloneDX calls the state of an analysis. That a version is among those affected is all that is known of it: whether it can be
// exploited here nobody has examined.
struct Analysis {
    std::string_view state;
    std::string_view justification;
};
Analysis analysis_of(std::string_view state) {
    if (state == "fixed") return {"resolved", {}};
    if (state == "not_running") return {"not_affected", "code_not_reachable"};
    if (state == "not_affected") return {"not_affected", {}};
    if (state == "withdrawn") return {"false_positive", {}};
    return {"in_triage", {}};
}

void write_fault(JsonWriter& json, const SbomFault& fault, const std::vector<SbomEntry>& entries) {
    json.begin_object().key("id").text(fault.id);
    if (!fault.url.empty()) json.key("source").begin_object().key("name").text(fault.advisory).key("url").text(fault.url).end_object();
    if (!fault.severity.empty() || fault.cvss) {
        json.key("ratings").begin_array().begin_object();
        if (fault.cvss) json.key("score").real(*fault.cvss);
        if (!fault.severity.empty()) json.key("severity").text(fault.severity);
        json.end_object().end_array();
    }
    write_text(json, "description", fault.summary);
    if (!fault.fixed_in.empty()) json.key("recommendation").text("Update to " + fault.fixed_in + " or later.");
    if (fault.published != 0) json.key("published").text(utc_time(fault.published));
    const Analysis analysis = analysis_of(fault.state);
    json.key("analysis").begin_object().key("state").text(analysis.state);
    if (!analysis.justification.empty()) json.key("justification").text(analysis.justification);
    if (fault.state == "affected" && !fault.fixed_in.empty()) json.key("response").begin_array().text("update").end_array();
    json.key("detail").text(!fault.reason.empty() ? fault.reason : "The installed version is among those affected; whether it can be exploited here was not examined.");
    json.end_object();
    json.key("affects").begin_array();
    for (const auto number : fault.components) json.begin_object().key("ref").text(entries[number].id).end_object();
    json.end_array();
    Properties properties{json};
    properties.add("ward:advisory", fault.advisory);
    properties.add("ward:knowledge", fault.knowledge);
    properties.add("ward:state", fault.state);
    properties.add("ward:known_exploited", fault.known_exploited ? "true" : "");
    properties.end();
    json.end_object();
}

void write_gap(JsonWriter& json, const Gap& gap, const Sbom& sbom) {
    json.begin_object().key("subjects").begin_array().text(kHostRef).end_array();
    json.key("annotator").begin_object().key("component");
    write_ward(json, sbom);
    json.end_object();
    json.key("timestamp").text(utc_time(sbom.created));
    json.key("text").text("not read: " + gap_text(gap)).end_object();
}

}  // namespace

std::string as_cyclonedx(const Sbom& sbom, const std::vector<SbomEntry>& entries) {
    JsonWriter json{2};
    json.begin_object().key("$schema").text("http://cyclonedx.org/schema/bom-1.6.schema.json");
    json.key("bomFormat").text("CycloneDX").key("specVersion").text("1.6");
    json.key("serialNumber").text("urn:uuid:" + std::string{kNilUuid}).key("version").number(1);
    json.key("metadata").begin_object().key("timestamp").text(utc_time(sbom.created));
    json.key("tools").begin_object().key("components").begin_array();
    write_ward(json, sbom);
    json.end_array().end_object();
    json.key("component");
    write_host(json, sbom);
    Properties properties{json};
    properties.add("ward:host", sbom.host);
    properties.add("ward:observed", utc_time(sbom.observed));
    properties.end();
    json.end_object();
    json.key("components").begin_array();
    for (const auto& entry : entries) write_component(json, entry);
    json.end_array();
    // Never "complete": software that no manager and no language knows of is on many hosts. And what depends on what is not known.
    json.key("compositions").begin_array();
    json.begin_object().key("aggregate").text(sbom.gaps.empty() ? "unknown" : "incomplete").key("assemblies").begin_array().text(kHostRef).end_array().end_object();
    json.begin_object().key("aggregate").text("unknown").key("dependencies").begin_array().text(kHostRef).end_array().end_object();
    json.end_array();
    if (sbom.faults) {
        json.key("vulnerabilities").begin_array();
        for (const auto& fault : *sbom.faults) write_fault(json, fault, entries);
        json.end_array();
    }
    if (!sbom.gaps.empty()) {
        json.key("annotations").begin_array();
        for (const auto& gap : sbom.gaps) write_gap(json, gap, sbom);
        json.end_array();
    }
    json.end_object();
    return std::move(json).take() + "\n";
}

}  // namespace ward::report
