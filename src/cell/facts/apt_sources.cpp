// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/deb822.h"
#include "cell/facts/internal/url.h"
#include "cell/facts/file_parsers.h"
#include "core/text.h"

#include <map>

namespace ward::facts {
namespace {

// Options by the names of the deb822 format in lower case; what sources.list(5) calls them in one-line entries is turned
// into these.
using Options = std::map<std::string, std::string, std::less<>>;

std::string_view option(const Options& options, std::string_view name) {
    const auto found = options.find(name);
    return found == options.end() ? std::string_view{} : std::string_view{found->second};
}

// apt's StringToBool; NULL for what it takes as neither.
Value yes_or_no(std::string_view word) {
    for (const char* yes : {"yes", "true", "with", "on", "enable", "1"})
        if (equal_ignoring_case(word, yes)) return flag(true);
    for (const char* no : {"no", "false", "without", "off", "disable", "0"})
        if (equal_ignoring_case(word, no)) return flag(false);
    return null();
}

bool is_security(std::string_view uri, std::string_view suite) {
    return suite.ends_with("-security") || suite.ends_with("/updates") || url_host(uri) == "security.debian.org" ||
           url_host(uri) == "security.ubuntu.com" || uri.find("/debian-security") != std::string_view::npos;
}

struct Place {
    std::string_view file;
    std::uint64_t line;
    std::string_view format;
};

void add_entry(Collector& out, const Place& place, std::string_view type, std::string_view uri, std::string_view suite,
               std::string_view components, bool enabled, const Options& options) {
    out.add({text(place.file), number(place.line), text(place.format), text(type), text(without_password(uri)),
             text(to_lower_ascii(url_scheme(uri))), text_or_null(url_host(uri)), text(suite), text(components),
             flag(enabled), text_or_null(option(options, "architectures")), text_or_null(option(options, "signed-by")),
             yes_or_no(option(options, "trusted")), yes_or_no(option(options, "allow-insecure")),
             yes_or_no(option(options, "allow-weak")), yes_or_no(option(options, "allow-downgrade-to-insecure")),
             yes_or_no(option(options, "check-valid-until")), flag(is_security(uri, suite))});
}

// A word of a one-line entry: brackets and double quotes keep their blanks (cdrom:[Debian 12]/).
std::string_view take_entry_word(std::string_view& rest) {
    bool bracket = false;
    bool quote = false;
    std::size_t end = 0;
    for (; end < rest.size(); ++end) {
        const char c = rest[end];
        if (c == '"') quote = !quote;
        else if (c == '[' && !quote) bracket = true;
        else if (c == ']' && !quote) bracket = false;
        else if ((c == ' ' || c == '\t') && !bracket && !quote) break;
    }
    const std::string_view word = rest.substr(0, end);
    rest = trim(rest.substr(end));
    return word;
}

std::string_view without_comment(std::string_view line) {
    bool bracket = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '[') bracket = true;
        else if (line[i] == ']') bracket = false;
        else if (line[i] == '#' && !bracket) return line.substr(0, i);
    }
    return line;
}

std::string joined(const std::vector<std::string_view>& parts) {
    std::string out;
    for (const std::string_view part : parts) {
        if (part.empty()) continue;
        if (!out.empty()) out += ' ';
        out += part;
    }
    return out;
}

Options read_options(std::string_view text) {
    Options options;
    for (const std::string_view word : words(text)) {
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        std::string_view name = word.substr(0, equals);
        if (name.ends_with('+') || name.ends_with('-')) name.remove_suffix(1);
        std::string key = to_lower_ascii(name);
        if (key == "arch") key = "architectures";
        std::string& value = options[key];
        if (!value.empty()) value += ' ';
        value += joined(split(word.substr(equals + 1), ','));
    }
    return options;
}

void read_one_line(const Source& source, Collector& out) {
    for (Lines lines{source, out}; lines.next();) {
        std::string_view rest = trim(without_comment(lines.text()));
        if (rest.empty()) continue;
        const Place place{source.about.name, lines.number(), "one-line"};
        const std::string_view type = take_entry_word(rest);
        if (type != "deb" && type != "deb-src") {
            out.gap(place.file, place.line, Code::malformed, "an entry that begins neither with deb nor with deb-src");
            continue;
        }
        Options options;
        if (rest.starts_with('[')) {
            const std::size_t end = rest.find(']');
            if (end == std::string_view::npos) {
                out.gap(place.file, place.line, Code::malformed, "options without a closing bracket");
                continue;
            }
            options = read_options(rest.substr(1, end - 1));
            rest = trim(rest.substr(end + 1));
        }
        const std::string_view uri = take_entry_word(rest);
        const std::string_view suite = take_entry_word(rest);
        if (uri.empty() || suite.empty()) {
            out.gap(place.file, place.line, Code::malformed, "an entry without address or suite");
            continue;
        }
        add_entry(out, place, type, uri, suite, joined(words(rest)), true, options);
    }
}

// Values of several lines may hold comment lines, as the format allows.
std::vector<std::string_view> list_of(std::string_view value) {
    std::vector<std::string_view> found;
    std::string_view line;
    while (next_line(value, line)) {
        if (line.starts_with('#')) continue;
        const auto more = words(line);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

void read_deb822(const Source& source, Collector& out) {
    Deb822 file{as_text(source.bytes)};
    while (file.next()) {
        const std::string_view path = source.about.name;
        if (file.bad_line() != 0) out.gap(path, file.bad_line(), Code::malformed, "a line that is no field");
        const auto types = list_of(file.field("Types"));
        const auto uris = list_of(file.field("URIs"));
        const auto suites = list_of(file.field("Suites"));
        if (types.empty() || uris.empty() || suites.empty()) {
            out.gap(path, file.line(), Code::malformed, "an entry without Types, URIs or Suites");
            continue;
        }
        Options options;
        for (const Deb822::Field& field : file.fields()) options[to_lower_ascii(field.name)] = joined(list_of(field.value));
        if (option(options, "signed-by").find("-----BEGIN") != std::string_view::npos) options["signed-by"] = "(inline)";
        const bool enabled = yes_or_no(option(options, "enabled")) != flag(false);
        const std::string components = joined(list_of(file.field("Components")));
        const std::size_t entries = types.size() * uris.size() * suites.size();
        if (entries > 10'000) {  // a paragraph of some kilobytes can multiply to millions
            out.gap(path, file.line(), Code::over_limit, fmt::format("an entry that stands for {} repositories", entries));
            continue;
        }
        for (const std::string_view type : types)
            for (const std::string_view uri : uris)
                for (const std::string_view suite : suites)
                    add_entry(out, {path, file.line(), "deb822"}, type, uri, suite, components, enabled, options);
    }
}

}  // namespace

wire::ParseAnswer parse_apt_sources(const Request& request) {
    Collector out;
    for (const Source& source : request.sources) {
        const std::string_view path = source.about.name;
        const bool one_line = path == "/etc/apt/sources.list" || path.ends_with(".list");
        if ((!one_line && !path.ends_with(".sources"))) continue;
        if (one_line) read_one_line(source, out);
        else read_deb822(source, out);
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
