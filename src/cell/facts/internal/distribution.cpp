// SPDX-License-Identifier: Apache-2.0
#include "cell/facts/internal/distribution.h"

#include "cell/facts/knowledge.h"
#include "core/result.h"
#include "core/text.h"
#include "core/toml_read.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace ward::facts {

namespace {

// What os-release(5) allows, and what ecosystems' names are made of: a `*` of the host's would stand for anything.
bool is_plain(std::string_view value) {
    constexpr std::string_view kOthers = "._-+~";
    return std::all_of(value.begin(), value.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kOthers.find(c) != std::string_view::npos;
    });
}

// "15.5" as "15 SP5"; SUSE's products since 16 have no service packs.
std::string service_pack(std::string_view version) {
    const auto point = version.find('.');
    if (point == std::string_view::npos || parse_unsigned(version.substr(0, point)).value_or(0) >= 16) return std::string{version};
    const std::string_view pack = version.substr(point + 1);
    return fmt::format("{}{}{}", version.substr(0, point), pack == "0" ? "" : " SP", pack == "0" ? std::string_view{} : pack);
}

// Nothing when a place in it has no value.
std::optional<std::string> fill(std::string name, const Input& os_release) {
    struct Place { std::string_view mark, column; };
    static constexpr Place kPlaces[] = {{"{version}", "version_id"}, {"{release}", "release"}, {"{codename}", "codename"}};
    for (const auto& place : kPlaces) {
        const auto at = name.find(place.mark);
        if (at == std::string::npos) continue;
        const std::string_view value = os_release.text(0, place.column);
        if (value.empty() || !is_plain(value)) return std::nullopt;
        name.replace(at, place.mark.size(), value);
    }
    constexpr std::string_view kServicePack = "{service_pack}";
    if (const auto at = name.find(kServicePack); at != std::string::npos) {
        const std::string_view value = os_release.text(0, "version_id");
        if (value.empty() || !is_plain(value)) return std::nullopt;
        name.replace(at, kServicePack.size(), service_pack(value));
    }
    return name;
}

}  // namespace

Distribution distribution_of(const Input& os_release) {
    Distribution distribution;
    distribution.id = os_release.text(0, "id");
    const auto root = read_toml(knowledge::kEcosystems, "ecosystems.toml");
    const TomlNode* const known = root ? root->find("distribution") : nullptr;
    WARD_CHECK(known != nullptr);  // our own data; a test reads every line of it
    for (const TomlNode& node : known->items) {
        if (node.text_or("id", "").value_or("") != distribution.id) continue;
        const std::string names = node.text_or("names", "").value_or("");
        distribution.by_source = names == "source" || names == "both";
        distribution.by_binary = names == "binary" || names == "both";
        for (auto& name : node.texts_or_none("ecosystems").value_or({})) {
            if (auto filled = fill(std::move(name), os_release)) distribution.ecosystems.push_back(*std::move(filled));
        }
    }
    return distribution;
}

}  // namespace ward::facts
