// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace ward::doors {

// Lines that somebody types: with editing and history on a terminal (libedit), else plainly from standard input. The history
// lives as long as this object; nothing is written down.
class LineReader {
public:
    LineReader();
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    // Without its end; nothing at the end of the input. The prompt is shown on a terminal only. Ctrl-C gives the line up:
    // then it is empty and was_interrupted() true.
    std::optional<std::string> next(const std::string& prompt);
    bool was_interrupted() const;
    bool is_terminal() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ward::doors
