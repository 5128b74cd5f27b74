// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/codec.h"

#include "core/cursor.h"
#include "core/text.h"

#include <bzlib.h>
#include <libdeflate.h>
#include <lzma.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_findFrameCompressedSize
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <limits>

namespace ward::formats {

namespace {

// How much is unpacked between two looks at the limits.
constexpr std::size_t kStepBytes = 1 * kMiB;
// Packed bytes may unpack to nothing, so they are taken in steps too.
constexpr std::size_t kInputStepBytes = 16 * kMiB;
// A stream that fits into memory has no more packed bytes than these, unless it is made of empty blocks.
constexpr std::size_t kMaxInOnePieceBytes = 128 * kMiB;

Bytes input_at(Bytes packed, std::uint64_t used) {
    const Bytes rest = packed.subspan(static_cast<std::size_t>(used));
    return rest.first(std::min(rest.size(), kInputStepBytes));
}

std::span<std::uint8_t> step_of(Sink& sink) {
    const auto room = sink.room();
    return room.first(std::min(room.size(), kStepBytes));
}

// After `count` bytes came out, and all packed bytes before `used` were taken.
Status took(Sink& sink, std::size_t count, std::uint64_t used, std::size_t taken) {
    WARD_TRY(sink.wrote(count, used));
    return sink.budget().time(taken);
}

// What a limit of ours did, as opposed to a fault in the bytes.
Unpacked stopped_by(Error error, std::uint64_t used) { return {used, std::move(error), true}; }
Unpacked broken(std::uint64_t used, Error error) { return {used, std::move(error), false}; }
Unpacked truncated(std::uint64_t used, const char* what) {
    return broken(used, fail(Code::truncated, "the {} stream ends too early", what));
}

}  // namespace

struct Inflater::Impl {
    libdeflate_decompressor* whole = libdeflate_alloc_decompressor();
    z_stream steps{};
    bool steps_ready = false;

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        libdeflate_free_decompressor(whole);
        if (steps_ready) ::inflateEnd(&steps);
    }
};

Inflater::Inflater() : impl_{std::make_unique<Impl>()} {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;

Unpacked Inflater::run(Bytes packed, Sink& sink, std::uint64_t expected, std::uint64_t base) {
    const auto room = sink.room();
    if (impl_->whole != nullptr && sink.in_memory() && expected <= room.size()) {
        std::size_t used = 0;
        std::size_t count = 0;
        if (::libdeflate_deflate_decompress_ex(impl_->whole, packed.data(), std::min(packed.size(), kMaxInOnePieceBytes), room.data(),
                                               room.size(), &used, &count) == LIBDEFLATE_SUCCESS) {
            if (auto status = sink.wrote(count, base + used); !status) return stopped_by(std::move(status).error(), used);
            return {used, std::nullopt, false};
        }
    }
    return in_steps(packed, sink, base);
}

Unpacked Inflater::in_steps(Bytes packed, Sink& sink, std::uint64_t base) {
    z_stream& stream = impl_->steps;
    const int ready = impl_->steps_ready ? ::inflateReset(&stream) : ::inflateInit2(&stream, -MAX_WBITS);
    if (ready != Z_OK) return stopped_by(fail(Code::io, "no memory for zlib"), 0);
    impl_->steps_ready = true;
    std::uint64_t used = 0;
    while (true) {
        const Bytes input = input_at(packed, used);
        const auto target = step_of(sink);
        stream.next_in = const_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        stream.next_out = target.data();
        stream.avail_out = static_cast<uInt>(target.size());
        const int answer = ::inflate(&stream, Z_NO_FLUSH);
        const std::size_t taken = input.size() - stream.avail_in;
        used += taken;
        const std::size_t count = target.size() - stream.avail_out;
        if (auto status = took(sink, count, base + used, taken); !status) return stopped_by(std::move(status).error(), used);
        if (answer == Z_STREAM_END) return {used, std::nullopt, false};
        if (answer != Z_OK && answer != Z_BUF_ERROR) {
            return broken(used, fail(Code::malformed, "the deflate stream breaks after {} bytes", sink.size()));
        }
        if (stream.avail_out != 0 && used == packed.size()) return truncated(used, "deflate");
    }
}

Unpacked unpack_bzip2(Bytes packed, Sink& sink, std::uint64_t base) {
    bz_stream stream{};
    if (::BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) return stopped_by(fail(Code::io, "no memory for bzip2"), 0);
    struct End {
        bz_stream& stream;
        ~End() { ::BZ2_bzDecompressEnd(&stream); }
    } end{stream};
    std::uint64_t used = 0;
    while (true) {
        const Bytes input = input_at(packed, used);
        const auto target = step_of(sink);
        stream.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(input.data()));
        stream.avail_in = static_cast<unsigned>(input.size());
        stream.next_out = reinterpret_cast<char*>(target.data());
        stream.avail_out = static_cast<unsigned>(target.size());
        const int answer = ::BZ2_bzDecompress(&stream);
        const std::size_t taken = input.size() - stream.avail_in;
        used += taken;
        const std::size_t count = target.size() - stream.avail_out;
        if (auto status = took(sink, count, base + used, taken); !status) return stopped_by(std::move(status).error(), used);
        if (answer == BZ_STREAM_END) return {used, std::nullopt, false};
        if (answer != BZ_OK) {
            return broken(used, fail(Code::malformed, "the bzip2 stream breaks after {} bytes", sink.size()));
        }
        if (stream.avail_out != 0 && used == packed.size()) return truncated(used, "bzip2");
    }
}

namespace {

// Runs a liblzma decoder that has been set up to the end of its stream. `expected`: stop after so many bytes, for a raw
// stream without an end mark.
Unpacked run_lzma(lzma_stream& stream, Bytes packed, Sink& sink, std::uint64_t base, std::uint64_t expected,
                  const char* what) {
    std::uint64_t used = 0;
    const std::uint64_t before = sink.size();
    while (true) {
        const Bytes input = input_at(packed, used);
        auto target = step_of(sink);
        const std::uint64_t wanted = expected - (sink.size() - before);
        if (wanted < target.size()) target = target.first(static_cast<std::size_t>(wanted));
        if (target.empty()) return {used, std::nullopt, false};
        stream.next_in = input.data();
        stream.avail_in = input.size();
        stream.next_out = target.data();
        stream.avail_out = target.size();
        const lzma_ret answer = ::lzma_code(&stream, LZMA_RUN);
        const std::size_t taken = input.size() - stream.avail_in;
        used += taken;
        const std::size_t count = target.size() - stream.avail_out;
        if (auto status = took(sink, count, base + used, taken); !status) return stopped_by(std::move(status).error(), used);
        switch (answer) {
            case LZMA_OK:
            case LZMA_BUF_ERROR: break;
            case LZMA_STREAM_END: return {used, std::nullopt, false};
            case LZMA_MEMLIMIT_ERROR:
                return stopped_by(fail(Code::over_limit, "the {} stream asks for {} of memory, at most {} are given", what,
                                       human_bytes(::lzma_memusage(&stream)), human_bytes(kMaxDecoderBytes)), used);
            case LZMA_MEM_ERROR: return stopped_by(fail(Code::io, "no memory for {}", what), used);
            case LZMA_OPTIONS_ERROR:
                return broken(used, fail(Code::unsupported, "the {} stream asks for options that nobody knows", what));
            default: return broken(used, fail(Code::malformed, "the {} stream breaks after {} bytes", what, sink.size()));
        }
        if (stream.avail_out != 0 && used == packed.size()) return truncated(used, what);
    }
}

struct LzmaEnd {
    lzma_stream& stream;
    ~LzmaEnd() { ::lzma_end(&stream); }
};

constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

}  // namespace

Unpacked unpack_xz(Bytes packed, Sink& sink, std::uint64_t base) {
    lzma_stream stream = LZMA_STREAM_INIT;
    const LzmaEnd end{stream};
    if (::lzma_stream_decoder(&stream, kMaxDecoderBytes, 0) != LZMA_OK) {
        return stopped_by(fail(Code::io, "no memory for xz"), 0);
    }
    return run_lzma(stream, packed, sink, base, kNoEnd, "xz");
}

Unpacked unpack_zip_lzma(Bytes packed, Sink& sink, std::uint64_t expected, bool marked_end) {
    // APPNOTE 5.8.8: u16 version, u16 size of the properties, then five bytes of them: lc/lp/pb and the dictionary's size.
    constexpr std::uint16_t kPropertyBytes = 5;
    const auto size = u16le_at(packed, 2);
    const auto properties = slice(packed, 4, kPropertyBytes);
    if (!size || !properties) return truncated(packed.size(), "lzma");
    if (*size != kPropertyBytes) return broken(0, fail(Code::malformed, "the lzma properties have {} bytes", *size));
    lzma_filter filters[2] = {{LZMA_FILTER_LZMA1, nullptr}, {LZMA_VLI_UNKNOWN, nullptr}};
    if (::lzma_properties_decode(&filters[0], nullptr, properties->data(), properties->size()) != LZMA_OK) {
        return broken(0, fail(Code::malformed, "the lzma properties make no sense"));
    }
    struct FreeOptions {
        void* options;
        ~FreeOptions() { ::free(options); }  // liblzma took it from malloc
    } const free_options{filters[0].options};
    auto* options = static_cast<lzma_options_lzma*>(filters[0].options);
    if (options->dict_size > kMaxDecoderBytes) {
        // A dictionary larger than the content is never filled.
        if (expected > kMaxDecoderBytes) {
            return stopped_by(fail(Code::over_limit, "the lzma stream asks for {} of memory, at most {} are given",
                                   human_bytes(options->dict_size), human_bytes(kMaxDecoderBytes)), 0);
        }
        options->dict_size = static_cast<std::uint32_t>(std::max<std::uint64_t>(expected, LZMA_DICT_SIZE_MIN));
    }
    lzma_stream stream = LZMA_STREAM_INIT;
    const LzmaEnd end{stream};
    if (::lzma_raw_decoder(&stream, filters) != LZMA_OK) return stopped_by(fail(Code::io, "no memory for lzma"), 0);
    constexpr std::size_t kHeaderBytes = 4 + kPropertyBytes;
    Unpacked done = run_lzma(stream, packed.subspan(kHeaderBytes), sink, kHeaderBytes, marked_end ? kNoEnd : expected, "lzma");
    done.used += kHeaderBytes;
    return done;
}

struct ZstdDecoder::Impl {
    ZSTD_DCtx* context = ::ZSTD_createDCtx();

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { ::ZSTD_freeDCtx(context); }
};

ZstdDecoder::ZstdDecoder() : impl_{std::make_unique<Impl>()} {
    if (impl_->context != nullptr) ::ZSTD_DCtx_setParameter(impl_->context, ZSTD_d_windowLogMax, kMaxZstdWindowLog);
}
ZstdDecoder::~ZstdDecoder() = default;
ZstdDecoder::ZstdDecoder(ZstdDecoder&&) noexcept = default;

Unpacked ZstdDecoder::run(Bytes packed, Sink& sink, std::uint64_t base) {
    if (impl_->context == nullptr) return stopped_by(fail(Code::io, "no memory for zstd"), 0);
    // In one piece where the frame tells a size that fits: no window of its own is needed then.
    const unsigned long long told = ::ZSTD_getFrameContentSize(packed.data(), packed.size());
    const auto room = sink.room();
    if (sink.in_memory() && told <= room.size()) {
        const std::size_t frame = ::ZSTD_findFrameCompressedSize(packed.data(), packed.size());
        if (!::ZSTD_isError(frame)) {
            const std::size_t count =
                ::ZSTD_decompressDCtx(impl_->context, room.data(), room.size(), packed.data(), frame);
            if (!::ZSTD_isError(count)) {
                if (auto status = sink.wrote(count, base + frame); !status) {
                    return stopped_by(std::move(status).error(), frame);
                }
                return {frame, std::nullopt, false};
            }
        }
    }
    ::ZSTD_DCtx_reset(impl_->context, ZSTD_reset_session_only);
    std::uint64_t used = 0;
    while (true) {
        const Bytes input = input_at(packed, used);
        const auto target = step_of(sink);
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        ZSTD_outBuffer out{target.data(), target.size(), 0};
        const std::size_t answer = ::ZSTD_decompressStream(impl_->context, &out, &in);
        used += in.pos;
        if (auto status = took(sink, out.pos, base + used, in.pos); !status) return stopped_by(std::move(status).error(), used);
        if (::ZSTD_isError(answer)) {
            if (::ZSTD_getErrorCode(answer) == ZSTD_error_frameParameter_windowTooLarge) {
                return stopped_by(fail(Code::over_limit, "the zstd frame asks for a window above {}",
                                       human_bytes(1ULL << kMaxZstdWindowLog)), used);
            }
            return broken(used, fail(Code::malformed, "the zstd frame breaks after {} bytes", sink.size()));
        }
        if (answer == 0) return {used, std::nullopt, false};
        if (out.pos < out.size && used == packed.size()) return truncated(used, "zstd");
    }
}

}  // namespace ward::formats
