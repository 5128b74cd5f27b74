// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/source_reader.h"

namespace ward::host {

// The sources `proc:`, `maps:` and `sockets:`: what /proc tells of each process that this user may see. A process that ends
// meanwhile is left out. Environments are never read: they hold secrets.
void snapshot_processes(std::uint64_t max_bytes, Source& out);
void snapshot_maps(std::uint64_t max_bytes, Source& out);
void snapshot_sockets(std::uint64_t max_bytes, Source& out);

}  // namespace ward::host
