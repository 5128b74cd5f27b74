// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ward {

enum class Severity : std::uint8_t { info, low, medium, high, critical };  // ordered: a worse one compares greater
std::string_view severity_name(Severity severity);
std::optional<Severity> severity_from_name(std::string_view name);

enum class Area : std::uint8_t { malware, updates, network, credentials, supply };
inline constexpr Area kAreas[] = {Area::malware, Area::updates, Area::network, Area::credentials, Area::supply};
std::string_view area_name(Area area);
std::optional<Area> area_from_name(std::string_view name);

}  // namespace ward
