// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/cron_files.h"
#include "cell/facts/startup_parsers.h"

namespace ward::facts {

wire::ParseAnswer parse_cron_jobs(const Request& request) {
    Collector out;
    for (const CronJob& job : read_cron_jobs(request, out)) {
        const auto& about = job.file->about;
        out.add({text(job.kind), text(job.user), text(job.schedule), text(job.command), number(about.mode & 07777), number(about.uid),
                 text(about.name), job.line != 0 ? number(job.line) : null()});
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
