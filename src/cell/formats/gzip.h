// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/internal/stream_reader.h"

namespace ward::formats {

// Reads gzip (RFC 1952): one content from any number of gzip members, named by the first header that carries a name.
//
// A wrong checksum or length is a fault, and what was unpacked stands: a program that does not check would run it.
// Keeps a view of the bytes. One thread.
class GzipReader : public StreamReader {
public:
    explicit GzipReader(Bytes bytes) : StreamReader{bytes} {}

    // One member's header; nothing when it is not one, or is cut off.
    struct Header {
        std::string name;         // FNAME, Latin-1 as stored
        std::uint64_t bytes = 0;  // where the deflate stream begins
        bool checked = true;      // FHCRC, if there, is right
    };
    static Result<Header> read_header(Bytes bytes);

protected:
    bool begins(Bytes rest) const override;
    Unpacked unpack(Bytes rest, Sink& sink, std::uint64_t base, Member& member) override;

private:
    Inflater inflater_;
};

}  // namespace ward::formats
