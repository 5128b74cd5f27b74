// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <sys/types.h>

#include <string>
#include <string_view>

namespace ward::host {

// Replaces the file by the text, whole or not at all: written beside it under another name, synced, then renamed over it.
// What is no regular file (a terminal, a pipe, /dev/null) is written in place. The error names the path and what remains.
Status replace_file(const std::string& path, std::string_view text, mode_t mode);
// The same for a file of ours in a folder that somebody else may write to: whatever has the name is replaced and never written to, as a
// link to a device would have it.
Status keep_file(const std::string& path, std::string_view text, mode_t mode);

}  // namespace ward::host
