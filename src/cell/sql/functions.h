// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

struct sqlite3;

namespace ward::sql {

// Adds Ward's SQL functions to a connection: version_compare(scheme, a, b) gives -1, 0 or 1, NULL for a version that the
// scheme cannot read or a NULL argument; a scheme that is not known is an error of the query.
Status add_functions(sqlite3* db);

}  // namespace ward::sql
