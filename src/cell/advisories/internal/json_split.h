// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward::advisories {

// Cuts a large JSON text into values that can be read one by one, so that a dump of a gigabyte needs no tree of it.
//
//     JsonSplitter members{text};
//     members.enter();                                   // into an object or an array
//     while (auto part = WARD_TRY(members.next())) use(part->key, part->value);
//
// Without enter() it gives the values of a stream: JSON lines, or documents one behind the other. Finds ends only by brackets and
// quotes: whether a value is JSON, read_json tells. A view; the caller keeps the text alive.
class JsonSplitter {
public:
    struct Part {
        std::string_view key;    // of an object's member, escapes and all; empty elsewhere
        std::string_view value;
    };

    // Of one value; what has no end costs no more time than that. All of the Debian tracker is one, of 70 MiB.
    static constexpr std::size_t kMaxValueBytes = 256 * 1024 * 1024;

    explicit JsonSplitter(std::string_view text, std::size_t max_value_bytes = kMaxValueBytes) : text_{text}, max_value_bytes_{max_value_bytes} {}

    // False when the next value is no object or array.
    bool enter();
    // Nothing at the end; Code::malformed where no end can be found, Code::over_limit where it is too far. Behind an error of a stream of lines skip_line() goes on.
    Result<std::optional<Part>> next();
    // To the next line; false when there is none.
    bool skip_line();
    std::uint64_t offset() const { return at_; }

private:
    void skip_blanks();
    Result<std::string_view> value();
    Result<std::string_view> quoted();
    Error wrong(std::string_view what) const;
    Error no_end(std::string_view what) const;

    std::string_view text_;
    std::size_t max_value_bytes_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;  // how far the value that begins here may go
    char close_ = '\0';   // what ends the container we are in; none in a stream
    bool first_ = true;
};

}  // namespace ward::advisories
