// SPDX-License-Identifier: Apache-2.0
#include "host/recording.h"

#include <cstdlib>

// What is taken for a recording must be written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto recording = ward::host::Recording::decode({data, size});
    if (recording && !ward::host::Recording::decode(recording->encode())) std::abort();
    return 0;
}
