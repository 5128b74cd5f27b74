// SPDX-License-Identifier: Apache-2.0
#include "report/sbom.h"

#include "core/hash.h"
#include "core/text.h"
#include "report/internal/sbom_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace ward::report {

namespace {

// A name-based UUID (RFC 9562, version 5) of the document as it is without one. The namespace is Ward's own.
std::string uuid_of(std::string_view document) {
    constexpr std::string_view kNamespace{"\x4f\x1d\x8a\x5e\x60\x37\x4c\x0b\x9e\x2c\x7a\xd4\x13\xb8\x56\xf9", 16};
    auto digest = sha1(as_bytes(std::string{kNamespace} + std::string{document}));
    digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0F) | 0x50);
    digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3F) | 0x80);
    std::string out;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += fmt::format("{:02x}", digest[i]);
    }
    return out;
}

std::optional<std::string> purl_of(const SbomComponent& component, const Distribution& system) {
    if (component.kind == SbomComponent::Kind::software) {
        return to_text(url_of_software(component.keeper, component.name, component.version));
    }
    return to_text(url_of_package({component.keeper, component.name, component.version, component.architecture, component.source,
                                   component.source_version},
                                  system));
}

// Plain enough for a reader that checks addresses; everybody else is left in the name.
bool is_address(std::string_view text) {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > 254) return false;
    const auto plain = [](std::string_view part, std::string_view also) {
        return part.front() != '.' && part.back() != '.' && part.find("..") == std::string_view::npos &&
               std::all_of(part.begin(), part.end(), [&](char c) {
                   return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || also.find(c) != std::string_view::npos;
               });
    };
    return plain(text.substr(0, at), "._+-") && plain(text.substr(at + 1), ".-");
}

}  // namespace

std::vector<SbomEntry> entries_of(const Sbom& sbom) {
    std::vector<SbomEntry> out;
    std::unordered_map<std::string, std::size_t> seen;
    for (const auto& component : sbom.components) {
        SbomEntry entry{&component, {}, purl_of(component, sbom.system)};
        entry.id = entry.purl ? *entry.purl : replace_invalid_utf8(fmt::format("{}:{}@{}", component.keeper, component.name, component.version));
        if (component.locked) entry.id += "|locked";
        // One package can stand in two databases, or say of itself two things. No package URL has a '|'.
        for (std::string id = entry.id;;) {
            const auto [item, fresh] = seen.try_emplace(id, 1);
            if (fresh) {
                entry.id = std::move(id);
                break;
            }
            id = fmt::format("{}|{}", item->first, ++item->second);
        }
        out.push_back(std::move(entry));
    }
    return out;
}

Party party(std::string_view text) {
    text = trim(text);
    const auto open = text.rfind('<');
    if (open != std::string_view::npos && open > 0 && text.ends_with('>')) {
        const auto email = text.substr(open + 1, text.size() - open - 2);
        const auto name = trim(text.substr(0, open));
        if (!name.empty() && is_address(email)) return {std::string{name}, std::string{email}};
    }
    return {std::string{text}, {}};
}

Party supplier_of(const SbomComponent& component) {
    const auto vendor = party(component.vendor);
    return vendor.name.empty() ? party(component.maintainer) : vendor;
}

std::string gap_text(const Gap& gap) {
    const std::string line = gap.where.line != 0 ? fmt::format(":{}", gap.where.line) : "";
    return gap.where.path.empty() ? gap.why : fmt::format("{}{}: {}", gap.where.path, line, gap.why);
}

std::optional<SbomFormat> sbom_format(std::string_view name) {
    if (name == "cyclonedx") return SbomFormat::cyclonedx;
    if (name == "spdx") return SbomFormat::spdx;
    return std::nullopt;
}

std::string render(const Sbom& sbom, SbomFormat format) {
    const auto entries = entries_of(sbom);
    std::string document = format == SbomFormat::spdx ? as_spdx(sbom, entries) : as_cyclonedx(sbom, entries);
    return document.replace(document.find(kNilUuid), kNilUuid.size(), uuid_of(document));
}

}  // namespace ward::report
