// SPDX-License-Identifier: Apache-2.0
// The table `software`.
#include "cell/advisories/osv.h"
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/cargo_audit.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dpkg_files.h"
#include "cell/facts/internal/elf_outline.h"
#include "cell/facts/internal/file_parts.h"
#include "cell/facts/internal/go_build.h"
#include "cell/facts/internal/jar.h"
#include "cell/facts/internal/lock_files.h"
#include "cell/facts/internal/program_texts.h"
#include "cell/facts/internal/software.h"
#include "core/json_read.h"
#include "core/text.h"
#include "model/snapshots.h"

#include <optional>

namespace ward::facts {
namespace {

constexpr std::string_view kWalk = "software:";
// A package's programs are many and small, and its maker looks after what is built in; only those that are large enough for Go's
// runtime, which alone takes 1.1 MiB, are looked into.
constexpr std::uint64_t kLeastPackagedProgramBytes = 1 * kMiB;
constexpr FileParts::Ends kProgramEnds{4 * kKiB, 4 * kKiB};  // some 50 sections and their names

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/')); }

// Core metadata, in a dist-info or egg-info: fields of a mail's header. https://packaging.python.org/en/latest/specifications/core-metadata/
Status read_python(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "PyPI";
    Software found{told.ecosystem, {}, {}, {}, {}};
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
    if (name.empty()) return fail(Code::malformed, "names no package");
    found.name = advisories::normal_name(told.ecosystem, name);
    told.all.push_back(std::move(found));
    return done();
}

// The second line of an installed specification sums it up: `# stub: NAME VERSION PLATFORM REQUIRE_PATHS` (RubyGems' Gem::Specification#to_ruby).
// The rest is a program, which is not run.
Status read_gem(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "RubyGems";
    constexpr std::string_view kStub = "# stub: ";
    constexpr std::uint64_t kWithin = 5;
    for (Lines lines{source, out}; lines.next() && lines.number() <= kWithin;) {
        std::string_view rest = lines.text();
        if (!rest.starts_with(kStub)) continue;
        rest.remove_prefix(kStub.size());
        const std::string name{take_word(rest)};
        const std::string version{take_word(rest)};
        if (name.empty() || version.empty()) break;
        told.add(name, version);
        return done();
    }
    return fail(Code::malformed, "has no line that sums the gem up");
}

std::optional<std::string> text_at(const JsonNode* node) {
    return node == nullptr || node->text() == nullptr ? std::nullopt : std::optional<std::string>{*node->text()};
}

// package.json: https://docs.npmjs.com/cli/v10/configuring-npm/package-json. One without a name is a part of a package, not one.
Status read_npm(const JsonNode& root, Told& told) {
    const JsonNode* license = root.find("license");
    std::string name = text_at(root.find("name")).value_or("");
    if (name.empty()) return done();
    told.add(std::move(name), text_at(root.find("version")), text_at(license != nullptr && license->is_object() ? license->find("type") : license));
    return done();
}

// The older form: `dependencies` in `dependencies`. Depth is bounded by the reader of JSON.
void add_dependencies(const JsonNode& node, Told& told) {
    const JsonNode* inner = node.find("dependencies");
    if (inner == nullptr) return;
    for (const auto& [name, value] : inner->members()) {
        if (value.is_object()) told.add(name, text_at(value.find("version")));
        add_dependencies(value, told);
    }
}

// package-lock.json: https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json. Versions 2 and 3 name the places; where `packages` is not
// there, it is version 1.
Status read_npm_lock(const JsonNode& root, Told& told) {
    constexpr std::string_view kFolder = "node_modules/";
    const JsonNode* packages = root.find("packages");
    if (packages == nullptr) {
        add_dependencies(root, told);
        return done();
    }
    for (const auto& [place, value] : packages->members()) {
        const auto at = place.rfind(kFolder);
        const JsonNode* link = value.find("link");
        if (at == std::string::npos || (link != nullptr && link->boolean() != nullptr && *link->boolean())) continue;  // the project itself
        told.add(text_at(value.find("name")).value_or(place.substr(at + kFolder.size())), text_at(value.find("version")), text_at(value.find("license")));
    }
    return done();
}

void add_composer(const JsonNode* list, Told& told) {
    if (list == nullptr) return;
    for (const auto& item : list->items()) {
        std::optional<std::string> license;
        if (const JsonNode* licenses = item.find("license")) {
            for (const auto& one : licenses->items()) {
                if (one.text() != nullptr) license = license ? *license + " OR " + *one.text() : *one.text();
            }
        }
        const auto name = text_at(item.find("name"));
        if (name) told.add(to_lower_ascii(*name), text_at(item.find("version")), license);
    }
}

// composer.lock, and installed.json, which is the list itself in Composer 1: https://getcomposer.org/doc/01-basic-usage.md
Status read_composer(const JsonNode& root, Told& told) {
    if (root.is_array()) {
        add_composer(&root, told);
        return done();
    }
    add_composer(root.find("packages"), told);
    add_composer(root.find("packages-dev"), told);
    return done();
}

bool is_package_json(std::string_view name) { return name == "package.json" || name == "package-lock.json" || name == "npm-shrinkwrap.json"; }
bool is_composer_json(std::string_view name) { return name == "installed.json" || name == "composer.lock"; }

using Reader = ReadLock;  // of what is installed too

Status read_json_file(const Source& source, Collector&, Told& told) {
    const std::string_view name = base_name(source.about.name);
    const JsonNode root = WARD_TRY(read_json(as_text(source.bytes)));
    if (!root.is_object() && !root.is_array()) return fail(Code::malformed, "is no object");
    told.ecosystem = is_composer_json(name) ? "Packagist" : "npm";
    told.locked = name != "package.json" && name != "installed.json";
    if (is_composer_json(name)) return read_composer(root, told);
    if (!root.is_object()) return fail(Code::malformed, "is no object");
    return told.locked ? read_npm_lock(root, told) : read_npm(root, told);
}

constexpr std::string_view kProgram = "program";  // of what no ecosystem of OSV's has

// Of one that is read whole.
Status read_release(const Source& source, Collector&, Told& told) {
    for (const auto& known : program_texts()) {
        if (!known.whole_file || !known.fits(base_name(source.about.name))) continue;
        const auto version = known.version_in(source.bytes);
        if (!version) continue;
        told.all.push_back({kProgram, known.product, version, {}, {}});
        break;
    }
    return done();
}

Status read_program(FileParts& file, std::string_view name, Told& told) {
    const auto elf = WARD_TRY(ElfOutline::read(file));
    if (!elf) return done();
    WARD_TRY(read_go(file, *elf, told));
    WARD_TRY(read_audit(file, *elf, told));
    for (const auto& known : program_texts()) {
        const auto* texts = elf->find(".rodata");
        if (known.whole_file || texts == nullptr || !known.fits(name)) continue;
        constexpr std::uint64_t kMaxTextsBytes = 64 * kMiB;  // as the host reads at a time; node's has 50 MiB
        if (texts->bytes > kMaxTextsBytes) return fail(Code::over_limit, "a section of {}", human_bytes(texts->bytes));
        const auto version = known.version_in(WARD_TRY(file.at(texts->offset, texts->bytes)));
        if (!version) continue;
        told.all.push_back({kProgram, known.product, version, {}, {}});
        break;
    }
    return done();
}

// Of a file that is read whole; nothing for a program, of which parts are.
Reader reader_of(std::string_view path) {
    const std::string_view name = base_name(path);
    if (is_package_json(name) || is_composer_json(name)) return read_json_file;
    if (name.ends_with(".gemspec")) return read_gem;
    if (name == "METADATA" || name == "PKG-INFO" || name.ends_with(".egg-info")) return read_python;
    if (name == "release") return read_release;
    return nullptr;
}

// What snapd and Flatpak have set up, by the sources that the table names: meta/snap.yaml, and metadata, which is a keyfile.
void add_set_up(const Source& source, Collector& out) {
    const std::string_view path = source.about.name;
    const bool snap = path.ends_with("/meta/snap.yaml");
    if ((!snap && !path.ends_with("/active/metadata")) || source.about.state != wire::SourceBytes::State::whole) return;
    const char separator = snap ? ':' : '=';
    std::string name;
    std::string version;
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = lines.text();
        const auto end = line.find(separator);
        if (end == std::string_view::npos || line.front() == ' ') continue;
        std::string_view value = trim(line.substr(end + 1));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) value = value.substr(1, value.size() - 2);
        if (line.substr(0, end) == "name" && name.empty()) name = value;
        if (snap && line.substr(0, end) == "version" && version.empty()) version = value;
    }
    if (name.empty()) return out.gap(path, 0, Code::malformed, "names no program");
    out.add({text(snap ? "snap" : "flatpak"), text(name), text_or_null(version), null(), text("installed"), text(folder_of(path)), text(path), null()});
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
        const auto owner = owners.find(entry.path);
        Told told;
        const Reader of_lock = find_lock_reader(base_name(entry.path));
        told.locked = of_lock != nullptr;
        if (reader_of(entry.path) == read_release && owner != owners.end()) continue;
        if (const Reader reader = of_lock != nullptr ? of_lock : reader_of(entry.path); reader != nullptr) {
            out.want(std::string{wire::kExactFile} + entry.path);
            const Source* source = request.find(entry.path);
            if (source == nullptr || source->about.state != wire::SourceBytes::State::whole) continue;
            if (const auto read = reader(*source, out, told); !read) {
                out.gap(entry.path, 0, read.error().code, read.error().text);
                continue;
            }
        } else if (is_jar(entry.path)) {
            if (entry.size == 0) continue;  // a place that is held
            FileParts file{request, out, entry.path, entry.size, kJarEnds};
            const bool whole = read_jar(file, entry.path, told, [&](std::string_view inside, const Error& error) {
                out.gap(entry.path, 0, error.code, inside.empty() ? error.text : fmt::format("{}: {}", inside, error.text));
            });
            if (!whole) continue;
        } else if (owner == owners.end() || entry.size >= kLeastPackagedProgramBytes) {
            FileParts file{request, out, entry.path, entry.size, kProgramEnds};
            // What a package brought, its record tells the version of.
            const auto read = read_program(file, owner == owners.end() ? base_name(entry.path) : std::string_view{}, told);
            if (file.waiting()) continue;
            if (!read) out.gap(entry.path, 0, read.error().code, read.error().text);
        }
        const auto or_null = [](const std::optional<std::string>& value) { return value ? text(*value) : null(); };
        for (const auto& one : told.all) {
            out.add({text(one.ecosystem), text(one.name), or_null(one.version), or_null(one.license), text(told.locked ? "locked" : "installed"),
                     text(one.inside.empty() ? std::string{folder_of(entry.path)} : entry.path + "!/" + one.inside), text(entry.path), owner == owners.end() ? null() : text(owner->second)});
        }
    }
    for (const auto& source : request.sources) add_set_up(source, out);
    return std::move(out).finish();
}

}  // namespace ward::facts
