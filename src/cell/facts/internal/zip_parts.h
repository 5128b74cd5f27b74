// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/internal/file_parts.h"

#include <string_view>
#include <vector>

namespace ward::facts {

// What the directory of a zip archive lists (APPNOTE 6.3.10, section 4.3.12), of a file that is not read whole. formats::ZipReader
// reads one that is, and what only local headers name, which no class loader of Java does.
struct ZipEntry {
    std::string_view name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint64_t packed = 0;
    std::uint64_t size = 0;
    std::uint64_t header_at = 0;  // in the file
    bool stored() const { return method == 0 && (flags & 1) == 0; }
};

// The largest class path in one archive that we know has 60,000 classes.
inline constexpr std::uint64_t kMaxZipDirectoryBytes = 32 * kMiB;

Result<std::vector<ZipEntry>> read_zip_directory(FileParts& file);
// Where the packed bytes of a member begin, by its local header.
Result<std::uint64_t> zip_data_at(FileParts& file, const ZipEntry& entry);
// A member's content, at most `most` bytes; stored and deflated ones.
Result<Buffer> unpack_zip_member(FileParts& file, const ZipEntry& entry, std::uint64_t most);

}  // namespace ward::facts
