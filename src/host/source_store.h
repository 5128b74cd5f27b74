// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ward::host {

// What is known of a file of public knowledge beside its bytes.
struct SourceRecord {
    std::string url;            // that it was asked from, before redirections; empty when it was copied
    std::string copied_from;    // the folder of --from; empty when it was fetched
    std::string etag;           // to ask whether it has changed
    std::string last_modified;
    std::string sha256;
    std::uint64_t bytes = 0;
    std::int64_t fetched = 0;   // seconds since 1970: when these bytes came
    std::int64_t checked = 0;   // when the publisher last said that they are current; of a copy: how old it is
    std::int64_t modified = 0;  // when the publisher made them, as far as he says; else as fetched
};

// The record of STATE/sources/ID/FILE; nothing when there is no such file. A record that does not fit its file (a cut between
// the two) is made anew from the file, without what would stop it from being fetched again. Writes nothing.
Result<std::optional<SourceRecord>> read_source(const std::string& state, const std::string& id, const std::string& file);
std::string source_path(const std::string& state, const std::string& id, const std::string& file);

// The last good copies of public knowledge below STATE/sources, and what came of the next ones (docs/update.md).
//
//     auto store = WARD_TRY(SourceStore::open(state));
//     auto part = WARD_TRY(store.part(id, file));
//     ... bytes are written to part.file() ...
//     WARD_TRY(store.install(part, record));
//
// A good copy is replaced by a whole, synced file or not at all, at whatever moment the power goes. One process at a time: a
// second one is refused at open. Not for two threads.
class SourceStore {
public:
    // A file that is on its way; it survives the end of the run, so that the next one can go on.
    class Part {
    public:
        int file() const { return file_.get(); }
        // What of it is certain to be there, and of which file it is: equal in all three, the rest can be asked for.
        std::uint64_t bytes = 0;
        std::string url;
        std::string validator;

    private:
        friend class SourceStore;
        std::string id_;
        std::string name_;
        Descriptor file_;
    };

    // Makes the folder. Code::denied when another run works in it, and for root when it belongs to somebody else.
    static Result<SourceStore> open(const std::string& state);

    Result<Part> part(const std::string& id, const std::string& file);
    // From now on it is of this file and holds this much, which is synced first. An empty validator: it cannot be gone on with.
    Status keep(Part& part, std::uint64_t bytes, const std::string& url, const std::string& validator);
    void drop(Part& part);
    // Puts the first `record.bytes` of it in place of the good copy. Fills in the record's sha256.
    Status install(Part& part, SourceRecord& record);
    // The good copy is still current.
    Status confirm(const std::string& id, const std::string& file, SourceRecord record);

    const std::string& state() const { return state_; }

private:
    SourceStore(std::string state, Descriptor lock) : state_{std::move(state)}, lock_{std::move(lock)} {}
    std::string state_;
    Descriptor lock_;
};

// STATE/fetch.jsonl: every request that was made outward, before it is made and after (docs/update.md). Append-only.
class FetchLog {
public:
    static Result<FetchLog> open(const std::string& state);
    Status append(std::string_view line);  // one JSON object, without a line end; on disk when this returns

private:
    explicit FetchLog(Descriptor file) : file_{std::move(file)} {}
    Descriptor file_;
    bool torn_ = false;
};
inline constexpr const char* kFetchLogName = "fetch.jsonl";

}  // namespace ward::host
