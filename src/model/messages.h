// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/limits.h"
#include "model/encode.h"
#include "model/object.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ward::wire {

// What passes between gate and cell (docs/wall.md). A message is one or more SOCK_SEQPACKET packets; each starts with its
// kind and whether more of the same message follows.
inline constexpr std::size_t kMaxPacketBytes = 128 * 1024;
inline constexpr std::size_t kPacketHeaderBytes = 8;  // u32 kind, u32 more
// Descriptors go from gate to cell only, with the first packet of a message.
inline constexpr std::size_t kMaxDescriptors = 16;

enum class Kind : std::uint32_t {
    ready = 1,          // cell: sealed; the layers in force
    failed = 2,         // cell: this request could not be done; an Error
    scan_setup = 10,    // gate: limits, externals; a ScanStart; descriptors: those it names
    scan_ready = 11,    // cell: rules in the database
    scan_batch = 12,    // gate: objects
    verdicts = 13,      // cell: some of the batch's verdicts
    batch_done = 14,    // cell
    compile = 20,       // gate: sources; descriptor: where to write the database
    include = 21,       // cell: wants a named file
    include_text = 22,  // gate: its text, or an Error
    compiled = 23,      // cell: diagnostics and counts
    inspect = 24,       // gate: verify a database; descriptor: the database
    inspected = 25,     // cell: what it holds
    advise = 26,        // gate: read a source of advisories; descriptors: a spool, the source
    advised = 27,       // cell: what it held
    finish_advising = 28,  // gate: build the database of all sources so far; descriptor: where to write it
    advising_finished = 29,  // cell: what was built
    parse = 30,         // gate: a table and its sources; descriptors: their bytes, the advisory database
    parsed = 31,        // cell: a ParseAnswer
    open_tables = 40,   // gate: table shapes
    query = 41,         // gate: SQL and its limits
    pull = 42,          // cell: wants the rows of a table
    pulled = 43,        // gate: a RowSet, or an Error
    answer = 44,        // cell: a QueryResult
    probe = 50,         // gate: try the forbidden thing with this number
    probed = 51,        // cell: a ProbeStep, before and after the try
};

void encode(const Error& error, Encoder& out);
Status decode_error(Decoder& in, Error& error);
void encode(const Limits& limits, Encoder& out);
Result<Limits> decode_limits(Decoder& in);
void encode(const Object& object, Encoder& out);
Result<Object> decode_object(Decoder& in);

// A value of a rule's external variable, as `-d NAME=VALUE` gives it.
using External = std::variant<std::int64_t, double, bool, std::string>;
using Externals = std::map<std::string, External>;
void encode(const Externals& externals, Encoder& out);
Result<Externals> decode_externals(Decoder& in);

// One layer of the wall, as the cell saw it when it was set up.
struct Layer {
    std::string name;   // "seccomp"
    bool in_force = false;
    std::string detail; // "ABI 7", or why it is missing
    bool operator==(const Layer&) const = default;
};
void encode(const std::vector<Layer>& layers, Encoder& out);
Result<std::vector<Layer>> decode_layers(Decoder& in);

// An object of a scan batch: its bytes lie in the arena, or in the descriptor with that index. Of a process there are
// kProcessDescriptors from that index on: /proc/PID/smaps, pagemap and mem.
inline constexpr std::size_t kProcessDescriptors = 3;
struct BatchItem {
    static constexpr std::uint32_t kNoDescriptor = 0xffffffff;
    std::uint32_t index = 0;       // in the whole batch, also when only a part of it is sent again
    Object object;
    std::uint32_t descriptor = kNoDescriptor;
    std::uint64_t offset = 0;      // in the arena
    std::uint64_t bytes = 0;
};
struct Batch {
    std::uint32_t progress_slot = 0;  // which word of the arena tells the object in work
    std::vector<BatchItem> items;
};
void encode(const Batch& batch, Encoder& out);
Result<Batch> decode_batch(Decoder& in);

// What a scan cell gets at its start. The descriptors come in this order, those that are missing left out. The arena is
// sealed against writing by anybody but the gate; the progress page holds one word for each batch in flight, in which the
// cell stores the index of the object that it begins with.
struct ScanStart {
    Limits limits;
    Externals externals;
    bool has_database = false;   // then descriptor: a compiled database
    std::uint64_t arena_bytes = 0;  // descriptor: the arena; descriptor: the progress page
    bool has_spool = false;      // then descriptor: an empty file for large members
    ScanManner manner;           // then a descriptor for each of its fed_modules
};
void encode(const ScanStart& start, Encoder& out);
Result<ScanStart> decode_scan_start(Decoder& in);
inline constexpr std::uint64_t kProgressBytes = 4096;
inline constexpr std::uint32_t kProgressSlots = 2;

// One step of trying a forbidden thing. The first is sent before the try, so that the gate knows what killed the cell.
struct ProbeStep {
    std::string name;         // "open a file by its path"
    std::uint32_t count = 0;  // how many there are to try
    bool tried = false;
    std::int32_t error = 0;   // errno, or 0 when nothing refused it
};
void encode(const ProbeStep& step, Encoder& out);
Result<ProbeStep> decode_probe_step(Decoder& in);

// How a cell ends when memory runs out, and when one of our own promises is broken, so that the gate can tell these from a
// crash.
inline constexpr int kExitOutOfMemory = 93;
inline constexpr int kExitBrokenPromise = 92;

inline constexpr std::uint32_t kMaxRuleFileBytes = 256 * 1024 * 1024;  // the largest public one has 12 MiB
struct SourceFile {
    std::string name;      // as diagnostics name it
    std::string text;
    std::string ruleset;   // namespace; empty for the default one
};
struct CompileRequest {
    std::vector<SourceFile> sources;
    Externals externals;
    bool strict_escapes = false;  // warn of escapes in regular expressions that mean nothing
};
void encode(const CompileRequest& request, Encoder& out);
Result<CompileRequest> decode_compile_request(Decoder& in);

struct Diagnostic {
    bool error = true;         // else a warning
    std::string file;
    std::uint32_t line = 0;    // from 1; 0 for the file as a whole
    std::uint32_t column = 0;  // from 1, in bytes
    std::uint32_t length = 1;  // bytes the caret spans
    std::string text;
    std::string source_line;   // hostile: escaped when printed
    std::string rule;          // the rule that was left out; empty when none was
    bool operator==(const Diagnostic&) const = default;
};
struct CompileAnswer {
    std::vector<Diagnostic> diagnostics;
    std::uint64_t rules = 0;      // compiled
    std::uint64_t left_out = 0;   // rules with an error
    std::uint64_t database_bytes = 0;
};
void encode(const CompileAnswer& answer, Encoder& out);
Result<CompileAnswer> decode_compile_answer(Decoder& in);

// What `ward rules info` shows of a database.
struct DatabaseInfo {
    std::uint32_t version = 0;
    std::uint64_t bytes = 0;
    std::uint64_t rules = 0;
    std::uint64_t patterns = 0;
    std::string id;   // SHA-256 of all behind its header, hex: the header says so, and it is right
    std::vector<std::pair<std::string, std::uint64_t>> sections;  // name and bytes
    std::vector<std::string> modules;  // that this program knows, in the database or not
    std::vector<Match> named;  // rules of the name that was asked for, without hits
};
void encode(const DatabaseInfo& info, Encoder& out);
Result<DatabaseInfo> decode_database_info(Decoder& in);

// A source of advisories, as `ward update` has it.
struct AdviseRequest {
    std::string name;          // "osv-debian"
    std::string title;         // "Debian, by OSV"
    std::int64_t fetched = 0;  // seconds since 1970
};
void encode(const AdviseRequest& request, Encoder& out);
Result<AdviseRequest> decode_advise_request(Decoder& in);

struct AdviseAnswer {
    struct Fault {
        std::string where;  // a member of an archive; empty for the file itself
        Error error;
    };
    std::uint64_t records = 0;
    std::uint64_t refused = 0;
    std::vector<Fault> faults;
};
void encode(const AdviseAnswer& answer, Encoder& out);
Result<AdviseAnswer> decode_advise_answer(Decoder& in);

struct AdvisoryInfo {
    std::uint64_t bytes = 0;
    std::uint64_t packages = 0;    // of all ecosystems
    std::uint64_t advisories = 0;
    std::uint64_t exploited = 0;   // CVEs of CISA's catalogue
    std::uint64_t forecasts = 0;   // CVEs with a score of EPSS
    std::uint64_t cycles = 0;      // lines of releases
    std::string id;                // SHA-256 of all behind the header, hex
};
void encode(const AdvisoryInfo& info, Encoder& out);
Result<AdvisoryInfo> decode_advisory_info(Decoder& in);

// A host file, or an answer of the kernel, that the host has read unseen.
struct SourceBytes {
    // missing: there is no such thing, which is an answer. All else but whole becomes a gap, whatever the parser says.
    enum class State : std::uint8_t { whole = 0, cut = 1, missing = 2, denied = 3, failed = 4 };
    std::string name;            // "/etc/passwd", "/proc/net/tcp", "netlink:nftables" (docs/facts.md)
    State state = State::whole;
    std::string why;             // of cut, denied and failed, in words
    std::string link;            // where it points, when it is a symbolic link that was asked for as such
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::int64_t modified = 0;   // seconds since 1970
    std::uint64_t size = 0;      // as stat tells; `bytes` may be fewer
    std::uint64_t offset = 0;    // in the descriptor that comes along
    std::uint64_t bytes = 0;
};
// Rows of another table that this one is made from.
struct InputTable {
    TableShape shape;
    RowSet rows;  // its gaps stay with the gate
};
struct ParseRequest {
    std::string table;
    std::vector<Constraint> constraints;
    std::vector<SourceBytes> sources;
    std::int64_t now = 0;        // seconds since 1970
    std::vector<InputTable> inputs;
    bool has_advisories = false; // a second descriptor comes along: the advisory database
};
void encode(const ParseRequest& request, Encoder& out);
Result<ParseRequest> decode_parse_request(Decoder& in);

// Rows, and what else has to be read before they are complete: names or globs, which the host gives only inside the root
// and only where the table's specification allows it. Then everything is parsed again, with the new sources added.
// A path behind kExactFile is that of one file even where it reads as a glob; the source's name is the path alone.
inline constexpr std::string_view kExactFile = "file:";
// "part:OFFSET+BYTES:/path", numbers in decimal: some bytes of a program or library (docs/facts.md).
struct FilePart {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::string path;
    std::string name() const;
    static std::optional<FilePart> parse(std::string_view name);
};
inline constexpr std::uint32_t kMaxWants = 65'536;
struct ParseAnswer {
    RowSet rows;
    std::vector<std::string> wants;  // at most kMaxWants
};
void encode(const ParseAnswer& answer, Encoder& out);
Result<ParseAnswer> decode_parse_answer(Decoder& in);

void encode(const std::vector<TableShape>& shapes, Encoder& out);
Result<std::vector<TableShape>> decode_shapes(Decoder& in);
struct QueryRequest {
    std::string sql;
    QueryLimits limits;
};
void encode(const QueryRequest& request, Encoder& out);
Result<QueryRequest> decode_query_request(Decoder& in);
struct PullRequest {
    std::string table;
    std::vector<Constraint> constraints;
};
void encode(const PullRequest& request, Encoder& out);
Result<PullRequest> decode_pull_request(Decoder& in);

}  // namespace ward::wire
