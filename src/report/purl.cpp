// SPDX-License-Identifier: Apache-2.0
#include "report/purl.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace ward::report {

namespace {

// What the definitions of the types say (purl-spec, types/*-definition.json). Small letters are ASCII's: no registry of these
// takes others.
struct TypeRules {
    std::string_view type;
    bool small_space;  // the namespace is the same in small letters
    bool small_name;
    bool needs_space;
};
constexpr TypeRules kTypes[] = {
    {"apk", true, true, true},      {"cargo", false, false, false}, {"composer", true, true, true}, {"deb", true, true, true},
    {"gem", false, false, false},   {"golang", true, true, true},   {"hex", true, true, false},     {"maven", false, false, true},
    {"npm", true, true, false},     {"nuget", false, false, false}, {"pub", false, true, false},    {"pypi", false, true, false},
    {"rpm", true, false, false},
};

// How OSV's ecosystems are typed, and what parts the namespace from the name there; the last one of a name counts.
struct Ecosystem {
    std::string_view name;
    std::string_view type;
    char separator;  // 0 when names have no namespace
};
constexpr Ecosystem kEcosystems[] = {
    {"Go", "golang", '/'},  {"Hex", "hex", '/'}, {"Maven", "maven", ':'}, {"NuGet", "nuget", 0},   {"Packagist", "composer", '/'},
    {"Pub", "pub", 0},      {"PyPI", "pypi", 0}, {"RubyGems", "gem", 0},  {"crates.io", "cargo", 0}, {"npm", "npm", '/'},
};

// The vendor's name in package URLs, where it is not the distribution's id.
struct Vendor {
    std::string_view id;
    std::string_view vendor;
};
constexpr Vendor kRpmVendors[] = {
    {"opensuse-leap", "opensuse"}, {"opensuse-microos", "opensuse"}, {"opensuse-tumbleweed", "opensuse"},
    {"rhel", "redhat"},            {"sled", "suse"},                 {"sles", "suse"},
};

bool is_plain(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view{".-_~:"}.find(c) != std::string_view::npos;
}

// `also` stays as it is too.
void append_encoded(std::string& out, std::string_view text, char also = '\0') {
    for (const char c : text) {
        if (is_plain(c) || (also != '\0' && c == also)) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
}

std::string_view without_slashes(std::string_view text) {
    while (text.starts_with('/')) text.remove_prefix(1);
    while (text.ends_with('/')) text.remove_suffix(1);
    return text;
}

// PEP 503: runs of '-', '_' and '.' are one '-'.
std::string with_single_dashes(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool dash = c == '-' || c == '_' || c == '.';
        if (!dash) out += c;
        else if (out.empty() || out.back() != '-') out += '-';
    }
    return out;
}

std::string vendor_of(const Distribution& distribution, std::string_view manager) {
    // os-release(5) has 'linux' for a file that does not say.
    if (distribution.id == "linux") return {};
    if (manager == "rpm") {
        for (const auto& item : kRpmVendors) {
            if (item.id == distribution.id) return std::string{item.vendor};
        }
    }
    return distribution.id;
}

std::string distro_of(const Distribution& distribution) {
    if (distribution.id.empty() || distribution.id == "linux") return {};
    if (!distribution.version_id.empty()) return distribution.id + "-" + distribution.version_id;
    return distribution.codename.empty() ? distribution.id : distribution.codename;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> to_text(const PackageUrl& url) {
    const auto rules = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& item) { return item.type == url.type; });
    if (rules == std::end(kTypes)) return std::nullopt;
    std::string space = replace_invalid_utf8(without_slashes(url.space));
    std::string name = replace_invalid_utf8(without_slashes(url.name));
    if (rules->small_space) space = to_lower_ascii(space);
    if (rules->small_name) name = to_lower_ascii(name);
    if (url.type == "pypi") name = with_single_dashes(name);
    if (name.empty() || (rules->needs_space && space.empty())) return std::nullopt;

    std::string out = fmt::format("pkg:{}/", url.type);
    for (const auto segment : split(space, '/')) {
        if (segment.empty()) continue;
        append_encoded(out, segment);
        out += '/';
    }
    append_encoded(out, name);
    if (!url.version.empty()) {
        out += '@';
        append_encoded(out, replace_invalid_utf8(url.version));
    }
    auto qualifiers = url.qualifiers;
    std::sort(qualifiers.begin(), qualifiers.end());
    char before = '?';
    for (const auto& [key, value] : qualifiers) {
        if (value.empty()) continue;
        out += before;
        out += key + "=";
        // A '/' parts nothing in a value; the specification's own examples leave it.
        append_encoded(out, replace_invalid_utf8(value), '/');
        before = '&';
    }
    return out;
}

PackageUrl url_of_package(const PackageFacts& package, const Distribution& distribution) {
    PackageUrl url{package.manager == "dpkg" ? "deb" : package.manager, vendor_of(distribution, package.manager), package.name, package.version, {}};
    std::string epoch;
    if (package.manager == "rpm") {
        // The epoch is a qualifier and no part of the version.
        const auto colon = url.version.find(':');
        if (colon != std::string::npos && all_digits(std::string_view{url.version}.substr(0, colon))) {
            epoch = url.version.substr(0, colon);
            url.version.erase(0, colon + 1);
        }
    }
    std::string upstream;
    const bool other_version = !package.source_version.empty() && package.source_version != url.version;
    if (!package.source.empty() && (package.source != package.name || other_version)) {
        upstream = package.source;
        // In the form that other tools write, so that they read it: of rpm the name of the source package's file.
        if (package.manager == "rpm") upstream += "-" + package.source_version + ".src.rpm";
        else if (other_version) upstream += "@" + package.source_version;
    }
    url.qualifiers = {{"arch", package.architecture}, {"distro", distro_of(distribution)}, {"epoch", epoch}, {"upstream", upstream}};
    return url;
}

PackageUrl url_of_software(std::string_view ecosystem, std::string_view name, std::string_view version) {
    for (const auto& item : kEcosystems) {
        if (item.name != ecosystem) continue;
        PackageUrl url{std::string{item.type}, {}, std::string{name}, std::string{version}, {}};
        const auto separator = item.separator == '\0' ? std::string_view::npos : name.rfind(item.separator);
        if (separator != std::string_view::npos) {
            url.space = name.substr(0, separator);
            url.name = name.substr(separator + 1);
        }
        return url;
    }
    return {{}, {}, std::string{name}, std::string{version}, {}};
}

}  // namespace ward::report
