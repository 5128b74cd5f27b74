// SPDX-License-Identifier: Apache-2.0
// The table `nfs_exports`.
#include "cell/facts/file_parsers.h"
#include "cell/facts/internal/collector.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

bool is_octal(std::string_view text) {
    return text.size() == 3 && text.find_first_not_of("01234567") == std::string_view::npos;
}

// The next word of a line: quotes keep blanks in it, "\040" stands for the byte. A '#' where a word would begin ends the
// line. Nothing at the end.
std::optional<std::string> take_export_word(std::string_view& rest) {
    rest = trim(rest);
    if (rest.empty() || rest.starts_with('#')) return std::nullopt;
    std::string word;
    bool quoted = false;
    std::size_t at = 0;
    for (; at < rest.size() && (quoted || (rest[at] != ' ' && rest[at] != '\t')); ++at) {
        if (rest[at] == '"') {
            quoted = !quoted;
        } else if (rest[at] == '\\' && is_octal(rest.substr(at + 1, 3))) {
            word += static_cast<char>(*parse_unsigned(rest.substr(at + 1, 3), 8));
            at += 3;
        } else {
            word += rest[at];
        }
    }
    rest.remove_prefix(at);
    return word;
}

struct Rights {
    bool writable = false;
    bool root_squash = true;
};

// What a list of options grants at most. Of two options the later counts; `sec=` begins a group of its own, which starts
// with the rights before it.
Rights rights_of(std::string_view options) {
    std::vector<Rights> groups(1);
    bool named_group = false;
    for (const std::string_view option : split(options, ',')) {
        const std::string_view word = trim(option);
        if (word.starts_with("sec=")) {
            if (named_group) groups.push_back(groups.back());
            named_group = true;
        } else if (word == "rw" || word == "ro") {
            groups.back().writable = word == "rw";
        } else if (word == "root_squash" || word == "no_root_squash") {
            groups.back().root_squash = word == "root_squash";
        }
    }
    Rights all;
    for (const Rights& group : groups) {
        all.writable |= group.writable;
        all.root_squash &= group.root_squash;
    }
    return all;
}

bool is_everybody(std::string_view client) {
    constexpr std::string_view kEverybody[] = {"*", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "::/0"};
    return std::find(std::begin(kEverybody), std::end(kEverybody), client) != std::end(kEverybody);
}

void read_exports(const Source& source, Collector& out) {
    const std::string_view file = source.about.name;
    for (Lines lines{source, out}; lines.next_joined(" ");) {
        std::string_view rest = lines.text();
        const auto path = take_export_word(rest);
        if (!path) continue;
        if (!path->starts_with('/')) {
            out.gap(file, lines.number(), Code::malformed, "an entry that begins with no path");
            continue;
        }
        std::string defaults;
        const auto add = [&](std::string_view client, std::string_view own) {
            std::string options = defaults;
            if (!options.empty() && !own.empty()) options += ',';
            options += own;
            if (client.empty()) client = "*";
            const Rights rights = rights_of(options);
            out.add({text(*path), text(client), text(options), flag(rights.writable), flag(rights.root_squash),
                     flag(is_everybody(client)), text(file), number(lines.number())});
        };
        bool any = false;
        while (const auto word = take_export_word(rest)) {
            if (word->starts_with('-')) {
                defaults.append(defaults.empty() ? "" : ",").append(*word, 1);
                continue;
            }
            any = true;
            const std::string_view client = std::string_view{*word}.substr(0, word->find('('));
            std::string_view own = std::string_view{*word}.substr(client.size());
            if (!own.empty() && own.find(')') != own.size() - 1) {
                out.gap(file, lines.number(), Code::malformed, "options that do not end with a bracket; the server stops reading here");
                break;
            }
            if (!own.empty()) own = own.substr(1, own.size() - 2);
            add(client, own);
        }
        if (!any) add("", "");  // a path alone is for everybody
    }
}

// Which files of exports.d the server reads.
bool counts(std::string_view name) { return name.ends_with(".exports") && !name.starts_with('.'); }

}  // namespace

wire::ParseAnswer parse_nfs_exports(const Request& request) {
    Collector out;
    for (const Source& source : request.sources) {
        const std::string_view path = source.about.name;
        if (path == "/etc/exports" || counts(base_name(path))) read_exports(source, out);
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
