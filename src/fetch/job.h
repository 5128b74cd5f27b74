// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fetch/channel.h"
#include "fetch/connection.h"
#include "fetch/names.h"

namespace ward::fetch {

// Fetches one file into the descriptor `file`: asks ward about every request, follows redirections as far as ward allows, and
// writes where ward says.
wire::FetchEnd run_job(const wire::FetchJob& job, int file, Channel& ward, Names& names, const Trust& trust);

// The whole of the program: takes the setup, opens what it needs, seals itself, and works until ward closes the channel.
[[noreturn]] void serve(int channel);

}  // namespace ward::fetch
