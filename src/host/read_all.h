// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"
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
// A file of ours by its path, as text: a regular one of at most max_bytes. Neither a FIFO nor a device can hold us up.
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);
// Where a symbolic link beside an open folder points; with an empty name, where the descriptor itself (O_PATH) does.
int read_link(int folder, const char* name, std::string& out);  // 0 or errno

}  // namespace ward::host
