// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/root.h"
#include "host/source_reader.h"

#include <stop_token>

namespace ward::host {

// The source `setuid:`: files and folders of all local file systems below the root that carry set-user-id, set-group-id or
// file capabilities, or that everyone may write to. Only names and inodes are looked at; nothing is opened but folders. Ends
// early, with the state `failed`, when `stop` asks for it.
void walk_privileges(const Root& root, std::uint64_t max_bytes, const std::stop_token& stop, Source& out);

}  // namespace ward::host
