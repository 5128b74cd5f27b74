// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/container.h"

#include <cstdint>
#include <optional>

namespace ward::formats {

// Reads cpio archives (cpio(5); Linux, "initramfs buffer format"): the portable one, SVR4's with and without checksums, and
// the old binary one in both byte orders.
//
// Members are views. Archives may follow one another, filled up with zero bytes, as in the initial file systems of Linux; what
// else follows is a member of its own, "trailing data": there, the packed file system itself.
// Keeps a view of the bytes. One thread.
class CpioReader : public Container {
public:
    explicit CpioReader(Bytes bytes) : bytes_{bytes} {}

    // Is this a whole and plausible header?
    static bool looks_like_cpio(Bytes bytes);
    bool next(Member& member, Sink& sink) override;

private:
    struct Header {
        std::uint64_t bytes = 0;      // of the header alone
        std::uint64_t name_bytes = 0; // with its zero byte
        std::uint64_t size = 0;
        std::uint64_t mode = 0;
        std::uint64_t links = 1;
        std::uint64_t align = 1;      // what stands before the content, and the content, are filled up to a multiple of it
        std::optional<std::uint64_t> sum;
    };
    static std::optional<Header> read_header(Bytes bytes);
    void skip(std::uint64_t count);

    Bytes bytes_;
    std::uint64_t at_ = 0;
    bool between_ = true;  // before the first archive, or behind the end mark of one
};

}  // namespace ward::formats
