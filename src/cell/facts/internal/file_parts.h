// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "cell/facts/internal/collector.h"

#include <cstdint>
#include <string>

namespace ward::facts {

// A program or library on the host of which only some parts are read.
//
//     FileParts file{request, out, path, size};
//     const Bytes head = WARD_TRY(file.at(0, 64));
//
// What is not there yet is asked for, and then `waiting()`: the error of at() means nothing, for all is parsed again. Of both ends of
// the file kEndBytes are asked for at once, because headers lie in the one and often tables in the other.
// Keeps views of the request.
class FileParts {
public:
    static constexpr std::uint64_t kEndBytes = 8 * kKiB;

    FileParts(const Request& request, Collector& out, std::string path, std::uint64_t size)
        : request_{request}, out_{out}, path_{std::move(path)}, size_{size} {}

    // Exactly so many bytes; Code::truncated when the file is shorter.
    Result<Bytes> at(std::uint64_t offset, std::uint64_t count);
    bool waiting() const { return waiting_; }
    std::uint64_t size() const { return size_; }

private:
    Result<Bytes> part(std::uint64_t offset, std::uint64_t count);

    const Request& request_;
    Collector& out_;
    std::string path_;
    std::uint64_t size_;
    bool waiting_ = false;
};

}  // namespace ward::facts
