// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/values.h"
#include "core/text.h"
#include "model/snapshots.h"

#include <algorithm>
#include <array>
#include <map>

namespace ward::facts {

namespace {

constexpr std::string_view kTree = "/proc/sys/";
// A file here hides one of the same name further on (sysctl.d(5)).
constexpr std::array<std::string_view, 5> kFolders = {"/etc/sysctl.d/", "/run/sysctl.d/", "/usr/local/lib/sysctl.d/",
                                                      "/usr/lib/sysctl.d/", "/lib/sysctl.d/"};

struct Assignment {
    std::string key;  // with slashes; may be a glob
    std::string value;
    bool exclude = false;  // "-key" without a value: a glob further down leaves it alone
    std::string_view file;
    std::uint64_t line = 0;
};

// "net.ipv4.conf.eth0/1.forwarding" and "net/ipv4/conf/eth0.1/forwarding" name the same: the first separator says which of
// the two it is, and the other stands for itself (sysctl.d(5)).
std::string with_slashes(std::string_view name) {
    std::string key{name};
    const auto first = key.find_first_of("./");
    if (first == std::string::npos || key[first] == '/') return key;
    for (char& c : key) {
        if (c == '.') {
            c = '/';
        } else if (c == '/') {
            c = '.';
        }
    }
    return key;
}

std::string with_dots(std::string_view key) {
    std::string name{key};
    for (char& c : name) {
        if (c == '/') {
            c = '.';
        } else if (c == '.') {
            c = '/';
        }
    }
    return name;
}

std::string one_line(std::string_view value) {
    std::string line{trim(value)};
    for (char& c : line) {
        if (c == '\t' || c == '\n') c = ' ';
    }
    return line;
}

// The files that count, in the order in which they are applied: by their last names, whatever the folder.
std::vector<const Source*> files_in_order(const Request& request) {
    std::map<std::string_view, const Source*> by_name;
    for (const auto folder : kFolders) {
        for (const auto& source : request.sources) {
            const std::string_view name = source.about.name;
            if (!name.starts_with(folder)) continue;
            by_name.try_emplace(name.substr(folder.size()), &source);
        }
    }
    std::vector<const Source*> files;
    for (const auto& [name, source] : by_name) files.push_back(source);
    return files;
}

std::vector<Assignment> read_files(const Request& request, RowSet& out) {
    std::vector<Assignment> all;
    for (const Source* file : files_in_order(request)) {
        std::string_view rest = as_text(file->bytes);
        std::string_view line;
        for (std::uint64_t at = 1; next_line(rest, line); ++at) {
            std::string_view entry = trim(line);
            if (entry.empty() || entry[0] == '#' || entry[0] == ';') continue;
            const auto equals = entry.find('=');
            // A leading minus: a failure to set it is no error, or, without a value, it is to be left alone.
            const bool minus = entry[0] == '-';
            if (minus) entry.remove_prefix(1);
            if (equals == std::string_view::npos && !minus) {
                out.gaps.push_back(gap(file->about.name, at, Code::malformed, "a line without '='"));
                continue;
            }
            const std::string_view name = trim(entry.substr(0, std::min(entry.find('='), entry.size())));
            const std::string_view value = equals == std::string_view::npos ? "" : entry.substr(entry.find('=') + 1);
            all.push_back({with_slashes(name), one_line(value), equals == std::string_view::npos, file->about.name, at});
        }
    }
    return all;
}

bool is_pattern(std::string_view key) { return key.find_first_of("*?[") != std::string_view::npos; }

struct Setting {
    Value value;
    const Assignment* boot = nullptr;
};

}  // namespace

wire::ParseAnswer parse_sysctl(const Request& request) {
    wire::ParseAnswer answer;
    std::map<std::string, Setting> settings;
    const auto tree = decode_tree(request.bytes_of("tree:/proc/sys"));
    if (!tree) {
        answer.rows.gaps.push_back(gap("/proc/sys", 0, tree.error().code, tree.error().text));
    } else {
        for (const auto& file : *tree) {
            if (!file.path.starts_with(kTree)) continue;
            settings[file.path.substr(kTree.size())].value = file.readable ? text(one_line(file.text)) : null();
        }
    }
    const auto assignments = read_files(request, answer.rows);
    // Names win over globs wherever they stand; of either kind the last one counts.
    for (const auto& assignment : assignments) {
        if (!is_pattern(assignment.key)) settings[assignment.key].boot = &assignment;
    }
    for (auto& [key, setting] : settings) {
        if (setting.boot != nullptr) continue;
        for (const auto& assignment : assignments) {
            if (is_pattern(assignment.key) && glob_match(assignment.key, key)) setting.boot = &assignment;
        }
    }
    // A glob for which nothing is known of the running system stands for itself.
    for (const auto& assignment : assignments) {
        if (is_pattern(assignment.key) && (!tree || tree->empty())) settings[assignment.key].boot = &assignment;
    }
    for (const auto& [key, setting] : settings) {
        const Assignment* boot = setting.boot != nullptr && !setting.boot->exclude ? setting.boot : nullptr;
        if (boot == nullptr && setting.boot != nullptr && std::holds_alternative<std::monostate>(setting.value)) continue;
        answer.rows.rows.push_back({text(with_dots(key)), setting.value, boot != nullptr ? text(boot->value) : null(),
                                    boot != nullptr ? text(boot->file) : null(), boot != nullptr ? number(boot->line) : null()});
    }
    return answer;
}

}  // namespace ward::facts
