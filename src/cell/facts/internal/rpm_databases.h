// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <functional>

namespace ward::facts {

// Give each header in a database of rpm's, with the database's own number of the package, and tell what could not be read; the
// rest is still given. Both are bounded by the file: no part of it is given twice.
using UseRpmHeader = std::function<void(std::uint64_t number, Bytes header)>;  // the header lives for the call
using BrokenRpm = std::function<void(Error error)>;

// Packages.db (rpm: lib/backend/ndb/rpmpkg.c): a table of slots, and blobs in blocks of 16 bytes. Little-endian.
void read_rpm_ndb(Bytes bytes, const UseRpmHeader& use, const BrokenRpm& broken);

// Packages: a hash of Berkeley DB, versions 8 to 10 (db_page.h), in either byte order: buckets of pages that hold numbers and
// where their headers lie, on chains of overflow pages. What a log of Berkeley DB's holds is not seen; rpm keeps none.
void read_rpm_bdb(Bytes bytes, const UseRpmHeader& use, const BrokenRpm& broken);

}  // namespace ward::facts
