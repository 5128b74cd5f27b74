// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ward::facts {

class Collector;

// Something that cron, anacron or run-parts starts.
struct CronJob {
    std::string_view kind;   // crontab, cron.d, user, anacron, periodic
    std::string user;
    std::string schedule;    // its words with one blank between them
    std::string command;     // as written; of `periodic` the program's path
    const Source* file = nullptr;
    std::uint64_t line = 0;  // 0 for `periodic`, where the whole file counts
};

// The jobs of crontab(5), anacrontab(5) and the folders of run-parts(8), in the order of their files. Names that the daemon of
// this host passes over are left out: Debian's wants letters, digits, '_' and '-' only, cronie just knows the endings of what
// editors and package managers keep aside. `stat:/usr/sbin/cron` and `stat:/usr/sbin/crond` tell which it is. A line that is
// neither a job nor a setting of the environment is a gap.
std::vector<CronJob> read_cron_jobs(const Request& request, Collector& out);

// Would Debian's run-parts(8) start a file of this name?
bool is_run_parts_name(std::string_view name);
// Is it a file with a bit of execution set, or a link to one?
bool is_program(const Source& source);

}  // namespace ward::facts
