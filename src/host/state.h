// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/finding.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ward::host {

// Where Ward keeps what it remembers: `given`, else /var/lib/ward for root, else $XDG_STATE_HOME/ward or
// ~/.local/state/ward. Names only; nothing is made.
Result<std::string> state_folder(const std::optional<std::string>& given);
// Makes it where it is missing. Root's may be entered by every user, for whom its summaries are; what is secret inside is 0600.
Status make_state_folder(const std::string& folder);
inline constexpr const char* kSystemStateFolder = "/var/lib/ward";

// What the last run of a command said, in few words: `ward` alone shows it, to every user of the machine.
struct StatusNote {
    std::string command;      // "check"
    std::int64_t ended = 0;   // seconds since 1970
    std::uint64_t findings[5] = {};  // by Severity
    std::uint64_t gaps = 0;
    std::string worst;        // title of the first finding; empty when there is none
    std::string worst_id;
    std::string rules_id;
    std::uint64_t rules = 0;
    bool interrupted = false;
};
// The notes in a state folder, one a command; none when it holds none. A damaged one is an error that names the file.
Result<std::vector<StatusNote>> read_status(const std::string& folder);
Status write_status(const std::string& folder, const StatusNote& note);

// A run as history keeps it.
struct PastRun {
    std::int64_t started = 0;
    std::vector<Finding> findings;  // id, rule, area, severity, title and where; nothing else
};

// Runs and their findings, in SQLite, in <state>/history.db (docs/state.md). The file is its user's alone. One process may
// write while others read; a cut at any moment leaves the last whole run. One thread.
class History {
public:
    // Makes folder and file when they are missing. Code::unsupported for a file of a later Ward.
    static Result<History> open(const std::string& folder);
    History(History&&) noexcept;
    History& operator=(History&&) noexcept;
    ~History();

    // The newest whole run of the same command over the same scope.
    Result<std::optional<PastRun>> last(const std::string& command, const std::string& scope);
    // Keeps this one and drops the oldest beyond kMaxRuns of the same command and scope.
    Status record(const std::string& command, const std::string& scope, std::int64_t started, double seconds,
                  std::span<const Finding> findings);
    // A finding by its id, from the newest run that has it.
    Result<std::optional<Finding>> find(const std::string& id);

    static constexpr int kSchema = 1;
    static constexpr int kMaxRuns = 50;

private:
    struct Impl;
    explicit History(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::host
