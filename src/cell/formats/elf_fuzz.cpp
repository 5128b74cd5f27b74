// SPDX-License-Identifier: Apache-2.0
#include "cell/formats/elf.h"

#include <cstdlib>

// All it gives lies within the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using ward::formats::Elf;
    const auto elf = Elf::read({data, size});
    if (!elf) return 0;
    if (elf->end > size) std::abort();
    std::size_t touched = 0;
    for (const auto& symbol : elf->dynamic_symbols) touched += symbol.name.size();
    for (const auto& symbol : elf->symbols) {
        for (const char c : symbol.name) touched += c != 0;
    }
    for (const auto name : elf->needed) {
        for (const char c : name) touched += c != 0;
    }
    for (const auto byte : elf->build_id) touched += byte;
    static_cast<void>(elf->entry_offset());
    return touched == SIZE_MAX ? 1 : 0;
}
