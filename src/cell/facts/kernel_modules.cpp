// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/dpkg_files.h"
#include "cell/facts/live_parsers.h"
#include "cell/facts/values.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::string_view kFile = "/proc/modules";

// "name size references users state address (taint)". The last two may be missing.
struct Module {
    std::string_view name;
    std::uint64_t size = 0;
    std::string_view users;
    std::string_view state;
    std::string_view taint;
    std::string file;
};

std::optional<Module> read_module(std::string_view line) {
    const auto fields = words(line);
    const auto size = fields.size() >= 5 ? parse_unsigned(fields[1]) : std::nullopt;
    if (!size) return std::nullopt;
    Module module{fields[0], *size, fields[3], fields[4], {}, {}};
    // "nft_ct,nft_nat," as the kernel writes it, "-" for none.
    if (module.users == "-") module.users = {};
    if (module.users.ends_with(',')) module.users.remove_suffix(1);
    if (fields.size() >= 7 && fields[6].starts_with('(') && fields[6].ends_with(')')) {
        module.taint = fields[6].substr(1, fields[6].size() - 2);
    }
    return module;
}

// Where depmod(8) wrote down which files there are; empty when the kernel's release cannot be a folder's name.
std::string modules_folder(Bytes uname) {
    Decoder names{uname};
    for (int skipped = 0; skipped < 2; ++skipped) {
        if (!names.text()) return {};
    }
    const auto release = names.text();
    if (!release || release->empty() || release->find('/') != std::string::npos) return {};
    return "/lib/modules/" + *release;
}

// "kernel/net/netfilter/nf_tables.ko.xz: ..." by the module's name: the file's without its ends, '-' and '_' being one.
std::map<std::string, std::string_view> files_by_name(std::string_view modules_dep) {
    std::map<std::string, std::string_view> files;
    std::string_view line;
    while (next_line(modules_dep, line)) {
        const std::string_view path = line.substr(0, line.find(':'));
        std::string name{path.substr(path.rfind('/') + 1)};
        name.resize(std::min(name.find(".ko"), name.size()));
        std::replace(name.begin(), name.end(), '-', '_');
        files.emplace(std::move(name), path);
    }
    return files;
}

}  // namespace

wire::ParseAnswer parse_kernel_modules(const Request& request) {
    wire::ParseAnswer answer;
    std::vector<Module> modules;
    std::string_view rest = as_text(request.bytes_of(kFile));
    std::string_view line;
    for (std::uint64_t at = 1; next_line(rest, line); ++at) {
        if (auto module = read_module(line)) {
            modules.push_back(*std::move(module));
        } else {
            answer.rows.gaps.push_back(gap(kFile, at, Code::malformed, "not a line of /proc/modules"));
        }
    }
    const DpkgFiles packages{request};
    std::set<std::string> paths;
    if (const std::string folder = modules_folder(request.bytes_of("uname:")); !folder.empty() && !modules.empty()) {
        answer.wants.push_back(folder + "/modules.dep");
        const auto files = files_by_name(as_text(request.bytes_of(answer.wants.back())));
        for (auto& module : modules) {
            const auto found = files.find(std::string{module.name});
            if (found == files.end()) continue;
            module.file = packages.real_path(folder + "/" + std::string{found->second}, "");
            paths.insert(module.file);
        }
    }
    const auto owners = packages.owners(paths);
    for (const auto& module : modules) {
        const auto owner = owners.find(module.file);
        answer.rows.rows.push_back({text(module.name), number(module.size), text(module.users), text(module.state),
                                    text(module.taint), text_or_null(module.file),
                                    owner == owners.end() ? null() : text(owner->second)});
    }
    return answer;
}

}  // namespace ward::facts
