// SPDX-License-Identifier: Apache-2.0
#include "model/fetch.h"

#include <cstdlib>

namespace {

using namespace ward;

// What decodes must encode, decode and encode to the same bytes.
template <class Decode>
void check(Bytes bytes, Decode decode) {
    Decoder in{bytes};
    const auto first = decode(in);
    if (!first) return;
    Buffer once;
    Encoder out{once};
    encode(*first, out);
    Decoder back{once};
    const auto second = decode(back);
    if (!second || !back.end()) std::abort();
    Buffer twice;
    Encoder again{twice};
    encode(*second, again);
    if (once != twice) std::abort();
}

}  // namespace

// The first byte chooses one of the messages that a cell or ward-fetch sends or is sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Bytes bytes{data + 1, size - 1};
    switch (data[0] % 13) {
        case 0: check(bytes, wire::decode_layers); break;
        case 1: check(bytes, wire::decode_compile_answer); break;
        case 2: check(bytes, wire::decode_database_info); break;
        case 3: check(bytes, wire::decode_parse_answer); break;
        case 4: check(bytes, wire::decode_pull_request); break;
        case 5: check(bytes, wire::decode_probe_step); break;
        case 6: check(bytes, decode_result); break;
        case 7: check(bytes, wire::decode_batch); break;
        case 8: check(bytes, wire::decode_scan_start); break;
        case 9: check(bytes, wire::decode_parse_request); break;
        case 10: check(bytes, wire::decode_compile_request); break;
        case 11: check(bytes, wire::decode_fetch_answer); break;
        case 12: check(bytes, wire::decode_fetch_end); break;
    }
    return 0;
}
