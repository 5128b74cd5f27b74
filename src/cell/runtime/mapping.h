// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.h"
#include "core/result.h"

namespace ward::runtime {

// The bytes of a descriptor that the gate passed, mapped. Takes the descriptor over and closes it at once; the mapping stays
// until destruction. A file that shrinks meanwhile ends the process with SIGBUS, which the gate turns into a gap.
class Mapping {
public:
    // The whole of it, read-only; an empty file gives no bytes.
    static Result<Mapping> whole(int descriptor);
    // The first `bytes`, shared with the gate for reading and writing.
    static Result<Mapping> shared(int descriptor, std::uint64_t bytes);

    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&&) = delete;
    ~Mapping();

    Bytes bytes() const { return {start_, size_}; }
    std::uint8_t* start() const { return start_; }  // to write only into what shared() gave

private:
    Mapping(std::uint8_t* start, std::size_t size) : start_{start}, size_{size} {}
    static Result<Mapping> map(int descriptor, std::uint64_t bytes, int protection);
    std::uint8_t* start_;
    std::size_t size_;
};

}  // namespace ward::runtime
