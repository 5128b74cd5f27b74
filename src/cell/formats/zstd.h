// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/internal/stream_reader.h"

namespace ward::formats {

// Reads zstd files (RFC 8878): any number of frames, skippable ones passed over, windows up to 128 MiB as the zstd program
// takes them unasked. Keeps a view of the bytes. One thread.
class ZstdReader : public StreamReader {
public:
    explicit ZstdReader(Bytes bytes) : StreamReader{bytes} {}

protected:
    bool begins(Bytes rest) const override;
    Unpacked unpack(Bytes rest, Sink& sink, std::uint64_t base, Member& member) override;

private:
    ZstdDecoder decoder_;
};

}  // namespace ward::formats
