// SPDX-License-Identifier: Apache-2.0
#include "cell/advisories/testing/ask.h"

// Any bytes as a database: wrong answers at worst.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward::advisories;
    const auto view = View::open({data, size});
    if (!view) return 0;
    testing::ask_everything(*view);
    (void)view->verify();
    return 0;
}
