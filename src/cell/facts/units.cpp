// SPDX-License-Identifier: Apache-2.0
// The tables `services`, `timers` and `unit_settings`.
#include "cell/facts/internal/collector.h"
#include "cell/facts/internal/joined.h"
#include "cell/facts/internal/unit_files.h"
#include "cell/facts/startup_parsers.h"
#include "core/text.h"

#include <algorithm>

namespace ward::facts {
namespace {

constexpr std::string_view kService = "Service";
constexpr std::string_view kTimer = "Timer";

// All that is assigned to a key, or nothing where it is not set.
Value all_values(const Unit& unit, std::string_view key) {
    if (unit.first(kService, key) == nullptr) return null();
    std::vector<std::string_view> values;
    for (const UnitSetting* setting : unit.settings) {
        if (setting->section == kService && setting->key == key && !setting->value.empty()) values.push_back(setting->value);
    }
    return text(joined(values));
}

// "true" and its like as "yes" and "no"; further words stay.
std::string choice(const Unit& unit, std::string_view key, std::string_view unset) {
    constexpr std::string_view kNo[] = {"0", "f", "false", "n", "no", "off"};
    const std::string value = to_lower_ascii(unit.value(kService, key));
    if (value.empty()) return std::string{unset};
    if (unit.is_on(kService, key)) return "yes";
    return std::binary_search(std::begin(kNo), std::end(kNo), value) ? "no" : value;
}

// What stands for an unset Type= (systemd.service(5)).
std::string_view type_of(const Unit& unit) {
    if (const auto type = unit.value(kService, "Type"); !type.empty()) return type;
    if (!unit.value(kService, "BusName").empty()) return "dbus";
    return unit.first(kService, "ExecStart") == nullptr ? "oneshot" : "simple";
}

Row service_row(const Unit& unit) {
    const auto known = [&](Value value) { return unit.masked ? null() : std::move(value); };
    const bool dynamic = unit.is_on(kService, "DynamicUser");
    const auto user = unit.user();
    const UnitSetting* start = unit.first(kService, "ExecStart");
    // DynamicUser= brings some protection along, whatever the unit says (systemd.exec(5)).
    const std::string system = choice(unit, "ProtectSystem", "no");
    const std::string home = choice(unit, "ProtectHome", "no");
    return {text(unit.name), text(unit.file->about.name), text_or_null(unit.expanded(unit.value("Unit", "Description"))),
            text(unit.state), flag(unit.enabled()), text(joined(unit.wanted_by)), known(text(type_of(unit))),
            known(user ? text(*user) : null()),
            text_or_null(unit.expanded(unit.value(kService, "Group"))), known(flag(dynamic)), start != nullptr ? text(start->value) : null(),
            start != nullptr ? text(unit_program(unit.expanded(start->value))) : null(),
            known(flag(dynamic || unit.is_on(kService, "NoNewPrivileges"))),
            known(flag(dynamic || choice(unit, "PrivateTmp", "no") != "no")), known(text(dynamic && system == "no" ? "strict" : system)),
            known(text(dynamic && home == "no" ? "read-only" : home)), all_values(unit, "CapabilityBoundingSet"),
            all_values(unit, "SystemCallFilter"), known(text(choice(unit, "Restart", "no"))), text(joined(unit.drop_ins))};
}

std::string schedule_of(const Unit& unit) {
    std::vector<std::string> parts;
    for (const UnitSetting* setting : unit.settings) {
        if (setting->section != kTimer || !setting->key.starts_with("On")) continue;
        if (setting->key.ends_with("Change") && !unit.is_on(kTimer, setting->key)) continue;  // OnClockChange=no
        parts.push_back(setting->key + "=" + setting->value);
    }
    return joined(parts, "; ");
}

}  // namespace

wire::ParseAnswer parse_services(const Request& request) {
    Collector out;
    const UnitFiles units{request, out};
    for (const auto& [name, unit] : units.all()) {
        if (unit.type() == "service") out.add(service_row(unit));
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_timers(const Request& request) {
    Collector out;
    const UnitFiles units{request, out};
    for (const auto& [name, unit] : units.all()) {
        if (unit.type() != "timer") continue;
        // Only the time of this empty file counts.
        const Source* stamp = request.find("/var/lib/systemd/timers/stamp-" + unit.name);
        const bool has_run = stamp != nullptr && stamp->about.modified != 0;
        out.add({text(name), text(unit.file->about.name), text_or_null(unit.expanded(unit.value("Unit", "Description"))), text(unit.state),
                 flag(unit.enabled()), text(unit.starts()), text(schedule_of(unit)), flag(unit.is_on(kTimer, "Persistent")),
                 has_run ? number(stamp->about.modified) : null()});
    }
    return std::move(out).finish();
}

wire::ParseAnswer parse_unit_settings(const Request& request) {
    Collector out;
    const UnitFiles units{request, out};
    for (const auto& [name, unit] : units.all()) {
        if (unit.state == "alias") continue;
        for (const UnitSetting* setting : unit.settings) {
            out.add({text(name), text(setting->section), text(setting->key), text(setting->value), text(setting->file),
                     number(setting->line)});
        }
    }
    return std::move(out).finish();
}

}  // namespace ward::facts
