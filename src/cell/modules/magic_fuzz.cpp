// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

// libmagic with its whole database has something to say of any bytes but none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ward::modules;
    static const std::string database = [] {
        std::ifstream in{WARD_MAGIC_DATABASE, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{in}, {}};
    }();
    // Without it every answer would be undefined, and nothing tried.
    static const bool is_ready = check_data("magic", ward::as_bytes(database)).ok();
    if (!is_ready) std::abort();
    Environment environment;
    environment.bytes = {data, size};
    environment.data["magic"] = ward::as_bytes(database);
    Instance in{kMagic, environment};
    for (const auto& field : kMagic.fields) {
        const Value answer = field.signatures[0].run(in, in.root(), {});
        if (size == 0 && !std::holds_alternative<std::monostate>(answer)) std::abort();
    }
    return 0;
}
