// SPDX-License-Identifier: Apache-2.0
// Not shipped: for tools/yara_modules_diff.py.
//
//     module_probe MODULE            prints the fields that it declares
//     module_probe MODULE FILE...    prints for each file, counted from 0, "file N" and all that the module knows of it
#include "cell/modules/dump.h"

#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <string>

int main(int count, char** arguments) {
    const auto* module = count < 2 ? nullptr : ward::modules::find(arguments[1]);
    if (module == nullptr) return 2;
    if (count == 2) fmt::print("{}", ward::modules::declared(*module));
    for (int i = 2; i < count; ++i) {
        std::ifstream in{arguments[i], std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        ward::Deadline deadline{std::chrono::milliseconds{60'000}};
        const ward::modules::Environment environment{.bytes = ward::as_bytes(text), .deadline = &deadline};
        ward::modules::Instance instance{*module, environment};
        fmt::print("file {}\n{}", i - 2, ward::modules::dump(instance));
    }
    return 0;
}
