// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/runtime/start.h"

namespace ward {

// One loop for each duty: take a request, answer it, until the gate is gone.
[[noreturn]] void serve_scan(runtime::Channel channel);
[[noreturn]] void serve_compile(runtime::Channel channel);
[[noreturn]] void serve_facts(runtime::Channel channel);
[[noreturn]] void serve_probe(runtime::Channel channel);

}  // namespace ward
