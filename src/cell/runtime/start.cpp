// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/start.h"

#include <unistd.h>

namespace ward::runtime {

namespace {

struct Duty {
    std::string_view name;
    SealPlan plan;
};
constexpr Duty kDuties[] = {
    // A scan holds members up to 64 MiB and a work list in memory; larger members go to the spool, at most 4 GiB.
    {"scan", {.max_memory_bytes = 2 * kGiB, .max_file_bytes = 4 * kGiB}},
    // The largest public rule collection compiles in 700 MiB into 60 MiB.
    {"compile", {.max_memory_bytes = 4 * kGiB, .max_file_bytes = 4 * kGiB}},
    {"facts", {.max_memory_bytes = 2 * kGiB, .max_file_bytes = 0}},
    {"sql", {.max_memory_bytes = 4 * kGiB, .max_file_bytes = 0}},
    {"probe", {.max_memory_bytes = 256 * kMiB, .max_file_bytes = 0}},
};

}  // namespace

const SealPlan* plan_of(std::string_view duty) {
    for (const auto& known : kDuties) {
        if (known.name == duty) return &known.plan;
    }
    return nullptr;
}

void send_failed(Channel& channel, const Error& error) {
    Buffer body;
    Encoder out{body};
    wire::encode(error, out);
    channel.send(wire::Kind::failed, body);
}

Channel start(const SealPlan& plan) {
    Channel channel{kChannel};
    const auto layers = seal(plan, kChannel);
    if (!layers) {
        send_failed(channel, layers.error());
        ::_exit(1);
    }
    Buffer body;
    Encoder out{body};
    wire::encode(*layers, out);
    channel.send(wire::Kind::ready, body);
    return channel;
}

}  // namespace ward::runtime
