// SPDX-License-Identifier: Apache-2.0
#include "apps/cell/loops.h"
#include "cell/facts/facts.h"
#include "cell/runtime/mapping.h"

#include <unistd.h>

namespace ward {

namespace {

Result<wire::ParseAnswer> parse(const runtime::Channel::Message& message) {
    if (message.kind != wire::Kind::parse || message.descriptors.empty() || message.descriptors.size() > 2) {
        for (const int descriptor : message.descriptors) ::close(descriptor);
        return fail(Code::malformed, "the gate spoke out of turn");
    }
    std::vector<Result<runtime::Mapping>> mappings;  // takes all descriptors over before anything can fail
    for (const int descriptor : message.descriptors) mappings.push_back(runtime::Mapping::whole(descriptor));
    for (const auto& mapping : mappings) {
        if (!mapping) return mapping.error();
    }
    Decoder in{message.body};
    const auto request = WARD_TRY(wire::decode_parse_request(in));
    if (request.has_advisories != (mappings.size() == 2)) return fail(Code::malformed, "the gate spoke out of turn");
    const facts::Parser parser = facts::find_parser(request.table);
    if (parser == nullptr) return fail(Code::not_found, "no parser for table {}", request.table);
    std::vector<facts::Source> sources;
    for (const auto& source : request.sources) {
        sources.push_back({source, WARD_TRY(slice(mappings[0]->bytes(), source.offset, source.bytes))});
    }
    facts::Request asked{request.constraints, sources, request.now};
    asked.inputs = request.inputs;
    if (request.has_advisories) asked.advisories = mappings[1]->bytes();
    return parser(asked);
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
