// SPDX-License-Identifier: Apache-2.0
// The table `software`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dpkg_files.h"
#include "core/json_read.h"
#include "core/text.h"
#include "model/snapshots.h"

#include <optional>

namespace ward::facts {
namespace {

constexpr std::string_view kWalk = "software:";

struct Installed {
    std::string_view ecosystem;  // as OSV names it
    std::string name;
    std::optional<std::string> version;
    std::optional<std::string> license;
};

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/')); }

// Names that differ in case or in `-`, `_` and `.` alone are one: https://packaging.python.org/en/latest/specifications/name-normalization/
std::string normalized(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c != '-' && c != '_' && c != '.') out += c;
        else if (out.empty() || out.back() != '-') out += '-';
    }
    return to_lower_ascii(out);
}

// Core metadata, in a dist-info or egg-info: fields of a mail's header. https://packaging.python.org/en/latest/specifications/core-metadata/
void read_python(const Source& source, Collector& out, Installed& found) {
    found.ecosystem = "PyPI";
    std::string name;
    for (Lines lines{source, out}; lines.next() && !lines.text().empty();) {
        const std::string_view line = lines.text();
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || line.front() == ' ' || line.front() == '\t') continue;  // a field goes on
        const std::string field = to_lower_ascii(line.substr(0, colon));
        const std::string value{trim(line.substr(colon + 1))};
        if (field == "name" && name.empty()) name = value;
        if (field == "version" && !found.version) found.version = value;
        const bool says_license = field == "license-expression" || (field == "license" && !found.license);
        if (says_license && value != "UNKNOWN") found.license = value;  // as old tools write for none
    }
    found.name = normalized(name);
}

// package.json: https://docs.npmjs.com/cli/v10/configuring-npm/package-json
Status read_npm(const Source& source, Installed& found) {
    found.ecosystem = "npm";
    const JsonNode root = WARD_TRY(read_json(as_text(source.bytes)));
    if (!root.is_object()) return fail(Code::malformed, "is no object");
    const auto text_at = [&](const JsonNode* node) { return node == nullptr || node->text() == nullptr ? std::nullopt : std::optional<std::string>{*node->text()}; };
    found.name = text_at(root.find("name")).value_or("");
    found.version = text_at(root.find("version"));
    const JsonNode* license = root.find("license");
    found.license = text_at(license != nullptr && license->is_object() ? license->find("type") : license);
    return done();
}

}  // namespace

wire::ParseAnswer parse_software(const Request& request) {
    Collector out;
    const auto entries = decode_folder(request.bytes_of(kWalk));
    if (!entries) {
        out.gap(kWalk, 0, entries.error().code, entries.error().text);
        return std::move(out).finish();
    }
    std::set<std::string> paths;
    for (const auto& entry : *entries) paths.insert(entry.path);
    const auto owners = DpkgFiles{request}.owners(paths);
    for (const auto& entry : *entries) {
        out.want(entry.path);
        const Source* source = request.find(entry.path);
        if (source == nullptr || source->about.state != wire::SourceBytes::State::whole) continue;
        Installed found;
        if (entry.path.ends_with("/package.json")) {
            if (const auto read = read_npm(*source, found); !read) {
                out.gap(entry.path, 0, read.error().code, read.error().text);
                continue;
            }
        } else {
            read_python(*source, out, found);
        }
        // A package.json without a name is a part of a package, not one.
        if (found.name.empty()) {
            if (found.ecosystem == "PyPI") out.gap(entry.path, 0, Code::malformed, "names no package");
            continue;
        }
        const auto owner = owners.find(entry.path);
        const auto or_null = [](const std::optional<std::string>& value) { return value ? text(*value) : null(); };
        out.add({text(found.ecosystem), text(found.name), or_null(found.version), or_null(found.license), text(folder_of(entry.path)), text(entry.path),
                 owner == owners.end() ? null() : text(owner->second)});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
