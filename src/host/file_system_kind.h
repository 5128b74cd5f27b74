// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ward::host {

// A kind of file system that a walk over stored files does not enter by itself.
struct FileSystemKind {
    std::uint32_t magic;
    const char* name;
    bool network;  // else pseudo: what it shows are no stored files
};

// Nothing for a local file system, and when the system does not say.
const FileSystemKind* foreign_kind(int descriptor);

}  // namespace ward::host
