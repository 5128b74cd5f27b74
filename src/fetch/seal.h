// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "model/fetch.h"

#include <linux/filter.h>

#include <span>
#include <vector>

namespace ward::fetch {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// Shuts this process in, for good. It can then open connections and write into the files that it is given; it can open no
// file, start no program, trace nobody, and listen nowhere. Root becomes nobody first. Layers that this kernel lacks are in the
// answer with in_force = false; a missing system call filter or no-new-privileges is an error.
//
// Landlock, where the kernel knows it (6.7), allows connections over TCP to the ports of `setup` and to 53, and no others.
Result<std::vector<wire::Layer>> seal(const wire::FetchSetup& setup, int channel);

std::span<const int> allowed_calls();
// Classic BPF for seccomp(2). Calls that open something by a path give EPERM, `socket` is for the internet only, everything that
// is not allowed ends the process.
std::vector<sock_filter> filter_program();

}  // namespace ward::fetch
