// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/type.h"
#include "cell/formats/zip.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    if (ward::formats::type_name(ward::formats::detect(bytes)).empty()) std::abort();
    static_cast<void>(ward::formats::ZipReader::ends_with_archive(bytes));
    return 0;
}
