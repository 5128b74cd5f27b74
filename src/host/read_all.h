// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "host/descriptor.h"

#include <string>

namespace ward::host {

struct ReadAll {
    int error = 0;     // errno of the read that failed; what came before it is in the bytes
    bool cut = false;  // there is more than `max_bytes`
};

// Appends what a descriptor gives, at most max_bytes. `expected` is a guess that saves copies.
ReadAll read_all(int descriptor, std::uint64_t max_bytes, std::uint64_t expected, Buffer& out);
// The same for a small file beside an open folder, as text; empty and errno when it cannot be opened.
ReadAll read_small(int folder, const char* name, std::uint64_t max_bytes, std::string& out);
// Where a symbolic link beside an open folder points; with an empty name, where the descriptor itself (O_PATH) does.
int read_link(int folder, const char* name, std::string& out);  // 0 or errno

}  // namespace ward::host
