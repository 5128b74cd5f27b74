// SPDX-License-Identifier: Apache-2.0
#include "gate/probe.h"

#include "gate/process.h"

#include <cerrno>
#include <cstring>

namespace ward::gate {

namespace {

constexpr std::chrono::seconds kStepTime{10};
constexpr std::uint64_t kMaxStepBytes = 4096;
constexpr std::uint32_t kMaxAttempts = 1000;

Result<wire::ProbeStep> next_step(Process& cell) {
    const auto message = WARD_TRY(cell.receive(Process::Clock::now() + kStepTime, kMaxStepBytes));
    if (message.kind != wire::Kind::probed) return fail(Code::malformed, "the cell answered out of turn");
    Decoder in{message.body};
    return wire::decode_probe_step(in);
}

std::string errno_words(int error) {
    char buffer[128];
    return ::strerror_r(error, buffer, sizeof buffer);
}

// An errno that says "no", and not "your arguments are wrong", which would mean that the call was reached.
bool is_refusal(int error) { return error == EPERM || error == EACCES || error == ENOSYS; }

}  // namespace

Result<std::vector<Attempted>> try_forbidden_things() {
    std::vector<Attempted> all;
    std::uint32_t count = 1;
    for (std::uint32_t number = 0; number < count; ++number) {
        Process cell = WARD_TRY(Process::start(Program::cell, Duty::probe));
        WARD_TRY(cell.wait_ready(kStepTime));
        Buffer body;
        Encoder{body}.u32(number);
        WARD_TRY(cell.send(wire::Kind::probe, body));
        const auto before = WARD_TRY(next_step(cell));
        if (before.count > kMaxAttempts) return fail(Code::malformed, "a probe of {} attempts", before.count);
        count = before.count;
        Attempted attempted{before.name, false, {}};
        if (const auto after = next_step(cell); after) {
            attempted.refused = is_refusal(after->error);
            attempted.how = after->error == 0 ? "nothing refused it" : errno_words(after->error);
        } else {
            attempted.refused = true;
            attempted.how = after.error().text;
        }
        all.push_back(std::move(attempted));
    }
    return all;
}

}  // namespace ward::gate
