// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "host/descriptor.h"
#include "model/messages.h"
#include "model/object.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ward::host {

// The processes that this user may see, by number; an error when there are none.
Result<std::vector<std::uint32_t>> process_ids();

// "process 12": what reports call one whose program is not known.
std::string process_name(std::uint32_t id);

// A process whose memory can be read. Nothing of it is read here: that is the cell's.
struct ProcessMemory {
    Object object;                                            // its path is "process 12 (/usr/bin/cat)"
    std::array<Descriptor, wire::kProcessDescriptors> files;  // /proc/PID/smaps, pagemap and mem
};

// Nothing when there is no such process, or it has no memory of its own as threads of the kernel and what has ended.
// Code::denied when the kernel lets this user not read it.
Result<std::optional<ProcessMemory>> open_process(std::uint32_t id);

}  // namespace ward::host
