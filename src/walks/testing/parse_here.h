// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cell/facts/facts.h"

namespace ward::walks::testing {

// What the facts cell does, in this process: for tests of what stands above the wall.
inline Result<wire::ParseAnswer> parse_here(const wire::ParseRequest& request, Bytes bytes, int) {
    const facts::Parser parser = facts::find_parser(request.table);
    if (parser == nullptr) return fail(Code::not_found, "no parser for table {}", request.table);
    std::vector<facts::Source> sources;
    for (const auto& about : request.sources) {
        sources.push_back({about, bytes.subspan(static_cast<std::size_t>(about.offset), static_cast<std::size_t>(about.bytes))});
    }
    facts::Request asked{request.constraints, sources, request.now};
    asked.inputs = request.inputs;
    return parser(asked);
}

}  // namespace ward::walks::testing
