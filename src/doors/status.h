// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doors/arguments.h"
#include "host/state.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace ward::doors {

// `ward` alone: the state of this machine in one screen, from what earlier runs noted. Starts no cell and reads nothing else.
extern const Verb kStatusVerb;

// Of the notes of one command in several state folders the one to show; nothing when there is none. Of root's last run and
// the user's own, a stale one tells least; else the one that found worse, because a user's later run sees less than root's
// and must not hide it; the newer one where they agree.
const host::StatusNote* most_telling(std::span<const host::StatusNote> notes, std::string_view command, std::int64_t now);

}  // namespace ward::doors
