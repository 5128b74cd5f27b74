// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/store.h"
#include "core/bytes.h"
#include "core/result.h"

#include <memory>
#include <optional>

namespace ward::formats {

// What a decoder did: the content in the sink is all that could be had, even when a fault says that it is not the whole.
struct Unpacked {
    std::uint64_t used = 0;       // packed bytes, up to the end of the stream
    std::optional<Error> fault;
    bool stopped = false;         // by a limit: the packed bytes are not to blame, and where they end is not known
};

// Each appends to the content that the sink has begun. `base`: packed bytes that went into that content before.

// Deflate (RFC 1951), without a wrapper. First in one piece, which is twice as fast; where that fails, or the output does
// not fit into memory, again in small steps, which gives all that comes before an error.
class Inflater {
public:
    Inflater();
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    // `expected`: how much should come out; 0 when nobody knows.
    Unpacked run(Bytes packed, Sink& sink, std::uint64_t expected, std::uint64_t base = 0);

private:
    Unpacked in_steps(Bytes packed, Sink& sink, std::uint64_t base);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Deflate64, or "enhanced deflate": a window of 64 KiB, lengths to 65,538. PKWARE publishes only the name; the differences
// from RFC 1951 are those that all readers agree on (docs/formats.md).
Unpacked unpack_deflate64(Bytes packed, Sink& sink);

// One bzip2 stream.
Unpacked unpack_bzip2(Bytes packed, Sink& sink, std::uint64_t base = 0);
// One .xz stream with all its blocks, any filters.
Unpacked unpack_xz(Bytes packed, Sink& sink, std::uint64_t base = 0);
// LZMA as zip wraps it (APPNOTE 5.8.8): version, size of properties, properties, data. `expected` is what the archive
// declares; with `marked_end` the stream tells itself where it ends.
Unpacked unpack_zip_lzma(Bytes packed, Sink& sink, std::uint64_t expected, bool marked_end);

// One frame of zstd (RFC 8878); a skippable one gives nothing.
class ZstdDecoder {
public:
    ZstdDecoder();
    ~ZstdDecoder();
    ZstdDecoder(ZstdDecoder&&) noexcept;
    Unpacked run(Bytes packed, Sink& sink, std::uint64_t base = 0);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Memory that a stream may ask for. xz -9 takes 65 MiB, zstd --ultra -22 takes 130 MiB.
inline constexpr std::uint64_t kMaxDecoderBytes = 192 * kMiB;
inline constexpr int kMaxZstdWindowLog = 27;  // 128 MiB, as the zstd program

}  // namespace ward::formats
