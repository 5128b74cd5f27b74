// SPDX-License-Identifier: Apache-2.0
// The cell that runs SQL: rows in, rows out. Sealed before the first message, SQLite with it.
#include "cell/runtime/start.h"
#include "cell/sql/engine.h"

namespace ward {

namespace {

using runtime::Channel;

Error out_of_turn() { return fail(Code::malformed, "the gate spoke out of turn"); }

// A query touched a table: its rows come from the gate.
Result<RowSet> pull(Channel& channel, std::string_view table, std::span<const Constraint> constraints) {
    Buffer body;
    Encoder out{body};
    wire::encode(wire::PullRequest{std::string{table}, {constraints.begin(), constraints.end()}}, out);
    channel.send(wire::Kind::pull, body);
    const auto message = channel.receive();
    if (message.kind != wire::Kind::pulled) return out_of_turn();
    Decoder in{message.body};
    if (WARD_TRY(in.u8()) != 0) return decode_rows(in);
    Error error{Code::io, {}};
    WARD_TRY(wire::decode_error(in, error));
    return error;
}

Result<QueryResult> answer(sql::Engine* engine, const Channel::Message& message) {
    if (engine == nullptr || message.kind != wire::Kind::query) return out_of_turn();
    Decoder in{message.body};
    const auto request = WARD_TRY(wire::decode_query_request(in));
    return engine->run(request.sql, request.limits);
}

Result<std::unique_ptr<sql::Engine>> open(Channel& channel, const Channel::Message& message) {
    Decoder in{message.body};
    return sql::Engine::open(WARD_TRY(wire::decode_shapes(in)),
                             [&](std::string_view table, std::span<const Constraint> constraints) {
                                 return pull(channel, table, constraints);
                             });
}

[[noreturn]] void serve(Channel channel) {
    std::unique_ptr<sql::Engine> engine;
    // Of opening the tables: told with the first query, because nobody waits for an answer before that.
    Error not_open = out_of_turn();
    for (;;) {
        const auto message = channel.receive();
        if (message.kind == wire::Kind::open_tables) {
            auto opened = open(channel, message);
            if (opened) {
                engine = std::move(opened).value();
            } else {
                not_open = std::move(opened).error();
            }
            continue;
        }
        const auto result = engine == nullptr ? Result<QueryResult>{not_open} : answer(engine.get(), message);
        if (!result) {
            runtime::send_failed(channel, result.error());
            continue;
        }
        Buffer body;
        Encoder out{body};
        encode(*result, out);
        channel.send(wire::Kind::answer, body);
    }
}

}  // namespace

}  // namespace ward

int main() {
    ward::serve(ward::runtime::start(*ward::runtime::plan_of("sql")));
}
