// SPDX-License-Identifier: Apache-2.0
// In place of core/check_failed.cpp: a cell may not write to stderr, so its end tells the reason.
#include "core/result.h"
#include "model/messages.h"

#include <unistd.h>

namespace ward {

void check_failed(const char*, const char*, int) { ::_exit(wire::kExitBrokenPromise); }

}  // namespace ward
