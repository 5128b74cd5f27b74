// SPDX-License-Identifier: Apache-2.0
#include "gate/cells.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ward::gate {

namespace {

constexpr std::chrono::seconds kReadyTime{20};
constexpr std::chrono::seconds kCompileTime{600};
constexpr std::chrono::seconds kInspectTime{120};
constexpr std::chrono::seconds kParseTime{60};
constexpr std::uint32_t kMaxIncludes = 10'000;  // the largest public rule collection has some 700 files
constexpr std::uint32_t kMaxPulls = 200'000;    // of one query: a join that asks for each file of a large folder
constexpr std::uint64_t kMaxAnswerBytes = 512 * kMiB;  // the rows of all package files of a large host take 60 MiB

Error refused(const Process::Message& message) {
    Error error{Code::io, {}};
    Decoder in{message.body};
    if (auto read = wire::decode_error(in, error); !read) return std::move(read).error();
    return error;
}

Error out_of_turn() { return fail(Code::malformed, "the cell answered out of turn"); }

std::string errno_words(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

// A sealed copy of bytes, as a descriptor that another process can map.
Result<int> as_descriptor(Bytes bytes) {
    const int descriptor = ::memfd_create("ward-sources", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return fail(Code::io, "cannot make shared memory: {}", errno_words(errno));
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::write(descriptor, bytes.data() + written, bytes.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const int error = errno;
            ::close(descriptor);
            return fail(Code::io, "cannot fill shared memory: {}", errno_words(error));
        }
        written += static_cast<std::size_t>(count);
    }
    if (::fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        const int error = errno;
        ::close(descriptor);
        return fail(Code::io, "cannot seal shared memory: {}", errno_words(error));
    }
    return descriptor;
}

}  // namespace

Result<wire::CompileAnswer> compile(const wire::CompileRequest& request, const IncludeReader& read_include, int database) {
    Process cell = WARD_TRY(Process::start(Program::cell, Duty::compile));
    WARD_TRY(cell.wait_ready(kReadyTime));
    Buffer body;
    Encoder out{body};
    wire::encode(request, out);
    WARD_TRY(cell.send(wire::Kind::compile, body, std::vector<int>{database}));
    const auto deadline = Process::Clock::now() + kCompileTime;
    for (std::uint32_t includes = 0;; ++includes) {
        const auto message = WARD_TRY(cell.receive(deadline, kMaxAnswerBytes));
        Decoder in{message.body};
        if (message.kind == wire::Kind::failed) return refused(message);
        if (message.kind == wire::Kind::compiled) return wire::decode_compile_answer(in);
        if (message.kind != wire::Kind::include) return out_of_turn();
        if (includes >= kMaxIncludes) return fail(Code::over_limit, "more than {} files were included", kMaxIncludes);
        const std::string name = WARD_TRY(in.text());
        const auto text = read_include(name);
        Buffer reply;
        Encoder answer{reply};
        answer.u8(text.ok() ? 1 : 0);
        if (text) {
            answer.text(*text);
        } else {
            wire::encode(text.error(), answer);
        }
        WARD_TRY(cell.send(wire::Kind::include_text, reply));
    }
}

Result<wire::DatabaseInfo> inspect(int database, std::string_view rule) {
    Process cell = WARD_TRY(Process::start(Program::cell, Duty::compile));
    WARD_TRY(cell.wait_ready(kReadyTime));
    Buffer body;
    Encoder{body}.text(rule);
    WARD_TRY(cell.send(wire::Kind::inspect, body, std::vector<int>{database}));
    const auto message = WARD_TRY(cell.receive(Process::Clock::now() + kInspectTime, kMaxAnswerBytes));
    if (message.kind == wire::Kind::failed) return refused(message);
    if (message.kind != wire::Kind::inspected) return out_of_turn();
    Decoder in{message.body};
    return wire::decode_database_info(in);
}

Result<AdvisoryCell> AdvisoryCell::start() {
    Process cell = WARD_TRY(Process::start(Program::cell, Duty::compile));
    WARD_TRY(cell.wait_ready(kReadyTime));
    return AdvisoryCell{std::move(cell)};
}

Result<wire::AdviseAnswer> AdvisoryCell::add(const wire::AdviseRequest& request, int spool, int source) {
    Buffer body;
    Encoder out{body};
    wire::encode(request, out);
    WARD_TRY(process_.send(wire::Kind::advise, body, std::vector<int>{spool, source}));
    const auto message = WARD_TRY(process_.receive(Process::Clock::now() + kCompileTime, kMaxAnswerBytes));
    if (message.kind == wire::Kind::failed) return refused(message);
    if (message.kind != wire::Kind::advised) return out_of_turn();
    Decoder in{message.body};
    return wire::decode_advise_answer(in);
}

Result<wire::AdvisoryInfo> AdvisoryCell::finish(int database) {
    WARD_TRY(process_.send(wire::Kind::finish_advising, {}, std::vector<int>{database}));
    const auto message = WARD_TRY(process_.receive(Process::Clock::now() + kCompileTime, kMaxAnswerBytes));
    if (message.kind == wire::Kind::failed) return refused(message);
    if (message.kind != wire::Kind::advising_finished) return out_of_turn();
    Decoder in{message.body};
    return wire::decode_advisory_info(in);
}

Result<wire::ParseAnswer> FactsCell::parse(const wire::ParseRequest& request, Bytes bytes, int advisories) {
    if (!process_) {
        process_.emplace(WARD_TRY(Process::start(Program::cell, Duty::facts)));
        if (auto ready = process_->wait_ready(kReadyTime); !ready) {
            process_.reset();
            return std::move(ready).error();
        }
    }
    const int descriptor = WARD_TRY(as_descriptor(bytes));
    Buffer body;
    Encoder out{body};
    wire::encode(request, out);
    std::vector<int> descriptors{descriptor};
    if (request.has_advisories) descriptors.push_back(advisories);
    auto sent = process_->send(wire::Kind::parse, body, descriptors);
    ::close(descriptor);
    if (!sent) {
        process_.reset();
        return std::move(sent).error();
    }
    auto message = process_->receive(Process::Clock::now() + kParseTime, kMaxAnswerBytes);
    if (!message) {
        process_.reset();
        return std::move(message).error();
    }
    if (message->kind == wire::Kind::failed) return refused(*message);
    if (message->kind != wire::Kind::parsed) {
        process_.reset();
        return out_of_turn();
    }
    Decoder in{message->body};
    auto answer = wire::decode_parse_answer(in);
    if (!answer) process_.reset();
    return answer;
}

Status SqlCell::ensure_cell() {
    if (process_) return done();
    process_.emplace(WARD_TRY(Process::start(Program::cell_sql, Duty::sql)));
    Buffer body;
    Encoder out{body};
    wire::encode(shapes_, out);
    auto ready = process_->wait_ready(kReadyTime);
    if (ready) ready = process_->send(wire::Kind::open_tables, body);
    if (!ready) process_.reset();
    return ready;
}

// A table that was offered, and only such columns as the table needs to be told.
bool SqlCell::asked_of_us(const wire::PullRequest& request) const {
    const auto shape = std::find_if(shapes_.begin(), shapes_.end(),
                                    [&](const TableShape& s) { return s.name == request.table; });
    if (shape == shapes_.end()) return false;
    return std::all_of(request.constraints.begin(), request.constraints.end(), [&](const Constraint& constraint) {
        return std::find(shape->required.begin(), shape->required.end(), constraint.column) != shape->required.end();
    });
}

Result<QueryResult> SqlCell::query(const std::string& sql, const QueryLimits& limits) {
    WARD_TRY(ensure_cell());
    Buffer body;
    Encoder out{body};
    wire::encode(wire::QueryRequest{sql, limits}, out);
    const auto give_up = [&](Error error) {
        process_.reset();
        return error;
    };
    if (auto sent = process_->send(wire::Kind::query, body); !sent) return give_up(std::move(sent).error());
    // The cell keeps the query's time itself; this is for one that does not. The time that a pull takes is ours and not
    // counted, and all waits for the cell share one allowance, so that a cell cannot win time by asking again.
    Process::Clock::duration left = limits.max_time + kReadyTime;
    for (std::uint32_t pulls = 0;; ++pulls) {
        const auto asked = Process::Clock::now();
        auto message = process_->receive(asked + left, kMaxAnswerBytes);
        if (!message) return give_up(std::move(message).error());
        left -= Process::Clock::now() - asked;
        Decoder in{message->body};
        if (message->kind == wire::Kind::failed) return refused(*message);
        if (message->kind == wire::Kind::answer) return decode_result(in);
        if (message->kind != wire::Kind::pull) return give_up(out_of_turn());
        auto request = wire::decode_pull_request(in);
        if (!request) return give_up(std::move(request).error());
        if (pulls >= kMaxPulls) return give_up(fail(Code::over_limit, "the query read more than {} times", kMaxPulls));
        if (!asked_of_us(*request)) return give_up(fail(Code::malformed, "the cell asked for what no query can"));
        const auto rows = pull_(request->table, request->constraints);
        Buffer reply;
        Encoder answer{reply};
        answer.u8(rows.ok() ? 1 : 0);
        if (rows) {
            encode(*rows, answer);
        } else {
            wire::encode(rows.error(), answer);
        }
        if (auto sent = process_->send(wire::Kind::pulled, reply); !sent) return give_up(std::move(sent).error());
    }
}

}  // namespace ward::gate
