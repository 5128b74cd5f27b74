// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "walks/scan.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace ward::doors {

// "37%  1,200 files  85 MB/s  0:42 left  2 found  /home/a/…", at most `width` columns. The share is by bytes, or by time where
// a budget ends the run sooner; the time left follows from the rate so far and from the budget. What is not known yet is
// left out.
struct ProgressFacts {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t findings = 0;
    std::uint64_t total_bytes = 0;  // 0: not counted yet
    double seconds = 0;
    double budget = 0;              // in seconds; 0: no end
    std::string current;
    std::uint64_t processes = 0;    // only told when there are any
};
std::string progress_line(const ProgressFacts& facts, std::size_t width);

// Shows a scan's progress on standard error while it lives: a line at the bottom when that is a terminal and `wanted`, and
// nothing otherwise.
class ProgressLine {
public:
    ProgressLine(const walks::ScanProgress& progress, bool wanted);
    ~ProgressLine();

private:
    void show(const std::stop_token& token, const walks::ScanProgress& progress);
    std::jthread thread_;
};

// While it lives, Ctrl-C and a termination signal set the flag instead of ending the program; a second one ends it.
class StopOnSignal {
public:
    explicit StopOnSignal(std::atomic<bool>& flag);
    ~StopOnSignal();
};

}  // namespace ward::doors
