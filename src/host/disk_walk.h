// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/root.h"
#include "host/source_reader.h"

#include <stop_token>

namespace ward::host {

// One walk over all local file systems below the root gives two sources. Only names and inodes are looked at; nothing is opened but folders.
//
// `setuid:`: files and folders that carry set-user-id, set-group-id or file capabilities, or that everyone may write to.
// `software:`: files that tell what is installed beside them by other means than the system's package manager (a Python distribution's METADATA
// or PKG-INFO, an npm package's package.json below node_modules, a gem's specification, Composer's installed.json), or what a project
// wants (the lock files of npm and Composer).
//
// With `privileges` null only software is looked for, which spares looking at most inodes.
// Ends early, with the state `failed` of both, when `stop` asks for it. What cannot be seen is a gap of both.
void walk_disks(const Root& root, std::uint64_t max_bytes, const std::stop_token& stop, Source* privileges, Source& software);

}  // namespace ward::host
