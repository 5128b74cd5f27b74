// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/root.h"
#include "host/source_reader.h"

namespace ward::host {

// The source `setuid:`: files and folders of all local file systems below the root that carry set-user-id, set-group-id or
// file capabilities, or that everyone may write to. Only names and inodes are looked at; nothing is opened but folders.
void walk_privileges(const Root& root, std::uint64_t max_bytes, Source& out);

}  // namespace ward::host
