// SPDX-License-Identifier: Apache-2.0
#include "fetch/http.h"

#include "core/bytes.h"

#include <cstdlib>

// An answer as a server might send it: head and body. Whole and in small pieces the body must be the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward;
    const std::string_view bytes = as_text(Bytes{data, size});
    fetch::parse_date(bytes);
    const auto end = fetch::head_end(bytes);
    if (!end || !*end) return 0;
    const auto head = fetch::parse_head(bytes.substr(0, **end));
    if (!head) return 0;
    const auto read = [&](std::size_t step, std::string& out) {
        auto body = fetch::BodyReader::of(*head);
        if (!body) return false;
        std::string_view rest = bytes.substr(**end);
        while (!body->whole() && !rest.empty()) {
            std::string_view input = rest.substr(0, step);
            rest.remove_prefix(input.size());
            while (!input.empty() && !body->whole()) {
                const auto part = body->next(input);
                if (!part) return false;
                out += *part;
            }
        }
        return body->whole();
    };
    std::string whole;
    std::string pieces;
    const bool one = read(bytes.size(), whole);
    const bool other = read(3, pieces);
    if (one != other || (one && whole != pieces)) std::abort();
    return 0;
}
