// SPDX-License-Identifier: Apache-2.0
#include "apps/cell/loops.h"
#include "cell/facts/facts.h"
#include "cell/runtime/mapping.h"

#include <unistd.h>

namespace ward {

namespace {

Result<wire::ParseAnswer> parse(const runtime::Channel::Message& message) {
    if (message.kind != wire::Kind::parse || message.descriptors.size() != 1) {
        for (const int descriptor : message.descriptors) ::close(descriptor);
        return fail(Code::malformed, "the gate spoke out of turn");
    }
    const auto mapping = WARD_TRY(runtime::Mapping::whole(message.descriptors[0]));
    Decoder in{message.body};
    const auto request = WARD_TRY(wire::decode_parse_request(in));
    const facts::Parser parser = facts::find_parser(request.table);
    if (parser == nullptr) return fail(Code::not_found, "no parser for table {}", request.table);
    std::vector<facts::Source> sources;
    for (const auto& source : request.sources) {
        sources.push_back({source, WARD_TRY(slice(mapping.bytes(), source.offset, source.bytes))});
    }
    return parser({request.constraints, sources, request.now});
}

}  // namespace

void serve_facts(runtime::Channel channel) {
    for (;;) {
        const auto answer = parse(channel.receive());
        if (!answer) {
            runtime::send_failed(channel, answer.error());
            continue;
        }
        Buffer body;
        Encoder out{body};
        wire::encode(*answer, out);
        channel.send(wire::Kind::parsed, body);
    }
}

}  // namespace ward
