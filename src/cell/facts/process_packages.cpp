// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/dpkg_files.h"
#include "cell/facts/internal/proc_files.h"
#include "cell/facts/live_parsers.h"
#include "core/text.h"

#include <map>
#include <set>
#include <string>

namespace ward::facts {

namespace {

constexpr std::string_view kDeleted = " (deleted)";

// Code that is mapped from files, without the mark that a file was replaced.
void add_code(std::string_view maps, std::set<std::string>& paths) {
    std::string_view line;
    while (next_line(maps, line)) {
        const auto slash = line.find('/');
        if (slash == std::string_view::npos) continue;
        const auto mode = line.find(' ');
        // "7f...-7f... r-xp ..."
        if (mode == std::string_view::npos || mode + 4 > slash || line[mode + 3] != 'x') continue;
        std::string_view path = line.substr(slash);
        if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
        paths.emplace(path);
    }
}

// By the names that container engines give control groups. Their own services ("docker.service") and virtual machines, which are programs
// of this host, are none.
bool in_container(std::string_view cgroup) {
    for (const std::string_view group : split(cgroup, '/')) {
        if (group == "docker" || group == "lxc" || group.starts_with("kubepods") || group.starts_with("lxc.payload")) return true;
        if (group == "machine.slice" && cgroup.find("/machine-qemu") == std::string_view::npos) return true;
        if (!group.ends_with(".scope")) continue;
        for (const std::string_view engine : {"docker-", "libpod-", "cri-containerd-", "crio-", "nerdctl-"}) {
            if (group.starts_with(engine)) return true;
        }
    }
    return false;
}

}  // namespace

wire::ParseAnswer parse_process_packages(const Request& request) {
    Collector out;
    const auto processes = decode_processes(request.bytes_of("proc:"));
    const auto maps = decode_process_texts(request.bytes_of("maps:"));
    if (!processes || !maps) {
        out.gap("/proc", 0, Code::malformed, "the snapshot of the processes cannot be read");
        return std::move(out).finish();
    }
    std::map<std::uint32_t, std::set<std::string>> code;
    for (const auto& item : *maps) add_code(item.text, code[item.pid]);
    std::set<std::string> all;
    std::vector<Process> seen;
    for (const auto& facts : *processes) {
        const auto process = read_process(facts);
        if (!process || process->kernel_thread || in_container(process->cgroup)) continue;
        seen.push_back(*process);
        if (!process->program.empty()) code[process->pid].emplace(process->program);
        const auto& own = code[process->pid];
        all.insert(own.begin(), own.end());
    }
    const auto owners = DpkgFiles{request}.owners(all);
    for (const auto& process : seen) {
        std::map<std::string_view, bool> packages;  // and whether the program is from there
        for (const auto& path : code[process.pid]) {
            const auto owner = owners.find(path);
            if (owner != owners.end()) packages[owner->second] |= path == process.program;
        }
        for (const auto& [package, is_program] : packages) {
            out.add({text(package), number(process.pid), text(process.name), text_or_null(process.unit), flag(is_program)});
        }
    }
    auto answer = std::move(out).finish();
    note_unseen_programs(*processes, answer.rows);
    return answer;
}

}  // namespace ward::facts
