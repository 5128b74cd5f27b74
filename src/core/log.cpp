// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include "core/text.h"

#include <unistd.h>

#include <atomic>

namespace ward {
namespace {
std::atomic<LogLevel> most_talkative{LogLevel::warning};
}

void set_log_level(LogLevel level) { most_talkative = level; }

bool log_wanted(LogLevel level) { return level <= most_talkative.load(std::memory_order_relaxed); }

void log_line(LogLevel level, std::string_view text) {
    if (!log_wanted(level)) return;
    std::string line = "ward: ";
    if (level == LogLevel::error) line += "error: ";
    if (level == LogLevel::warning) line += "warning: ";
    line += escape_for_terminal(text);
    line += '\n';
    // One write a line, so lines of several threads do not mix. A closed stderr is nobody's error.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace ward
