// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "host/file_walk.h"
#include "model/finding.h"
#include "model/gap.h"
#include "model/messages.h"
#include "report/report.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ward::walks {

// How far a scan is; the scan writes, anybody reads.
struct ScanProgress {
    std::atomic<std::uint64_t> files{0};        // answered
    std::atomic<std::uint64_t> processes{0};    // answered
    std::atomic<std::uint64_t> bytes{0};        // of those, as they lie on disk
    std::atomic<std::uint64_t> findings{0};
    std::atomic<std::uint64_t> total_files{0};  // counted ahead
    std::atomic<std::uint64_t> total_bytes{0};
    std::atomic<bool> counted{false};           // the totals are whole
    std::atomic<bool> stop{false};              // set by whoever wants it to end; what is in work becomes gaps
    std::chrono::milliseconds budget{0};        // the time that the run has, set before it begins; 0: no end

    std::string current() const;                // the file or process that was opened last
    void set_current(std::string path);

private:
    mutable std::mutex lock_;
    std::string current_;
};

struct ScanRequest {
    host::WalkRequest walk;
    std::vector<host::FileWalk::File> files;    // scanned before what the walk gives; taken out by the scan
    bool standard_input = false;                // also scan it, as the object "-"
    std::vector<std::uint32_t> processes;       // whose memory is scanned too, by number; this program's own is left out
    unsigned threads = 1;
    int database = -1;                          // a rule database (walks/rules.h); the caller keeps it open
    Limits limits;
    wire::Externals externals;
    ScanManner manner;
    std::vector<int> fed;                       // what each of the manner's fed_modules gets; the caller keeps them open
    std::string spool_folder;                   // for members too large for memory; empty for none
    std::optional<std::chrono::steady_clock::time_point> stop_at;
    bool count_ahead = false;                   // for progress: a second walk counts what there is
    // In place of findings: each answer, and each gap of the walk, as it comes. One call at a time.
    std::function<void(const Object&, Verdict)> on_verdict;
    std::function<void(const Gap&)> on_gap;
};

struct ScanOutcome {
    std::vector<Finding> findings;
    std::vector<Gap> gaps;
    host::WalkCounts counts;
    std::uint64_t files = 0;         // answered by a cell
    std::uint64_t bytes = 0;         // matched, unpacked ones included
    std::uint64_t processes = 0;     // answered by a cell
    std::vector<std::uint32_t> processes_denied;  // by number: one gap tells of them all
    std::uint64_t flagged = 0;       // files and processes with a finding
    std::uint64_t rules = 0;         // in the database
    std::uint32_t roots_failed = 0;
    bool interrupted = false;        // ScanProgress::stop was set
    bool out_of_time = false;        // stop_at came first
    std::vector<std::string> not_reached;  // the files, processes and roots that were left over then, the one in work included
};

// Scans all regular files below the roots, and the processes. Each is a clean answer, a finding or a gap; an error means that
// no scan could begin or go on at all (no cell can be started).
Result<ScanOutcome> scan(ScanRequest request, ScanProgress& progress);

// Puts an outcome into a report that may hold more than a scan; each root that an interruption left over is a gap.
void add_to(report::Report& report, ScanOutcome&& outcome);

}  // namespace ward::walks
