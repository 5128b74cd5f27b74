// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dates.h"
#include "cell/facts/knowledge.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ward::facts {
namespace {

// A value as a shell would take it: quotes of both kinds, and a backslash before a character.
std::string shell_value(std::string_view text) {
    std::string value;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '\0' && (c == '"' || c == '\'')) quote = c;
        else if (c == quote) quote = '\0';
        else if (c == '\\' && quote != '\'' && i + 1 < text.size()) value += text[++i];
        else value += c;
    }
    return value;
}

// "9.4" of a relative of Red Hat is supported as 9, "3.19.1" of Alpine as 3.19.
std::string_view supported_as(std::string_view id, std::string_view version) {
    const std::size_t first = version.find('.');
    if (first == std::string_view::npos) return version;
    for (const char* by_major : {"rhel", "centos", "rocky", "almalinux", "ol", "amzn"})
        if (id == by_major) return version.substr(0, first);
    return id == "alpine" ? version.substr(0, version.find('.', first + 1)) : version;
}

struct Support {
    std::string id, version, codename;
    std::optional<std::int64_t> released, ends, extended_ends;
    std::string_view path;  // empty of what is built in
};

// The package distro-info-data; as it is updated with the host, it knows releases that are newer than Ward.
struct DistroInfo { std::string_view id, path; };
constexpr DistroInfo kDistroInfo[] = {{"debian", "/usr/share/distro-info/debian.csv"}, {"ubuntu", "/usr/share/distro-info/ubuntu.csv"}};
constexpr std::size_t kMaxReleases = 10'000;  // of a file; 70 in 2026

// Lines of "version,codename,series,created,release,eol,...", with the names of the columns in the first; a line ends with the
// last day that is known. What a line does not tell stays as it was known. Ends of support that has to be bought (eol-elts, eol-esm, eol-legacy)
// are passed over.
void read_distro_info(const Source& source, std::string_view id, std::string_view path, std::vector<Support>& all, Collector& out) {
    std::vector<std::string> columns;
    std::set<std::string, std::less<>> seen;
    for (Lines lines{source, out}; lines.next();) {
        if (trim(lines.text()).empty()) continue;
        const auto fields = split(lines.text(), ',');
        if (columns.empty()) {
            for (const auto field : fields) columns.emplace_back(trim(field));
            for (const char* needed : {"version", "series", "release", "eol"}) {
                if (std::find(columns.begin(), columns.end(), needed) == columns.end()) {
                    return out.gap(path, lines.number(), Code::unsupported, fmt::format("no column {}: another form than that of distro-info-data", needed));
                }
            }
            continue;
        }
        if (fields.size() > columns.size()) {
            out.gap(path, lines.number(), Code::malformed, "a release with more fields than columns");
            continue;
        }
        const auto field = [&](std::string_view column) {
            const auto at = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
            return at < fields.size() ? trim(fields[at]) : std::string_view{};
        };
        // "24.04 LTS"; sid and experimental have none.
        std::string_view version = field("version");
        version = version.substr(0, version.find(' '));
        if (version.empty()) continue;
        bool is_good = true;
        const auto day = [&](std::string_view column) {
            const std::string_view written = field(column);
            const auto parsed = written.empty() ? std::nullopt : parse_day(written);
            is_good &= written.empty() || parsed.has_value();
            return parsed;
        };
        const auto released = day("release");
        const auto ends = std::max(day("eol"), day("eol-server"));  // of what is not told less than any day
        const auto extended = day("eol-lts");
        const bool is_version = version.find_first_not_of("0123456789.") == std::string_view::npos;
        if (!is_good || !is_version || field("series").empty() || (released && ends && *ends < *released)) {
            out.gap(path, lines.number(), Code::malformed, "a release without a series, or with a version or a day that is none");
            continue;
        }
        if (!seen.emplace(version).second) {
            out.gap(path, lines.number(), Code::malformed, fmt::format("release {} a second time", version));
            continue;
        }
        if (seen.size() > kMaxReleases) return out.gap(path, lines.number(), Code::over_limit, fmt::format("more than {} releases", kMaxReleases));
        const auto find = [&](std::string_view name) {
            return std::find_if(all.begin(), all.end(), [&](const Support& known) { return known.id == id && known.version == name; });
        };
        auto place = find(version);
        // Debian's 6.0 is 6 to those who count without the point.
        if (place == all.end() && version.ends_with(".0")) place = find(version.substr(0, version.size() - 2));
        if (place == all.end()) place = all.insert(all.end(), Support{std::string{id}, std::string{version}, {}, {}, {}, {}, {}});
        place->codename = field("series");
        if (released) place->released = released;
        if (ends) place->ends = ends;
        if (extended) place->extended_ends = extended;
        place->path = path;
    }
}

}  // namespace

wire::ParseAnswer parse_os_release(const Request& request) {
    Collector out;
    for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
        const Source* const source = request.find(path);
        if (source == nullptr || source->about.state == wire::SourceBytes::State::missing) continue;
        std::map<std::string, std::string, std::less<>> values;
        for (Lines lines{*source, out}; lines.next();) {
            const std::string_view line = trim(lines.text());
            if (line.empty() || line[0] == '#') continue;
            const std::size_t equals = line.find('=');
            if (equals == std::string_view::npos) {
                out.gap(path, lines.number(), Code::malformed, "a line that is no assignment");
                continue;
            }
            values[std::string{line.substr(0, equals)}] = shell_value(line.substr(equals + 1));
        }
        const auto value = [&](const char* key) { return text_or_null(values[key]); };
        out.add({values["ID"].empty() ? text("linux") : value("ID"), value("VERSION_ID"), value("NAME"), value("PRETTY_NAME"),
                 value("VERSION_CODENAME"), value("ID_LIKE"), value("VARIANT_ID"), value("BUILD_ID"), text(path),
                 text_or_null(supported_as(values["ID"], values["VERSION_ID"]))});
        break;
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_os_support(const Request& request) {
    Collector out;
    const auto root = read_toml(knowledge::kOsSupport, "os_support.toml");
    const TomlNode* const releases = root ? root->find("release") : nullptr;
    WARD_CHECK(releases != nullptr);  // our own data; a test reads every line of it
    std::vector<Support> all;
    for (const TomlNode& release : releases->items) {
        const auto value = [&](const char* key) { return release.text_or(key, "").value_or(""); };
        all.push_back({value("id"), value("version"), value("codename"), parse_day(value("released")), parse_day(value("support_ends")),
                       parse_day(value("extended_ends")), {}});
    }
    for (const auto& [id, path] : kDistroInfo) {
        const Source* const source = request.find(path);
        if (source != nullptr && source->about.state != wire::SourceBytes::State::missing) read_distro_info(*source, id, path, all, out);
    }
    for (const auto& support : all) {
        out.add({text(support.id), text(support.version), text_or_null(support.codename), number(support.released), number(support.ends),
                 number(support.extended_ends), text_or_null(support.path)});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
