// SPDX-License-Identifier: Apache-2.0
#include "host/recording.h"

#include "host/read_all.h"
#include "host/system_error.h"
#include "host/write_file.h"

#include <fcntl.h>

#include <cerrno>

namespace ward::host {

namespace {

constexpr std::string_view kMagic = "WARDFACT";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kMaxFileBytes = 1 * kGiB;
constexpr std::uint32_t kMaxSourceBytes = 512 * kMiB;
constexpr std::uint32_t kMinGapBytes = 21;

void encode_gaps(const std::vector<Gap>& gaps, Encoder& out) {
    out.u32(static_cast<std::uint32_t>(gaps.size()));
    for (const auto& gap : gaps) ward::encode(gap, out);
}

Result<std::vector<Gap>> decode_gaps(Decoder& in) {
    std::vector<Gap> gaps;
    const std::uint32_t count = WARD_TRY(in.count(kMinGapBytes));
    gaps.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) gaps.push_back(WARD_TRY(decode_gap(in)));
    return gaps;
}

Result<Source> decode_source(Decoder& in) {
    Source source;
    source.about.name = WARD_TRY(in.text());
    const std::uint8_t state = WARD_TRY(in.u8());
    if (state > static_cast<std::uint8_t>(wire::SourceBytes::State::failed)) {
        return fail(Code::malformed, "no state of a source has the number {}", state);
    }
    source.about.state = static_cast<wire::SourceBytes::State>(state);
    source.about.why = WARD_TRY(in.text());
    source.about.link = WARD_TRY(in.text());
    source.about.mode = WARD_TRY(in.u32());
    source.about.uid = WARD_TRY(in.u32());
    source.about.gid = WARD_TRY(in.u32());
    source.about.modified = WARD_TRY(in.i64());
    source.about.size = WARD_TRY(in.u64());
    const Bytes bytes = WARD_TRY(in.bytes(kMaxSourceBytes));
    source.bytes.assign(bytes.begin(), bytes.end());
    source.about.bytes = bytes.size();
    source.gaps = WARD_TRY(decode_gaps(in));
    return source;
}

}  // namespace

Buffer Recording::encode() const {
    Buffer bytes{kMagic.begin(), kMagic.end()};
    Encoder out{bytes};
    out.u32(kVersion);
    out.i64(taken);
    out.u32(static_cast<std::uint32_t>(globs.size()));
    for (const auto& [pattern, glob] : globs) {
        out.text(pattern);
        out.texts(glob.names);
        encode_gaps(glob.gaps, out);
    }
    out.u32(static_cast<std::uint32_t>(sources.size()));
    for (const auto& [name, source] : sources) {
        const auto& about = source->about;
        out.text(name);
        out.u8(static_cast<std::uint8_t>(about.state));
        out.text(about.why);
        out.text(about.link);
        out.u32(about.mode);
        out.u32(about.uid);
        out.u32(about.gid);
        out.i64(about.modified);
        out.u64(about.size);
        out.bytes(source->bytes);
        encode_gaps(source->gaps, out);
    }
    return bytes;
}

Result<Recording> Recording::decode(Bytes bytes) {
    if (!as_text(bytes).starts_with(kMagic)) return fail(Code::malformed, "is no recording of facts");
    Decoder in{bytes.subspan(kMagic.size())};
    const std::uint32_t version = WARD_TRY(in.u32());
    if (version != kVersion) {
        return fail(Code::unsupported, "is a recording of version {}; this program knows version {}", version, kVersion);
    }
    Recording recording;
    recording.taken = WARD_TRY(in.i64());
    const std::uint32_t globs = WARD_TRY(in.count(12));
    for (std::uint32_t i = 0; i < globs; ++i) {
        std::string pattern = WARD_TRY(in.text());
        Glob glob;
        glob.names = WARD_TRY(in.texts());
        glob.gaps = WARD_TRY(decode_gaps(in));
        recording.globs.emplace(std::move(pattern), std::move(glob));
    }
    const std::uint32_t sources = WARD_TRY(in.count(49));
    for (std::uint32_t i = 0; i < sources; ++i) {
        auto source = std::make_shared<const Source>(WARD_TRY(decode_source(in)));
        recording.sources.emplace(source->about.name, source);
    }
    WARD_TRY(in.end());
    return recording;
}

Result<Recording> Recording::load(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return system_fail(errno, fmt::format("{}: cannot be opened", path));
    Buffer bytes;
    const ReadAll result = read_all(file.get(), kMaxFileBytes, 0, bytes);
    if (result.error != 0) return system_fail(result.error, fmt::format("{}: cannot be read", path));
    if (result.cut) return fail(Code::over_limit, "{}: is larger than 1 GiB", path);
    auto recording = decode(bytes);
    if (!recording) return fail(recording.error().code, "{}: {}", path, recording.error().text);
    return recording;
}

Status Recording::save(const std::string& path) const {
    // It may hold what only root may see.
    return replace_file(path, as_text(encode()), 0600);
}

}  // namespace ward::host
