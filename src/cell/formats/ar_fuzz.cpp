// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/testing/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return ward::formats::testing::fuzz_container(ward::formats::Type::ar, {data, size});
}
