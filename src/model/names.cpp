// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"
#include "model/row.h"
#include "model/severity.h"

#include <fmt/format.h>

namespace ward {

namespace {
constexpr std::string_view kSeverityNames[] = {"info", "low", "medium", "high", "critical"};
constexpr std::string_view kAreaNames[] = {"malware", "updates", "network", "credentials", "supply"};

template <class Enum, std::size_t count>
std::optional<Enum> from_name(const std::string_view (&names)[count], std::string_view name) {
    for (std::size_t i = 0; i < count; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    return std::nullopt;
}
}  // namespace

std::string_view severity_name(Severity severity) { return kSeverityNames[static_cast<std::size_t>(severity)]; }
std::optional<Severity> severity_from_name(std::string_view name) { return from_name<Severity>(kSeverityNames, name); }
std::string_view area_name(Area area) { return kAreaNames[static_cast<std::size_t>(area)]; }
std::optional<Area> area_from_name(std::string_view name) { return from_name<Area>(kAreaNames, name); }

std::string to_text(const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
    if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return {};
}

}  // namespace ward
