// SPDX-License-Identifier: Apache-2.0
#include "cell/versions/schemes.h"
#include "core/result.h"

// Two versions with a line end between them, for every scheme: both ways must agree, and each must
// equal itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{static_cast<const char*>(static_cast<const void*>(data)), size};
    const auto middle = text.find('\n');
    const std::string_view a = text.substr(0, middle);
    const std::string_view b = middle == std::string_view::npos ? a : text.substr(middle + 1);
    for (const auto& entry : ward::versions::kVersionSchemes) {
        using ward::versions::compare_versions;
        const auto order = compare_versions(entry.scheme, a, b);
        const auto back = compare_versions(entry.scheme, b, a);
        WARD_CHECK(order.has_value() == back.has_value());
        if (!order) continue;
        WARD_CHECK(*order == -*back);
        WARD_CHECK(compare_versions(entry.scheme, a, a) == 0 &&
                   compare_versions(entry.scheme, b, b) == 0);
    }
    return 0;
}
