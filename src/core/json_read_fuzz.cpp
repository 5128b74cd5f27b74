// SPDX-License-Identifier: Apache-2.0
#include "core/bytes.h"
#include "core/json_read.h"

#include <cstdlib>

namespace {

std::uint64_t count(const ward::JsonNode& node, std::uint32_t depth) {
    if (depth > ward::JsonLimits{}.max_depth) std::abort();
    std::uint64_t sum = 1;
    for (const auto& item : node.items()) sum += count(item, depth + 1);
    for (const auto& member : node.members()) sum += count(member.value, depth + 1);
    return sum;
}

}  // namespace

// As many values as a text of that length can have, no deeper than the limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto root = ward::read_json(ward::as_text({data, size}));
    if (root && count(*root, 0) > size) std::abort();
    return 0;
}
