// SPDX-License-Identifier: Apache-2.0
// What is mapped in a process, as the kernel tells it: names of files in it are anybody's.
#include "cell/scan/process_memory.h"

#include "core/text.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto regions = ward::scan::parse_regions(ward::as_text(ward::Bytes{data, size}));
    if (!regions.ok()) return 0;
    std::uint64_t end = 0;
    for (const auto& region : *regions) {
        if (region.from >= region.to || region.from < end || region.to > 1ULL << 63) std::abort();
        end = region.to;
    }
    return 0;
}
