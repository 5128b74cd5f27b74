// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ward::facts {

class Collector;

// A program that a rule of udev runs: RUN, RUN{program}, PROGRAM or IMPORT{program} (udev(7)).
struct UdevProgram {
    std::string command;  // without the quotes around it
    const Source* file = nullptr;
    std::uint64_t line = 0;  // where the rule begins
};

// Of several files with one name the first folder's counts. udev passes over a line that it cannot read as a whole; that is a gap.
std::vector<UdevProgram> read_udev_programs(const Request& request, Collector& out);

}  // namespace ward::facts
