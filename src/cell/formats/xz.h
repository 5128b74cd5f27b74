// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/internal/stream_reader.h"

namespace ward::formats {

// Reads .xz files (The .xz File Format 1.2.0): any number of streams with stream padding between them, all filters that
// liblzma knows, at most kMaxDecoderBytes of memory. Keeps a view of the bytes. One thread.
class XzReader : public StreamReader {
public:
    explicit XzReader(Bytes bytes) : StreamReader{bytes} {}

protected:
    bool begins(Bytes rest) const override;
    Unpacked unpack(Bytes rest, Sink& sink, std::uint64_t base, Member& member) override;
};

}  // namespace ward::formats
