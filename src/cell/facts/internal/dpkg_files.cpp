// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/dpkg_files.h"

#include "core/text.h"

#include <algorithm>
#include <unordered_set>

namespace ward::facts {

namespace {

constexpr std::string_view kInfo = "/var/lib/dpkg/info/";
constexpr std::string_view kList = ".list";
constexpr std::string_view kStat = "stat:";

}  // namespace

DpkgFiles::DpkgFiles(const Request& request) {
    for (const auto& source : request.sources) {
        const std::string_view name = source.about.name;
        if (name.starts_with(kInfo) && name.ends_with(kList)) lists_.push_back(&source);
        // "/bin" → "usr/bin", or absolute.
        if (name.starts_with(kStat) && !source.about.link.empty()) {
            const std::string_view folder = name.substr(kStat.size());
            std::string_view target = source.about.link;
            if (target.starts_with('/')) target.remove_prefix(1);
            if (target.starts_with("usr") && target.substr(3) == folder) merged_.push_back(folder);
        }
    }
    // Three lines each: from, to, by whom.
    std::string_view rest = as_text(request.bytes_of("/var/lib/dpkg/diversions"));
    std::string_view from;
    Diversion diversion;
    while (next_line(rest, from) && next_line(rest, diversion.to) && next_line(rest, diversion.by)) {
        diversions_.emplace(from, diversion);
    }
}

std::string_view DpkgFiles::package_of(const Source& list) {
    std::string_view name = list.about.name;
    name.remove_prefix(kInfo.size());
    name.remove_suffix(kList.size());
    return name;
}

std::string DpkgFiles::below_usr(std::string_view path) const {
    for (const auto folder : merged_) {
        if (path.starts_with(folder) && path.substr(folder.size()).starts_with('/')) return "/usr" + std::string{path};
    }
    return std::string{path};
}

std::string DpkgFiles::real_path(std::string_view listed, std::string_view package) const {
    const auto found = diversions_.find(listed);
    if (found == diversions_.end()) return below_usr(listed);
    const std::string_view name = package.substr(0, package.find(':'));
    return below_usr(found->second.by == name ? listed : found->second.to);
}

std::map<std::string, std::string> DpkgFiles::owners(const std::set<std::string>& paths) const {
    std::map<std::string, std::string> owners;
    if (paths.empty()) return owners;
    // All names under which a wanted file may be listed, so that most lines cost one look into this set.
    std::unordered_set<std::string> listed{paths.begin(), paths.end()};
    for (const auto& path : paths) {
        if (path.starts_with("/usr/")) listed.insert(path.substr(4));
    }
    for (const auto& [from, diversion] : diversions_) {
        if (paths.contains(below_usr(diversion.to))) listed.emplace(from);
    }
    std::string name;
    for (const Source* list : lists_) {
        std::string_view rest = as_text(list->bytes);
        std::string_view line;
        while (next_line(rest, line)) {
            name = line;
            if (!listed.contains(name)) continue;
            std::string path = real_path(line, package_of(*list));
            if (paths.contains(path)) owners.try_emplace(std::move(path), package_of(*list));
        }
    }
    return owners;
}

}  // namespace ward::facts
