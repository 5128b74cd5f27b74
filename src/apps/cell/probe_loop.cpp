// SPDX-License-Identifier: Apache-2.0
#include "apps/cell/loops.h"
#include "cell/runtime/attempts.h"

namespace ward {

void serve_probe(runtime::Channel channel) {
    const auto send = [&](const wire::ProbeStep& step) {
        Buffer body;
        Encoder out{body};
        wire::encode(step, out);
        channel.send(wire::Kind::probed, body);
    };
    const auto all = runtime::attempts();
    for (;;) {
        const auto message = channel.receive();
        Decoder in{message.body};
        const auto number = in.u32();
        if (message.kind != wire::Kind::probe || !number || *number >= all.size()) {
            runtime::send_failed(channel, fail(Code::not_found, "no such attempt"));
            continue;
        }
        const auto& attempt = all[*number];
        wire::ProbeStep step{std::string{attempt.name}, static_cast<std::uint32_t>(all.size()), false, 0};
        send(step);
        step.error = attempt.try_it();
        step.tried = true;
        send(step);
    }
}

}  // namespace ward
