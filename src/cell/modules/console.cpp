// SPDX-License-Identifier: Apache-2.0
#include "cell/modules/internal/declarations.h"
#include "cell/modules/internal/printable.h"

#include <fmt/core.h>

namespace ward::modules {

namespace {

void put(Instance& in, std::string line) {
    if (in.environment().log) in.environment().log(line);
}

std::string shown(const Value& value, bool hex) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return printable(*text);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:f}", *real);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return hex ? fmt::format("0x{:x}", static_cast<std::uint64_t>(*number)) : fmt::format("{}", *number);
    }
    return {};
}

template <bool hex>
Value log(Instance& in, const Object&, std::span<const Value> arguments) {
    std::string line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const bool caption = i + 1 < arguments.size();
        const auto* text = std::get_if<std::string_view>(&arguments[i]);
        line += caption && text != nullptr ? std::string{*text} : shown(arguments[i], hex);
    }
    put(in, std::move(line));
    return std::int64_t{1};
}

constexpr Signature kLog[] = {{"s", Type::integer, log<false>},  {"ss", Type::integer, log<false>}, {"i", Type::integer, log<false>},
                              {"si", Type::integer, log<false>}, {"f", Type::integer, log<false>},  {"sf", Type::integer, log<false>}};
constexpr Signature kHex[] = {{"i", Type::integer, log<true>}, {"si", Type::integer, log<true>}};
constexpr Field kFields[] = {function("log", kLog), function("hex", kHex)};

}  // namespace

const Declaration kConsole{"console", kFields, {}};

}  // namespace ward::modules
