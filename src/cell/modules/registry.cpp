// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"

namespace ward::modules {

namespace {

constexpr const Declaration* kAll[] = {
    &kConsole,
    &kCuckoo,
    &kDex,
    &kDotnet,
    &kElf,
    &kHash,
    &kMacho,
    &kMagic,
    &kMath,
    &kPe,
    &kString,
    &kTests,
    &kTime,
};

}  // namespace

std::span<const Declaration* const> all() { return kAll; }

const Declaration* find(std::string_view name) {
    for (const auto* declaration : kAll) {
        if (declaration->name == name) return declaration;
    }
    return nullptr;
}

}  // namespace ward::modules
