// SPDX-License-Identifier: Apache-2.0
#include "model/encode.h"

#include <cstdlib>

// What decodes must encode to the same bytes again, whatever a cell sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    const ward::ScanManner all{.unsatisfied = true, .all_hits = true, .data_bytes = 512, .warnings = true, .console = true, .module_data = true};
    ward::Decoder verdict_in{bytes};
    if (const auto verdict = ward::decode_verdict(verdict_in, all)) {
        ward::Buffer again;
        ward::Encoder out{again};
        ward::encode(*verdict, out);
        ward::Decoder back{again};
        if (!(ward::decode_verdict(back, all).value() == *verdict)) std::abort();
    }
    ward::Decoder rows_in{bytes};
    static_cast<void>(ward::decode_rows(rows_in));
    return 0;
}
