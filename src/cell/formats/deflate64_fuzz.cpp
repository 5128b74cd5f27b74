// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/codec.h"

#include <cstdlib>

// Never more input used than there is, and a fault or a whole stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward;
    Limits limits;
    limits.max_member_bytes = 1 * kMiB;
    static formats::Store store = formats::Store::open(-1).value();
    Deadline deadline{limits.max_time};
    formats::Budget budget{limits, size, deadline};
    formats::Sink sink{store, budget};
    sink.begin();
    if (formats::unpack_deflate64({data, size}, sink).used > size) std::abort();
    return 0;
}
