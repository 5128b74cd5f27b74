// SPDX-License-Identifier: Apache-2.0
// In place of scan_loop.cpp and compile_loop.cpp while the rule engine is not part of the tree.
#include "apps/cell/loops.h"

namespace ward {

namespace {

[[noreturn]] void refuse(runtime::Channel& channel) {
    for (;;) {
        channel.receive();
        runtime::send_failed(channel, fail(Code::unsupported, "this build has no rule engine"));
    }
}

}  // namespace

void serve_scan(runtime::Channel channel) { refuse(channel); }
void serve_compile(runtime::Channel channel) { refuse(channel); }

}  // namespace ward
