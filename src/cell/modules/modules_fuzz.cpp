// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"

#include <chrono>

namespace {

// Every form of every function of the root, with arguments of the declared types.
void call_all(ward::modules::Instance& in, const ward::modules::Declaration& declaration) {
    using ward::modules::Value;
    for (const auto& field : declaration.fields) {
        for (const auto& form : field.signatures) {
            std::vector<Value> arguments;
            for (const char letter : form.arguments) {
                switch (letter) {
                    case 'i': arguments.emplace_back(std::int64_t{1}); break;
                    case 'f': arguments.emplace_back(1.5); break;
                    case 's': arguments.emplace_back(std::string_view{"KERNEL32.dll"}); break;
                    case 'r': arguments.emplace_back(ward::modules::Regex{0}); break;
                    default: arguments.emplace_back(true);
                }
            }
            static_cast<void>(form.run(in, in.root(), arguments));
        }
    }
}

}  // namespace

// Every module reads the bytes whole, and none minds what they are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::size_t touched = 0;
    for (const auto* declaration : ward::modules::all()) {
        ward::Deadline deadline{std::chrono::seconds{10}};
        ward::modules::Environment environment;
        environment.bytes = {data, size};
        environment.deadline = &deadline;
        environment.matches = [](ward::modules::Regex, std::string_view text) { return !text.empty(); };
        environment.log = [](std::string_view) {};
        ward::modules::Instance in{*declaration, environment};
        call_all(in, *declaration);
        touched += ward::modules::dump(in, 1 << 20).size();
    }
    return touched == SIZE_MAX ? 1 : 0;
}
