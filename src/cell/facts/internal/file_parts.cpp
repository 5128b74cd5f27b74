// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/file_parts.h"

#include "core/cursor.h"

#include <algorithm>

namespace ward::facts {

void FileParts::want(std::uint64_t offset, std::uint64_t count) {
    if (count != 0) out_->want(wire::FilePart{base_ + offset, count, path_}.name());
}

Result<Bytes> FileParts::part(std::uint64_t offset, std::uint64_t count) {
    const Source* source = request_->find(wire::FilePart{base_ + offset, count, path_}.name());
    if (source != nullptr && source->about.state == wire::SourceBytes::State::whole) return source->bytes;
    waiting_ = true;  // or there is a gap of whoever could not read it
    want(offset, count);
    return fail(Code::io, "is not read yet");
}

Result<Bytes> FileParts::at(std::uint64_t offset, std::uint64_t count) {
    if (offset > size_ || count > size_ - offset) return fail(Code::truncated, "{} bytes at {} of a file of {}", count, offset, size_);
    if (request_ == nullptr) return slice(bytes_, offset, count);
    if (count == 0) return Bytes{};
    const std::uint64_t head_bytes = std::min(ends_.head, size_);
    const std::uint64_t tail_bytes = std::min(ends_.tail, size_);
    const std::uint64_t tail = size_ - tail_bytes;
    const bool in_head = offset + count <= head_bytes;
    if (!in_head && offset < tail) return slice(WARD_TRY(part(offset, count)), 0, count);
    auto bytes = in_head ? part(0, head_bytes) : part(tail, tail_bytes);
    if (bytes) return slice(*bytes, in_head ? offset : offset - tail, count);
    want(0, head_bytes);
    want(tail, tail_bytes);
    return bytes;
}

Result<FileParts> FileParts::inside(std::uint64_t offset, std::uint64_t size, Ends ends) const {
    if (offset > size_ || size > size_ - offset) return fail(Code::truncated, "a file of {} bytes at {} of one of {}", size, offset, size_);
    if (request_ == nullptr) return FileParts{WARD_TRY(slice(bytes_, offset, size))};
    FileParts file{*request_, *out_, path_, size, ends};
    file.base_ = base_ + offset;
    return file;
}

}  // namespace ward::facts
