// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/lock_files.h"

#include "cell/advisories/osv.h"
#include "core/json_read.h"
#include "core/text.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace ward::facts {

namespace {

std::string_view without_quotes(std::string_view text) {
    text = trim(text);
    const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
    return quoted ? text.substr(1, text.size() - 2) : text;
}

bool begins_with_digit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

// A version of npm's; what comes from elsewhere (a URL, a folder) has none.
std::optional<std::string> npm_version(std::string_view text) {
    return begins_with_digit(text) ? std::optional<std::string>{text} : std::nullopt;
}

// "name = value" of TOML, the value as it stands.
std::optional<std::pair<std::string_view, std::string_view>> setting_of(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    return std::pair{without_quotes(line.substr(0, equals)), trim(line.substr(equals + 1))};
}

// Cargo.lock, poetry.lock, uv.lock: tables `[[package]]`, written one key a line by their tools. Keys of the tables below one are none of its own.
struct LockedPackage {
    std::string name;
    std::optional<std::string> version;
    std::string source;  // as it stands
};

Status read_packages(const Source& source, Collector& out, std::vector<LockedPackage>& packages) {
    bool inside = false;
    bool any = false;
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = lines.text();
        if (line.starts_with('[')) {
            any = true;
            inside = line == "[[package]]";
            if (inside) packages.emplace_back();
            continue;
        }
        const auto setting = inside ? setting_of(line) : std::nullopt;
        if (!setting) continue;
        LockedPackage& last = packages.back();
        if (setting->first == "name" && last.name.empty()) last.name = without_quotes(setting->second);
        if (setting->first == "version" && !last.version) last.version = std::string{without_quotes(setting->second)};
        if (setting->first == "source" && last.source.empty()) last.source = setting->second;
    }
    if (!any && !source.bytes.empty() && packages.empty() && as_text(source.bytes).find("version = ") == std::string_view::npos) {
        return fail(Code::malformed, "has no table of packages");
    }
    for (const auto& package : packages) {
        if (package.name.empty()) return fail(Code::malformed, "locks a package without a name");
    }
    return done();
}

// https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html. One without a source is the project itself.
Status read_cargo(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "crates.io";
    std::vector<LockedPackage> packages;
    WARD_TRY(read_packages(source, out, packages));
    for (auto& package : packages) {
        if (!package.source.empty()) told.add(std::move(package.name), std::move(package.version));
    }
    return done();
}

Status read_poetry(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "PyPI";
    std::vector<LockedPackage> packages;
    WARD_TRY(read_packages(source, out, packages));
    for (auto& package : packages) told.add(advisories::normal_name(told.ecosystem, package.name), std::move(package.version));
    return done();
}

// https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile. The project and its parts have a source on this disk.
Status read_uv(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "PyPI";
    std::vector<LockedPackage> packages;
    WARD_TRY(read_packages(source, out, packages));
    for (auto& package : packages) {
        const bool own = package.source.find("virtual =") != std::string::npos || package.source.find("editable =") != std::string::npos;
        if (!own) told.add(advisories::normal_name(told.ecosystem, package.name), std::move(package.version));
    }
    return done();
}

// Pipfile.lock: https://github.com/pypa/pipfile. Versions are written "==1.2".
Status read_pipfile(const Source& source, Collector&, Told& told) {
    told.ecosystem = "PyPI";
    const JsonNode root = WARD_TRY(read_json(as_text(source.bytes)));
    if (!root.is_object()) return fail(Code::malformed, "is no object");
    for (const auto& [group, packages] : root.members()) {
        if (group == "_meta") continue;
        for (const auto& [name, package] : packages.members()) {
            const JsonNode* version = package.find("version");
            const std::string* text = version == nullptr ? nullptr : version->text();
            std::optional<std::string> exact;
            if (text != nullptr && text->starts_with("==")) exact = trim(std::string_view{*text}.substr(2));
            told.add(advisories::normal_name(told.ecosystem, name), std::move(exact));
        }
    }
    return done();
}

// "@scope/name@^1.0" and "alias@npm:name@^1.0" → the package and what was asked for.
std::optional<std::pair<std::string_view, std::string_view>> split_wish(std::string_view wish) {
    const auto at = wish.find('@', 1);
    if (wish.empty() || at == std::string_view::npos) return std::nullopt;
    const std::string_view range = wish.substr(at + 1);
    constexpr std::string_view kNpm = "npm:";
    if (range.starts_with(kNpm)) {
        const std::string_view other = range.substr(kNpm.size());
        const auto inner = other.find('@', 1);
        if (!other.empty() && inner != std::string_view::npos) return std::pair{other.substr(0, inner), other.substr(inner + 1)};
    }
    return std::pair{wish.substr(0, at), range};
}

// yarn.lock, of version 1 and of those since (which is YAML of one form): https://classic.yarnpkg.com/en/docs/yarn-lock. A line at the margin
// names all wishes that one package meets.
Status read_yarn(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "npm";
    bool open = false;
    std::string name;
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = lines.text();
        if (line.empty() || line.front() == '#') continue;
        if (line.front() != ' ') {
            open = false;
            if (line == "__metadata:") continue;
            // One is enough. Version 1 quotes each by itself, those since all together.
            std::string_view first = line.substr(0, line.rfind(':'));
            first = first.substr(0, first.find(", "));
            if (first.starts_with('"')) first.remove_prefix(1);
            if (first.ends_with('"')) first.remove_suffix(1);
            const auto wish = split_wish(first);
            if (!line.ends_with(':') || !wish) {
                out.gap(source.about.name, lines.number(), Code::malformed, "names no package");
                continue;
            }
            // Parts of the project itself.
            const std::string_view range = wish->second;
            open = !range.starts_with("workspace:") && !range.starts_with("link:") && !range.starts_with("portal:");
            name = wish->first;
            continue;
        }
        std::string_view rest = trim(line);
        const std::string_view key = take_word(rest);
        if (!open || !line.starts_with("  ") || line.starts_with("   ") || (key != "version" && key != "version:")) continue;
        told.add(name, std::string{without_quotes(rest)});
        open = false;
    }
    return done();
}

// pnpm-lock.yaml: the keys of `packages`. https://github.com/pnpm/spec/tree/master/lockfile: "/@s/name/1.0.0_peers" up to 5,
// "/@s/name@1.0.0(peers)" in 6, "@s/name@1.0.0" since 9.
Status read_pnpm(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "npm";
    std::uint64_t version = 0;
    bool inside = false;
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = lines.text();
        if (line.empty() || line.front() == '#') continue;
        constexpr std::string_view kVersion = "lockfileVersion:";
        if (line.starts_with(kVersion)) {
            const std::string_view number = without_quotes(line.substr(kVersion.size()));
            version = parse_unsigned(number.substr(0, number.find('.'))).value_or(0);
        }
        if (line.front() != ' ') inside = line == "packages:";
        if (!inside || !line.starts_with("  ") || line.starts_with("   ")) continue;
        const auto colon = line.rfind(':');
        std::string_view key = without_quotes(line.substr(0, colon));
        if (colon == std::string_view::npos || key.empty()) continue;
        const bool slash = key.starts_with('/');
        if (slash) key.remove_prefix(1);
        if (version < 6 && !slash) continue;  // from a repository or a folder
        key = key.substr(0, key.find('('));
        const auto at = version < 6 ? key.rfind('/', key.find('_')) : key.find('@', 1);
        if (at == std::string_view::npos || at == 0) {
            out.gap(source.about.name, lines.number(), Code::malformed, "names no package");
            continue;
        }
        std::string_view exact = key.substr(at + 1);
        if (version < 6) exact = exact.substr(0, exact.find('_'));
        told.add(std::string{key.substr(0, at)}, npm_version(exact));
    }
    if (version == 0) return fail(Code::malformed, "does not say which version of the form it has");
    return done();
}

// Gemfile.lock (Bundler's LockfileParser): sections at the margin, `specs:`, and "    name (version-platform)"; deeper lines are its
// wishes. What comes from PATH is the project itself.
Status read_bundler(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "RubyGems";
    bool inside = false;
    bool specs = false;
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = lines.text();
        if (line.empty()) continue;
        if (line.front() != ' ') {
            inside = line == "GEM" || line == "GIT" || line == "PLUGIN SOURCE";
            specs = false;
            continue;
        }
        if (inside && line == "  specs:") specs = true;
        if (!specs || !line.starts_with("    ") || line.starts_with("     ")) continue;
        std::string_view rest = line.substr(4);
        const std::string name{take_word(rest)};
        if (rest.size() < 3 || rest.front() != '(' || rest.back() != ')') {
            out.gap(source.about.name, lines.number(), Code::malformed, "a gem without a version");
            continue;
        }
        rest = rest.substr(1, rest.size() - 2);
        told.add(name, std::string{rest.substr(0, rest.find('-'))});
    }
    return done();
}

// gradle.lockfile: https://docs.gradle.org/current/userguide/dependency_locking.html. "group:artifact:version=configurations".
Status read_gradle(const Source& source, Collector& out, Told& told) {
    told.ecosystem = "Maven";
    for (Lines lines{source, out}; lines.next();) {
        const std::string_view line = trim(lines.text());
        if (line.empty() || line.front() == '#' || line.starts_with("empty=")) continue;
        const auto parts = split(line.substr(0, line.find('=')), ':');
        if (parts.size() != 3 || parts[0].empty() || parts[1].empty()) {
            out.gap(source.about.name, lines.number(), Code::malformed, "names no module");
            continue;
        }
        told.add(fmt::format("{}:{}", parts[0], parts[1]), std::string{parts[2]});
    }
    return done();
}

// https://go.dev/ref/mod#go-mod-file. go.sum names more than is built, so it tells nothing of its own.
class GoMod {
public:
    GoMod(const Source& source, Collector& out, Told& told) : source_{source}, out_{out}, told_{told} {}

    Status run() {
        std::string block;
        for (Lines lines{source_, out_}; lines.next();) {
            std::string_view rest = lines.text();
            rest = trim(rest.substr(0, rest.find("//")));
            if (rest.empty()) continue;
            if (rest == ")") {
                block.clear();
                continue;
            }
            const std::string verb = block.empty() ? std::string{take_word(rest)} : block;
            if (rest == "(") {
                block = verb;
                continue;
            }
            any_ = any_ || verb == "module";
            if (verb == "require") require(rest, lines.number());
            if (verb == "replace") replace(rest, lines.number());
        }
        if (!any_) return fail(Code::malformed, "names no module");
        told_.ecosystem = "Go";
        for (const auto& [path, version] : required_) {
            auto found = replaced_.find({path, version});
            if (found == replaced_.end()) found = replaced_.find({path, ""});
            const bool by_folder = found != replaced_.end() && found->second.second.empty();
            if (found == replaced_.end()) told_.add(path, version);
            else if (by_folder) told_.add(path, std::nullopt);
            else told_.add(found->second.first, found->second.second);
        }
        return done();
    }

private:
    using Module = std::pair<std::string, std::string>;  // path and version

    void broken(std::uint64_t line) { out_.gap(source_.about.name, line, Code::malformed, "names no module and version"); }
    void require(std::string_view rest, std::uint64_t line) {
        const std::string path{without_quotes(take_word(rest))};
        const std::string version{without_quotes(rest)};
        if (path.empty() || version.empty() || version.find(' ') != std::string::npos) return broken(line);
        required_.emplace_back(path, version);
    }
    void replace(std::string_view rest, std::uint64_t line) {
        const auto arrow = rest.find("=>");
        if (arrow == std::string_view::npos) return broken(line);
        std::string_view from = trim(rest.substr(0, arrow));
        std::string_view to = trim(rest.substr(arrow + 2));
        const std::string old_path{without_quotes(take_word(from))};
        const std::string new_path{without_quotes(take_word(to))};
        replaced_[{old_path, std::string{without_quotes(from)}}] = {new_path, std::string{without_quotes(to)}};
    }

    const Source& source_;
    Collector& out_;
    Told& told_;
    bool any_ = false;
    std::vector<Module> required_;
    std::map<Module, Module> replaced_;
};

Status read_go_mod(const Source& source, Collector& out, Told& told) { return GoMod{source, out, told}.run(); }

struct Known {
    std::string_view name;
    ReadLock read;
};
constexpr Known kKnown[] = {
    {"Cargo.lock", read_cargo},         {"Gemfile.lock", read_bundler},     {"Pipfile.lock", read_pipfile},   {"buildscript-gradle.lockfile", read_gradle},
    {"gems.locked", read_bundler},      {"go.mod", read_go_mod},            {"gradle.lockfile", read_gradle}, {"pnpm-lock.yaml", read_pnpm},
    {"poetry.lock", read_poetry},       {"uv.lock", read_uv},               {"yarn.lock", read_yarn},
};

}  // namespace

ReadLock find_lock_reader(std::string_view name) {
    const auto* found = std::find_if(std::begin(kKnown), std::end(kKnown), [&](const Known& known) { return known.name == name; });
    return found == std::end(kKnown) ? nullptr : found->read;
}

}  // namespace ward::facts
