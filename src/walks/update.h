// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/source_store.h"
#include "update/proxy.h"
#include "update/source.h"
#include "walks/advisories.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ward::walks {

// A file of public knowledge that is there, whole, for others to read: compiled advisories are made from these.
struct KnowledgeFile {
    std::string id;
    update::SourceKind kind = update::SourceKind::osv;
    std::string path;
    std::int64_t checked = 0;   // how old what it says may be at most: when the publisher last said that it is current
};

// The good copies of these sources in a state folder, in the sources' order. It asks nobody and writes nothing. A copy that
// cannot be read is an error, since to leave it out would look as if it had never been there.
Result<std::vector<KnowledgeFile>> knowledge_files(const std::string& state, const std::vector<update::SourceSpec>& sources);

// What was brought into this state folder by --from beside the files of sources that Ward knows by name, as sources of their own: their ids
// begin with "local-", nobody is asked for them, and they stay until they are forgotten.
Result<std::vector<update::SourceSpec>> local_sources(const std::string& state);
// Forgets one of them. Code::not_found when there is none of that id.
Status forget_source(const std::string& state, const std::string& id);
inline constexpr std::string_view kLocalPrefix = "local-";

// Compiles all that is there of these sources and of the local ones into the advisory database of the state folder (walks/advisories.h).
// Rules are none of it.
Result<BuiltAdvisories> compile_advisories(const std::string& state, const std::vector<update::SourceSpec>& sources);

enum class Outcome {
    fetched,    // new bytes came
    unchanged,  // the publisher says, or the bytes show, that the copy is current
    copied,     // from the folder of --from
    older,      // that folder holds an older one than is here, which stays
    missing,    // that folder holds none
    failed,     // the last good copy stays, if there is one
};
std::string_view outcome_name(Outcome outcome);

struct SourceOutcome {
    update::SourceSpec source;
    Outcome outcome = Outcome::failed;
    std::string why;                              // of failed: for people
    std::uint64_t came = 0;                       // bytes
    std::optional<host::SourceRecord> record;     // of the copy that is there now
};

struct UpdateRequest {
    std::string state;
    std::vector<update::SourceSpec> sources;  // to be had, in this order
    // Take them from this folder; empty: ask their publishers. What lies there beside them and looks like advisories comes too: files whose
    // names are among `claimed` do not, for they belong to sources that were not asked for.
    std::string from;
    std::vector<std::string> claimed;
    std::string ca_file;                      // certificates to trust beside the system's
    update::Proxy proxy;
    // Of a source on its way: bytes that are there, and the whole where it is known.
    std::function<void(const update::SourceSpec&, std::uint64_t, std::optional<std::uint64_t>)> moving;
    const std::atomic<bool>* stop = nullptr;
};

struct UpdateReport {
    std::vector<SourceOutcome> outcomes;
    std::vector<Gap> gaps;             // what in the folder of --from looks like advisories and was left out
    bool interrupted = false;

    bool any_had() const;     // is there anything that is current now?
    bool any_failed() const;
};

// Gets each source, one after the other, and never gives up a good copy for less than a whole new one. Each request stands in
// STATE/fetch.jsonl before it is made. An error means that nothing could be tried at all.
Result<UpdateReport> update(const UpdateRequest& request);

}  // namespace ward::walks
