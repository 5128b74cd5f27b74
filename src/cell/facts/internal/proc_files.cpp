// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/proc_files.h"

#include "cell/facts/values.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {

namespace {

constexpr std::uint64_t kKernelThreadFlag = 0x00200000;  // PF_KTHREAD, linux/sched.h
constexpr std::string_view kDeletedMark = " (deleted)";

// The value of "Name:\tvalue" in /proc/PID/status.
std::string_view status_field(std::string_view status, std::string_view name) {
    std::string_view line;
    while (next_line(status, line)) {
        if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) return trim(line.substr(name.size() + 1));
    }
    return {};
}

// "real effective saved file-system".
std::optional<std::uint32_t> effective_id(std::string_view field) {
    const auto ids = words(field);
    const auto id = ids.size() == 4 ? parse_unsigned(ids[1]) : std::nullopt;
    if (!id || *id > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(*id);
}

std::optional<std::uint64_t> kilobytes(std::string_view field) {
    const auto parts = words(field);
    const auto count = parts.size() == 2 && parts[1] == "kB" ? parse_unsigned(parts[0]) : std::nullopt;
    if (!count || *count > UINT64_MAX / 1024) return std::nullopt;
    return *count * 1024;
}

// The line of the unified hierarchy, "0::/path", or else of systemd's own: "9:name=systemd:/path".
std::string_view cgroup_path(std::string_view cgroup) {
    std::string_view found;
    std::string_view line;
    while (next_line(cgroup, line)) {
        const auto colon = line.find(':');
        const auto path = colon == std::string_view::npos ? colon : line.find(':', colon + 1);
        if (path == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(colon + 1, path - colon - 1);
        if (controllers == "name=systemd") return line.substr(path + 1);
        if (controllers.empty()) found = line.substr(path + 1);
    }
    return found;
}

std::string_view unit_of(std::string_view cgroup) {
    std::string_view unit;
    for (const auto part : split(cgroup, '/')) {
        if (part.ends_with(".service") || part.ends_with(".scope") || part.ends_with(".socket")) unit = part;
    }
    return unit;
}

std::string with_blanks(std::string_view arguments) {
    while (arguments.ends_with('\0')) arguments.remove_suffix(1);
    std::string line{arguments};
    std::replace(line.begin(), line.end(), '\0', ' ');
    return line;
}

}  // namespace

std::optional<std::int64_t> boot_time(std::string_view proc_stat) {
    std::string_view line;
    while (next_line(proc_stat, line)) {
        if (line.starts_with("btime ")) return parse_signed(trim(line.substr(6)));
    }
    return std::nullopt;
}

std::map<std::uint32_t, std::string> user_names(std::string_view passwd) {
    std::map<std::uint32_t, std::string> names;
    std::string_view line;
    while (next_line(passwd, line)) {
        const auto fields = split(line, ':');
        const auto uid = fields.size() >= 4 ? parse_unsigned(fields[2]) : std::nullopt;
        if (uid && *uid <= UINT32_MAX) names.try_emplace(static_cast<std::uint32_t>(*uid), fields[0]);
    }
    return names;
}

std::optional<Process> read_process(const ProcessFacts& facts) {
    // "812 (sshd) S 1 ...": the name may hold blanks and brackets, so the last bracket ends it.
    const std::string_view stat = facts.stat;
    const auto open = stat.find('(');
    const auto close = stat.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
    const auto fields = words(trim(stat.substr(close + 1)));
    if (fields.size() < 20) return std::nullopt;
    const auto parent = parse_unsigned(fields[1]);
    const auto flags = parse_unsigned(fields[6]);
    const auto threads = parse_unsigned(fields[17]);
    const auto start = parse_unsigned(fields[19]);
    if (!parent || *parent > UINT32_MAX || !flags || !threads || !start) return std::nullopt;
    Process process;
    process.pid = facts.pid;
    process.parent = static_cast<std::uint32_t>(*parent);
    process.name = stat.substr(open + 1, close - open - 1);
    process.state = fields[0];
    process.kernel_thread = (*flags & kKernelThreadFlag) != 0;
    process.threads = *threads;
    process.start_ticks = *start;
    process.uid = effective_id(status_field(facts.status, "Uid"));
    process.gid = effective_id(status_field(facts.status, "Gid"));
    process.memory = kilobytes(status_field(facts.status, "VmRSS"));
    process.capabilities = parse_unsigned(status_field(facts.status, "CapEff"), 16);
    process.no_new_privs = parse_unsigned(status_field(facts.status, "NoNewPrivs"));
    process.seccomp = parse_unsigned(status_field(facts.status, "Seccomp"));
    process.command_line = with_blanks(facts.cmdline);
    process.program = facts.exe;
    // A file may be called so as well; then its name ends with the mark twice once it is gone.
    if (process.program.ends_with(kDeletedMark)) {
        process.program_deleted = true;
        process.program.remove_suffix(kDeletedMark.size());
    }
    process.cgroup = cgroup_path(facts.cgroup);
    process.unit = unit_of(process.cgroup);
    return process;
}

void note_unseen_programs(const std::vector<ProcessFacts>& processes, RowSet& out) {
    std::uint64_t count = 0;
    for (const auto& facts : processes) {
        if (facts.exe_state != ProcessFacts::Exe::denied) continue;
        const auto process = read_process(facts);
        if (process && !process->kernel_thread) ++count;
    }
    if (count == 0) return;
    const std::string_view plural = count == 1 ? "" : "es";
    out.gaps.push_back(gap("/proc", 0, Code::denied,
                           fmt::format("the kernel does not show this user the programs and sockets of {} process{}", count, plural)));
}

}  // namespace ward::facts
