// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/software.h"

namespace ward::facts {

// Lock files, and go.mod: what a project wants in exact versions, wherever that is installed. Each adds to `told`; what a line says that
// cannot be understood is a gap.
using ReadLock = Status (*)(const Source& source, Collector& out, Told& told);

// The reader of a file by its name; nothing when it is none of these.
ReadLock find_lock_reader(std::string_view name);

}  // namespace ward::facts
