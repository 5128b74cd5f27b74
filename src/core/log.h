// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/core.h>

#include <string_view>

namespace ward {

enum class LogLevel { error, warning, info, detail };

// Talk about the run, on stderr, one line each, control characters escaped. Answers never go here. Any thread may call it.
void set_log_level(LogLevel most_talkative);
bool log_wanted(LogLevel level);
void log_line(LogLevel level, std::string_view text);

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
    if (log_wanted(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ward
