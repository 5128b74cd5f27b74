// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "model/snapshots.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ward::facts {

// When the kernel started, from /proc/stat: seconds since 1970.
std::optional<std::int64_t> boot_time(std::string_view proc_stat);

// The names of /etc/passwd by number; of several with one number the first, as the system itself would have it.
std::map<std::uint32_t, std::string> user_names(std::string_view passwd);

// What the files of one process say (proc(5)). Views into `facts`.
struct Process {
    std::uint32_t pid = 0;
    std::uint32_t parent = 0;
    std::string_view name;
    std::string_view state;
    bool kernel_thread = false;
    std::uint64_t threads = 0;
    std::uint64_t start_ticks = 0;       // since the kernel started, 100 a second
    std::optional<std::uint32_t> uid;    // effective; none when the process ended while it was looked at
    std::optional<std::uint32_t> gid;
    std::optional<std::uint64_t> memory; // resident bytes
    std::optional<std::uint64_t> capabilities;
    std::optional<std::uint64_t> no_new_privs;
    std::optional<std::uint64_t> seccomp;
    std::string command_line;
    std::string_view program;            // empty when it is not seen or there is none
    bool program_deleted = false;
    std::string_view cgroup;
    std::string_view unit;
};

// Nothing for what is no process.
std::optional<Process> read_process(const ProcessFacts& facts);

// One gap for all processes whose program this user may not see. Their sockets cannot be seen either: the kernel asks for the
// same right (proc(5), PTRACE_MODE_READ_FSCREDS). Threads of the kernel have no program, whatever the link's error says.
void note_unseen_programs(const std::vector<ProcessFacts>& processes, RowSet& out);

}  // namespace ward::facts
