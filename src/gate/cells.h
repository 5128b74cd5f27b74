// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/limits.h"
#include "core/result.h"
#include "gate/process.h"
#include "model/messages.h"
#include "model/object.h"
#include "model/query.h"
#include "model/verdict.h"

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ward::gate {

// Owned by the caller, who keeps it open as long as any lane that was given it.
struct ScanSetup {
    int database = -1;          // a compiled rule database, open for reading; -1 when there is none
    int spool = -1;             // an unlinked file for large members, each lane its own; -1 when there is none
    Limits limits;
    wire::Externals externals;
    // What is still in work then becomes a gap; so it does as soon as `stop` is set, which the caller keeps.
    std::optional<Process::Clock::time_point> stop_at = std::nullopt;
    const std::atomic<bool>* stop = nullptr;
    ScanManner manner = {};
    std::vector<int> fed = {};  // open for reading: what each of the manner's fed_modules gets
};

// One cell that scans, fed in batches: while it works on one, the next is read from disk.
//
//     ScanLane lane{setup, [&](const Object& object, Verdict verdict) { ... }};
//     WARD_TRY(lane.add(object, descriptor));     // takes the descriptor over
//     WARD_TRY(lane.finish());                    // all answers are in
//
// Every object that was added is answered exactly once, whatever the cell does: it may die, hang, flood or lie. Then a fresh
// cell gets the rest of the batch one by one, and an object that ends a cell alone becomes a gap. An error means that no cell can be started any more;
// then all that was added has been answered with that as the gap. Answers come from within add() and finish(), on the
// caller's thread.
class ScanLane {
public:
    using Answer = std::function<void(const Object&, Verdict)>;

    ScanLane(ScanSetup setup, Answer answer);
    ~ScanLane();
    ScanLane(const ScanLane&) = delete;
    ScanLane& operator=(const ScanLane&) = delete;

    Status add(Object object, int descriptor);
    Status add_bytes(Object object, Bytes bytes);  // at most kMaxSmallBytes
    // Of a process: /proc/PID/smaps, pagemap and mem, open for reading.
    Status add_process(Object object, const std::array<int, wire::kProcessDescriptors>& descriptors);
    Status finish();

    // Files up to here go through the arena; larger ones as descriptors that the cell maps.
    static constexpr std::uint64_t kMaxSmallBytes = 256 * kKiB;

    const Process* process() const { return process_ ? &*process_ : nullptr; }
    std::uint64_t cells_started() const { return cells_started_; }
    std::uint64_t rules() const { return rules_; }  // in the database, as a cell told; 0 before the first object
    void start_from(std::string path, std::string argument);  // for tests of what a cell might do

private:
    struct Pending {
        Object object;
        std::vector<int> descriptors;  // none: its bytes are in the arena
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        bool sent = false;        // to the cell that lives now
        bool answered = false;
    };
    struct Half {
        std::vector<Pending> items;
        std::uint64_t used = 0;       // bytes of the arena
        std::uint64_t message = 0;    // bytes of the batch's message
        std::size_t descriptors = 0;
        std::size_t unanswered = 0;
        bool in_flight = false;
        bool sent = false;            // to the cell that lives now: whole, or its next object
        bool one_by_one = false;      // a cell died of it: each object alone, so that the one to blame is certain
    };

    Status ensure_cell();
    Status start_cell();
    Status make_arena();
    Status room_for(const Object& object, std::uint64_t bytes, std::size_t descriptors);
    Status give_up(Error reason);
    void settle_all(const Error& reason);
    bool refuse(const Object& object);
    void put(Object object, std::vector<int> descriptors, std::uint64_t bytes);
    Status submit();
    Status send_half(std::uint32_t slot);
    Status wait_for(std::uint32_t slot);
    Status step();                       // one message, or one look at the clock
    Status take(const Process::Message& message);
    Status pump();
    Status recover(Error reason);
    void drop_finished();
    void settle(Half& half, std::size_t index, Verdict verdict);
    std::uint8_t* arena_of(std::uint32_t slot) const;
    std::atomic<std::uint64_t>& progress(std::uint32_t slot) const;
    void watch_from_here();

    ScanSetup setup_;
    Answer answer_;
    std::string program_;
    std::string argument_;
    std::optional<Process> process_;
    int arena_descriptor_ = -1;
    std::uint8_t* arena_ = nullptr;
    int progress_descriptor_ = -1;
    std::uint8_t* progress_ = nullptr;
    Half halves_[wire::kProgressSlots];
    std::uint32_t filling_ = 0;
    std::deque<std::uint32_t> in_flight_;  // oldest first
    std::uint64_t furthest_ = 0;  // the highest index that the oldest batch in flight has reached
    Process::Clock::time_point last_change_;
    std::uint64_t cells_started_ = 0;
    std::uint64_t rules_ = 0;
};

// Reads a named file for the rule compiler, or refuses: only inside the roots that the user gave.
using IncludeReader = std::function<Result<std::string>(const std::string& name)>;

// Compiles rules in a cell of its own; the database is written into `database`, an empty file open for reading and writing.
Result<wire::CompileAnswer> compile(const wire::CompileRequest& request, const IncludeReader& read_include, int database);

// Verifies a compiled database whole, in a cell, and tells what it holds.
// With the name of a rule, also what the rules of that name say of themselves.
Result<wire::DatabaseInfo> inspect(int database, std::string_view rule = {});

// Builds an advisory database (docs/advisories.md) in a cell of its own, source by source.
//
//     auto cell = WARD_TRY(AdvisoryCell::start());
//     for (const auto& source : sources) WARD_TRY(cell.add(source.request, spool, source.descriptor));
//     const auto info = WARD_TRY(cell.finish(database));
//
// An error of add() or finish() means that the cell is gone, with all that it had read: begin again without the source that ended it.
class AdvisoryCell {
public:
    static Result<AdvisoryCell> start();
    // `source` is a file open for reading, `spool` an unlinked one for what is unpacked; the caller keeps both.
    Result<wire::AdviseAnswer> add(const wire::AdviseRequest& request, int spool, int source);
    // `database` is an empty file open for reading and writing.
    Result<wire::AdvisoryInfo> finish(int database);

private:
    explicit AdvisoryCell(Process process) : process_{std::move(process)} {}
    Process process_;
};

// Parses host files and answers of the kernel into rows. Starts its cell at the first use, and again after it died.
class FactsCell {
public:
    // `bytes` holds the sources' bytes at the offsets that the request names. `advisories` is a database open for reading when the
    // request says that it has one; the caller keeps it.
    Result<wire::ParseAnswer> parse(const wire::ParseRequest& request, Bytes bytes, int advisories = -1);
    const Process* process() const { return process_ ? &*process_ : nullptr; }

private:
    std::optional<Process> process_;
};

// Runs SQL over rows that are pulled from `pull` while it runs.
class SqlCell {
public:
    using Pull = std::function<Result<RowSet>(const std::string& table, const std::vector<Constraint>& constraints)>;

    SqlCell(std::vector<TableShape> shapes, Pull pull) : shapes_{std::move(shapes)}, pull_{std::move(pull)} {}
    Result<QueryResult> query(const std::string& sql, const QueryLimits& limits);
    const Process* process() const { return process_ ? &*process_ : nullptr; }

private:
    Status ensure_cell();
    bool asked_of_us(const wire::PullRequest& request) const;
    std::vector<TableShape> shapes_;
    Pull pull_;
    std::optional<Process> process_;
};

}  // namespace ward::gate
