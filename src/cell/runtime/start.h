// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/runtime/channel.h"
#include "cell/runtime/seal.h"

#include <string_view>

namespace ward::runtime {

// Where the gate puts a cell's end of the channel.
inline constexpr int kChannel = 3;

// What a duty needs; nothing for a word that is no duty.
const SealPlan* plan_of(std::string_view duty);

// Seals this process and tells the gate so. Ends the process when that fails: then the gate has the reason.
Channel start(const SealPlan& plan);

// "This request could not be done."
void send_failed(Channel& channel, const Error& error);

}  // namespace ward::runtime
