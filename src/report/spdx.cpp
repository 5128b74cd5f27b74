// SPDX-License-Identifier: Apache-2.0
// SPDX 2.3.
#include "core/hash.h"
#include "core/json_write.h"
#include "core/text.h"
#include "report/internal/sbom_parts.h"
#include "report/spdx_license.h"

#include <fmt/format.h>

#include <algorithm>

namespace ward::report {

namespace {

constexpr std::string_view kDocumentId = "SPDXRef-DOCUMENT";
constexpr std::string_view kHostId = "SPDXRef-Host";
constexpr std::string_view kNotKnown = "NOASSERTION";
constexpr std::size_t kMaxNameInIdBytes = 60;  // for readers; the digest behind it tells names apart

// Letters, digits, '.' and '-' are all that an id may hold (7.2).
std::string spdx_id(const SbomEntry& entry) {
    std::string name = entry.component->name.substr(0, kMaxNameInIdBytes);
    std::replace_if(name.begin(), name.end(), [](char c) {
        return !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-');
    }, '-');
    return fmt::format("SPDXRef-Package-{}-{}", name, sha256_hex(as_bytes(entry.id)).substr(0, 16));
}

// One line, without what delimits an address there (6.8).
std::string actor_text(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c == '(' ? '[' : c == ')' ? ']' : c;
    return std::string{trim(out)};
}

// SPDX tells persons from organizations, which no package does.
std::string supplier_text(const SbomComponent& component) {
    const Party supplier = supplier_of(component);
    const std::string name = actor_text(supplier.name);
    if (name.empty()) return std::string{kNotKnown};
    return "Organization: " + name + (supplier.email.empty() ? "" : " (" + supplier.email + ")");
}

void write_unknowns(JsonWriter& json) {
    json.key("downloadLocation").text(kNotKnown).key("filesAnalyzed").boolean(false);
    json.key("copyrightText").text(kNotKnown).key("licenseConcluded").text(kNotKnown);
}

void write_host(JsonWriter& json, const Sbom& sbom) {
    json.begin_object().key("SPDXID").text(kHostId).key("name").text(sbom.system.id.empty() ? "unknown" : sbom.system.id);
    const auto& version = sbom.system.version_id.empty() ? sbom.system.codename : sbom.system.version_id;
    if (!version.empty()) json.key("versionInfo").text(version);
    json.key("supplier").text(kNotKnown).key("primaryPackagePurpose").text("OPERATING_SYSTEM");
    write_unknowns(json);
    json.key("licenseDeclared").text(kNotKnown);
    if (!sbom.system_name.empty()) json.key("summary").text(sbom.system_name);
    json.end_object();
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out;
}

void write_package(JsonWriter& json, const SbomEntry& entry, const std::string& id) {
    const SbomComponent& component = *entry.component;
    const bool is_package = component.kind == SbomComponent::Kind::package;
    json.begin_object().key("SPDXID").text(id).key("name").text(component.name);
    if (!component.version.empty()) json.key("versionInfo").text(component.version);
    json.key("supplier").text(supplier_text(component));
    json.key("primaryPackagePurpose").text(is_package && !component.section.ends_with("libs") ? "APPLICATION" : "LIBRARY");
    write_unknowns(json);
    const auto license = spdx_license(component.license);
    json.key("licenseDeclared").text(license ? std::string_view{license->text} : kNotKnown);
    if (!license && !component.license.empty()) json.key("licenseComments").text("It says: " + component.license);
    if (!component.summary.empty()) json.key("summary").text(component.summary);
    if (!component.paths.empty()) json.key("sourceInfo").text("recorded in " + joined(component.paths));
    std::string comment = fmt::format("{}={}", is_package ? "ward:manager" : "ward:ecosystem", component.keeper);
    comment += fmt::format(" ward:state={}", component.locked ? "locked" : is_package ? component.status : "installed");
    if (!component.brought_by.empty()) comment += " ward:package=" + component.brought_by;
    json.key("comment").text(comment);
    if (entry.purl) {
        json.key("externalRefs").begin_array().begin_object().key("referenceCategory").text("PACKAGE-MANAGER");
        json.key("referenceType").text("purl").key("referenceLocator").text(*entry.purl).end_object().end_array();
    }
    json.end_object();
}

void write_relationship(JsonWriter& json, std::string_view from, std::string_view type, std::string_view to, std::string_view comment = {}) {
    json.begin_object().key("spdxElementId").text(from).key("relationshipType").text(type).key("relatedSpdxElement").text(to);
    if (!comment.empty()) json.key("comment").text(comment);
    json.end_object();
}

std::string document_comment(const Sbom& sbom) {
    std::string out = "Observed " + utc_time(sbom.observed) + (sbom.host.empty() ? "" : " on " + sbom.host) + ". ";
    if (sbom.gaps.empty()) {
        out += "What package managers, languages' own packages and lock files record; software that none of them records may be there too.";
        return out;
    }
    out += "Incomplete. Not read:";
    for (const auto& gap : sbom.gaps) out += "\n- " + gap_text(gap);
    return out;
}

}  // namespace

std::string as_spdx(const Sbom& sbom, const std::vector<SbomEntry>& entries) {
    JsonWriter json{2};
    json.begin_object().key("spdxVersion").text("SPDX-2.3").key("dataLicense").text("CC0-1.0").key("SPDXID").text(kDocumentId);
    json.key("documentNamespace").text("urn:uuid:" + std::string{kNilUuid});
    json.key("name").text(!sbom.host.empty() ? sbom.host : !sbom.system.id.empty() ? sbom.system.id : "host");
    json.key("creationInfo").begin_object().key("created").text(utc_time(sbom.created));
    json.key("creators").begin_array().text("Tool: ward-" + sbom.ward).end_array();
    json.key("licenseListVersion").text(kSpdxLicenseList).end_object();
    json.key("comment").text(document_comment(sbom));
    std::vector<std::string> ids;
    json.key("packages").begin_array();
    write_host(json, sbom);
    for (const auto& entry : entries) write_package(json, entry, ids.emplace_back(spdx_id(entry)));
    json.end_array();
    json.key("relationships").begin_array();
    write_relationship(json, kDocumentId, "DESCRIBES", kHostId);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].component->locked) write_relationship(json, kHostId, "OTHER", ids[i], "a lock file on it wants this");
        else write_relationship(json, kHostId, "CONTAINS", ids[i]);
    }
    json.end_array();
    json.end_object();
    return std::move(json).take() + "\n";
}

}  // namespace ward::report
