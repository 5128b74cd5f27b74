// SPDX-License-Identifier: Apache-2.0
#include "cell/runtime/mapping.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace ward::runtime {

Result<Mapping> Mapping::map(int descriptor, std::uint64_t bytes, int protection) {
    void* memory = nullptr;
    if (bytes > 0) memory = ::mmap(nullptr, static_cast<std::size_t>(bytes), protection, MAP_SHARED, descriptor, 0);
    const int error = errno;
    ::close(descriptor);
    if (memory == MAP_FAILED) return fail(Code::io, "cannot be mapped (error {})", error);
    return Mapping{static_cast<std::uint8_t*>(memory), static_cast<std::size_t>(bytes)};
}

Result<Mapping> Mapping::whole(int descriptor) {
    const off_t size = ::lseek(descriptor, 0, SEEK_END);
    if (size < 0) {
        ::close(descriptor);
        return fail(Code::io, "its size cannot be told");
    }
    return map(descriptor, static_cast<std::uint64_t>(size), PROT_READ);
}

Result<Mapping> Mapping::shared(int descriptor, std::uint64_t bytes) {
    return map(descriptor, bytes, PROT_READ | PROT_WRITE);
}

Mapping::Mapping(Mapping&& other) noexcept
    : start_{std::exchange(other.start_, nullptr)}, size_{std::exchange(other.size_, 0)} {}

Mapping::~Mapping() {
    if (start_ != nullptr) ::munmap(start_, size_);
}

}  // namespace ward::runtime
