// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/internal/stream_reader.h"

namespace ward::formats {

// Reads bzip2 files: any number of streams. Keeps a view of the bytes. One thread.
class Bzip2Reader : public StreamReader {
public:
    explicit Bzip2Reader(Bytes bytes) : StreamReader{bytes} {}

protected:
    bool begins(Bytes rest) const override;
    Unpacked unpack(Bytes rest, Sink& sink, std::uint64_t base, Member& member) override;
};

}  // namespace ward::formats
