// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/dump.h"

#include <algorithm>
#include <chrono>

namespace {

using namespace ward::modules;

// Arguments of the declared types.
std::vector<Value> arguments_of(const Signature& form) {
    std::vector<Value> arguments;
    for (const char letter : form.arguments) {
        switch (letter) {
            case 'i': arguments.emplace_back(std::int64_t{1}); break;
            case 'f': arguments.emplace_back(1.5); break;
            case 's': arguments.emplace_back(std::string_view{"KERNEL32.dll"}); break;
            case 'r': arguments.emplace_back(Regex{0}); break;
            default: arguments.emplace_back(true);
        }
    }
    return arguments;
}

void call_below(Instance& in, const Value& value);

// Every form of every function of a structure and of what is in it. As deep as the declaration at most.
void call_all(Instance& in, const Object& owner) {
    for (std::size_t i = 0; i < owner.fields().size(); ++i) {
        for (const auto& form : owner.fields()[i].signatures) static_cast<void>(form.run(in, owner, arguments_of(form)));
        call_below(in, owner.member(i));
    }
}

void call_below(Instance& in, const Value& value) {
    constexpr std::size_t kMaxItems = 16;  // all items of an array have the same functions
    const auto* object = std::get_if<const Object*>(&value);
    if (object == nullptr) return;
    if ((*object)->type() == Type::structure) return call_all(in, **object);
    for (std::size_t i = 0; i < std::min((*object)->size(), kMaxItems); ++i) call_below(in, (*object)->at(i));
}

}  // namespace

// Every module reads the bytes whole, and none minds what they are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ward::Bytes bytes{data, size};
    // As before a scan; what is no report answers as none does.
    static_cast<void>(check_data("cuckoo", bytes));
    std::size_t touched = 0;
    for (const auto* declaration : all()) {
        ward::Deadline deadline{std::chrono::seconds{10}};
        Environment environment;
        environment.bytes = bytes;
        environment.data["cuckoo"] = bytes;
        environment.deadline = &deadline;
        environment.matches = [](Regex, std::string_view text) { return !text.empty(); };
        environment.last_match = [](Regex, std::string_view text) { return std::optional<std::uint64_t>{text.size()}; };
        environment.log = [](std::string_view) {};
        Instance in{*declaration, environment};
        call_all(in, in.root());
        touched += dump(in, 1 << 20).size();
    }
    return touched == SIZE_MAX ? 1 : 0;
}
