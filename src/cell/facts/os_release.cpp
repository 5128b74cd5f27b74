// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dates.h"
#include "cell/facts/knowledge.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <map>

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

wire::ParseAnswer parse_os_support(const Request&) {
    Collector out;
    const auto root = read_toml(knowledge::kOsSupport, "os_support.toml");
    const TomlNode* const releases = root ? root->find("release") : nullptr;
    WARD_CHECK(releases != nullptr);  // our own data; a test reads every line of it
    for (const TomlNode& release : releases->items) {
        const auto value = [&](const char* key) { return release.text_or(key, "").value_or(""); };
        const auto day = [&](const char* key) { return number(parse_day(value(key))); };
        out.add({text(value("id")), text(value("version")), text_or_null(value("codename")), day("released"),
                 day("support_ends"), day("extended_ends")});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
