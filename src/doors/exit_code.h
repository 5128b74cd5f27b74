// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ward::doors {

// How a command ends; the drop-ins have their originals' codes instead.
enum class ExitCode : int {
    nothing_found = 0,  // also: answered
    found = 1,          // at or above --fail-on
    not_done = 2,       // usage, a root that cannot be read, rules of which none is left, a disk that is full
    gaps = 3,           // only with --strict: nothing found, but not everything could be looked at
    interrupted = 130,  // Ctrl-C, after a true summary
};

}  // namespace ward::doors
