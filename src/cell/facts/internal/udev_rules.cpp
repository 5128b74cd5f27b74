// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/udev_rules.h"

#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>
#include <map>
#include <optional>

namespace ward::facts {
namespace {

constexpr std::string_view kFolders[] = {"/etc/udev/rules.d/", "/run/udev/rules.d/", "/usr/local/lib/udev/rules.d/",
                                         "/usr/lib/udev/rules.d/", "/lib/udev/rules.d/"};
constexpr std::string_view kBlanks = " \t,";

// "RUN{program}+="/bin/a"": a key, an attribute in braces, an operator, a value in quotes.
struct Part {
    std::string_view key;
    std::string_view attribute;
    std::string value;
};

// The next one, and moves `rest` behind it; nothing at the end of the rule, or where it cannot be read and `rest` is left.
std::optional<Part> take_part(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    std::string_view at = rest;
    const auto take_while = [&](auto belongs) {
        std::size_t end = 0;
        while (end < at.size() && belongs(at[end])) ++end;
        const std::string_view taken = at.substr(0, end);
        at.remove_prefix(end);
        return taken;
    };
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    Part part;
    part.key = take_while([](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; });
    if (part.key.empty()) return std::nullopt;
    if (at.starts_with('{')) {
        const std::size_t end = at.find('}');
        if (end == std::string_view::npos) return std::nullopt;
        part.attribute = at.substr(1, end - 1);
        at.remove_prefix(end + 1);
    }
    take_while(is_blank);
    const std::string_view sign = take_while([](char c) { return c == '=' || c == '!' || c == '+' || c == '-' || c == ':'; });
    constexpr std::string_view kSigns[] = {"!=", "+=", "-=", ":=", "=", "=="};
    if (!std::binary_search(std::begin(kSigns), std::end(kSigns), sign)) return std::nullopt;
    take_while(is_blank);
    take_while([](char c) { return c == 'e' || c == 'i'; });  // escapes, and any case
    if (!at.starts_with('"')) return std::nullopt;
    at.remove_prefix(1);
    for (std::size_t i = 0; i < at.size(); ++i) {
        if (at[i] == '"') {
            rest = at.substr(i + 1);
            return part;
        }
        if (at[i] == '\\' && i + 1 < at.size() && at[i + 1] == '"') ++i;
        part.value += at[i];
    }
    return std::nullopt;
}

bool is_program(const Part& part) {
    if (part.value.empty()) return false;  // clears the list
    return (part.key == "RUN" && (part.attribute.empty() || part.attribute == "program")) || part.key == "PROGRAM" ||
           (part.key == "IMPORT" && part.attribute == "program");
}

void read_file(const Source& source, std::vector<UdevProgram>& programs, Collector& out) {
    for (Lines lines{source, out}; lines.next_joined();) {
        std::string_view rest = trim(lines.text());
        if (rest.empty() || rest.starts_with('#')) continue;
        std::vector<UdevProgram> found;
        while (auto part = take_part(rest)) {
            if (is_program(*part)) found.push_back({std::move(part->value), &source, lines.number()});
        }
        if (rest.empty()) std::move(found.begin(), found.end(), std::back_inserter(programs));
        else out.gap(source.about.name, lines.number(), Code::malformed, "no rule of udev");
    }
}

}  // namespace

std::vector<UdevProgram> read_udev_programs(const Request& request, Collector& out) {
    std::map<std::string_view, const Source*> files;
    for (const auto folder : kFolders) {
        for (const Source& source : request.sources) {
            const std::string_view path = source.about.name;
            if (path.starts_with(folder) && path.ends_with(".rules")) files.try_emplace(path.substr(folder.size()), &source);
        }
    }
    std::vector<UdevProgram> programs;
    for (const auto& [name, source] : files) read_file(*source, programs, out);
    return programs;
}

}  // namespace ward::facts
