// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/messages.h"

#include <cstdint>
#include <vector>

namespace ward::runtime {

struct SealPlan {
    std::uint64_t max_memory_bytes = 2 * kGiB;  // heap and private mappings; files mapped read-only do not count
    std::uint64_t max_file_bytes = 0;           // what may be written into descriptors it was given
};

// Shuts this process in, for good: not dumpable, dies with its parent, no new privileges, limits, no writable code,
// Landlock without a single right, and last a seccomp filter that allows some twenty calls. The gate has already put it into
// empty namespaces. Layers that this kernel lacks are in the answer with in_force = false; a missing seccomp or
// no_new_privs is an error, because without them nothing may be read.
//
// Only descriptor `channel` stays open. Call it once, from the only thread, before a byte of foreign data is seen.
Result<std::vector<wire::Layer>> seal(const SealPlan& plan, int channel);

}  // namespace ward::runtime
