// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "gate/probe.h"
#include "model/gap.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace ward::walks {

// Is a layer of the wall there? `unseen`: this user may not look, so it is neither.
enum class Standing { in_force, missing, unseen };
std::string_view standing_name(Standing standing);

struct LayerEvidence {
    std::string name;       // "system call filter"
    Standing standing = Standing::unseen;
    std::string evidence;   // "Seccomp: 2, Seccomp_filters: 1"
    // Whose word it is: the kernel's record of the process, or, where the kernel keeps none, what the cell was told when it
    // sealed itself. The second kind is only as good as the attempts that confirm it.
    bool from_kernel = true;
};

struct ProcessEvidence {
    std::string name;     // "ward-cell scan"
    std::string purpose;  // "looks into files"
    pid_t pid = 0;
    bool sealed = true;   // false for `ward` itself, which opens files and so cannot be
    std::vector<LayerEvidence> layers;
};

struct TrustAnswer {
    std::string question;
    std::string answer;
};

// What holds Ward's programs in on this machine, now.
struct TrustReport {
    std::vector<ProcessEvidence> processes;
    std::vector<gate::Attempted> attempts;  // each forbidden thing, tried in a cell of its own
    std::vector<TrustAnswer> answers;       // NCSC's four questions about products like this one
    std::vector<Gap> gaps;                  // what this user may not see

    // Is any layer missing, or any attempt not refused?
    bool anything_missing() const;
};

// Starts one cell of each duty and ward-fetch, reads the kernel's records of them and of this process, and tries every forbidden thing.
// An error means that no cell could be started; then nothing of Ward reads a foreign byte either.
Result<TrustReport> trust();

// For people: a page that says first whether all stands. And one JSON document (docs/wall.md, "What `ward trust` shows").
std::string render_text(const TrustReport& report, bool verbose);
std::string render_json(const TrustReport& report);

}  // namespace ward::walks
