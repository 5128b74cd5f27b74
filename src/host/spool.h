// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/descriptor.h"

#include <string>

namespace ward::host {

// A file without a name, open for reading and writing, in `folder` or else in /var/tmp: for what is too large for memory. None when
// neither has room for one, or when `folder` is empty.
Descriptor open_spool(const std::string& folder);

}  // namespace ward::host
