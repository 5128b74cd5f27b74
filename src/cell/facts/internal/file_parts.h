// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"
#include "cell/facts/internal/collector.h"

#include <cstdint>
#include <string>

namespace ward::facts {

// A large file on the host of which only some parts are read, or a file inside it.
//
//     FileParts file{request, out, path, size, {8 * kKiB, 8 * kKiB}};
//     const Bytes head = WARD_TRY(file.at(0, 64));
//
// What is not there yet is asked for, and then `waiting()`: the error of at() means nothing, for all is parsed again. So that few
// rounds are needed, both ends of the file are asked for at once: headers lie in the one and often tables in the other.
// Keeps views of the request.
class FileParts {
public:
    struct Ends {
        std::uint64_t head;
        std::uint64_t tail;
    };

    FileParts(const Request& request, Collector& out, std::string path, std::uint64_t size, Ends ends)
        : request_{&request}, out_{&out}, path_{std::move(path)}, size_{size}, ends_{ends} {}
    // One that lies in memory.
    explicit FileParts(Bytes bytes) : bytes_{bytes}, size_{bytes.size()} {}

    // Exactly so many bytes; Code::truncated when the file is shorter.
    Result<Bytes> at(std::uint64_t offset, std::uint64_t count);
    // A file that lies in this one as it is.
    Result<FileParts> inside(std::uint64_t offset, std::uint64_t size, Ends ends) const;
    bool waiting() const { return waiting_; }
    std::uint64_t size() const { return size_; }

private:
    Result<Bytes> part(std::uint64_t offset, std::uint64_t count);
    void want(std::uint64_t offset, std::uint64_t count);

    const Request* request_ = nullptr;  // none of one in memory
    Collector* out_ = nullptr;
    Bytes bytes_;
    std::string path_;
    std::uint64_t base_ = 0;  // where it begins in the file of that path
    std::uint64_t size_;
    Ends ends_{0, 0};
    bool waiting_ = false;
};

}  // namespace ward::facts
