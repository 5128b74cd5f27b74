// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/live_parsers.h"

#include "cell/facts/internal/proc_files.h"
#include "cell/facts/values.h"
#include "core/text.h"

#include <algorithm>
#include <set>

namespace ward::facts {

namespace {

constexpr std::uint64_t kTicksPerSecond = 100;  // USER_HZ, the same on all machines that Ward runs on

// "7f.. r-xp 00000000 fe:01 1234   /usr/lib/libz.so.1 (deleted)": code of a file that is gone. Shared memory, memfd and
// temporary files look alike and are none of an update's doing.
std::optional<std::string_view> deleted_library(std::string_view line) {
    constexpr std::string_view kMark = " (deleted)";
    if (!line.ends_with(kMark)) return std::nullopt;
    const auto slash = line.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto fields = words(line.substr(0, slash));
    if (fields.size() < 5 || fields[1].find('x') == std::string_view::npos) return std::nullopt;
    std::string_view path = line.substr(slash);
    path.remove_suffix(kMark.size());
    for (const std::string_view other : {"/memfd:", "/dev/", "/tmp/", "/var/tmp/", "/run/", "/SYSV", "/proc/", "/i915", "/drm"}) {
        if (path.starts_with(other)) return std::nullopt;
    }
    return path;
}

struct DeletedLibraries {
    std::int64_t count = 0;
    std::string names;
};

std::map<std::uint32_t, DeletedLibraries> deleted_libraries(const std::vector<ProcessText>& maps) {
    std::map<std::uint32_t, DeletedLibraries> out;
    for (const auto& item : maps) {
        std::set<std::string_view> paths;
        std::string_view rest = item.text;
        std::string_view line;
        while (next_line(rest, line)) {
            if (const auto path = deleted_library(line)) paths.insert(*path);
        }
        auto& entry = out[item.pid];
        entry.count = static_cast<std::int64_t>(paths.size());
        for (const auto path : paths) entry.names += (entry.names.empty() ? "" : " ") + std::string{path};
    }
    return out;
}

// With hidepid in force, /proc leaves other users' processes out; the first process is always root's.
bool are_hidden(std::string_view mountinfo, const std::vector<ProcessFacts>& processes) {
    const bool first_seen = std::any_of(processes.begin(), processes.end(), [](const auto& process) { return process.pid == 1; });
    std::string_view line;
    while (!first_seen && next_line(mountinfo, line)) {
        const auto fields = words(line);
        if (fields.size() > 4 && fields[4] == "/proc" && line.find("hidepid=") != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace

wire::ParseAnswer parse_processes(const Request& request) {
    wire::ParseAnswer answer;
    const auto processes = decode_processes(request.bytes_of("proc:"));
    const auto maps = decode_process_texts(request.bytes_of("maps:"));
    if (!processes || !maps) {
        answer.rows.gaps.push_back(gap("/proc", 0, Code::malformed, "the snapshot of the processes cannot be read"));
        return answer;
    }
    const auto names = user_names(as_text(request.bytes_of("/etc/passwd")));
    const auto libraries = deleted_libraries(*maps);
    const auto boot = boot_time(as_text(request.bytes_of("/proc/stat")));
    for (const auto& facts : *processes) {
        const auto process = read_process(facts);
        if (!process) {
            answer.rows.gaps.push_back(
                gap(fmt::format("/proc/{}/stat", facts.pid), 0, Code::malformed, "does not tell of a process"));
            continue;
        }
        const auto user = process->uid ? names.find(*process->uid) : names.end();
        const auto deleted = libraries.find(process->pid);
        const bool maps_seen = deleted != libraries.end() || process->kernel_thread;
        const Value started = boot ? number(*boot + static_cast<std::int64_t>(process->start_ticks / kTicksPerSecond)) : null();
        answer.rows.rows.push_back({
            number(process->pid), number(process->parent), text(process->name), text(process->command_line),
            text_or_null(process->program), process->program.empty() ? null() : flag(process->program_deleted),
            flag(process->kernel_thread), text(process->state), number(process->uid), number(process->gid),
            user == names.end() ? null() : text(user->second), number(process->capabilities), number(process->no_new_privs),
            number(process->seccomp), started, number(process->memory), number(process->threads), text_or_null(process->unit),
            text_or_null(process->cgroup),
            !maps_seen ? null() : number(deleted == libraries.end() ? 0 : deleted->second.count),
            !maps_seen ? null() : text(deleted == libraries.end() ? "" : deleted->second.names),
        });
    }
    note_unseen_programs(*processes, answer.rows);
    if (are_hidden(as_text(request.bytes_of("/proc/self/mountinfo")), *processes)) {
        answer.rows.gaps.push_back(
            gap("/proc", 0, Code::denied, "is mounted with hidepid, so other users' processes cannot be seen"));
    }
    return answer;
}

}  // namespace ward::facts
