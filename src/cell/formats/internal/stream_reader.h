// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/codec.h"
#include "cell/formats/container.h"

namespace ward::formats {

// gzip, xz, zstd and bzip2 are alike: streams, one behind the other, make one content, as their programs unpack them. Zero
// bytes between and after them are padding. Whatever else follows is a member of its own, "trailing data", because what
// those programs ignore may be what somebody else runs.
class StreamReader : public Container {
public:
    bool next(Member& member, Sink& sink) final;

protected:
    explicit StreamReader(Bytes bytes) : rest_{bytes} {}

    // Does another stream begin here?
    virtual bool begins(Bytes rest) const = 0;
    // Unpacks it; `base` packed bytes went before it. May name the member.
    virtual Unpacked unpack(Bytes rest, Sink& sink, std::uint64_t base, Member& member) = 0;

private:
    bool content(Member& member, Sink& sink);
    Bytes rest_;
    bool content_done_ = false;
};

}  // namespace ward::formats
