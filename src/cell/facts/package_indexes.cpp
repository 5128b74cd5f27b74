// SPDX-License-Identifier: Apache-2.0
// The table `package_indexes`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/accounts.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/url.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <algorithm>
#include <map>
#include <set>

namespace ward::facts {
namespace {

// An honest one has a few hundred bytes. Both bound how deep the tree becomes: each dot may be a level.
constexpr std::size_t kMaxCargoBytes = 64 * 1024;
constexpr std::size_t kMaxDotsInLine = 32;
constexpr std::size_t kMaxHomes = 1'000;
constexpr int kMaxReplacements = 10;  // of a cargo source by another; a circle ends here

enum class Tool { pip, npm, yarn, cargo };
struct File {
    std::string_view path;
    Tool tool;
};
constexpr File kOfAll[] = {
    {"/etc/xdg/pip/pip.conf", Tool::pip},  {"/etc/pip.conf", Tool::pip},
    {"/etc/npmrc", Tool::npm},             {"/usr/etc/npmrc", Tool::npm},
    {"/usr/local/etc/npmrc", Tool::npm},   {"/usr/etc/yarnrc", Tool::yarn},
    {"/usr/local/etc/yarnrc", Tool::yarn}, {"/usr/local/cargo/config", Tool::cargo},
    {"/usr/local/cargo/config.toml", Tool::cargo},
};
constexpr File kInHome[] = {
    {".pip/pip.conf", Tool::pip}, {".config/pip/pip.conf", Tool::pip}, {".npmrc", Tool::npm},
    {".yarnrc", Tool::yarn},      {".yarnrc.yml", Tool::yarn},         {".cargo/config", Tool::cargo},
    {".cargo/config.toml", Tool::cargo},
};

std::string_view name_of(Tool tool) {
    constexpr std::string_view kNames[] = {"pip", "npm", "yarn", "cargo"};
    return kNames[static_cast<std::size_t>(tool)];
}

// "sparse+https" and "git+ssh" say with the last word how the bytes come.
std::string transport(std::string_view url) {
    if (url.find("://") == std::string_view::npos) return {};
    const std::string_view scheme = url_scheme(url);
    return to_lower_ascii(scheme.substr(scheme.rfind('+') + 1));
}

// What one file of a tool says.
class FileReader {
public:
    FileReader(const Source& source, Tool tool, Value user, Collector& out)
        : source_{source}, tool_{tool}, user_{std::move(user)}, out_{out} {}

    void read() {
        switch (tool_) {
            case Tool::pip: return read_pip();
            case Tool::npm: return read_npm();
            case Tool::yarn: return read_yarn();
            case Tool::cargo: return read_cargo();
        }
    }

private:
    struct Place {
        std::string_view kind;
        std::string url;
        std::uint64_t line = 0;
    };

    void gap(std::uint64_t line, Code code, std::string why) { out_.gap(source_.about.name, line, code, std::move(why)); }

    void add(const Place& place) {
        if (place.url.empty()) return;
        if (place.url.starts_with("${")) return gap(place.line, Code::unsupported, "an address that the environment tells");
        out_.add({text(name_of(tool_)), text(place.kind), text(without_user(place.url)), text_or_null(transport(place.url)),
                  text_or_null(to_lower_ascii(url_host(place.url))), user_, text(source_.about.name), number(place.line)});
    }

    // pip reads with Python's configparser, which refuses the whole file for one bad line; so does pip then with all work.
    void read_pip() {
        std::string section, option;
        std::set<std::pair<std::string, std::string>> seen;
        bool in_section = false;
        std::size_t indent = 0;
        for (Lines lines{source_, out_}; lines.next();) {
            const std::string_view line = trim(lines.text());
            if (line.empty() || line[0] == '#' || line[0] == ';') continue;
            const std::size_t depth = static_cast<std::size_t>(line.data() - lines.text().data());
            if (!option.empty() && depth > indent) {
                pip_setting(option, line, lines.number());
                continue;
            }
            indent = depth;
            const std::size_t bracket = line.rfind(']');
            const std::size_t delimiter = line.find_first_of("=:");
            if (line[0] == '[' && bracket != std::string_view::npos && bracket > 1) {
                section = line.substr(1, bracket - 1);
                option.clear();
                in_section = true;
            } else if (!in_section || delimiter == std::string_view::npos || delimiter == 0) {
                gap(lines.number(), Code::malformed, "a line that pip refuses");
                continue;
            } else {
                option = to_lower_ascii(trim(line.substr(0, delimiter)));
                pip_setting(option, line.substr(delimiter + 1), lines.number());
            }
            if (!seen.emplace(section, option).second) gap(lines.number(), Code::malformed, "comes twice, which pip refuses");
        }
    }

    void pip_setting(std::string_view option, std::string_view value, std::uint64_t line) {
        std::string name{option};
        std::replace(name.begin(), name.end(), '_', '-');
        if (name.starts_with("--")) name.erase(0, 2);
        const bool is_main = name == "index-url" || name == "pypi-url";
        // What --find-links names is searched like an index.
        if (!is_main && name != "extra-index-url" && name != "find-links") return;
        if (is_main) return add({"main", std::string{trim(value)}, line});
        for (const std::string_view url : words(value)) add({"extra", std::string{url}, line});
    }

    // npm reads with its module `ini`: a key that comes again takes the place of the former; what stands in sections is not npm's.
    void read_npm() {
        std::map<std::string, Place> found;
        for (Lines lines{source_, out_}; lines.next();) {
            const std::string_view line = trim(lines.text());
            if (line.empty() || line[0] == '#' || line[0] == ';') continue;
            if (lines.text()[0] == '[' && line.find(']') == line.size() - 1) break;
            const std::size_t equals = line.find('=');
            std::string key = npm_text(line.substr(0, equals));
            if (key.ends_with("[]")) key.resize(key.size() - 2);
            // Without a value the key is switched on, which is no address.
            keep(found, key, equals == std::string_view::npos ? "" : npm_text(line.substr(equals + 1)), lines.number());
        }
        for (const auto& [key, place] : found) add(place);
    }

    // "registry" for all, "@scope:registry" for the names of a scope.
    static void keep(std::map<std::string, Place>& found, const std::string& key, std::string url, std::uint64_t line) {
        if (key == "registry") found[key] = {"main", std::move(url), line};
        else if (key.starts_with('@') && key.ends_with(":registry")) found[key] = {"scope", std::move(url), line};
    }

    // In quotes as it is, else up to a comment; a backslash takes the meaning of what ends it.
    static std::string npm_text(std::string_view written) {
        written = trim(written);
        if (const auto inner = in_quotes(written)) return std::string{*inner};
        std::string out;
        for (std::size_t i = 0; i < written.size(); ++i) {
            const char c = written[i];
            if (c == ';' || c == '#') break;
            const bool escapes = c == '\\' && i + 1 < written.size() && std::string_view{"\\;#"}.find(written[i + 1]) != std::string_view::npos;
            out.push_back(escapes ? written[++i] : c);
        }
        return std::string{trim(out)};
    }

    static std::optional<std::string_view> in_quotes(std::string_view text) {
        const bool quoted = text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
        return quoted ? std::optional{text.substr(1, text.size() - 2)} : std::nullopt;
    }

    // Both forms of yarn's settings: `registry "https://..."` of the first yarn, whose colon is free, and the few keys of the later
    // one's YAML that name a registry, written in blocks as yarn itself writes them.
    void read_yarn() {
        std::map<std::string, Place> found;
        std::string top;
        std::string scope;
        for (Lines lines{source_, out_}; lines.next();) {
            std::string_view rest = trim(lines.text());
            if (rest.empty() || rest[0] == '#') continue;
            const bool is_top = rest.data() == lines.text().data();
            const std::string key = take_yarn_key(rest);
            const std::string value = yarn_value(rest);
            const bool is_nested = !value.empty() && std::string_view{"{[*&|>!"}.find(value[0]) != std::string_view::npos;
            if (is_top) top = key;
            const bool in_scopes = top == "npmScopes";
            if (is_nested && (in_scopes || key == "npmRegistryServer")) {
                gap(lines.number(), Code::unsupported, "YAML that is not followed");
            } else if (is_top) {
                keep(found, key == "npmRegistryServer" ? "registry" : key, value, lines.number());
            } else if (in_scopes && value.empty()) {
                scope = key;
            } else if (in_scopes && key == "npmRegistryServer") {
                keep(found, "@" + scope + ":registry", value, lines.number());
            }
        }
        for (const auto& [key, place] : found) add(place);
    }

    static std::string take_yarn_key(std::string_view& rest) {
        std::size_t end = rest.find_first_of(": \t");
        std::string_view key = rest.substr(0, end);
        if (rest[0] == '"' || rest[0] == '\'') {
            end = rest.find(rest[0], 1);
            key = rest.substr(1, end == std::string_view::npos ? end : end - 1);
            if (end != std::string_view::npos) ++end;
        }
        rest = trim(rest.substr(std::min(end, rest.size())));
        if (rest.starts_with(':')) rest = trim(rest.substr(1));
        return std::string{key};
    }

    static std::string yarn_value(std::string_view written) {
        if (!written.empty() && (written[0] == '"' || written[0] == '\'')) {
            return std::string{written.substr(1, written.find(written[0], 1) - 1)};
        }
        return std::string{trim(written.substr(0, std::min(written.find(" #"), written.size())))};
    }

    // config.toml of cargo: [source.NAME] with `registry` or `git`, and [registries.NAME] with `index`. Where crates.io is replaced,
    // what stands at the end of the chain is the main one.
    void read_cargo() {
        if (source_.bytes.size() > kMaxCargoBytes) return gap(0, Code::over_limit, fmt::format("more than {}", human_bytes(kMaxCargoBytes)));
        for (Lines lines{source_, out_}; lines.next();) {
            const auto dots = static_cast<std::size_t>(std::count(lines.text().begin(), lines.text().end(), '.'));
            if (dots > kMaxDotsInLine) return gap(lines.number(), Code::over_limit, fmt::format("more than {} dots in a line", kMaxDotsInLine));
        }
        const auto root = read_toml(as_text(source_.bytes), source_.about.name);
        if (!root) return gap(0, Code::malformed, "is no TOML, so cargo refuses it");
        const TomlNode* const sources = table_in(*root, "source");
        std::string main = "crates-io";
        for (int i = 0; i < kMaxReplacements; ++i) {
            const TomlNode* const next = text_in(sources, main, "replace-with");
            if (next == nullptr) break;
            main = next->value;
        }
        add_cargo(sources, main, {"registry", "git"});
        add_cargo(table_in(*root, "registries"), main, {"index"});
    }

    void add_cargo(const TomlNode* tables, std::string_view main, std::initializer_list<std::string_view> keys) {
        if (tables == nullptr) return;
        for (const auto& member : tables->members) {
            for (const std::string_view key : keys) {
                const TomlNode* const url = text_in(tables, member.key, key);
                if (url != nullptr) add({member.key == main ? "main" : "scope", url->value, url->line});
            }
        }
    }

    static const TomlNode* table_in(const TomlNode& parent, std::string_view key) {
        const TomlNode* const node = parent.find(key);
        return node != nullptr && node->kind == TomlNode::Kind::table ? node : nullptr;
    }
    static const TomlNode* text_in(const TomlNode* tables, std::string_view name, std::string_view key) {
        const TomlNode* const table = tables == nullptr ? nullptr : table_in(*tables, name);
        const TomlNode* const node = table == nullptr ? nullptr : table->find(key);
        return node != nullptr && node->kind == TomlNode::Kind::text ? node : nullptr;
    }

    const Source& source_;
    Tool tool_;
    Value user_;
    Collector& out_;
};

// The files that are there, by name.
class Files {
public:
    explicit Files(const Request& request) {
        for (const Source& source : request.sources)
            if (source.about.state != wire::SourceBytes::State::missing) files_.emplace(source.about.name, &source);
    }

    void read(const std::string& path, Tool tool, const Value& user, Collector& out) const {
        const auto found = files_.find(path);
        if (found == files_.end() || is_hidden(path)) return;
        FileReader{*found->second, tool, user, out}.read();
    }

private:
    // With both names of cargo's file in a folder, cargo reads the one without the ending.
    bool is_hidden(std::string_view path) const {
        constexpr std::string_view kEnding = ".toml";
        return path.ends_with(kEnding) && files_.contains(path.substr(0, path.size() - kEnding.size()));
    }

    std::map<std::string_view, const Source*> files_;
};

}  // namespace

wire::ParseAnswer parse_package_indexes(const Request& request) {
    Collector out;
    const Files files{request};
    for (const File& file : kOfAll) files.read(std::string{file.path}, file.tool, null(), out);
    std::set<std::string> homes;
    for (const Account& account : read_passwd(request, out)) {
        const std::size_t last = account.home.find_last_not_of('/');
        if (!account.home.starts_with('/') || last == std::string_view::npos) continue;
        const std::string home{account.home.substr(0, last + 1)};
        if (home.find_first_of("*?[") != std::string::npos) {
            out.gap(kPasswd, account.line, Code::unsupported, "a home with '*', '?' or '[' in its path");
            continue;
        }
        if (!homes.insert(home).second) continue;
        if (homes.size() > kMaxHomes) {
            out.gap(kPasswd, account.line, Code::over_limit, fmt::format("more than {} homes", kMaxHomes));
            break;
        }
        for (const File& file : kInHome) {
            const std::string path = fmt::format("{}/{}", home, file.path);
            out.want(path);
            files.read(path, file.tool, text(account.name), out);
        }
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
