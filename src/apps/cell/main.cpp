// SPDX-License-Identifier: Apache-2.0
// The cell: everything that looks into bytes which somebody else wrote, sealed before it sees the first one (docs/wall.md).
// Its first argument is its duty, descriptor 3 the channel to the gate that started it.
#include "apps/cell/loops.h"

int main(int argc, char** argv) {
    using namespace ward;
    const std::string_view duty = argc > 1 ? argv[1] : "";
    const runtime::SealPlan* plan = runtime::plan_of(duty);
    if (plan == nullptr) return 2;
    runtime::Channel channel = runtime::start(*plan);
    if (duty == "scan") serve_scan(std::move(channel));
    if (duty == "compile") serve_compile(std::move(channel));
    if (duty == "facts") serve_facts(std::move(channel));
    if (duty == "probe") serve_probe(std::move(channel));
    return 2;
}
