// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/root.h"
#include "host/source_store.h"
#include "walks/update.h"

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace ward::walks {

// The two ways in which update() gets a source, and what they share.

// From its publisher: each of its addresses in turn. Its record is left to the caller.
SourceOutcome fetch_source(const UpdateRequest& request, const update::SourceSpec& source, host::SourceStore& store, host::FetchLog& log);

// From the folder `from`, where it lies under its own name.
Result<Outcome> copy_source(const UpdateRequest& request, const host::Root& from, const update::SourceSpec& source, host::SourceStore& store, host::FetchLog& log);

// All that else lies in that folder and looks like advisories, each file as a source of its own. Adds their outcomes and gaps to the report.
void copy_local_files(const UpdateRequest& request, const host::Root& from, host::SourceStore& store, host::FetchLog& log, UpdateReport& report);

// The source that a file becomes which belongs to none that Ward knows by name.
update::SourceSpec local_source(const std::string& file, std::string title);

// The bytes by which a source's kind is told.
std::string first_bytes(int file);

// Puts what has come in place of the good copy, if it can be what it should be.
Result<Outcome> take(host::SourceStore& store, host::SourceStore::Part& part, const update::SourceSpec& source, host::SourceRecord& record,
                     const std::optional<host::SourceRecord>& before);

inline std::int64_t seconds_now() { return static_cast<std::int64_t>(std::time(nullptr)); }

}  // namespace ward::walks
