// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/formats/container.h"

#include <cstdlib>

namespace ward::formats::testing {

// Reads all members within small limits. What a reader may never do: give content that is nowhere, or never end.
inline int fuzz_container(Type type, Bytes bytes) {
    Limits limits;
    limits.max_unpacked_bytes = 4 * kMiB;
    limits.max_member_bytes = 1 * kMiB;
    limits.max_members = 1000;
    limits.max_time = std::chrono::milliseconds{5000};
    static Store store = Store::open(-1).value();
    Deadline deadline{limits.max_time};
    Budget budget{limits, bytes.size(), deadline};
    Sink sink{store, budget};
    const auto container = open_container(type, bytes, limits);
    const Store::Mark mark = store.mark();
    Member member;
    std::uint32_t touched = 0;
    while (!budget.end() && container->next(member, sink)) {
        if (!budget.member()) break;
        for (const std::uint8_t byte : member.content) touched += byte;
        if (!budget.viewed(member.content.size())) break;
        store.release(mark);
    }
    store.release({});
    // Keeps the loop above from being optimised away.
    if (touched == 0xffffffff && bytes.empty()) std::abort();
    return 0;
}

}  // namespace ward::formats::testing
