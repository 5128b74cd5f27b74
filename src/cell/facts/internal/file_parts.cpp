// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/file_parts.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::facts {

Result<Bytes> FileParts::part(std::uint64_t offset, std::uint64_t count) {
    std::string name = wire::FilePart{offset, count, path_}.name();
    const Source* source = request_.find(name);
    // Asked for again each time: a parser's wants are all that it needs, not what it lacks.
    out_.want(std::move(name));
    if (source != nullptr && source->about.state == wire::SourceBytes::State::whole) return source->bytes;
    waiting_ = true;  // or there is a gap of whoever could not read it
    return fail(Code::io, "is not read yet");
}

Result<Bytes> FileParts::at(std::uint64_t offset, std::uint64_t count) {
    if (offset > size_ || count > size_ - offset) return fail(Code::truncated, "{} bytes at {} of a file of {}", count, offset, size_);
    const std::uint64_t end_bytes = std::min(kEndBytes, size_);
    const std::uint64_t tail = size_ - end_bytes;
    const auto end = [&](std::uint64_t at_end) -> Result<Bytes> {
        auto bytes = part(at_end, end_bytes);
        if (!bytes) out_.want(wire::FilePart{at_end == 0 ? tail : 0, end_bytes, path_}.name());
        return bytes;
    };
    if (offset + count <= end_bytes) return slice(WARD_TRY(end(0)), offset, count);
    if (offset >= tail) return slice(WARD_TRY(end(tail)), offset - tail, count);
    return slice(WARD_TRY(part(offset, count)), 0, count);
}

}  // namespace ward::facts
